/** docs/migration.md as its reader types it: people of Keycloak, of a directory and of a spreadsheet come in. */
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { Account } from '../../src/domain/account/account.ts';
import { totpSeedOf } from '../../src/domain/factors/totp.ts';
import { verifyPassword } from '../../src/domain/passwords/password-hash.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import { openStorage } from '../../src/storage/open.ts';
import needs from '../support/needs.cjs';
import { snippet } from './documents.ts';
import { ownConfiguration } from './installation.ts';
import { openFolder, type Typed } from './shell.ts';

const PASSWORD = 'correct horse battery';
const SECRET = 'a secret of thirty-two characters or more';

(needs.shell ? describe : describe.skip)('somebody who moves to Pedel', () => {
  let shell: Typed;
  let own: object;
  beforeAll(async () => {
    shell = openFolder({ PEDEL_CONFIG: 'pedel.yaml', PEDEL_SECRET: SECRET });
    own = parse((await ownConfiguration({ mailPort: 1 })).yaml);
  });
  afterAll(() => shell?.remove());

  const configured = (yaml: string) =>
    shell.file('pedel.yaml', stringify({ ...own, ...parse(yaml.replaceAll('kuleuven', 'example')) }));
  const account = async (login: string) => {
    const storage = await openStorage(`sqlite:${join(shell.folder, 'pedel.db')}`, { now: Date.now });
    try {
      return await storage.accounts.findByLogin(login);
    } finally {
      await storage.close();
    }
  };

  /** Of the one authenticator app. */
  const seedOf = async (of: Account | undefined) => {
    const storage = await openStorage(`sqlite:${join(shell.folder, 'pedel.db')}`, { now: Date.now });
    try {
      const sealer = await openSealer({ secret: SECRET }, storage.values, randomBytes);
      return sealer.open(of?.totps[0]?.sealedSeed ?? '', of?.id ?? '', 'totp');
    } finally {
      await storage.close();
    }
  };

  test('from Keycloak takes people with their passwords and authenticator apps', async () => {
    const salt = Buffer.from('0123456789abcdef');
    const value = pbkdf2Sync(PASSWORD, salt, 1000, 64, 'sha512').toString('base64');
    const credential = {
      id: 'c1',
      type: 'password',
      secretData: JSON.stringify({ value, salt: salt.toString('base64'), additionalParameters: {} }),
      credentialData: JSON.stringify({ hashIterations: 1000, algorithm: 'pbkdf2-sha512', additionalParameters: {} }),
    };
    const otp = (value: string, settings: object) => ({
      type: 'otp',
      secretData: JSON.stringify({ value }),
      credentialData: JSON.stringify({ subType: 'totp', counter: 0, ...settings }),
    });
    const seed = 'xB3kq9LmT0vZ7wR2aYdE'; // as Keycloak makes them: a text, whose bytes are the seed
    const apps = [
      otp('left', { subType: 'hotp', digits: 6, period: 0, algorithm: 'HmacSHA1' }),
      otp(seed, { digits: 8, period: 60, algorithm: 'HmacSHA256' }),
    ];
    const base32 = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    const given = otp(base32, { digits: 6, period: 30, algorithm: 'HmacSHA1', secretEncoding: 'BASE32' });
    const users = [
      {
        id: 'k1',
        username: 'u0000001',
        firstName: 'An',
        lastName: 'Maes',
        email: 'an@example.org',
        enabled: true,
        credentials: [credential, ...apps],
      },
      { id: 'k4', username: 'u0000004', firstName: 'Bo', enabled: true, credentials: [credential, given] },
      { id: 'k2', username: 'u0000002', firstName: 'Jan', lastName: 'Claes', email: 'jan@example.org', enabled: true },
      { id: 'k3', username: 'u0000003', lastName: 'Gone', enabled: false },
    ];
    shell.file('realm.json', JSON.stringify({ realm: 'campus', users }));
    configured(snippet('docs/migration.md: From Keycloak: yaml'));
    shell.file('keycloak.mjs', snippet('docs/migration.md: From Keycloak: js'));
    const { status, out } = await shell.type(snippet('docs/migration.md: From Keycloak: sh'));
    expect({ status, out }).toMatchObject({ status: 0, out: expect.stringMatching(/Dry run[\s\S]*people: 3 new/) });
    const moved = await account('u0000001');
    expect(moved).toMatchObject({ givenName: 'An', personalEmail: 'an@example.org' });
    expect(await verifyPassword(moved?.password?.hash, PASSWORD)).toEqual({ matches: true, outdated: true });
    expect(moved?.totps).toMatchObject([{ algorithm: 'sha256', digits: 8, period: 60 }]);
    expect(await seedOf(moved)).toBe(totpSeedOf(Buffer.from(seed)));
    const withBase32 = await account('u0000004');
    expect(withBase32?.totps).toEqual([expect.not.objectContaining({ digits: 8 })]);
    expect(await seedOf(withBase32)).toBe(base32);
    expect((await account('u0000002'))?.password).toBeUndefined();
    expect(await account('u0000003')).toBeUndefined();
  }, 60_000);

  test('from LDAP takes the attributes that are mapped', async () => {
    const hash = `{SSHA}${Buffer.alloc(28, 7).toString('base64')}`;
    const entry = [
      'dn: uid=u0000011,dc=example,dc=edu',
      'objectClass: person',
      'entryUUID: e1',
      'uid: u0000011',
      'givenName: Zo',
      'sn: Peeters',
      'mail: zo@example.edu',
      'eduPersonAffiliation: staff',
      'eduPersonAffiliation: alumnus',
      `userPassword:: ${Buffer.from(hash).toString('base64')}`,
    ];
    shell.file('people.ldif', `${entry.join('\n')}\n`);
    configured(snippet('docs/migration.md: From LDAP: yaml'));
    expect(await shell.type(snippet('docs/migration.md: From LDAP: sh'))).toMatchObject({ status: 0 });
    expect(await account('zo@example.edu')).toMatchObject({
      password: { hash },
      affiliations: [{ role: 'alumnus' }, { role: 'staff' }],
    });
  }, 60_000);

  test('from privacyIDEA takes the second steps along', async () => {
    const hash = '$2b$04$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
    const people = ['number,person,given_name,family_name,role,password_hash'];
    for (const index of [31, 32, 33]) people.push(`U00000${index},p${index},"Bo, jr.",Smet,staff,${hash}`);
    shell.file('people.csv', `${people.join('\n')}\n`);
    const seed = (bytes: number) => Buffer.alloc(bytes, 7).toString('hex');
    const tokens = [
      `u0000031@campus, TOTP0001, ${seed(20)}, totp, 6, 30`,
      `u0000032@campus, OATH0001, ${seed(20)}, hotp, 6`,
      `u0000032@campus, TOTP0002, ${seed(32)}, totp, 8, 60`,
      `u0000033@campus, OATH0002, ${seed(20)}, hotp, 6`,
      `n/a, TOTP0003, ${seed(20)}, totp, 6, 30`,
    ];
    shell.file('tokens.csv', tokens.join('\n'));
    configured(snippet('docs/migration.md: From privacyIDEA: yaml'));
    shell.file('privacyidea.mjs', snippet('docs/migration.md: From privacyIDEA: js'));
    const { status, out } = await shell.type(snippet('docs/migration.md: From privacyIDEA: sh'));
    expect({ status, out }).toMatchObject({ status: 0, out: expect.stringMatching(/Dry run[\s\S]*people: 3 new/) });
    expect(out).not.toContain(seed(20));
    expect((await account('u0000031'))?.totps).toMatchObject([{ name: 'TOTP', lastStep: 0 }]);
    expect((await account('u0000032'))?.totps).toMatchObject([{ algorithm: 'sha256', digits: 8, period: 60 }]);
    expect(await account('u0000033')).toMatchObject({ password: { hash }, totps: [] });
  }, 60_000);

  test('from a spreadsheet takes its names of columns and its days', async () => {
    const lines = [
      'Personeelsnummer;Login;Voornaam;Naam;Functie;Tot;Opmerking',
      '7;U0000021;Els;Smet;staff;31/10/2099;x',
      '8;U0000022;Bo;Smet;baas;;',
    ];
    shell.file('personnel.csv', `\uFEFF${lines.join('\r\n')}\r\n`);
    configured(snippet('docs/migration.md: From a spreadsheet: yaml'));
    expect((await shell.type(snippet('docs/migration.md: From a spreadsheet: sh'))).status).toBe(2);
    expect(await account('u0000021')).toMatchObject({ affiliations: [{ role: 'staff', until: '2099-10-31' }] });
    expect(readFileSync(join(shell.folder, 'refused.csv'), 'utf8')).toMatch(/^8,U0000022,Bo,Smet,baas,,,3,/m);
  }, 60_000);
});
