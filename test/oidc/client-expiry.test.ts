/** An application whose registration has expired: nothing is issued to it or accepted from it, and it is told of ends. */
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import {
  application,
  closeAll,
  cookiesOf,
  type Kit,
  listening,
  secret,
  setClock,
  startOidc,
  visitor,
} from './support.ts';

afterEach(closeAll);

const start = Date.UTC(2027, 5, 30, 21);
const until = Date.UTC(2027, 5, 30, 22);
const goodbye = 'https://survey.example/goodbye';
const survey = application('survey', { pedel_first_party: false, post_logout_redirect_uris: [goodbye] });
const mail = application('mail', { pedel_introspects: ['survey'] });
const everything = { client_id: 'survey', scope: 'openid email offline_access', prompt: 'consent' };

async function valid(kit: Kit, validUntil: number | undefined, change: object = {}): Promise<void> {
  const record = await kit.storage.clients.find('survey');
  if (record === undefined) throw new Error('it is not registered');
  const { validUntil: _, ...rest } = record;
  const next = { ...rest, ...(validUntil === undefined ? {} : { validUntil }), revision: record.revision + 1 };
  await kit.storage.clients.put({ ...next, metadata: { ...next.metadata, ...change } }, record.revision);
  await kit.oidc.reload();
}

async function change(kit: Kit, { disabled }: { disabled: ClientRecord['disabled'] }) {
  const record = await kit.storage.clients.find('survey');
  if (record === undefined) throw new Error('it is not registered');
  const { disabled: _, ...rest } = record;
  const next = { ...rest, ...(disabled === undefined ? {} : { disabled }), revision: record.revision + 1 };
  await kit.storage.clients.put(next, record.revision);
  await kit.oidc.reload();
}

async function house() {
  setClock(start);
  const kit = await startOidc({ clients: [survey, mail, application('toledo')] });
  await valid(kit, until);
  return kit;
}

const refusals = (kit: Kit) =>
  kit.logged
    .filter(({ message }) => message === 'a protocol request was refused')
    .map(({ fields }) => fields as Record<string, unknown>);

test('up to its last second it works, and from the next moment on nothing does', async () => {
  const kit = await house();
  const browser = visitor();
  setClock(until - 1000);
  const tokens = await kit.tokens(browser, everything);
  const { code = '' } = await kit.authorize(browser, { client_id: 'survey', scope: 'openid' });
  expect((await kit.me(tokens.access_token)).status).toBe(200);
  expect(await kit.introspect('mail', tokens.access_token)).toMatchObject({ active: true });
  setClock(until - 1);
  expect((await kit.me(tokens.access_token)).status).toBe(200);

  setClock(until);
  kit.logged.length = 0;
  const { refresh_token: refresh = '' } = tokens;
  const asClient = { client_id: 'survey', client_secret: secret };
  const answers: [what: string, answer: Response, status: number, error: string][] = [
    ['a code', await kit.exchange('survey', code), 401, 'invalid_client'],
    ['a refresh', await kit.refresh('survey', refresh, { client_secret: secret }), 401, 'invalid_client'],
    [
      'a pushed request',
      await kit.post('/request', {
        ...asClient,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: 'https://survey.example/back',
      }),
      401,
      'invalid_client',
    ],
    [
      'an introspection by it',
      await kit.post('/token/introspection', { ...asClient, token: refresh }),
      401,
      'invalid_client',
    ],
    ['a revocation', await kit.post('/token/revocation', { ...asClient, token: refresh }), 401, 'invalid_client'],
    ['userinfo', await kit.me(tokens.access_token), 401, 'invalid_token'],
  ];
  for (const [what, answer, status, error] of answers)
    expect([what, answer.status, ((await answer.json()) as { error: string }).error]).toEqual([what, status, error]);
  expect(refusals(kit)).toHaveLength(answers.length);
  for (const line of refusals(kit)) expect(line).toMatchObject({ because: 'application-expired' });
  for (const token of [tokens.access_token, refresh])
    expect(await kit.introspect('mail', token)).toEqual({ active: false });
  const page = await kit.land(browser, kit.authUrl({ client_id: 'survey', scope: 'openid' }));
  expect(page.status).toBe(400);
  expect(page.url.startsWith(`${kit.issuer}/auth`)).toBe(true);
  expect(page.html).toContain(`<p id="client">survey</p><p id="expired">${until}</p>`);
  expect(page.html).toContain(String(refusals(kit).at(-1)?.incident));
  // the person and other applications notice nothing
  expect(await kit.authorize(browser, { client_id: 'toledo' })).toMatchObject({ code: expect.anything() });
});

test('prolonged, it has again what it was granted, and asks nobody anew', async () => {
  const kit = await house();
  const browser = visitor();
  const { refresh_token: refresh = '', access_token: token } = await kit.tokens(browser, everything);
  setClock(until);
  expect((await kit.refresh('survey', refresh, { client_secret: secret })).status).toBe(401);
  expect((await kit.me(token)).status).toBe(401);
  await valid(kit, until + 3600_000);
  const again = await kit.refresh('survey', refresh, { client_secret: secret });
  expect(again.status).toBe(200);
  const { access_token: fresh } = (await again.json()) as { access_token: string };
  expect((await kit.me(fresh)).status).toBe(200);
  kit.page.seen.length = 0;
  expect(await kit.authorize(browser, { client_id: 'survey', scope: 'openid email' })).toMatchObject({
    code: expect.anything(),
  });
  expect(kit.page.seen).toEqual([]);
});

test('switched off, nothing works from the next request on; on again, it has what it was granted', async () => {
  const kit = await house();
  const browser = visitor();
  const { refresh_token: refresh = '', access_token: token } = await kit.tokens(browser, everything);
  const { code = '' } = await kit.authorize(browser, { client_id: 'survey', scope: 'openid' });
  await change(kit, { disabled: { at: start } });
  kit.logged.length = 0;
  const statuses = [
    await kit.exchange('survey', code),
    await kit.refresh('survey', refresh, { client_secret: secret }),
    await kit.post('/token/introspection', { client_id: 'survey', client_secret: secret, token }),
    await kit.me(token),
  ].map(({ status }) => status);
  expect(statuses).toEqual([401, 401, 401, 401]);
  expect(refusals(kit).map(({ because }) => because)).toEqual(statuses.map(() => 'application-disabled'));
  for (const each of [token, refresh]) expect(await kit.introspect('mail', each)).toEqual({ active: false });
  const page = await kit.land(browser, kit.authUrl({ client_id: 'survey', scope: 'openid' }));
  expect([page.status, page.html.includes('<p id="expired">off</p>')]).toEqual([400, true]);
  await change(kit, { disabled: undefined });
  expect((await kit.refresh('survey', refresh, { client_secret: secret })).status).toBe(200);
  expect((await kit.me(token)).status).toBe(200);
});

test('a sign-in that is under way at its end leads to the page that says so', async () => {
  const kit = await house();
  setClock(until - 60_000);
  const signIn = kit.page.signIn;
  kit.page.signIn = async (interaction, ctx) => {
    setClock(until);
    return signIn(interaction, ctx);
  };
  const page = await kit.land(visitor(), kit.authUrl({ client_id: 'survey', scope: 'openid' }));
  expect([page.status, page.html.includes(`<p id="expired">${until}</p>`)]).toEqual([400, true]);
});

test('it is told once of each session that ends, and signing out still leads back to it', async () => {
  const kit = await house();
  const tokens: string[] = [];
  const url = await listening(
    createServer(async (request: IncomingMessage, response) => {
      tokens.push(new URLSearchParams(await text(request)).get('logout_token') ?? '');
      response.end();
    }),
  );
  await valid(kit, until, { backchannel_logout_uri: `${url}/logout` });
  const [ended, signedOut] = [visitor(), visitor()];
  await kit.tokens(ended, everything);
  await kit.oidc.sessions.endAll('an', 'not yet');
  const { id_token: hint } = await kit.tokens(signedOut, everything);
  setClock(until + 5000);
  const asked = new URL('/session/end', kit.issuer);
  asked.search = String(new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: goodbye }));
  const { html } = await kit.land(signedOut, asked);
  expect(html).toContain('>survey</button>');
  const page = await fetch(kit.issuer + /action="([^"]+)"/.exec(html)?.[1]?.replace(kit.issuer, ''), {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookiesOf(signedOut) },
    body: new URLSearchParams({ xsrf: /name="xsrf" value="([^"]+)"/.exec(html)?.[1] ?? '', logout: 'yes' }),
  });
  expect(page.headers.get('location')).toBe(goodbye);
  const waiting = await kit.storage.outbox.claim('backchannel-logout', Date.now(), Date.now() + 60_000, 100);
  expect(waiting).toHaveLength(2);
  for (const entry of waiting) await kit.oidc.deliverBackchannelLogout(entry);
  expect(tokens).toHaveLength(2);
});

test('another node hears within a second and a half that an application was prolonged or cut off', async () => {
  const kit = await house();
  const other = await startOidc({ storage: kit.storage, accounts: [] });
  const at = async (node: Kit) =>
    (await node.land(visitor(), node.authUrl({ client_id: 'survey', scope: 'openid', prompt: 'none' }))).status;
  // without a session the answer goes to the application, which is not there
  const works = await at(other);
  expect(works).not.toBe(400);
  for (const [validUntil, status] of [
    [start - 1, 400],
    [until, works],
  ] as const) {
    await valid(kit, validUntil);
    await wait(1100);
    expect(await at(other)).toBe(status);
  }
  // its own end needs no notice from anybody
  setClock(until);
  expect(await at(other)).toBe(400);
});
