/** Applications that cannot prove who they are: told, counted and bounded, and a right secret is never refused. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import { createLog } from '../../src/operation/log.ts';
import { application, closeAll, listening, secret, startOidc } from './support.ts';

afterEach(closeAll);

const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };

async function house() {
  const failed: (string | undefined)[] = [];
  const kit = await startOidc({
    clients: [application('toledo'), application('other'), application('machine', machine)],
    network: (ctx) => ({
      groups: (ctx.get('x-network') || '192.0.2.1').split(' '),
      address: ctx.get('x-network') || '192.0.2.1',
    }),
    onClientFailed: (client) => void failed.push(client),
  });
  const ask = async (client: string, given: string, more: { network?: string; path?: string } = {}) => {
    const body = { grant_type: 'client_credentials', token: 'x', client_id: client, client_secret: given };
    const answer = await kit.post(more.path ?? '/token', body, { 'x-network': more.network ?? '' });
    return {
      status: answer.status,
      headers: answer.headers,
      error: ((await answer.json()) as { error?: string }).error,
    };
  };
  const told = () => kit.logged.filter(({ message }) => message === 'an application could not prove who it is');
  return { kit, ask, failed, told };
}

test('rule 31: each is told with application and address, without what was sent, and counted by registered application', async () => {
  const { ask, failed, told } = await house();
  const wrong = 'a wrong secret of more than 32 characters';
  for (const path of ['/token', '/token/introspection', '/token/revocation', '/request'])
    expect(await ask('toledo', wrong, { path })).toMatchObject({ status: 401, error: 'invalid_client' });
  expect(await ask('made-up', wrong)).toMatchObject({ status: 401, error: 'invalid_client' });
  expect(failed).toEqual(['toledo', 'toledo', 'toledo', 'toledo', undefined]);
  expect(told().map(({ level, fields }) => [level, fields])).toMatchObject([
    ['warn', { event: 'client-failed', route: 'token', registered: true, address: '192.0.2.1', client: 'toledo' }],
    ['warn', { route: 'introspection' }],
    ['warn', { route: 'revocation' }],
    ['warn', { route: 'pushed_authorization_request' }],
    ['warn', { registered: false, client: 'made-up' }],
  ]);
  expect(JSON.stringify(told())).not.toContain(wrong);
});

test.each([
  [
    'answers with an error',
    '{}',
    500,
    'unexpected jwks_uri response status code, expected 200 OK, got 500 Internal Server Error',
  ],
  ['answers with a page', 'Welcome!', 200, 'the answer cannot be read'],
  ['breaks off', '', 0, 'other side closed'],
])('of keys that could not be fetched, because the host %s, operators read why', async (_how, body, status, why) => {
  const host = await listening(
    createServer(({ socket }, answer) => void (status === 0 ? socket.destroy() : answer.writeHead(status).end(body))),
  );
  const client = application('keys', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${host}/jwks` });
  const kit = await startOidc({ clients: [client], allowNetworks: ['127.0.0.0/8', '::1/128'] });
  const { privateKey } = await generateKeyPair('ES256');
  const assertion = new SignJWT({ jti: 'one' }).setProtectedHeader({ alg: 'ES256' });
  assertion.setIssuer('keys').setSubject('keys').setAudience(kit.issuer).setIssuedAt().setExpirationTime('60s');
  const answer = await kit.post('/token', {
    ...{ grant_type: 'authorization_code', code: 'x', client_id: 'keys' },
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion.sign(privateKey),
  });
  expect(answer.status).toBe(401);
  const told = kit.logged.filter(({ message }) => message === 'an application could not prove who it is');
  const said = `client JSON Web Key Set failed to be refreshed: ${why}`;
  expect(told.map(({ fields }) => fields)).toEqual([expect.objectContaining({ details: said })]);
  await new Promise((noted) => setImmediate(noted));
  await kit.oidc.writeRefusals();
  const kept = await kit.storage.refusals.page('all', undefined, 9);
  expect(kept).toMatchObject([{ refusal: { code: 'assertion-invalid', got: said } }]);
});

test('rule 30: a network that goes on gets 429 and fills no log, and the right secret opens from there as from elsewhere', async () => {
  const { kit, ask, failed, told } = await house();
  const statuses = new Map<number, number>();
  for (let n = 0; n < 150; n += 1) {
    const { status } = await ask('toledo', `wrong ${n}`);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect([...statuses]).toEqual([
    [401, 100],
    [429, 50],
  ]);
  expect([told().length, failed.length]).toEqual([100, 150]);
  // one line each, and none from then on
  expect(kit.logged.filter(({ level }) => level !== 'debug')).toHaveLength(100);
  const refused = await ask('toledo', 'wrong');
  expect([refused.error, refused.headers.get('retry-after')]).toEqual(['invalid_client', '900']);
  // it is one application from one network
  expect((await ask('other', 'wrong')).status).toBe(401);
  expect((await ask('toledo', 'wrong', { network: '198.51.100.1' })).status).toBe(401);
  // unauthorized_client: it is who it says, and may not use this grant
  for (const network of ['', '198.51.100.1'])
    expect((await ask('toledo', secret, { network })).error).not.toBe('invalid_client');
  expect(failed).toHaveLength(153);
  // nor does one who has a whole /48
  const before = told().length;
  for (let n = 0; n < 250; n += 1)
    await ask('toledo', 'wrong', { network: `2001:db8:0:${n.toString(16)}::/64 2001:db8::/56` });
  expect(told()).toHaveLength(before + 200);
});

test('the line is found by the filter of examples/fail2ban-clients.conf', async () => {
  const { ask, told } = await house();
  await ask('toledo', 'wrong');
  await ask('","address":"198.51.100.9"', 'wrong', { network: '2001:db8::17' });
  const written: string[] = [];
  const log = createLog('info', { write: (line) => void written.push(line) });
  for (const { fields, message } of told()) log.warn(fields, message);
  const filter = readFileSync(new URL('../../examples/fail2ban-clients.conf', import.meta.url), 'utf8');
  const [, failregex = ''] = /^failregex = (.*)$/m.exec(filter) ?? [];
  const expression = new RegExp(failregex.replace('<ADDR>', '(?<address>[0-9a-f.:]+)'));
  const lines = written.flatMap((line) => [line, `Nov 29 07:54:16 node1 pedel[4242]: ${line}`]);
  expect(lines.map((line) => expression.exec(line)?.groups?.address)).toEqual([
    ...['192.0.2.1', '192.0.2.1', '2001:db8::17', '2001:db8::17'],
  ]);
});

test('one that has expired is not told as one that cannot prove who it is, and is not banned for it', async () => {
  const { kit, ask, failed, told } = await house();
  const record = await kit.storage.clients.find('toledo');
  if (record === undefined) throw new Error('it is not registered');
  await kit.storage.clients.put({ ...record, validUntil: 1, revision: record.revision + 1 }, record.revision);
  await kit.oidc.reload();
  for (let n = 0; n < 110; n += 1) expect(await ask('toledo', secret)).toMatchObject({ status: 401 });
  expect([failed, told()]).toEqual([[], []]);
  expect(kit.logged.at(-1)).toMatchObject({ level: 'info', fields: { because: 'application-expired' } });
});
