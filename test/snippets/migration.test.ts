/**
 * docs/migration.md as its reader types it: people of Keycloak, of a directory, of privacyIDEA and of a spreadsheet come in.
 *
 * What the others wrote lies in exported/, as it came; the people are invented, and each password is PASSWORD. By the guide's
 * commands: realm.json by Keycloak 26.7.3 (apps enrolled on its own pages; its keys and client scopes were deleted before),
 * people.ldif by ldapsearch from OpenLDAP 2.5.13 of Debian 12 (with the modules argon2, pw-pbkdf2 and pw-sha2), tokens.yaml by
 * pi-tokenjanitor of privacyIDEA 3.14.
 *
 * Five seconds on two cores: some twelve commands, and each hash is checked once.
 */
import { randomBytes } from 'node:crypto';
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
import { freePort } from '../support/ports.ts';
import { snippet, substituted, text } from './documents.ts';
import { ownConfiguration } from './installation.ts';
import { openFolder, type Ran, type Typed } from './shell.ts';

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

  /** Each line alone: one after which some people were refused ends with 2. */
  const typeEach = async (lines: string) => {
    const ran: Ran[] = [];
    for (const line of lines.trimEnd().split(/(?<!\\)\n/)) ran.push(await shell.type(line));
    return { statuses: ran.map(({ status }) => status), out: ran.map(({ out }) => out).join('\n') };
  };
  const opens = async (login: string) =>
    (await verifyPassword((await account(login))?.password?.hash, PASSWORD)).matches;

  const expectInvited = async (login: string) => {
    const person = await account(login);
    expect([person?.userNumbers, person?.password, person?.activatedAt]).toEqual([[login], undefined, undefined]);
  };

  test('from Keycloak takes people with their passwords and authenticator apps', async () => {
    const realm = JSON.parse(text('test/snippets/exported/realm.json'));
    const [password] = realm.users.find(({ username }: { username: string }) => username === 'u1000001').credentials;
    const otp = (value: string, settings: object) => ({
      type: 'otp',
      secretData: JSON.stringify({ value }),
      credentialData: JSON.stringify({ counter: 0, digits: 6, algorithm: 'HmacSHA1', ...settings }),
    });
    const base32 = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    const apps = [
      otp('left', { subType: 'hotp', period: 0 }),
      otp(base32, { subType: 'totp', period: 30, secretEncoding: 'BASE32' }),
    ];
    // of the first app that goes by the clock, and of a seed that was given to Keycloak in base32
    realm.users.push({
      id: 'k1',
      username: 'u1000011',
      firstName: 'Bo',
      enabled: true,
      credentials: [password, ...apps],
    });
    shell.file('realm.json', JSON.stringify(realm));
    configured(snippet('docs/migration.md: From Keycloak: yaml'));
    shell.file('keycloak.mjs', snippet('docs/migration.md: From Keycloak: js'));
    const { statuses, out } = await typeEach(snippet('docs/migration.md: From Keycloak: sh'));
    expect({ statuses, out }).toMatchObject({
      statuses: [0, 2, 2, 0],
      out: expect.stringMatching(/Dry run[\s\S]*people: 7 new/),
    });
    expect(out).toContain('admin.it');
    expect(out).toContain('PBKDF2 hash of more than 2,000,000 rounds');
    expect(out).not.toContain('service-account');
    expect(await account('u1000001')).toMatchObject({ givenName: 'Zoë', personalEmail: 'zoe.peeters@example.org' });
    for (const login of ['u1000001', 'u1000002', 'u1000004', 'u1000006', 'u1000011'])
      expect([login, await opens(login)]).toEqual([login, true]);
    expect((await account('u1000001'))?.totps).toMatchObject([{ lastStep: 0 }]);
    expect(await seedOf(await account('u1000001'))).toBe(totpSeedOf(Buffer.from('e5JwVp7N3mNl3og8wkNk')));
    expect((await account('u1000002'))?.totps).toMatchObject([{ algorithm: 'sha256', digits: 8, period: 60 }]);
    expect(await seedOf(await account('u1000002'))).toBe(totpSeedOf(Buffer.from('WbvIaBLolTdFay8MyOFG')));
    expect(await seedOf(await account('u1000011'))).toBe(base32);
    // of one somebody else chose the password, and one has none
    for (const login of ['u1000003', 'u1000007']) await expectInvited(login);
    for (const gone of ['u1000005', 'u1000009']) expect([gone, await account(gone)]).toEqual([gone, undefined]);
  }, 120_000);

  test('from LDAP takes people, whatever their directory has hashed with', async () => {
    shell.file('people.ldif', text('test/snippets/exported/people.ldif'));
    configured(snippet('docs/migration.md: From LDAP: yaml'));
    const { statuses, out } = await typeEach(snippet('docs/migration.md: From LDAP: sh 2'));
    expect({ statuses, out }).toMatchObject({ statuses: [2, 0], out: expect.stringMatching(/people: 11 new/) });
    expect(out).toMatch(/kim@mail\.example\.org.*belongs into personal_email/);
    expect(await account('zoe.peeters@example.edu')).toMatchObject({ givenName: 'Zoë', userNumbers: ['u2000001'] });
    expect(await account('u2000002')).toMatchObject({
      familyName: 'Núñez',
      emails: ['jan.nunez@example.edu'],
      affiliations: [{ role: 'employee' }, { role: 'faculty' }, { role: 'member' }],
    });
    expect(await account('u2000006')).toMatchObject({ givenName: 'Łukasz', familyName: 'Wójcik' });
    // {SSHA}, sha512-crypt, argon2i, PBKDF2 with SHA-512, bcrypt, {SSHA512}, argon2id, PBKDF2 with SHA-1
    for (const login of [1, 2, 3, 4, 5, 6, 10, 11].map((each) => `u20000${String(each).padStart(2, '0')}`))
      expect([login, await opens(login)]).toEqual([login, true]);
    // no hash, yescrypt, {MD5}
    for (const login of ['u2000007', 'u2000008', 'u2000009']) await expectInvited(login);
    expect(await account('u2000009')).toMatchObject({ affiliations: [{ role: 'alumnus' }] });
  }, 60_000);

  (needs.openldap ? test : test.skip)(
    'what OpenLDAP exports is what is kept here of it',
    async () => {
      const { slapd, slapadd, schemas } = needs.openldap ?? {};
      const exported = text('test/snippets/exported/people.ldif');
      const classes = 'objectClass: inetOrgPerson\nobjectClass: eduPerson\ncn: somebody';
      const above = [
        'dn: dc=example,dc=edu\nobjectClass: organization\nobjectClass: dcObject\no: Example',
        'dn: ou=people,dc=example,dc=edu\nobjectClass: organizationalUnit',
      ];
      shell.file('entries.ldif', `${above.join('\n\n')}\n\n${exported.replace(/^dn: .*$/gm, `$&\n${classes}`)}`);
      const affiliation = `( 1.3.6.1.4.1.5923.1.1.1.1 NAME 'eduPersonAffiliation' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )`;
      const settings = [
        ...['core', 'cosine', 'inetorgperson'].map((name) => `include ${schemas}/${name}.schema`),
        `attributetype ${affiliation}`,
        `objectclass ( 1.3.6.1.4.1.5923.1.1.2 NAME 'eduPerson' AUXILIARY MAY eduPersonAffiliation )`,
        'modulepath /usr/lib/ldap\nmoduleload back_mdb',
        'database mdb\nsuffix dc=example,dc=edu\nrootdn cn=admin,dc=example,dc=edu\nrootpw directory',
        `directory ${shell.folder}`,
      ];
      shell.file('slapd.conf', `${settings.join('\n')}\n`);
      await shell.run(`${slapadd} -q -f slapd.conf -l entries.ldif`);
      const address = `ldap://127.0.0.1:${await freePort()}`;
      const server = shell.start(`exec ${slapd} -d 0 -f slapd.conf -h ${address}`);
      shell.file('password', 'directory');
      const lines = substituted(snippet('docs/migration.md: From LDAP: sh'), {
        'ldaps://ldap.example.edu': address,
        ' -W ': ' -y password ',
      });
      const ran = await shell.type(
        `for i in $(seq 50); do ldapwhoami -x -H ${address} && break; sleep 0.1; done\n${lines}`,
      );
      await server.signal('SIGTERM');
      expect({ ...ran, people: readFileSync(join(shell.folder, 'people.ldif'), 'utf8') }).toMatchObject({
        status: 0,
        people: exported,
      });
    },
    60_000,
  );

  test('from privacyIDEA takes the second steps along', async () => {
    const hash = '$2b$04$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
    const people = ['number,person,given_name,family_name,role,password_hash'];
    for (const index of [1, 2, 3, 4, 5, 6]) people.push(`U300000${index},p${index},"Bo, jr.",Smet,staff,${hash}`);
    shell.file('people.csv', `${people.join('\n')}\n`);
    const exported = text('test/snippets/exported/tokens.yaml');
    shell.file('tokens.yaml', exported);
    configured(snippet('docs/migration.md: From privacyIDEA: yaml'));
    shell.file('privacyidea.mjs', snippet('docs/migration.md: From privacyIDEA: js'));
    const { statuses, out } = await typeEach(snippet('docs/migration.md: From privacyIDEA: sh'));
    expect({ statuses, out }).toMatchObject({
      statuses: [0, 0, 0, 0],
      out: expect.stringMatching(/Dry run[\s\S]*people: 6 new/),
    });
    const seedIn = (serial: string) =>
      parse(exported).find((each: { serial: string }) => each.serial === serial)?.otpkey as string;
    const came = async (number: string, serial: string) => {
      const of = await account(number);
      expect([number, await seedOf(of)]).toEqual([number, totpSeedOf(Buffer.from(seedIn(serial), 'hex'))]);
      expect(out).not.toContain(seedIn(serial));
      return of?.totps;
    };
    // the second of hers is disabled
    expect(await came('u3000001', 'TOTP00006864')).toEqual([expect.not.objectContaining({ digits: 8 })]);
    expect(await came('u3000002', 'TOTP0001047D')).toMatchObject([{ algorithm: 'sha256', digits: 8, period: 60 }]);
    // beside one that counts uses
    expect(await came('u3000003', 'TOTP000260BD')).toMatchObject([{ algorithm: 'sha512' }]);
    // twenty bytes, as SHA-1 has them
    expect(await came('u3000005', 'TOTP0003EE48')).toMatchObject([{ algorithm: 'sha256' }]);
    expect(await came('u3000006', 'TOTP00044C93')).toHaveLength(1);
    // one counts uses, and the other was never enrolled
    expect(await account('u3000004')).toMatchObject({ password: { hash }, totps: [] });
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
