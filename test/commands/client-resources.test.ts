/** `pedel clients apply` with APIs: what contradicts itself, another registration or our own address is refused with a remedy. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CommandLine, openCommandLine } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

type Made = { client_id: string; outcome: string; faults?: { member: string; remedy: string; value?: string }[] };
let files = 0;

async function apply(registrations: object[], ...options: string[]) {
  files += 1;
  const file = shell.file(`clients ${files}.json`, JSON.stringify(registrations));
  const { out } = await shell.run('clients', 'apply', file, '--json', ...options);
  return (JSON.parse(out).clients as Made[]).map(({ client_id: id, outcome, faults }) => [
    id,
    outcome,
    ...(faults ?? []).map(({ member, value, remedy }) => `${member} ${value ?? ''}: ${remedy}`),
  ]);
}

const signsNobodyIn = { response_types: [], grant_types: [] };
const words = { 'description#nl': 'lenen', 'description#en': 'borrow' };
const api = { identifier: 'https://api.example.edu', scopes: [{ name: 'loans', ...words }], token_format: 'jwt' };
const library = (change: object = {}, id = 'library') => ({
  client_id: id,
  ...signsNobodyIn,
  pedel_resource_servers: [{ ...api, ...change }],
});
const app = (member: string, allowed: object, change: object = {}) => ({
  client_id: 'app',
  redirect_uris: ['https://app.example.edu/cb'],
  [member]: allowed,
  ...change,
});
const service = (allowed: object, change: object = {}) => ({
  client_id: 'service',
  ...signsNobodyIn,
  grant_types: ['client_credentials'],
  pedel_service_resources: allowed,
  ...change,
});

test('an API may stand after those who ask it, and applying the file again changes nothing', async () => {
  const file = [
    app('pedel_resources', { [api.identifier]: ['loans'] }),
    service({ [api.identifier]: ['loans'] }),
    library(),
  ];
  expect((await apply(file)).map(([, outcome]) => outcome)).toEqual(['created', 'created', 'created']);
  expect((await apply(file)).map(([, outcome]) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged']);
});

test('an API or scope that is not there is refused, and the remedy names those that are', async () => {
  expect(await apply([app('pedel_resources', { 'urn:x': [] })])).toEqual([
    ['app', 'refused', expect.stringContaining('register it first, in pedel_resource_servers')],
  ]);
  await apply([library()]);
  expect(await apply([app('pedel_resources', { 'https://api.example.edu/': ['loans'] })])).toEqual([
    ['app', 'refused', expect.stringMatching(/api\.example\.edu\/: .*those that are: https:\/\/api\.example\.edu$/)],
  ]);
  expect(await apply([service({ [api.identifier]: ['loans', 'openid'] })])).toEqual([
    ['service', 'refused', 'pedel_service_resources openid: the scopes of https://api.example.edu are: loans'],
  ]);
});

test('an identifier or audience of another is refused: in the file, in the database, and where both come at once', async () => {
  const other = (change: object) => library(change, 'other');
  for (const options of [['--dry-run'], []])
    expect(await apply([library(), other({})], ...options)).toEqual([
      ['library', 'created'],
      ['other', 'refused', expect.stringContaining('the application "library" has it')],
    ]);
  const audience = { identifier: 'urn:y', audience: api.identifier };
  expect(await apply([other(audience)])).toEqual([['other', 'refused', expect.stringContaining('"library" has it')]]);
  const names = ['a', 'b', 'c', 'd', 'e'];
  const at = await Promise.all(names.map((name) => apply([library({ identifier: 'urn:race' }, name)])));
  expect(at.flat().filter(([, outcome]) => outcome === 'created')).toHaveLength(1);
  expect(at.flat().filter(([, , fault]) => fault?.includes('has it'))).toHaveLength(names.length - 1);
});

test('nobody has an API at our own address, or one whose audience is an application', async () => {
  const issuer = shell.environment.PEDEL_ISSUER;
  expect(await apply([library({ identifier: `${issuer}/api/v1` })])).toEqual([
    ['library', 'refused', expect.stringContaining('our own address')],
  ]);
  await apply([app('client_name', 'App' as never)]);
  expect(await apply([library({ audience: 'app' })])).toEqual([
    ['library', 'refused', expect.stringContaining('ID tokens of the application')],
  ]);
  await apply([library({ audience: 'later' })]);
  expect(await apply([{ ...app('client_name', 'Later' as never), client_id: 'later' }])).toEqual([
    ['later', 'refused', expect.stringContaining('client_id later: choose another')],
  ]);
});

test.each<[what: string, registration: object, fault: string]>([
  ['an audience that is its own client_id', library({ audience: 'library' }), 'ID tokens are made out to'],
  ['a JWT that lives longer than five minutes', library({ token_seconds: 301 }), 'up to 300: a JWT cannot be recalled'],
  [
    'an opaque token that lives longer than ten',
    library({ token_format: 'opaque', token_seconds: 601 }),
    'token_seconds',
  ],
  ['a signature of what is not signed', library({ token_format: 'opaque', token_signing_alg: 'ES256' }), 'only a JWT'],
  [
    'opaque tokens and no way to introspect',
    { ...library({ token_format: 'opaque' }), token_endpoint_auth_method: 'none' },
    'introspects',
  ],
  [
    'a scope without a sentence',
    library({ scopes: [{ name: 'x', 'description#nl': 'y' }] }),
    'description#en (English)',
  ],
  ['a scope of sign-ins', library({ scopes: [{ name: 'email', ...words }] }), 'another name'],
  ['a scope twice', library({ scopes: [...api.scopes, ...api.scopes] }), 'each scope once'],
  ['an identifier with a fragment', library({ identifier: 'https://x.example#a' }), 'remove the #'],
  ['an identifier that is no URI', library({ identifier: 'library' }), 'absolute URI'],
  ['an identifier of odd characters', library({ identifier: 'https://x.example/é\u0000' }), 'absolute URI'],
  [
    'an identifier without end',
    library({ identifier: `https://x.example/${'a'.repeat(500)}` }),
    'pedel_resource_servers',
  ],
  ['a member that is not known', library({ token_lifetime: 1 }), 'pedel_resource_servers'],
  ['a service that proves nothing', service({}, { token_endpoint_auth_method: 'none' }), 'authenticates'],
  ['a service that may ask nothing', service({}), 'name a resource server'],
  [
    'what a service may ask, and no service',
    { ...service({ 'urn:x': [] }), grant_types: [] },
    'add client_credentials',
  ],
])('%s is refused with a remedy', async (_what, registration, fault) => {
  expect(await apply([registration])).toEqual([expect.arrayContaining(['refused', expect.stringContaining(fault)])]);
});

test('token exchange names applications and APIs that are there, and is complete', async () => {
  const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const acting = (change: object) => ({
    ...library({ identifier: 'urn:acting' }, 'acting'),
    grant_types: [exchange],
    pedel_exchanges: [{ from: 'app', resource: api.identifier, scopes: ['loans'] }],
    ...change,
  });
  const pair = (change: object) =>
    acting({ pedel_exchanges: [{ from: 'app', resource: api.identifier, scopes: [], ...change }] });
  const refused: [object, string][] = [
    [pair({ from: 'nobody' }), 'nobody: no application has this client_id'],
    [pair({ resource: 'urn:nobody' }), 'those that are'],
    [pair({ scopes: ['other'] }), 'the scopes of https://api.example.edu are: loans'],
    [pair({ scopes: 'loans' }), 'pedel_exchanges'],
    [acting({ grant_types: [] }), 'add "urn:ietf:params:oauth:grant-type:token-exchange"'],
    [acting({ pedel_exchanges: [] }), 'name the tokens'],
    [acting({ token_endpoint_auth_method: 'none' }), 'authenticates'],
    [acting({ pedel_resource_servers: [] }), 'describe its API'],
  ];
  for (const [registration, fault] of refused) {
    const [result] = await apply([app('client_name', 'App' as never), library(), registration]).then((all) =>
      all.slice(-1),
    );
    expect(result).toEqual(expect.arrayContaining(['refused', expect.stringContaining(fault)]));
  }
  expect((await apply([acting({}), app('client_name', 'App' as never), library()]))[0]).toEqual(['acting', 'created']);
});

test('APIs of one client that cannot be told apart are refused', async () => {
  const twice = {
    ...library(),
    pedel_resource_servers: [api, { ...api, identifier: 'urn:y', audience: api.identifier }],
  };
  expect(await apply([twice])).toEqual([['library', 'refused', expect.stringContaining('of its own')]]);
});
