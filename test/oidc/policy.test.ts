/** Which sign-ins pass and which ask for more: prompt, max_age, acr and consent, by stored state alone. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { interactionPath } from '../../src/oidc/sign-in/interaction-request.ts';
import { application, closeAll, type Kit, MFA, person, SFA, setClock, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const toledo = { client_id: 'toledo' };
const both = ['pwd', 'otp', 'mfa'];
const totps = [{ id: '1', name: '', sealedSeed: '', lastStep: 0, createdAt: 0 }];
const essential = (...values: string[]) => ({
  claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }),
});

/** Signs in with these factors, then asks; what the sign-in page was asked for the second time, and the answer. */
async function secondRequest(kit: Kit, amr: string[], parameters: Record<string, string>) {
  const browser = visitor();
  kit.page.signIn = kit.signInAs('an', amr);
  await kit.tokens(browser, { client_id: 'toledo' });
  kit.page.seen.length = 0;
  kit.page.signIn = kit.signInAs('an', both);
  const answer = await kit.authorize(browser, { client_id: 'toledo', ...parameters });
  const claims =
    answer.code === undefined
      ? {}
      : decodeJwt(
          ((await (await kit.exchange(parameters.client_id ?? 'toledo', answer.code)).json()) as { id_token: string })
            .id_token,
        );
  return { seen: kit.page.seen, answer, claims };
}

describe('a signed-in visitor', () => {
  test('passes without a question', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const { seen, claims } = await secondRequest(kit, ['pwd'], {});
    expect(seen).toEqual([]);
    expect(claims).toMatchObject({ acr: SFA, amr: ['pwd'] });
  });

  test('is asked again by prompt=login and by max_age, with a fresh auth_time', async () => {
    for (const parameters of [{ prompt: 'login' }, { max_age: '1' }, { max_age: '0' }]) {
      setClock(Date.UTC(2026, 8, 21));
      const kit = await startOidc({ clients: [application('toledo')] });
      const browser = visitor();
      await kit.tokens(browser, toledo);
      setClock(Date.UTC(2026, 8, 21, 0, 5));
      kit.page.seen.length = 0;
      const tokens = await kit.tokens(browser, { ...toledo, ...parameters });
      expect(kit.page.seen).toMatchObject([{ reauthenticate: true, session: { accountId: 'an', amr: ['pwd'] } }]);
      expect(decodeJwt(tokens.id_token).auth_time).toBe(Date.UTC(2026, 8, 21, 0, 5) / 1000);
      expect(await kit.authorize(browser, { ...toledo, max_age: '1000', prompt: 'none' })).toMatchObject({
        code: expect.anything(),
      });
    }
  });

  test('with prompt=none gets login_required without a session or if more factors are required', async () => {
    const kit = await startOidc({ clients: [application('toledo')], accounts: [person({ totps })] });
    const none = { ...toledo, prompt: 'none', state: 's' };
    const browser = visitor();
    expect(await kit.authorize(browser, none)).toMatchObject({ error: 'login_required', state: 's' });
    await kit.tokens(browser, toledo);
    expect(await kit.authorize(browser, { ...none, ...essential(MFA) })).toMatchObject({ error: 'login_required' });
    expect(await kit.authorize(browser, none)).toMatchObject({ code: expect.anything() });
  });

  test('of another person than the hint is asked to sign in as that person', async () => {
    const kit = await startOidc({
      clients: [application('toledo')],
      accounts: [person(), person({ id: 'bo', userNumbers: [], emails: [] })],
    });
    const { id_token: hint } = await kit.tokens(visitor(), toledo);
    const browser = visitor();
    kit.page.signIn = kit.signInAs('bo', ['pwd']);
    await kit.tokens(browser, toledo);
    expect(await kit.authorize(browser, { ...toledo, prompt: 'none', id_token_hint: hint })).toMatchObject({
      error: 'login_required',
    });
    kit.page.seen.length = 0;
    kit.page.signIn = kit.signInAs('an', ['pwd']);
    expect(await kit.authorize(browser, { ...toledo, id_token_hint: hint })).toMatchObject({ code: expect.anything() });
    expect(kit.page.seen).toMatchObject([
      { reauthenticate: true, idTokenHintAccountId: 'an', session: { accountId: 'bo' } },
    ]);
  });
});

describe('a second factor', () => {
  test.each([
    ['nothing is asked', {}, 'passes', SFA],
    ['acr_values names it and the person has one', { acr_values: MFA }, 'stepped up', MFA],
    ['acr_values accepts a single one as well', { acr_values: `${MFA} ${SFA}` }, 'passes', SFA],
    ['an unknown acr is preferred', { acr_values: 'urn:unknown' }, 'passes', SFA],
    ['it is essential', essential(MFA), 'stepped up', MFA],
    ['it or an unknown one is essential', essential('urn:unknown', MFA), 'stepped up', MFA],
    ['a single one is essential', essential(SFA), 'passes', SFA],
    ['the client demands it', { client_id: 'grades' }, 'stepped up', MFA],
  ])('where %s', async (_name, parameters, outcome, acr) => {
    const clients = [application('toledo'), application('grades', { pedel_acr: MFA })];
    const kit = await startOidc({ clients, accounts: [person({ totps })] });
    const { seen, claims } = await secondRequest(kit, ['pwd'], parameters as Record<string, string>);
    expect(claims.acr).toBe(acr);
    if (outcome === 'passes') expect(seen).toEqual([]);
    else
      expect(seen).toMatchObject([
        { prompt: 'login', reauthenticate: false, session: { accountId: 'an', amr: ['pwd'] } },
      ]);
  });

  test('that was given is answered with what was asked, in order', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    for (const [parameters, acr] of [
      [{ acr_values: SFA }, SFA],
      [{ acr_values: `${SFA} ${MFA}` }, SFA],
      [{ acr_values: `urn:unknown ${MFA}` }, MFA],
      [{}, MFA],
    ] as const) {
      expect((await secondRequest(kit, both, parameters)).claims.acr).toBe(acr);
    }
  });

  test('that is essential and unknown is refused', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    for (const prompt of ['login', 'none']) {
      const answer = await kit.authorize(visitor(), { ...toledo, ...essential('urn:unknown'), prompt });
      expect(answer).toMatchObject({ error: 'unmet_authentication_requirements' });
    }
  });

  test('that was declined is refused by the page with unmet_authentication_requirements', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    kit.page.signIn = (interaction, ctx) =>
      kit.oidc.interactions.finishDeclined(ctx, interaction, 'second-factor-declined');
    expect(await kit.authorize(visitor(), { ...toledo, ...essential(MFA), state: 's' })).toEqual({
      error: 'unmet_authentication_requirements',
      error_description: 'the second factor was declined',
      state: 's',
      iss: kit.issuer,
    });
  });

  test('that is only preferred is asked once of people who have one, and not of others', async () => {
    const without = await startOidc({ clients: [application('toledo')] });
    expect((await secondRequest(without, ['pwd'], { acr_values: MFA })).seen).toEqual([]);
    const kit = await startOidc({ clients: [application('toledo')], accounts: [person({ totps })] });
    const browser = visitor();
    expect(await kit.authorize(browser, { ...toledo, acr_values: MFA })).toMatchObject({ code: expect.anything() });
    expect(kit.page.seen).toMatchObject([{ secondFactor: 'application-prefers' }]);
  });

  test('that the organisation requires is asked until it is given, also of people who have none', async () => {
    const affiliations = [{ organisation: 'vives', role: 'student', source: 'csv' }];
    const kit = await startOidc({ clients: [application('toledo')], accounts: [person({ affiliations })] });
    let rounds = 0;
    const [lazy, proper] = [kit.signInAs('an', ['pwd']), kit.signInAs('an', both)];
    kit.page.signIn = (interaction, ctx) => (++rounds < 3 ? lazy : proper)(interaction, ctx);
    const { id_token: idToken } = await kit.tokens(visitor(), toledo);
    expect(rounds).toBe(3);
    expect(kit.page.seen[1]).toMatchObject({ asked: { because: 'organisation-requires' }, session: { amr: ['pwd'] } });
    expect(decodeJwt(idToken).acr).toBe(MFA);
  });

  test('steps the session up: its first sign-in stays its auth_time, and nobody is signed out', async () => {
    setClock(Date.UTC(2026, 8, 21));
    const kit = await startOidc({ clients: [application('toledo'), application('grades', { pedel_acr: MFA })] });
    const browser = visitor();
    const before = await kit.tokens(browser, toledo);
    setClock(Date.UTC(2026, 8, 21, 0, 5));
    kit.page.signIn = kit.signInAs('an', both);
    const { id_token: idToken } = await kit.tokens(browser, { client_id: 'grades' });
    expect(decodeJwt(idToken)).toMatchObject({ auth_time: Date.UTC(2026, 8, 21) / 1000, acr: MFA });
    expect((await kit.me(before.access_token)).status).toBe(200);
  });

  test('can be demanded by a page of ours, which learns nothing else', async () => {
    const kit = await startOidc();
    const browser = visitor();
    expect(await kit.land(browser, kit.oidc.sessions.signInUrl('/page/account'))).toMatchObject({
      html: 'a page of ours',
    });
    expect(await kit.session(browser)).toMatchObject({ amr: ['pwd'] });
    kit.page.seen.length = 0;
    kit.page.signIn = kit.signInAs('an', both);
    const url = kit.oidc.sessions.signInUrl('/page/account', { acr: MFA, language: 'nl' });
    expect((await kit.land(browser, url)).url).toBe(`${kit.issuer}/page/account?iss=${encodeURIComponent(kit.issuer)}`);
    expect(kit.page.seen).toMatchObject([
      { secondFactor: 'own-page-requires', uiLocales: ['nl'], client: { id: 'pedel', firstParty: true } },
    ]);
    const elsewhere = new URL(url);
    elsewhere.searchParams.set('redirect_uri', 'https://evil.example/');
    expect(await kit.land(browser, elsewhere)).toMatchObject({
      status: 400,
      html: expect.stringContaining('invalid_redirect_uri'),
    });
    expect(() => kit.oidc.sessions.signInUrl('https://evil.example/')).toThrow(TypeError);
    expect(await kit.storage.protocolRecords.sessionsOf('an')).toHaveLength(1);
  });
});

describe('consent', () => {
  const foreign = application('survey', { pedel_first_party: false });
  const survey = { client_id: 'survey', scope: 'openid email' };

  test('is asked once, remembered over sign-outs, and asked again for more', async () => {
    const kit = await startOidc({ clients: [foreign] });
    const browser = visitor();
    await kit.tokens(browser, survey);
    expect(kit.page.seen.map(({ prompt }) => prompt)).toEqual(['login', 'consent']);
    expect(kit.page.seen[1]?.consent).toMatchObject({ scopes: ['openid', 'email'], claims: [], resourceScopes: {} });
    await kit.oidc.sessions.endAll('an', 'test');
    kit.page.seen.length = 0;
    await kit.tokens(browser, survey);
    expect(kit.page.seen.map(({ prompt }) => prompt)).toEqual(['login']);
    const claims = JSON.stringify({ userinfo: { birthdate: null } });
    const { access_token: token } = await kit.tokens(browser, { ...survey, scope: 'openid email phone', claims });
    expect(kit.page.seen[1]?.consent).toMatchObject({ scopes: ['phone'], claims: ['birthdate'], resourceScopes: {} });
    expect(await (await kit.me(token)).json()).toMatchObject({ email: 'an.peeters@kuleuven.be' });
  });

  test('that is declined is reported to the application', async () => {
    const kit = await startOidc({ clients: [foreign] });
    const signIn = kit.page.signIn;
    kit.page.signIn = (interaction, ctx) =>
      interaction.prompt === 'consent'
        ? kit.oidc.interactions.finishConsent(ctx, interaction, 'cancel')
        : signIn(interaction, ctx);
    expect(await kit.authorize(visitor(), survey)).toMatchObject({ error: 'access_denied' });
    expect(await kit.storage.consents.byAccount('an')).toEqual([]);
  });

  /** Signs in with a password and leaves the question open. @returns the address of its page, and how to answer it */
  async function leftOpen(kit: Kit, browser: ReturnType<typeof visitor>, parameters: Record<string, string> = survey) {
    const [login, answer] = [kit.signInAs('an', ['pwd']), kit.page.signIn];
    kit.page.signIn = async (interaction, ctx) =>
      interaction.prompt === 'consent' ? `${kit.issuer}/back` : login(interaction, ctx);
    await kit.land(browser, kit.authUrl(parameters));
    const asked = kit.page.seen.at(-1);
    expect(asked?.prompt).toBe('consent');
    kit.page.seen.length = 0;
    kit.page.signIn = answer;
    return () => kit.land(browser, kit.issuer + interactionPath(asked?.uid ?? '', asked?.client.id ?? ''));
  }

  test.each([{}, { prompt: 'login' }, { max_age: '0' }])(
    'is answered in the session as it is by then: what another tab proved meanwhile stays (%j)',
    async (parameters) => {
      const kit = await startOidc({ clients: [foreign, application('toledo')] });
      const browser = visitor();
      const answer = await leftOpen(kit, browser, { ...survey, ...parameters });
      kit.page.signIn = kit.signInAs('an', both);
      await kit.authorize(browser, { ...toledo, ...essential(MFA) });
      const { url } = await answer();
      const code = new URL(url).searchParams.get('code') ?? '';
      const tokens = (await (await kit.exchange('survey', code)).json()) as { id_token: string };
      expect(decodeJwt(tokens.id_token)).toMatchObject({ amr: both, acr: MFA });
      expect(await kit.session(browser)).toMatchObject({ amr: both, acr: MFA });
    },
  );

  test('given where the session has ended meanwhile is not taken: the person signs in again first', async () => {
    const kit = await startOidc({ clients: [foreign] });
    const browser = visitor();
    const answer = await leftOpen(kit, browser);
    await kit.change('an', { credentialsEpoch: 2 });
    const prompts: string[] = [];
    kit.page.signIn = async (interaction, ctx) => {
      prompts.push(interaction.prompt);
      if (prompts.length === 2) expect(await kit.storage.consents.byAccount('an')).toEqual([]);
      return kit.signInAs('an', ['pwd'])(interaction, ctx);
    };
    expect(new URL((await answer()).url).searchParams.get('code')).not.toBeNull();
    expect(prompts).toEqual(['consent', 'login', 'consent']);
  });

  test('given in the name of whoever was signed in before is not taken', async () => {
    const kit = await startOidc({
      clients: [foreign, application('toledo')],
      accounts: [person(), person({ id: 'bo', userNumbers: [], emails: [] })],
    });
    const browser = visitor();
    const answer = await leftOpen(kit, browser);
    kit.page.signIn = kit.signInAs('bo', ['pwd']);
    await kit.authorize(browser, { ...toledo, prompt: 'login' });
    kit.page.seen.length = 0;
    await answer();
    expect(kit.page.seen.map(({ session, sessionChanged }) => [session?.accountId, sessionChanged])).toEqual([
      [undefined, { accountId: 'bo' }],
      ['bo', undefined],
    ]);
    expect(await kit.storage.consents.byAccount('an')).toEqual([]);
  });

  test('taken back is asked again', async () => {
    const kit = await startOidc({ clients: [foreign] });
    const browser = visitor();
    await kit.tokens(browser, survey);
    await kit.storage.consents.remove('an', 'survey');
    expect(await kit.authorize(browser, { ...survey, prompt: 'none' })).toMatchObject({ error: 'consent_required' });
    kit.page.seen.length = 0;
    await kit.tokens(browser, { ...survey, scope: 'openid' });
    expect(kit.page.seen).toMatchObject([{ prompt: 'consent', consent: { scopes: ['openid'] } }]);
    const { scope } = await kit.tokens(browser, { ...survey, scope: 'openid' });
    expect(scope).toBe('openid');
    expect(await kit.authorize(browser, { ...survey, prompt: 'none' })).toMatchObject({ error: 'consent_required' });
  });

  test.each([{ prompt: 'consent' }, {}])(
    'is not asked for the own applications, which get offline_access with and without prompt=consent (%j)',
    async (prompt) => {
      const kit = await startOidc({ clients: [application('roundcube')] });
      const offline = { client_id: 'roundcube', scope: 'openid offline_access', ...prompt };
      expect((await kit.tokens(visitor(), offline)).refresh_token).toBeDefined();
      expect(kit.page.seen.map(({ prompt }) => prompt)).toEqual(['login']);
    },
  );

  test('is asked of foreign ones by prompt=consent, and offline_access is not given without it', async () => {
    const kit = await startOidc({ clients: [foreign] });
    const browser = visitor();
    const offline = { ...survey, scope: 'openid offline_access' };
    expect((await kit.tokens(browser, offline)).refresh_token).toBeUndefined();
    expect((await kit.tokens(browser, { ...offline, prompt: 'consent' })).refresh_token).toBeDefined();
    kit.page.seen.length = 0;
    await kit.tokens(browser, { ...offline, prompt: 'consent' });
    expect(kit.page.seen).toMatchObject([{ prompt: 'consent', consent: { scopes: ['openid', 'offline_access'] } }]);
  });
});

test('for a resource that nobody registered no token is made (rule 15)', async () => {
  const kit = await startOidc({ clients: [application('toledo')] });
  const asked = { client_id: 'toledo', resource: 'https://id.example/manage' };
  expect(await kit.authorize(visitor(), asked)).toMatchObject({ error: 'invalid_target' });
});

describe('an interaction', () => {
  test('tells the page everything that it shows, in both languages', async () => {
    const kit = await startOidc({
      clients: [
        application('toledo', {
          'client_name#nl': 'Toledo',
          'client_name#en': 'Toledo (courses)',
        }),
      ],
    });
    const logo = { uri: 'https://toledo.example/logo.svg', hash: 'h', type: 'image/png' } as const;
    const record = await kit.storage.clients.find('toledo');
    if (record === undefined) throw new Error('it is registered');
    const metadata = { ...record.metadata, logo_uri: logo.uri };
    await kit.storage.clients.put({ ...record, revision: 2, metadata, logo }, 1, undefined, 'eA==');
    await kit.authorize(visitor(), {
      ...toledo,
      login_hint: 'u0000001',
      ui_locales: 'nl en',
      display: 'touch',
      claims_locales: 'nl',
      unknown: 'x',
    });
    expect(kit.page.seen).toEqual([
      {
        uid: expect.any(String),
        prompt: 'login',
        asked: { step: 'password', because: 'no-session' },
        client: {
          id: 'toledo',
          name: { nl: 'Toledo', en: 'Toledo (courses)' },
          firstParty: true,
          logo,
        },
        reauthenticate: false,
        loginHint: 'u0000001',
        uiLocales: ['nl', 'en'],
        display: 'touch',
      },
    ]);
  });

  test('that two browsers have loaded belongs to the first that does anything', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const { keep, finishLogin, finishDeclined } = kit.oidc.interactions;
    const login = { accountId: 'an', amr: ['pwd'], epoch: 1 };
    const outcomes: string[] = [];
    const told = (act: Promise<unknown>) =>
      act.then(
        () => outcomes.push('done'),
        ({ message }: Error) => outcomes.push(message),
      );
    kit.page.signIn = async (interaction, ctx) => {
      const [first, second] = ['one', 'other'].map((browser) => ({ ...interaction, browser }));
      if (first === undefined || second === undefined) throw new TypeError('there are two');
      await told(keep(first, { passwordOf: 'an' }));
      await told(keep(second, { passwordOf: 'eve' }));
      await told(finishLogin(ctx, second, login));
      await told(finishDeclined(ctx, second, 'broken-off'));
      await told(keep(first, { passwordOf: 'an', once: 'more' }));
      return `${kit.issuer}/back`;
    };
    await kit.land(visitor(), kit.authUrl(toledo));
    const refused = 'invalid_request';
    expect(outcomes).toEqual(['done', refused, refused, refused, 'done']);
  });

  test('keeps pending proof between its steps, and never signs in with it', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    kit.page.signIn = async (interaction) => {
      if (interaction.pending === undefined) await kit.oidc.interactions.keep(interaction, { passwordOf: 'an' });
      return `${kit.issuer}/back`;
    };
    await kit.land(browser, kit.authUrl(toledo));
    const uid = kit.page.seen[0]?.uid;
    await kit.land(browser, interactionPath(uid ?? '', 'toledo'));
    expect(kit.page.seen.map(({ pending }) => pending)).toEqual([undefined, { passwordOf: 'an' }]);
    expect(await kit.session(browser)).toBeNull();
    // skipping the page leads to a fresh one
    await kit.land(browser, `/auth/${uid}`);
    expect(kit.page.seen[2]).toMatchObject({ asked: { because: 'no-session' } });
    expect(kit.page.seen[2]?.pending).toBeUndefined();
    expect(await kit.session(browser)).toBeNull();
  });

  test('of another browser, or too old, is none', async () => {
    setClock(Date.UTC(2026, 8, 21));
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    kit.page.signIn = async () => `${kit.issuer}/back`;
    await kit.land(browser, kit.authUrl(toledo));
    const path = interactionPath(kit.page.seen[0]?.uid ?? '', 'toledo');
    expect((await kit.land(visitor(), kit.issuer + path)).status).toBe(410);
    expect((await kit.land(browser, kit.issuer + path)).url).toContain('/back');
    setClock(Date.UTC(2026, 8, 21, 1, 1));
    expect((await kit.land(browser, kit.issuer + path)).status).toBe(410);
  });
});
