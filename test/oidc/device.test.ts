/** Devices without a keyboard or browser (RFC 8628): codes, who answers them, and what devices get. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { DEVICE_GRANT } from '../../src/domain/clients/metadata/members/protocol.ts';
import { readDeviceCode } from '../../src/domain/tickets/device-code.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';
import {
  application,
  type Client,
  closeAll,
  type Kit,
  MFA,
  person,
  secret,
  setClock,
  startOidc,
  twinOf,
  visitor,
} from './support.ts';

afterEach(closeAll);

type Asked = { device_code: string; user_code: string; verification_uri_complete: string };

/** A public application of the association on devices; changed as given. */
const printer = (change: Record<string, unknown> = {}): Client =>
  application('printer', {
    redirect_uris: [],
    response_types: [],
    grant_types: [DEVICE_GRANT, 'refresh_token'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
    scope: 'openid email offline_access',
    ...change,
  } as never);

async function ask(kit: Kit, more: Record<string, string> = {}, headers: Record<string, string> = {}) {
  const answer = await kit.post('/device/auth', { client_id: 'printer', scope: 'openid email', ...more }, headers);
  return { status: answer.status, body: (await answer.json()) as Asked & Record<string, unknown> };
}

async function poll(kit: Kit, deviceCode: string, more: Record<string, string> = {}) {
  const asked = { grant_type: DEVICE_GRANT, client_id: 'printer', device_code: deviceCode, ...more };
  const answer = await kit.post('/token', asked);
  return (await answer.json()) as Record<string, string>;
}

/** The page on which the code is compared, with its form. */
async function compare(kit: Kit, browser: HttpVisitor, code: string): Promise<boolean> {
  kit.page.other = async (ctx) => {
    const found = await kit.oidc.devices.find(ctx, code);
    ctx.type = 'html';
    ctx.body =
      found === undefined
        ? 'nothing waits'
        : `<form method="post" action="/device/sign-in"><input type="hidden" name="user_code" value="${found.code}">` +
          `<input type="hidden" name="proof" value="${found.proof}"><button value="yes">Yes</button></form>`;
  };
  return (await browser.open(`${kit.issuer}/page/device`)).html.includes('<form');
}
const goOn = (browser: HttpVisitor) => browser.press('yes', { confirm: 'yes' });
const stop = (browser: HttpVisitor) => browser.press('yes', { abort: 'yes' });

async function signIn(kit: Kit, browser: HttpVisitor, code: string): Promise<string> {
  expect(await compare(kit, browser, code)).toBe(true);
  return /<h1 id="title">([^<]*)/.exec((await goOn(browser)).html)?.[1] ?? '';
}

describe('a device', () => {
  test('knows people by a subject of its own where the registration has pairwise ones', async () => {
    const kit = await startOidc({ clients: [printer({ subject_type: 'pairwise', pedel_sector: 'client/printer' })] });
    const { body } = await ask(kit);
    expect(await signIn(kit, visitor(), body.user_code)).toBe('device done');
    const { id_token: token = '' } = await poll(kit, body.device_code);
    expect(decodeJwt(token).sub).toMatch(/^[\w-]{43}$/); // `an` where they are public
  });

  test('gets a code in two groups, our address, ten minutes and an interval', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { status, body } = await ask(kit);
    expect(status).toBe(200);
    expect(body).toEqual({
      device_code: expect.stringMatching(/^[\w-]{40,}$/),
      user_code: expect.stringMatching(/^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$/),
      verification_uri: `${kit.issuer}/device`,
      verification_uri_complete: `${kit.issuer}/device?user_code=${body.user_code}`,
      expires_in: 600,
      interval: 5,
    });
    const discovery = (await (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json()) as object;
    expect(discovery).toMatchObject({
      device_authorization_endpoint: `${kit.issuer}/device/auth`,
      grant_types_supported: expect.arrayContaining([DEVICE_GRANT]),
    });
  });

  test('waits, and gets tokens once its person has signed in: scope, subject and how they signed in', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit, { scope: 'openid email phone' });
    expect(await poll(kit, body.device_code)).toMatchObject({ error: 'authorization_pending' });
    expect(await signIn(kit, visitor(), body.user_code)).toBe('device done');
    const tokens = await poll(kit, body.device_code);
    expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'openid email' }); // what is not registered is dropped
    expect(tokens).not.toHaveProperty('refresh_token');
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ sub: 'an', amr: ['pwd'], auth_time: expect.any(Number) });
    expect((await kit.me(tokens.access_token ?? '')).status).toBe(200);
  });

  test('gets a refresh token for offline_access only, which outlives the session', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit, { scope: 'openid offline_access' });
    const browser = visitor();
    await signIn(kit, browser, body.user_code);
    const { refresh_token: refresh = '' } = await poll(kit, body.device_code);
    await kit.onPage(browser, (ctx) => kit.oidc.sessions.end(ctx));
    expect((await kit.refresh('printer', refresh)).status).toBe(200);
  });

  test('has tokens that end with the session of its person, where it did not ask for more', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit);
    const browser = visitor();
    await signIn(kit, browser, body.user_code);
    const { access_token: token = '' } = await poll(kit, body.device_code);
    await kit.onPage(browser, (ctx) => kit.oidc.sessions.end(ctx));
    expect((await kit.me(token)).status).toBe(401);
  });

  test('that demands a second factor has its person asked for one', async () => {
    const kit = await startOidc({ clients: [printer({ pedel_acr: MFA })] });
    const { body } = await ask(kit);
    const browser = visitor();
    await kit.land(
      browser,
      kit.authUrl({ client_id: 'pedel', redirect_uri: `${kit.issuer}/account`, response_type: 'none' }),
    );
    kit.page.signIn = kit.signInAs('an', ['pwd', 'otp', 'mfa']);
    expect(await signIn(kit, browser, body.user_code)).toBe('device done');
    expect(kit.page.seen.at(-1)).toMatchObject({ prompt: 'login', secondFactor: 'application-requires' });
    expect(decodeJwt((await poll(kit, body.device_code)).id_token ?? '')).toMatchObject({ acr: MFA });
  });

  test('of others asks for consent, and gets what was consented to', async () => {
    const kit = await startOidc({ clients: [printer({ pedel_first_party: false })] });
    const { body } = await ask(kit);
    await signIn(kit, visitor(), body.user_code);
    expect(kit.page.seen.map(({ prompt }) => prompt)).toEqual(['login', 'consent']);
    expect(await poll(kit, body.device_code)).toMatchObject({ scope: 'openid email' });
  });

  test.each(['press', 'consent'])('is told where its person declines (%s)', async (where) => {
    const kit = await startOidc({ clients: [printer({ pedel_first_party: false })] });
    const { body } = await ask(kit);
    const browser = visitor();
    await compare(kit, browser, body.user_code);
    const signedIn = kit.page.signIn;
    kit.page.signIn = async (interaction, ctx) =>
      interaction.prompt === 'consent'
        ? kit.oidc.interactions.finishConsent(ctx, interaction, 'cancel')
        : signedIn(interaction, ctx);
    const page = where === 'press' ? await stop(browser) : await goOn(browser);
    expect(page.html).toContain('device stopped');
    expect(await poll(kit, body.device_code)).toMatchObject({ error: 'access_denied' });
    expect(await compare(kit, visitor(), body.user_code)).toBe(false);
  });

  test('that asks too often is told to slow down, and more slowly each time; what it gets in the end stays', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const start = Date.now();
    const { body } = await ask(kit);
    const at = async (seconds: number) => {
      setClock(start + seconds * 1000);
      return (await poll(kit, body.device_code)).error;
    };
    expect([await at(0), await at(5), await at(8)]).toEqual([
      'authorization_pending',
      'authorization_pending',
      'slow_down',
    ]);
    expect([await at(14), await at(30)]).toEqual(['slow_down', 'authorization_pending']);
    await signIn(kit, visitor(), body.user_code);
    expect(await at(31)).toBeUndefined();
  });

  test('with a secret must prove who it is, and may only use its own codes', async () => {
    const other = { ...printer(), client_id: 'tv' };
    const safe = printer({ token_endpoint_auth_method: 'client_secret_post' });
    const kit = await startOidc({ clients: [safe, other] });
    expect((await ask(kit, { client_secret: 'wrong' })).status).toBe(401);
    const { body } = await ask(kit, { client_secret: secret });
    await signIn(kit, visitor(), body.user_code);
    expect(await poll(kit, body.device_code, { client_id: 'tv' })).toMatchObject({ error: 'invalid_grant' });
    expect(await poll(kit, body.device_code, { client_secret: secret })).toHaveProperty('access_token');
  });

  test('that is not registered as one gets a named error', async () => {
    const kit = await startOidc({ clients: [printer({ grant_types: ['refresh_token'] })] });
    expect(await ask(kit)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: expect.stringContaining(DEVICE_GRANT) },
    });
  });
});

describe('a code', () => {
  test('is stored as no text that can be typed, nor is what the device keeps', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const stored: unknown[] = [];
    const { put, insert } = kit.storage.protocolRecords;
    kit.storage.protocolRecords.put = (...given) => {
      stored.push(given);
      return put(...given);
    };
    kit.storage.protocolRecords.insert = (...given) => {
      stored.push(given);
      return insert(...given);
    };
    const { body } = await ask(kit);
    await signIn(kit, visitor(), body.user_code);
    const all = JSON.stringify(stored);
    expect(stored.length).toBeGreaterThan(4);
    expect(all).not.toContain(body.device_code);
    expect(all).not.toContain(body.user_code);
    expect(all).not.toContain(body.user_code.replace('-', ''));
    // what is typed is compared in this form: letters that look like digits are read as those
    expect(all).not.toContain(readDeviceCode(body.user_code));
  });

  test.each([
    ['lower case and spaces', (code: string) => ` ${code.toLowerCase().replace('-', '  ')} `],
    ['what looks alike', (code: string) => code.replaceAll('S', '5').replaceAll('Z', '2').replaceAll('D', 'O')],
    [
      'full width',
      (code: string) => code.replace(/[A-Z0-9]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)),
    ],
  ])('is read in %s', async (_what, typed) => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit);
    expect(await compare(kit, visitor(), typed(body.user_code))).toBe(true);
  });

  test('tells from where and since when it was asked for', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit, {}, { 'user-agent': `Printer 7000 ${'x'.repeat(500)}` });
    const browser = visitor();
    const found = await kit.onPage(browser, (ctx) => kit.oidc.devices.find(ctx, body.user_code));
    expect(found).toMatchObject({
      code: expect.stringMatching(/^.{4}-.{4}$/),
      client: { id: 'printer', firstParty: true },
      from: { address: expect.stringMatching(/127\.0\.0\.1|::1/) },
      askedAt: expect.any(Number),
    });
    expect(found?.from.agent).toHaveLength(120);
  });

  test('works once: neither a second person nor a second exchange gets anything, and the replay ends the tokens', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit);
    const browser = visitor();
    await signIn(kit, browser, body.user_code);
    expect(await compare(kit, visitor(), body.user_code)).toBe(false);
    const { access_token: token = '' } = await poll(kit, body.device_code);
    expect(await poll(kit, body.device_code)).toMatchObject({ error: 'invalid_grant' });
    expect((await kit.me(token)).status).toBe(401);
  });

  test('of an application that is no longer one of devices, or has expired, leads nobody to a sign-in', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit);
    const stored = await kit.storage.clients.find('printer');
    if (stored === undefined) throw new Error('it is registered');
    const { metadata, revision } = stored;
    const change = (changed: object, step: number) =>
      kit.storage.clients.put({ ...stored, ...changed, revision: revision + step }, revision + step - 1);
    await change({ metadata: { ...metadata, grant_types: ['refresh_token'] } }, 1);
    await kit.oidc.reload();
    expect(await compare(kit, visitor(), body.user_code)).toBe(false);
    await change({ validUntil: Date.now() }, 2);
    await kit.oidc.reload();
    expect(await compare(kit, visitor(), body.user_code)).toBe(false);
    await change({}, 3);
    await kit.oidc.reload();
    expect(await signIn(kit, visitor(), body.user_code)).toBe('device done');
  });

  test('is exchanged by one of twenty at once', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit);
    await signIn(kit, visitor(), body.user_code);
    const all = await Promise.all(Array.from({ length: 20 }, () => poll(kit, body.device_code)));
    expect(all.filter((each) => each.access_token !== undefined).length).toBeLessThanOrEqual(1);
  });

  test('opens nothing ten minutes later, nor where it expires while its person signs in', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const start = Date.now();
    const { body } = await ask(kit);
    const browser = visitor();
    await compare(kit, browser, body.user_code);
    const signedIn = kit.page.signIn;
    kit.page.signIn = (interaction, ctx) => {
      setClock(start + 601_000);
      return signedIn(interaction, ctx);
    };
    expect((await goOn(browser)).html).toContain('device refused');
    expect(await compare(kit, visitor(), body.user_code)).toBe(false);
    expect(['expired_token', 'invalid_grant']).toContain((await poll(kit, body.device_code)).error);
  });

  test('opens nothing once the account has ended or its credentials changed', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit);
    await signIn(kit, visitor(), body.user_code);
    await kit.change('an', { credentialsEpoch: 2 });
    expect(await poll(kit, body.device_code)).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('nobody but its person answers a code', () => {
  const accounts = [person(), person({ id: 'bo', userNumbers: ['u0000002'], emails: [] })];

  test('two people with one code at the same moment: one of them signs the device in', async () => {
    const kit = await startOidc({ clients: [printer()], accounts });
    const { body } = await ask(kit);
    const browsers = Array.from({ length: 10 }, () => visitor());
    for (const browser of browsers) expect(await compare(kit, browser, body.user_code)).toBe(true);
    const { insert } = kit.storage.protocolRecords;
    const everybody = Promise.withResolvers<void>();
    let arrived = 0;
    kit.storage.protocolRecords.insert = async (model, ...given) => {
      if (model === 'DeviceClaim') {
        arrived += 1;
        if (arrived === browsers.length) everybody.resolve(); // each has seen by now that nobody answers it
        await everybody.promise;
      }
      return insert(model, ...given);
    };
    const titles = (await Promise.all(browsers.map(goOn))).map(({ html }) => /device (\w+)/.exec(html)?.[1]);
    expect(titles.sort()).toEqual(['done', ...Array(9).fill('refused')]);
    expect(kit.page.seen).toHaveLength(1); // the others are not even asked to sign in
    expect(await poll(kit, body.device_code)).toHaveProperty('access_token');
  });

  test('who began to answer it may go back and go on, in another tab too; another browser cannot take it over', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit);
    const browser = visitor();
    await compare(kit, browser, body.user_code);
    const signedIn = kit.page.signIn;
    kit.page.signIn = async () => `${kit.issuer}/page/left-open`;
    await goOn(browser);
    expect(await compare(kit, visitor(), body.user_code)).toBe(false);
    kit.page.signIn = signedIn;
    expect(await signIn(kit, browser, body.user_code)).toBe('device done');
  });

  const cookieOf = (browser: HttpVisitor) =>
    [...browser.cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');

  test('another site cannot send the form, and a proof is worth nothing in another browser or for another code', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const [mine, theirs] = [(await ask(kit)).body, (await ask(kit)).body];
    const [browser, attacker] = [visitor(), visitor()];
    await kit.tokens(browser, { client_id: 'toledo' }).catch(() => {});
    await compare(kit, attacker, theirs.user_code);
    const proof = attacker.hiddenFields(`${kit.issuer}/device/sign-in`)?.proof ?? '';
    await compare(kit, browser, mine.user_code);
    const own = browser.hiddenFields(`${kit.issuer}/device/sign-in`)?.proof ?? '';
    const send = (fields: Record<string, string>, headers: Record<string, string>) =>
      kit.post('/device/sign-in', { confirm: 'yes', ...fields }, { cookie: cookieOf(browser), ...headers });
    const same = { 'sec-fetch-site': 'same-origin' };
    const refused = [
      await send({ user_code: theirs.user_code, proof }, same), // made in another browser
      await send({ user_code: theirs.user_code, proof: own }, same), // made for another code
      await send({ user_code: theirs.user_code }, same),
    ];
    for (const answer of refused) expect(await answer.text()).toContain('device refused');
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, {}])
      for (const path of ['/device/sign-in', '/DEVICE/Sign-In', '/device/sign-in/']) {
        const sent = await fetch(kit.issuer + path, {
          method: 'POST',
          redirect: 'manual',
          headers: { cookie: cookieOf(browser), ...(headers as Record<string, string>) },
          body: new URLSearchParams({ confirm: 'yes', user_code: mine.user_code, proof: own }),
        });
        expect(sent.status).toBeGreaterThanOrEqual(400);
      }
    for (const { device_code: code } of [mine, theirs])
      expect(await poll(kit, code)).toMatchObject({ error: 'authorization_pending' });
  });

  test('whatever becomes of it, no form without a token signs out afterwards', async () => {
    const kit = await startOidc({ clients: [printer(), application('toledo')] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    for (const act of [stop, goOn]) {
      const { body } = await ask(kit);
      await compare(kit, browser, body.user_code);
      await act(browser);
      await kit.post(
        '/device/sign-in',
        { user_code: 'none' },
        { cookie: cookieOf(browser), 'sec-fetch-site': 'same-origin' },
      );
      const sent = await kit.post('/session/end/confirm', { logout: 'yes' }, { cookie: cookieOf(browser) });
      expect(sent.status).toBe(400);
      expect(await kit.session(browser)).toMatchObject({ accountId: 'an' });
    }
  });

  test('a link never signs in, whatever it carries', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit);
    const browser = visitor();
    await compare(kit, browser, body.user_code);
    const proof = browser.hiddenFields(`${kit.issuer}/device/sign-in`)?.proof ?? '';
    const query = new URLSearchParams({ confirm: 'yes', user_code: body.user_code, proof });
    for (const path of ['/device/sign-in', '/Device/sign-in/'])
      expect((await browser.open(`${kit.issuer}${path}?${query}`)).url).toBe(`${kit.issuer}/device`);
    expect(await poll(kit, body.device_code)).toMatchObject({ error: 'authorization_pending' });
  });

  test('a sign-in that is finished elsewhere goes on in no other browser', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit);
    const browser = visitor();
    await compare(kit, browser, body.user_code);
    let resume = '';
    const signedIn = kit.page.signIn;
    kit.page.signIn = async (interaction, ctx) => {
      resume = await signedIn(interaction, ctx);
      return `${kit.issuer}/page/left-open`;
    };
    await goOn(browser);
    const thief = twinOf(browser);
    for (const key of thief.cookies.keys()) if (key.includes('browser')) thief.cookies.delete(key);
    const landed = await kit.land(thief, resume);
    expect(landed.html).not.toContain('device done');
    expect(await poll(kit, body.device_code)).toMatchObject({ error: 'authorization_pending' });
  });

  test('a page that is reloaded after the end changes nothing', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit);
    const browser = visitor();
    await signIn(kit, browser, body.user_code);
    const again = await browser.reload();
    expect(again.html).not.toContain('device done');
    expect(await poll(kit, body.device_code)).toHaveProperty('access_token');
  });

  test('odd codes are answered like wrong ones', async () => {
    const kit = await startOidc({ clients: [printer()] });
    await ask(kit);
    for (const odd of [
      '',
      '\u0000',
      '🦄🦄🦄🦄🦄🦄🦄🦄',
      '\u202eABCD2345',
      'A'.repeat(10_000),
      '../../token',
      'ABCD-2345',
    ])
      expect(await compare(kit, visitor(), odd)).toBe(false);
  });
});

describe('what strangers store', () => {
  test('is bounded: codes of applications without credentials, in size and number', async () => {
    const mayStore = { network: 20_000, client: 1_000_000 };
    const kit = await startOidc({ clients: [printer()], strangersMayStore: mayStore });
    expect((await ask(kit, { login_hint: 'x'.repeat(20_000) })).status).toBe(413);
    expect((await ask(kit, { login_hint: 'x'.repeat(9000) })).status).toBe(400);
    let made = 0;
    for (; made < 200; made += 1) if ((await ask(kit)).status !== 200) break;
    expect(made).toBeGreaterThan(10);
    expect(made).toBeLessThan(100);
    expect((await ask(kit)).status).toBe(429);
  });

  test('is no session: a code is compared and confirmed without one', async () => {
    const kit = await startOidc({ clients: [printer()] });
    const { body } = await ask(kit);
    let sessions = 0;
    const { saveSession } = kit.storage.protocolRecords;
    kit.storage.protocolRecords.saveSession = (input) => {
      sessions += 1;
      return saveSession(input);
    };
    const browser = visitor();
    await compare(kit, browser, body.user_code);
    kit.page.signIn = async () => `${kit.issuer}/page/left-open`;
    await goOn(browser);
    expect(sessions).toBe(0);
  });
});
