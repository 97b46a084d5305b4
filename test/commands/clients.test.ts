import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { clientSecretMatches } from '../../src/domain/clients/client-secret.ts';
import { clientMemberList } from '../../src/domain/clients/metadata/client-members.ts';
import { scopes } from '../../src/domain/clients/release/scopes.ts';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import { anAccount } from '../support/account.ts';
import { type CommandLine, installation, openCommandLine, secret, startOfTests } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

const toledo = {
  client_id: 'toledo',
  client_name: 'Toledo',
  'client_name#nl': 'Toledo',
  client_secret: 'a secret that Toledo has had for years, long enough',
  redirect_uris: ['https://toledo.example.edu/callback'],
  scope: 'openid profile email',
  pedel_first_party: true,
};
type Made = {
  client_id?: string;
  /** of those that are refused: what the file calls it */
  client?: string;
  outcome: string;
  members?: string[];
  client_secret?: string;
  faults?: { member: string; remedy: string; value?: string }[];
};

async function apply(registrations: unknown, ...options: string[]) {
  const { status, out, err } = await shell.run(
    'clients',
    'apply',
    shell.file('clients.json', JSON.stringify(registrations)),
    '--json',
    ...options,
  );
  return { status, err, clients: (out === '' ? [] : JSON.parse(out).clients) as Made[] };
}
const HYBRID = ['authorization_code', 'implicit'];
const find = (id: string) => shell.withStorage(({ clients }) => clients.find(id));

describe('pedel clients apply', () => {
  test('registers an application, and stores only a hash of its secret', async () => {
    expect(await apply([toledo])).toMatchObject({ status: 0, clients: [{ client_id: 'toledo', outcome: 'created' }] });
    const record = await find('toledo');
    const { client_id: _id, client_secret, ...metadata } = toledo;
    expect(record).toMatchObject({ id: 'toledo', revision: 1, metadata, createdAt: startOfTests });
    expect(Object.keys(record?.metadata ?? {})).not.toContain('client_secret');
    expect(JSON.stringify(record)).not.toContain(client_secret);
    expect(clientSecretMatches(client_secret, record?.secrets ?? [], startOfTests)).toBe(true);
  });

  test('makes a missing client_id and secret, shows the secret once, and recognises the application by its name later', async () => {
    const { client_id: _id, client_secret: _secret, ...nameless } = toledo;
    const first = await apply([nameless]);
    const [{ client_id: client = '', client_secret: secret = '' } = {}] = first.clients;
    expect(client).toMatch(/^toledo-[0-9a-f]{8}$/);
    expect(secret).toMatch(/^pedel_cs_[\w-]{43}$/); // 256 bits
    expect(clientSecretMatches(secret, (await find(client))?.secrets ?? [], startOfTests)).toBe(true);
    const second = await apply([nameless]);
    expect(second.clients).toEqual([{ client_id: client, outcome: 'unchanged', members: [] }]);
    expect(await shell.withStorage(({ clients }) => clients.list(undefined, 10))).toHaveLength(1);
  });

  test('changes nothing when the same file is applied again', async () => {
    const file = [
      toledo,
      {
        client_id: 'spa',
        client_name: 'App',
        redirect_uris: ['https://app.example.edu/'],
        token_endpoint_auth_method: 'none',
      },
    ];
    await apply(file);
    const before = [await find('toledo'), await find('spa')];
    shell.clock.now += 1000;
    expect((await apply(file)).clients.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    expect([await find('toledo'), await find('spa')]).toEqual(before);
  });

  test('registers once when it runs many times at once', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => apply([toledo])));
    const outcomes = results.flatMap(({ clients }) => clients.map(({ outcome }) => outcome));
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect((await find('toledo'))?.revision).toBe(1);
  });

  test('removes members that the file no longer has, and replaces the old secret by a new one', async () => {
    await apply([toledo]);
    const { 'client_name#nl': _nl, ...rest } = toledo;
    const secret = 'another secret, which is long enough as well';
    expect((await apply([{ ...rest, client_secret: secret }])).clients).toEqual([
      { client_id: 'toledo', outcome: 'changed', members: ['client_name#nl', 'client_secret'] },
    ]);
    const record = await find('toledo');
    expect(record?.metadata).not.toHaveProperty('client_name#nl');
    expect(clientSecretMatches(secret, record?.secrets ?? [], startOfTests)).toBe(true);
    expect(clientSecretMatches(toledo.client_secret, record?.secrets ?? [], startOfTests)).toBe(false);
  });

  test('keeps a secret that the file does not mention', async () => {
    await apply([toledo]);
    const { client_secret: _secret, ...rest } = toledo;
    expect((await apply([rest])).clients).toEqual([{ client_id: 'toledo', outcome: 'unchanged', members: [] }]);
  });

  test('a dry run says what would change, and changes nothing', async () => {
    const { client_secret: _secret, ...rest } = toledo;
    const { status, clients } = await apply([rest], '--dry-run');
    expect({ status, clients }).toMatchObject({ status: 0, clients: [{ client_id: 'toledo', outcome: 'created' }] });
    expect(clients[0]).not.toHaveProperty('client_secret');
    expect(await find('toledo')).toBeUndefined();
  });

  test('a scope is always stored, so that one that comes later is not its own', async () => {
    await apply([
      { client_id: 'a', redirect_uris: ['https://a.example.edu/'] },
      {
        client_id: 'b',
        redirect_uris: ['https://b.example.edu/'],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ]);
    expect((await find('a'))?.metadata.scope).toBe('openid eduperson');
    expect((await find('b'))?.metadata.scope).toBe('openid eduperson offline_access');
  });

  test('reports every fault with member and remedy; a registration with a fault is not applied, the others are', async () => {
    const { status, clients } = await apply([
      toledo,
      {
        client_id: 'bad',
        client_name: '',
        client_secret: 'short',
        redirect_uris: ['http://bad.example.edu/', 'https://bad.example.edu/#x'],
        logo_uri: 'javascript:1',
        colour: 'red',
        frontchannel_logout_uri: 'https://bad.example.edu/',
        scope: 'openid everything',
        pedel_acr: 'high',
        contacts: ['nobody'],
      },
      'words',
    ]);
    expect(status).toBe(2);
    expect(clients.map(({ client_id, client, outcome }) => [client_id, client, outcome])).toEqual([
      ['toledo', undefined, 'created'],
      ['bad', 'bad', 'refused'],
      [undefined, 'number 3 of the file', 'refused'],
    ]);
    const faults = clients[1]?.faults ?? [];
    expect(faults.map(({ member }) => member).sort()).toEqual([
      'client_name',
      'client_secret',
      'colour',
      'contacts',
      'frontchannel_logout_uri',
      'logo_uri',
      'pedel_acr',
      'redirect_uris',
      'redirect_uris',
      'scope',
    ]);
    for (const { remedy } of faults) expect(remedy).not.toBe('');
    expect(faults.find(({ member }) => member === 'frontchannel_logout_uri')?.remedy).toContain(
      'backchannel_logout_uri',
    );
    expect(JSON.stringify(clients)).not.toContain('short');
    expect(await find('bad')).toBeUndefined();
  });

  test('a fault is told with what was given, the remedy, and what is accepted where the remedy does not say it', async () => {
    const bad = { ...toledo, scope: 'openid everything', pedel_access_token_seconds: 1e15 };
    const { status, err } = await shell.run('clients', 'apply', shell.file('bad.json', JSON.stringify([bad])));
    expect({ status, err }).toEqual({
      status: 1,
      err: [
        'toledo: refused, 2 faults',
        '    scope "openid everything": remove "everything": there is no such scope',
        `        accepted: words out of ${scopes.join(' ')}, with one space between them`,
        '    pedel_access_token_seconds "1000000000000000": give a whole number of seconds, 1 to 86400',
        '',
      ].join('\n'),
    });
  });

  test.each<[string, object]>([
    ['jwks', { jwks: { keys: [{ kty: 'RSA' }] } }],
    ['jwks', { jwks: { keys: [{ kty: 'oct' }] } }],
    ['jwks', { jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] } }],
    ['jwks', { jwks: { keys: [] } }],
    ['response_modes', { response_modes: [] }],
    ['response_types', { dpop_bound_access_tokens: true, response_types: ['code token'], grant_types: HYBRID }],
    ['client_secret', { client_secret: 'a+secret+that+spaces+would+be+made+of' }],
    ['client_secret', { client_secret: '100%-secret-that-cannot-be-decoded-raw' }],
  ])('does not call created what requests are refused for: %s %j', async (member, change) => {
    const { status, clients } = await apply([{ ...toledo, ...change }]);
    expect({ status, clients }).toMatchObject({ status: 1, clients: [{ client_id: 'toledo', outcome: 'refused' }] });
    expect(clients[0]?.faults?.map((fault) => fault.member)).toEqual([member]);
    expect(await find('toledo')).toBeUndefined();
  });

  test('refuses access of an organisation that is not configured, and names those that are', async () => {
    const { status, clients } = await apply([{ ...toledo, pedel_access: { affiliations: ['staff@elsewhere'] } }]);
    expect({ status, clients }).toMatchObject({ status: 1, clients: [{ client_id: 'toledo', outcome: 'refused' }] });
    expect(clients[0]?.faults).toMatchObject([
      { member: 'pedel_access', value: 'elsewhere', remedy: expect.stringMatching(/of the configuration: \w+/) },
    ]);
    expect(await find('toledo')).toBeUndefined();
  });

  test('names people of pedel_access whom nobody knows, and takes the registration', async () => {
    await shell.withStorage(({ accounts }) =>
      accounts.insert(anAccount({ id: 'sub-1', userNumbers: ['r0000001'], formerNumbers: ['r0000002'] })),
    );
    const people = ['R0000001', 'r0000002', 'sub-1', 'SUB-1', ...Array.from({ length: 6 }, (_, n) => `x000000${n}`)];
    const { status, clients } = await apply([{ ...toledo, pedel_access: { people } }]);
    expect({ status, clients }).toMatchObject({ status: 0, clients: [{ outcome: 'created' }] });
    expect((clients[0] as { warning?: string }).warning).toBe(
      'pedel_access: nobody has the user number or sub SUB-1, x0000000, x0000001, x0000002, x0000003 and 2 more yet',
    );
    const known = await apply([{ ...toledo, pedel_access: { people: people.slice(0, 3) } }]);
    expect(known.clients[0]).not.toHaveProperty('warning');
  });

  test('says what takes the place of pedel_affiliations, and marks who is stored with it', async () => {
    const { clients } = await apply([{ ...toledo, pedel_affiliations: ['staff'] }]);
    expect(clients[0]?.faults?.[0]?.remedy).toContain('"pedel_access": { "affiliations": [ … ] }');
    await apply([toledo]);
    await shell.withStorage(async ({ clients: stored }) => {
      const record = await stored.find('toledo');
      if (record === undefined) throw new Error('it is not there');
      const metadata = { ...record.metadata, pedel_affiliations: ['staff'] };
      await stored.put({ ...record, metadata, revision: record.revision + 1 }, record.revision);
    });
    expect((await shell.run('clients', 'list')).out).toContain('(pedel_affiliations only hides its link');
    expect((await apply([toledo])).clients).toMatchObject([{ outcome: 'changed', members: ['pedel_affiliations'] }]);
    expect((await shell.run('clients', 'list')).out).not.toContain('pedel_affiliations');
  });

  test('takes a secret with + and % where it is sent in the body', async () => {
    const change = {
      client_secret: 'a+secret+of%which+nothing+is+encoded',
      token_endpoint_auth_method: 'client_secret_post',
    };
    expect((await apply([{ ...toledo, ...change }])).status).toBe(0);
  });

  test.each([
    ['clients', 'apply', 'clients.json'],
    ['clients', 'apply', 'clients.json', '--dry-run'],
    ['clients', 'remove', 'toledo'],
    ['people', 'show', 'r0000001'],
    ['people', 'grant', 'r0000001', 'owner'],
  ])('%s %s notices a PEDEL_SECRET that is not the one of this database', async (...argv) => {
    const file = shell.file('clients.json', JSON.stringify([toledo]));
    await shell.withStorage(({ values }) => openSealer({ secret }, values, randomBytes));
    shell.environment.PEDEL_SECRET = 'another secret of thirty-two characters or more';
    const { status, err } = await shell.run(...argv.map((word) => (word === 'clients.json' ? file : word)));
    expect({ status, err }).toEqual({ status: 1, err: expect.stringContaining('PEDEL_SECRET') });
    expect(await find('toledo')).toBeUndefined();
    shell.environment.PEDEL_PREVIOUS_SECRET = secret;
    expect((await shell.run('clients', 'apply', file)).status).toBe(0);
  });

  test('refuses the second registration of the same application in a file', async () => {
    const { clients } = await apply([toledo, toledo]);
    expect(clients.map(({ outcome }) => outcome)).toEqual(['created', 'refused']);
  });

  test.each([
    ['no array', '{}', 'array'],
    ['no JSON', '[', 'not JSON'],
  ])('a file that is %s is told in one line', async (_what, text, reason) => {
    const { status, err } = await shell.run('clients', 'apply', shell.file('x.json', text));
    expect({ status, err }).toEqual({ status: 1, err: expect.stringMatching(new RegExp(`^pedel: .*${reason}.*\n$`)) });
  });

  test('writes to the audit log which members changed, and no values', async () => {
    await apply([toledo]);
    await apply([{ ...toledo, scope: 'openid' }]);
    await shell.run('clients', 'remove', 'toledo');
    const { out } = await shell.run('audit', '--json');
    const entries = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.map(({ action }) => action).sort()).toEqual(['client.changed', 'client.created', 'client.removed']);
    expect(entries.find(({ action }) => action === 'client.changed')).toMatchObject({
      client: 'toledo',
      actor: { kind: 'command' },
      details: { members: 'scope' },
    });
    expect(out).not.toContain(toledo.client_secret);
  });
});

describe('pedel clients members', () => {
  test('and `apply --help` tell every member within 80 columns', async () => {
    const [help, members] = [await shell.run('clients', 'apply', '--help'), await shell.run('clients', 'members')];
    for (const { out } of [help, members]) {
      for (const { name } of clientMemberList) expect(out).toMatch(new RegExp(`^  ${name}( \\*)?$`, 'm'));
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });

  test('docs/client-metadata.md is what pedel clients members --markdown prints', async () => {
    const { out } = await shell.run('clients', 'members', '--markdown');
    // stale? bin/pedel clients members --markdown > docs/client-metadata.md
    expect(readFileSync(join(installation, 'docs', 'client-metadata.md'), 'utf8')).toBe(out);
    for (const { name } of clientMemberList) expect(out).toContain(`| \`${name}\``);
  });
});

describe('pedel clients list, show, remove', () => {
  test('print registrations without secrets, and remove one', async () => {
    await apply([toledo]);
    expect((await shell.run('clients', 'list')).out).toMatch(/^client_id +name\ntoledo +Toledo\n$/);
    const shown = await shell.run('clients', 'show', 'toledo');
    expect(JSON.parse(shown.out)).toMatchObject({
      client_id: 'toledo',
      scope: 'openid profile email',
      secrets: [{ created: '2026-10-01T10:00:00.000Z' }],
    });
    expect(shown.out).not.toMatch(/sha256|client_secret/);
    expect(await shell.run('clients', 'remove', 'toledo')).toMatchObject({ status: 0, out: 'toledo: removed\n' });
    expect(await shell.run('clients', 'remove', 'toledo')).toMatchObject({
      status: 1,
      err: expect.stringContaining('no application has the client_id "toledo"'),
    });
    expect(JSON.parse((await shell.run('clients', 'list', '--json')).out)).toEqual([]);
  });
});

describe('pedel_valid_until', () => {
  const until = (day: string) => [{ ...toledo, pedel_valid_until: day }];

  test('is stored as a moment, changed and taken away by a later run, and marked in the list 30 days before', async () => {
    shell.environment.LOGNAME = 'an';
    expect(await apply(until('2026-12-31'))).toMatchObject({ clients: [{ outcome: 'created' }] });
    expect(await apply(until('2026-12-31'))).toMatchObject({ clients: [{ outcome: 'unchanged' }] });
    expect((await shell.run('clients', 'list')).out).toMatch(/^client_id +name\ntoledo +Toledo\n$/);
    expect(JSON.parse((await shell.run('clients', 'show', 'toledo')).out)).toMatchObject({
      pedel_valid_until: '2026-12-31T23:00:00.000Z',
      origin: { kind: 'apply', at: '2026-10-01T10:00:00.000Z', by: 'an' },
    });
    shell.clock.now = Date.UTC(2026, 11, 2);
    expect((await shell.run('clients', 'list')).out).toMatch(/Toledo {2}\(expires 2026-12-31T23:00Z\)\n$/);
    shell.clock.now = Date.UTC(2026, 11, 31, 23);
    expect((await shell.run('clients', 'list')).out).toMatch(/Toledo {2}\(expired 2026-12-31T23:00Z\)\n$/);
    shell.environment.LOGNAME = 'bo';
    expect(await apply(until('2027-12-31T12:00:00Z'))).toMatchObject({
      clients: [{ outcome: 'changed', members: ['pedel_valid_until'] }],
    });
    expect(await apply([toledo])).toMatchObject({ clients: [{ members: ['pedel_valid_until'] }] });
    const record = await find('toledo');
    expect(record).not.toHaveProperty('validUntil');
    // it says who registered it, not who changed it last
    expect(record?.origin).toEqual({ kind: 'apply', at: startOfTests, by: 'an' });
  });

  test('is refused where it is no day or moment', async () => {
    expect(await apply(until('next year'))).toMatchObject({
      status: 1,
      clients: [{ outcome: 'refused', faults: [{ member: 'pedel_valid_until', value: 'next year' }] }],
    });
  });
});

test('a registration of an earlier version keeps when it was made, and says by what', async () => {
  await apply([toledo]);
  const { origin: _, ...before } = (await find('toledo')) ?? {};
  await shell.withStorage(({ clients }) => clients.put({ ...before, revision: 2 } as ClientRecord, 1));
  expect(JSON.parse((await shell.run('clients', 'show', 'toledo')).out)).toMatchObject({
    origin: { kind: 'apply', at: '2026-10-01T10:00:00.000Z' },
  });
  shell.clock.now += 1000;
  await apply([{ ...toledo, client_name: 'Toledo 2' }]);
  expect((await find('toledo'))?.origin).toEqual({ kind: 'apply', at: startOfTests });
});

test('the database holds no client secret in clear', async () => {
  await apply([toledo]);
  await shell.withStorage(({ ready }) => ready());
  expect(readFileSync(join(shell.folder, 'pedel.db')).includes(toledo.client_secret)).toBe(false);
});
