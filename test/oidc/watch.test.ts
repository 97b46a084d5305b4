/** Each step of an application's sign-ins on the real library, and that nothing is stored where nobody watches. */
import { afterEach, expect, test } from '@jest/globals';
import { WATCH_MS } from '../../src/domain/clients/watch/watch.ts';
import { application, closeAll, type Kit, secret, setClock, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const start = Date.UTC(2026, 8, 21, 12);

async function house(storage?: Kit['storage']) {
  setClock(start);
  return startOidc({
    clients: storage === undefined ? [application('toledo', { scope: 'openid email', pedel_first_party: false })] : [],
    ...(storage === undefined ? {} : { storage, accounts: [] }),
  });
}

const watching = (kit: Kit) =>
  kit.oidc.watches.start({ client: 'toledo', startedAt: start, endsAt: start + WATCH_MS, by: 'an' });

async function seen(kit: Kit) {
  await kit.oidc.writeRefusals();
  return ((await kit.oidc.watches.find('toledo', start))?.steps ?? []).map(({ at: _, ...step }) => step);
}

test('a sign-in is followed from its request to userinfo, and tells nobody who it was', async () => {
  const kit = await house();
  setClock(start - 1);
  await kit.exchange('toledo', 'before the watch');
  setClock(start);
  await watching(kit);
  const tokens = await kit.tokens(visitor(), { client_id: 'toledo', scope: 'openid email', login_hint: 'an@x' });
  await kit.me(tokens.access_token);
  expect(await seen(kit)).toEqual([
    { kind: 'request', scopes: ['openid', 'email'] },
    { kind: 'asked', step: 'password' },
    { kind: 'signed-in' },
    { kind: 'asked', step: 'consent' },
    { kind: 'consented' },
    { kind: 'code-issued' },
    { kind: 'tokens', grant: 'authorization_code' },
    { kind: 'userinfo' },
  ]);
  const found = JSON.stringify(await kit.oidc.watches.find('toledo', start));
  for (const secretOf of ['an.peeters', '"an"', tokens.access_token])
    expect(found.replace('"by":"an"', '')).not.toContain(secretOf);
});

test('what goes wrong is told as under Problems, with its incident number, after the step at which it did', async () => {
  const kit = await house();
  await watching(kit);
  await fetch(kit.authUrl({ client_id: 'toledo', redirect_uri: 'https://toledo.example/back/' }), {
    redirect: 'manual',
  });
  const { code = '' } = await kit.authorize(visitor(), { client_id: 'toledo' });
  await kit.exchange('toledo', code, { client_secret: 'wrong'.repeat(8) });
  await kit.authorize(visitor(), { client_id: 'toledo', prompt: 'none' });
  const steps = await seen(kit);
  expect(steps[0]).toEqual({ kind: 'request', scopes: ['openid'] });
  expect(steps[1]).toEqual({
    kind: 'refused',
    refusal: {
      code: 'redirect-uri-unregistered',
      got: 'https://toledo.example/back/',
      expected: 'https://toledo.example/back',
    },
    incident: expect.stringMatching(/^[0-9a-f]{10}$/),
  });
  expect(steps.find((step) => step.kind === 'refused' && step.refusal.code === 'secret-wrong')).toBeDefined();
  expect(steps.at(-1)).toEqual({ kind: 'answered', error: 'login_required' });
  expect(JSON.stringify(steps)).not.toContain('wrongwrong');
});

test('steps of another node are read here', async () => {
  const kit = await house();
  const other = await house(kit.storage);
  await watching(kit);
  await other.tokens(visitor(), { client_id: 'toledo' });
  await other.oidc.writeRefusals();
  expect(await seen(kit)).toContainEqual({ kind: 'tokens', grant: 'authorization_code' });
});

test('where nobody watches, a whole sign-in costs the storage one small read, later, and a trial is no step', async () => {
  const kit = await house();
  const { protocolRecords } = kit.storage;
  await kit.oidc.writeRefusals();
  const reads: string[] = [];
  const { find } = protocolRecords;
  const insert = protocolRecords.insert;
  await kit.tokens(visitor(), { client_id: 'toledo' });
  protocolRecords.find = async (model, ...rest) => {
    reads.push(model);
    return find(model, ...rest);
  };
  protocolRecords.insert = async (model, ...rest) => {
    reads.push(`insert ${model}`);
    return insert(model, ...rest);
  };
  await kit.oidc.writeRefusals();
  expect(reads).toEqual(['Watching']);
  await kit.oidc.writeRefusals(); // nothing happened since
  expect(reads).toHaveLength(1);

  await watching(kit);
  const browser = visitor();
  await kit.tokens(browser, { client_id: 'toledo' });
  const before = (await seen(kit)).length;
  const session = await kit.session(browser);
  if (session === null) throw new Error('nobody is signed in');
  await kit.land(browser, await kit.oidc.trials.begin('toledo', ['openid'], session));
  expect(await seen(kit)).toHaveLength(before);
});

test('one application that is busy does not fill the memory, nor take the place of another', async () => {
  const kit = await house();
  await watching(kit);
  for (let n = 0; n < 60; n += 1)
    await kit.post('/token', {
      grant_type: 'refresh_token',
      client_id: 'toledo',
      client_secret: secret,
      refresh_token: `${n}`,
    });
  expect(await seen(kit)).toHaveLength(40);
});
