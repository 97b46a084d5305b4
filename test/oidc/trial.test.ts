/** Trials on the real library: what arrives is told, no token is left, and our callback is accepted for nothing else. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { TRIAL_MS } from '../../src/domain/clients/trial/trial.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';
import {
  answerIn,
  application,
  type Client,
  closeAll,
  type Kit,
  person,
  redirectOf,
  secret,
  setClock,
  startOidc,
  visitor,
} from './support.ts';

afterEach(closeAll);

const start = Date.UTC(2026, 8, 21, 12);
const scopes = ['openid', 'profile', 'email'];

async function house(clients: Client[] = [application('toledo', { scope: scopes.join(' ') })]) {
  setClock(start);
  return startOidc({
    clients: [...clients, application('other')],
    accounts: [person(), person({ id: 'bo', userNumbers: ['r0000002'], emails: [] })],
  });
}

/** A browser in which this person is signed in. */
async function signedIn(kit: Kit, who = 'an'): Promise<HttpVisitor> {
  const browser = visitor();
  kit.page.signIn = kit.signInAs(who, ['pwd']);
  await kit.land(browser, kit.authUrl({ client_id: 'other' }));
  kit.page.signIn = kit.signInAs('an', ['pwd']);
  return browser;
}

const sessionOf = async (kit: Kit, browser: HttpVisitor) => {
  const session = await kit.session(browser);
  if (session === null) throw new Error('nobody is signed in');
  return session;
};

const begin = async (kit: Kit, browser: HttpVisitor, client = 'toledo', asked = scopes) =>
  kit.oidc.trials.begin(client, asked, await sessionOf(kit, browser));

/** Goes through it to its end, and reads what came of it. */
async function tried(kit: Kit, browser: HttpVisitor, url: string) {
  const landed = await kit.land(browser, url);
  const session = await sessionOf(kit, browser);
  const id = await kit.oidc.trials.finish(answerIn(landed.url), session);
  return { landed, id, told: id === undefined ? undefined : await kit.oidc.trials.outcome(id, session) };
}

const changed = (url: string, change: Record<string, string | undefined>) => {
  const next = new URL(url);
  for (const [name, value] of Object.entries(change))
    if (value === undefined) next.searchParams.delete(name);
    else next.searchParams.set(name, value);
  return next.href;
};

describe('a trial', () => {
  test('tells what arrived, where and why, and what did not', async () => {
    const kit = await house();
    const browser = await signedIn(kit);
    const { landed, told } = await tried(kit, browser, await begin(kit, browser));
    expect(new URL(landed.url).pathname).toBe('/admin/trial');
    expect(told?.client).toBe('toledo');
    const outcome = told?.outcome;
    if (outcome?.kind !== 'arrived') throw new Error(JSON.stringify(told));
    const of = (claim: string) => outcome.arrived.find((each) => each.claim === claim);
    expect(of('sub')).toEqual({
      claim: 'sub',
      value: 'an',
      places: ['id_token', 'userinfo'],
      reason: { kind: 'subject', type: 'public' },
    });
    expect(of('email')).toMatchObject({
      value: 'an.peeters@kuleuven.be',
      places: ['userinfo'],
      reason: { kind: 'scope', scope: 'email' },
    });
    expect(of('acr')).toEqual({ claim: 'acr', value: expect.any(String), places: ['id_token'] });
    expect(outcome.notArrived).toContainEqual({ claim: 'birthdate', reason: { kind: 'no_value' } });
    expect(outcome.protocol).toEqual(expect.arrayContaining(['iss', 'aud', 'nonce']));
    expect(outcome.scopes).toEqual(scopes);
    // the application itself has signed nobody in
    await kit.oidc.writeUses();
    expect(await kit.storage.clientUses.of(['toledo'])).toEqual([]);
  });

  test('leaves no token and no code, and takes nothing from what the application itself holds of the same person', async () => {
    const scope = `${scopes.join(' ')} offline_access`;
    const kit = await house([application('toledo', { scope })]);
    const browser = await signedIn(kit);
    const own = await kit.tokens(browser, { client_id: 'toledo', scope });
    const before = await kit.storage.archive.counts();
    const url = await begin(kit, browser, 'toledo', scope.split(' '));
    const { landed, told } = await tried(kit, browser, url);
    expect(told?.outcome.kind).toBe('arrived');
    const after = await kit.storage.archive.counts();
    expect(after.protocolRecords - before.protocolRecords).toBe(1); // the trial itself
    expect((await kit.me(own.access_token)).status).toBe(200);
    expect((await kit.refresh('toledo', own.refresh_token ?? '', { client_secret: secret })).status).toBe(200);
    // nobody else gets anything for the code
    const { code = '' } = answerIn(landed.url);
    const again = await kit.exchange('toledo', code, { redirect_uri: `${kit.issuer}/admin/trial` });
    expect(again.status).toBe(400);
    expect((await kit.me(own.access_token)).status).toBe(200);
    const page = await kit.storage.archive.page('protocolRecords', start, undefined, 1000);
    expect(JSON.stringify(page)).not.toContain('an.peeters@kuleuven.be');
  });

  test('leaves nothing in the session, no grant and no consent, and no application is told of an end', async () => {
    const told = { backchannel_logout_uri: 'https://asks.example/logout', backchannel_logout_session_required: true };
    const scope = 'openid email offline_access';
    const asks = application('asks', { pedel_first_party: false, scope, ...told });
    const used = application('used', { backchannel_logout_uri: 'https://used.example/logout' });
    const kit = await house([asks, used]);
    const browser = await signedIn(kit);
    await kit.tokens(browser, { client_id: 'used' });
    const session = await sessionOf(kit, browser);
    const stored = async () => (await kit.storage.protocolRecords.findSession({ uid: session.uid }, start))?.record;
    const held = () => kit.storage.protocolRecords.grantsOf('an', ['asks'], start);
    const { authorizations } = (await stored()) ?? {};
    const url = await begin(kit, browser, 'asks', scope.split(' '));
    const landed = await kit.land(browser, url);
    expect((await stored())?.authorizations).toEqual(authorizations);
    const id = (await kit.oidc.trials.finish(answerIn(landed.url), session)) ?? '';
    expect((await kit.oidc.trials.outcome(id, session))?.outcome.kind).toBe('arrived');
    expect((await stored())?.authorizations).toEqual(authorizations);
    expect(await held()).toEqual([]);
    expect(await kit.storage.consents.find('an', 'asks')).toBeUndefined();
    await kit.oidc.sessions.endAll('an', 'test');
    const notices = await kit.storage.outbox.list({ kind: 'backchannel-logout' }, undefined, 99);
    expect(notices.map(({ payload }) => payload.clientId)).toEqual(['used']);
  });

  test('leaves an application that the person really uses as it was, also where that began meanwhile', async () => {
    const scope = 'openid email offline_access';
    const kit = await house([application('asks', { pedel_first_party: false, scope })]);
    const browser = await signedIn(kit);
    const { uid } = await sessionOf(kit, browser);
    const own = async () =>
      (await kit.storage.protocolRecords.findSession({ uid }, start))?.record.authorizations?.asks;
    const asked = { client_id: 'asks', scope, prompt: 'consent' };
    const landed = await kit.land(browser, await begin(kit, browser, 'asks', scope.split(' ')));
    const meanwhile = await kit.tokens(browser, asked);
    const before = await own();
    expect(before).toMatchObject({ sid: expect.any(String), grantId: expect.any(String) });
    const finished = await kit.oidc.trials.finish(answerIn(landed.url), await sessionOf(kit, browser));
    expect(finished).toBeDefined();
    expect((await tried(kit, browser, await begin(kit, browser, 'asks', scope.split(' ')))).told?.outcome.kind).toBe(
      'arrived',
    );
    expect(await own()).toEqual(before);
    expect(await kit.storage.consents.find('an', 'asks')).toBeDefined();
    expect((await kit.me(meanwhile.access_token)).status).toBe(200);
    const again = await kit.refresh('asks', meanwhile.refresh_token ?? '', { client_secret: secret });
    expect(again.status).toBe(200);
  });

  test('is signed in to as the application demands: its access rule and its consent hold', async () => {
    const kit = await house([
      application('closed', { pedel_access: { people: ['bo'] }, scope: 'openid' }),
      application('asks', { pedel_first_party: false, scope: 'openid email' }),
    ]);
    kit.page.signIn = async (interaction, ctx) =>
      kit.oidc.interactions.finishDeclined(
        ctx,
        interaction,
        interaction.asked.step === 'refused' ? interaction.asked.because : 'consent-declined',
      );
    const browser = visitor();
    const asking = kit.page.signIn;
    kit.page.signIn = kit.signInAs('an', ['pwd']);
    await kit.land(browser, kit.authUrl({ client_id: 'other' }));
    kit.page.signIn = asking;
    const closed = await tried(kit, browser, await begin(kit, browser, 'closed', ['openid']));
    expect(closed.told?.outcome).toEqual({ kind: 'declined', because: 'not-open-to-person' });
    const declined = await tried(kit, browser, await begin(kit, browser, 'asks', ['openid', 'email']));
    expect(declined.told?.outcome).toEqual({ kind: 'declined', because: 'consent-declined' });
    kit.page.signIn = kit.signInAs('an', ['pwd']);
    const agreed = await tried(kit, browser, await begin(kit, browser, 'asks', ['openid', 'email']));
    expect(agreed.told?.outcome.kind).toBe('arrived');
    expect(await kit.storage.consents.find('an', 'asks')).toBeUndefined();
  });

  test.each<[string, Client['x']]>([
    ['pushes its requests', { require_pushed_authorization_requests: true }],
    ['binds its tokens (DPoP)', { dpop_bound_access_tokens: true }],
    ['proves itself by a key', { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [] } }],
    [
      'is held to FAPI 2.0',
      { pedel_profile: 'fapi2', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [] } },
    ],
    ['has userinfo signed', { userinfo_signed_response_alg: 'ES256' }],
  ])('works for an application that %s, with the same sub', async (_, change) => {
    const kit = await house([
      application('toledo', {
        scope: 'openid email',
        subject_type: 'pairwise',
        redirect_uris: ['https://toledo.example/back'],
        ...(change as object),
      }),
    ]);
    const browser = await signedIn(kit);
    const { told } = await tried(kit, browser, await begin(kit, browser, 'toledo', ['openid', 'email']));
    if (told?.outcome.kind !== 'arrived') throw new Error(JSON.stringify(told));
    expect(told.outcome.arrived.map(({ claim }) => claim)).toEqual(expect.arrayContaining(['sub', 'email']));
  });

  test('knows the person by the sub that the application knows', async () => {
    const kit = await house([application('toledo', { scope: 'openid', subject_type: 'pairwise' })]);
    const browser = await signedIn(kit);
    const own = await kit.tokens(browser, { client_id: 'toledo' });
    const { sub } = (await (await kit.me(own.access_token)).json()) as { sub: string };
    const { told } = await tried(kit, browser, await begin(kit, browser, 'toledo', ['openid']));
    if (told?.outcome.kind !== 'arrived') throw new Error(JSON.stringify(told));
    expect(told.outcome.arrived[0]).toMatchObject({ claim: 'sub', value: sub });
  });

  test('is used once, also by ten at once, and its outcome is told to its own session only', async () => {
    const kit = await house();
    const browser = await signedIn(kit);
    const landed = await kit.land(browser, await begin(kit, browser));
    const session = await sessionOf(kit, browser);
    const ends = await Promise.all(
      Array.from({ length: 10 }, () => kit.oidc.trials.finish(answerIn(landed.url), session)),
    );
    const [id = '', ...more] = ends.filter((each) => each !== undefined);
    expect(more).toEqual([]);
    expect(await kit.oidc.trials.outcome(id, session)).toBeDefined();
    expect(await kit.oidc.trials.outcome(id, { ...session, uid: 'another' })).toBeUndefined();
    expect(await kit.oidc.trials.outcome(id, { ...session, accountId: 'bo' })).toBeUndefined();
    setClock(start + TRIAL_MS);
    expect(await kit.oidc.trials.outcome(id, session)).toBeUndefined();
  });
});

describe('our callback is not accepted', () => {
  /** The application's page of the library's error, for its redirect URI. */
  async function expectRefused(kit: Kit, browser: HttpVisitor, url: string) {
    const landed = await kit.land(browser, url);
    expect(landed.url).not.toContain('code=');
    expect(landed.html).toMatch(/redirect_uri|not registered|trial is over|invalid/);
    expect(landed.status).toBe(400);
  }

  const others: [string, Record<string, string | undefined>][] = [
    ['without a state', { state: undefined }],
    ['with a state that nobody stored', { state: 'x'.repeat(43) }],
    ['for another application', { client_id: 'other' }],
    ['with a challenge of somebody else', { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' }],
    ['with another answer than a code', { response_type: 'none' }],
    ['with an answer that is posted', { response_mode: 'form_post' }],
    ['at another address of ours', { redirect_uri: '/account' }],
    ['with more behind it', { redirect_uri: '/admin/trial?x=1' }],
    ['at another host', { redirect_uri: 'https://evil.example/admin/trial' }],
  ];

  test('for any other request than the one that was made here', async () => {
    const kit = await house();
    const browser = await signedIn(kit);
    const url = await begin(kit, browser);
    for (const [, { redirect_uri: to, ...rest }] of others) {
      const redirect = to === undefined ? {} : { redirect_uri: new URL(to, kit.issuer).href };
      await expectRefused(kit, browser, changed(url, { ...rest, ...redirect }));
    }
    expect((await tried(kit, browser, url)).told?.outcome.kind).toBe('arrived');
  });

  test('in another session, of the same person or another, and in none', async () => {
    const kit = await house();
    const browser = await signedIn(kit);
    const url = await begin(kit, browser);
    await expectRefused(kit, await signedIn(kit), url);
    await expectRefused(kit, await signedIn(kit, 'bo'), url);
    await expectRefused(kit, visitor(), url);
  });

  test('after ten minutes, and once the trial was used', async () => {
    const kit = await house();
    const browser = await signedIn(kit);
    const url = await begin(kit, browser);
    await tried(kit, browser, url);
    await expectRefused(kit, browser, url);
    const late = await begin(kit, browser);
    setClock(start + TRIAL_MS);
    await expectRefused(kit, browser, late);
  });

  test('where the trial waited at a question and its session is another by then', async () => {
    const kit = await house([application('asks', { pedel_first_party: false, scope: 'openid email' })]);
    const browser = await signedIn(kit);
    let resume = '';
    kit.page.signIn = async (interaction, ctx) => {
      resume = await kit.oidc.interactions.finishConsent(ctx, interaction, 'consent');
      return `${kit.issuer}/page/stopped`;
    };
    const url = await begin(kit, browser, 'asks', ['openid', 'email']);
    await kit.land(browser, url);
    setClock(start + TRIAL_MS);
    const landed = await kit.land(browser, resume);
    expect(landed.url).not.toContain('/admin/trial');
    expect(landed.html).toContain('the trial is over');
  });

  test('pushed by the application itself, or in the request object of anybody', async () => {
    const kit = await house();
    const browser = await signedIn(kit);
    const asked = Object.fromEntries(new URL(await begin(kit, browser)).searchParams);
    const pushed = await kit.post('/request', { ...asked, client_secret: secret });
    expect(pushed.status).toBe(400);
    const object = [{ alg: 'none' }, { ...asked, iss: 'toledo', aud: kit.issuer }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    await expectRefused(kit, browser, changed(kit.authUrl(asked), { request: `${object}.` }));
  });

  test('for an application that has expired, or waits for approval', async () => {
    const kit = await house();
    const browser = await signedIn(kit);
    const url = await begin(kit, browser);
    const known = await kit.storage.clients.find('toledo');
    if (known === undefined) throw new Error('no client');
    await kit.storage.clients.put({ ...known, revision: 2, validUntil: start - 1 }, 1);
    await kit.oidc.reload();
    await expectRefused(kit, browser, url);
  });
});

describe('a trial weakens nothing for others', () => {
  test('while it is under way, the application itself keeps its secret, its PKCE and its addresses', async () => {
    const kit = await house();
    const browser = await signedIn(kit);
    const landed = await kit.land(browser, await begin(kit, browser));
    const { code = '' } = answerIn(landed.url);
    const redirect = { redirect_uri: `${kit.issuer}/admin/trial` };
    // with the secret, but without the verifier, which was never told
    expect((await kit.exchange('toledo', code, redirect)).status).toBe(400);
    // without the secret
    const bare = await kit.post('/token', {
      grant_type: 'authorization_code',
      client_id: 'toledo',
      code,
      ...redirect,
    });
    expect(bare.status).toBe(401);
    const strange = await kit.land(browser, kit.authUrl({ client_id: 'toledo', redirect_uri: 'https://evil.example' }));
    expect(strange.status).toBe(400);
    const own = await kit.tokens(browser, { client_id: 'toledo' });
    expect(own.access_token).toBeDefined();
    expect(new URL(redirectOf('toledo')).host).toBe('toledo.example');
  });

  test('a code that came elsewhere, or a made-up one, is not redeemed', async () => {
    const kit = await house();
    const browser = await signedIn(kit);
    const session = await sessionOf(kit, browser);
    const state = new URL(await begin(kit, browser)).searchParams.get('state') ?? '';
    const { code = '' } = await kit.authorize(browser, { client_id: 'toledo' });
    const id = await kit.oidc.trials.finish({ state, code }, session);
    const told = id === undefined ? undefined : await kit.oidc.trials.outcome(id, session);
    expect(told?.outcome).toMatchObject({ kind: 'refused', error: 'invalid_grant' });
    // nothing of it is kept as a refusal of the application
    await kit.oidc.writeRefusals();
    expect(await kit.storage.refusals.page('all', undefined, 9)).toEqual([]);
  });

  test('a callback that is none of the trial ends nothing', async () => {
    const kit = await house();
    const browser = await signedIn(kit);
    const session = await sessionOf(kit, browser);
    const url = await begin(kit, browser);
    const state = new URL(url).searchParams.get('state') ?? '';
    const answers = [
      {},
      { state },
      { state: [state, state], code: 'x' },
      { state, code: { $ne: 1 } },
      { state: 'n\u0000\u{1f600}'.repeat(1000), code: 'x' },
    ];
    for (const answer of answers) expect(await kit.oidc.trials.finish(answer, session)).toBeUndefined();
    expect((await tried(kit, browser, url)).told?.outcome.kind).toBe('arrived');
  });

  test('what an error says is bounded, and is no markup of a terminal', async () => {
    const kit = await house();
    const browser = await signedIn(kit);
    const session = await sessionOf(kit, browser);
    const state = new URL(await begin(kit, browser)).searchParams.get('state') ?? '';
    const answer = { state, error: `\u001b[31m${'e'.repeat(10_000)}`, error_description: '\u202Eabc\u0000' };
    const id = (await kit.oidc.trials.finish(answer, session)) ?? '';
    const told = await kit.oidc.trials.outcome(id, session);
    expect(JSON.stringify(told).length).toBeLessThan(400);
    expect(JSON.stringify(told)).not.toMatch(/\\u001b|\u202e|\\u0000/);
  });
});
