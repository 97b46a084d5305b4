/** A session survives parallel requests, and nothing brings back an ended session. */
import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import Koa from 'koa';
import { Problem } from '../../src/domain/problem.ts';
import { sealerUnder } from '../support/sealer.ts';
import {
  application,
  closeAll,
  cookiesOf,
  type Kit,
  listening,
  MFA,
  person,
  setClock,
  startOidc,
  type Tokens,
  twinOf,
  visitor,
} from './support.ts';

afterEach(closeAll);

const silent = { prompt: 'none' };
const twenty = Array.from({ length: 20 });
const clients = Array.from({ length: 25 }, (_, index) => application(`app${index}`));

async function recordOf(kit: Kit, accountId = 'an') {
  const [session] = await kit.storage.protocolRecords.sessionsOf(accountId);
  return session?.record;
}

describe('requests at the same moment', () => {
  test('20 parallel silent sign-ons of 25 clients lose none', async () => {
    const kit = await startOidc({ clients: [application('toledo'), ...clients] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    const answers = await Promise.all(
      [...clients, ...clients.slice(0, 20)].map(({ client_id }) => kit.authorize(browser, { client_id, ...silent })),
    );
    expect(answers.filter(({ code }) => code === undefined)).toEqual([]);
    const { authorizations = {} } = (await recordOf(kit)) ?? {};
    expect(Object.keys(authorizations).sort()).toEqual(['toledo', ...clients.map(({ client_id }) => client_id)].sort());
    for (const [index, { code = '' }] of answers.entries()) {
      const exchanged = await kit.exchange(`app${index % 25}`, code);
      expect(exchanged.status).toBe(200);
      expect((await kit.me(((await exchanged.json()) as Tokens).access_token)).status).toBe(200);
    }
  });

  test('a session ended among 20 silent sign-ons never comes back, and what they got opens nothing', async () => {
    const kit = await startOidc({ clients: [application('toledo'), ...clients] });
    for (let round = 0; round < 4; round += 1) {
      const browser = visitor();
      await kit.tokens(browser, { client_id: 'toledo' });
      const answers = twenty.map((_, index) => kit.authorize(browser, { client_id: `app${index}`, ...silent }));
      await new Promise((passed) => setTimeout(passed, round * 5));
      expect(await kit.oidc.sessions.endAll('an', 'test')).toBe(1);
      for (const [index, { code, error }] of (await Promise.all(answers)).entries()) {
        if (code === undefined) expect(error).toBe('login_required');
        else expect((await kit.exchange(`app${index}`, code)).status).toBe(400);
      }
      expect(await kit.storage.protocolRecords.sessionsOf('an')).toEqual([]);
      expect(await kit.authorize(browser, { client_id: 'toledo', ...silent })).toMatchObject({
        error: 'login_required',
      });
    }
  });

  test('a request that answers after its session was ended issues nothing', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    const { saveSession } = kit.storage.protocolRecords;
    kit.storage.protocolRecords.saveSession = async (input) => {
      await kit.oidc.sessions.endAll('an', 'test');
      return saveSession(input);
    };
    const responseTypes = [{ response_mode: 'fragment' }, {}];
    for (const more of responseTypes) {
      const answer = await kit.authorize(browser, { client_id: 'toledo', ...silent, ...more });
      expect(answer).toMatchObject({ error: 'login_required' });
      expect(answer.code).toBeUndefined();
    }
  });

  test('a request that would only note the use of its session, which was ended meanwhile, issues nothing', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    await kit.authorize(browser, { client_id: 'toledo', ...silent }); // from now on nothing is left to write
    const { sessionLives } = kit.storage.protocolRecords;
    kit.storage.protocolRecords.sessionLives = async (...input) => {
      await kit.oidc.sessions.endAll('an', 'test');
      return sessionLives(...input);
    };
    kit.storage.protocolRecords.saveSession = () => Promise.reject(new Error('written'));
    const answer = await kit.authorize(browser, { client_id: 'toledo', ...silent });
    expect(answer).toMatchObject({ error: 'login_required' });
    expect(answer.code).toBeUndefined();
  });

  test('one that is stored though nobody was told so is put off, and not said to have ended', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const { saveSession } = kit.storage.protocolRecords;
    let told = true;
    kit.storage.protocolRecords.saveSession = async (input) => {
      const outcome = await saveSession(input);
      if (!told) return outcome;
      told = false;
      throw new Problem('storage_unavailable', 'the answer was lost');
    };
    const page = await kit.land(visitor(), kit.authUrl({ client_id: 'toledo' }));
    expect(page.url).toContain('/auth/');
    expect(page.status).toBe(503);
  });

  test.each(['Grant', 'AuthorizationCode', 'Interaction'])(
    'no code leaves where the %s could not be stored, or the answer was lost, and the next try gets one',
    async (model) => {
      const kit = await startOidc({ clients: [application('toledo')] });
      const records = kit.storage.protocolRecords;
      const { put, destroy } = records;
      for (const written of [false, true]) {
        const fails = async (write: () => Promise<unknown>, of: string) => {
          if (of !== model || (written && (await write()) !== undefined)) return void (await write());
          throw new Problem('storage_unavailable', 'the database does not answer');
        };
        records.put = (...input) => (model === 'Interaction' ? put(...input) : fails(() => put(...input), input[0]));
        records.destroy = (...input) => fails(() => destroy(...input), input[0]);
        const browser = visitor();
        const page = await kit.land(browser, kit.authUrl({ client_id: 'toledo' }));
        expect(new URL(page.url).searchParams.get('code')).toBeNull();
        expect(page.status).toBe(503);
        Object.assign(records, { put, destroy });
        expect(await kit.authorize(browser, { client_id: 'toledo' })).toMatchObject({ code: expect.any(String) });
      }
    },
  );

  test('a silent sign-on that crosses a renewed identifier does not bring the old one back', async () => {
    const kit = await startOidc({ clients: [application('toledo'), application('webmail')] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    const crossing = twinOf(browser);
    const { saveSession } = kit.storage.protocolRecords;
    let crossed = false;
    kit.storage.protocolRecords.saveSession = async (input) => {
      if (!crossed) {
        crossed = true;
        // while this one is under way, the same browser signs in again and gets a new identifier
        await kit.authorize(browser, { client_id: 'toledo', prompt: 'login' });
      }
      return saveSession(input);
    };
    const late = await fetch(kit.authUrl({ client_id: 'webmail', ...silent }), {
      redirect: 'manual',
      headers: { cookie: cookiesOf(crossing) },
    });
    expect(late.headers.get('location')).toContain('code=');
    expect(late.headers.getSetCookie().filter((line) => line.includes('pedel_session'))).toEqual([]);
    expect(await kit.session(browser)).toMatchObject({ accountId: 'an' });
    expect(await kit.session(crossing)).toBeNull();
  });
});

describe('the session', () => {
  test('is told to our pages, with its factors', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    expect(await kit.session(browser)).toBeNull();
    kit.page.signIn = kit.signInAs('an', ['pwd', 'otp', 'mfa']);
    await kit.tokens(browser, { client_id: 'toledo' });
    expect(await kit.session(browser)).toEqual({
      uid: expect.any(String),
      accountId: 'an',
      amr: ['pwd', 'otp', 'mfa'],
      acr: 'https://refeds.org/profile/mfa',
      authTime: expect.any(Number),
      epoch: 1,
    });
  });

  test('lasts 12 hours idle and 7 days at most', async () => {
    const start = Date.UTC(2026, 8, 21);
    const hours = (count: number) => setClock(start + count * 3_600_000);
    setClock(start);
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    const signedOn = async () => (await kit.authorize(browser, { client_id: 'toledo', ...silent })).code !== undefined;
    await kit.tokens(browser, { client_id: 'toledo' });
    for (let passed = 11; passed < 168; passed += 11) {
      hours(passed);
      expect([passed, await signedOn()]).toEqual([passed, true]);
    }
    // nor is it stored for longer
    const [{ expiresAt = 0 } = {}] = await kit.storage.protocolRecords.sessionsOf('an');
    expect(expiresAt).toBe(start + 168 * 3_600_000);
    hours(169);
    expect(await signedOn()).toBe(false);
    await kit.tokens(browser, { client_id: 'toledo' });
    hours(169 + 13);
    expect(await signedOn()).toBe(false);
  });

  test('is written once in a thirtieth of its idle time while it is only used, and at once where more changes', async () => {
    const start = Date.UTC(2026, 8, 21);
    const minutes = (count: number) => setClock(start + count * 60_000);
    setClock(start);
    const kit = await startOidc({ clients: [application('toledo'), application('webmail')] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    const signOn = (client_id: string) => kit.authorize(browser, { client_id, ...silent });
    await signOn('toledo');
    const { saveSession } = kit.storage.protocolRecords;
    let writes = 0;
    kit.storage.protocolRecords.saveSession = (input) => {
      writes += 1;
      return saveSession(input);
    };
    for (const [passed, client, expected] of [
      [1, 'toledo', 0],
      [23, 'toledo', 0],
      [24, 'toledo', 1],
      [25, 'toledo', 1],
      [26, 'webmail', 2],
      [49, 'webmail', 2],
      [49, 'toledo', 2],
      [50, 'toledo', 3],
    ] as const) {
      minutes(passed);
      expect([passed, (await signOn(client)).code !== undefined, writes]).toEqual([passed, true, expected]);
    }
    // used last at 73 minutes, written at 50
    minutes(73);
    await signOn('toledo');
    expect(writes).toBe(3);
    minutes(50 + 12 * 60 - 1);
    expect(await kit.session(browser)).not.toBeNull();
    minutes(50 + 12 * 60);
    expect(await kit.session(browser)).toBeNull();
  });

  test('started by an activation, or kept over a change, lasts as long as any other', async () => {
    const start = Date.UTC(2026, 8, 21);
    setClock(start);
    const kit = await startOidc();
    const browser = visitor();
    const hours = 3_600_000;
    const storedUntil = async () =>
      (await kit.storage.protocolRecords.sessionsOf('an')).map(({ expiresAt }) => expiresAt - Date.now());
    await kit.onPage(browser, (ctx) => kit.oidc.sessions.start(ctx, { accountId: 'an', amr: ['pwd'], epoch: 1 }));
    expect(await storedUntil()).toEqual([12 * hours]);
    for (const [passed, left] of [
      [11, 12],
      [22, 12],
    ] as const) {
      setClock(start + passed * hours);
      await kit.onPage(browser, (ctx) => kit.oidc.sessions.renew(ctx, 1));
      expect(await storedUntil()).toEqual([left * hours]);
    }
    setClock(start + 35 * hours);
    expect(await kit.session(browser)).toBeNull();
  });

  test('gets a new identifier with each sign-in and step-up', async () => {
    const kit = await startOidc({
      clients: [application('toledo'), application('grades', { pedel_acr: 'https://refeds.org/profile/mfa' })],
    });
    const browser = visitor();
    const identifier = () => browser.cookies.get('localhost pedel_session /');
    await kit.tokens(browser, { client_id: 'toledo' });
    const first = identifier();
    await kit.authorize(browser, { client_id: 'toledo', ...silent });
    expect(identifier()).toBe(first);
    kit.page.signIn = kit.signInAs('an', ['pwd', 'otp', 'mfa']);
    await kit.tokens(browser, { client_id: 'grades' });
    expect(identifier()).not.toBe(first);
    expect(await kit.storage.protocolRecords.sessionsOf('an')).toHaveLength(1);
  });

  test('started by an activation signs the previous person out and resumes the waiting request', async () => {
    const kit = await startOidc({
      clients: [application('toledo')],
      accounts: [person(), person({ id: 'bo', userNumbers: [], emails: [] })],
    });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    kit.page.signIn = async () => `${kit.issuer}/back`; // leaves the sign-in page for another
    await kit.land(browser, kit.authUrl({ client_id: 'toledo', prompt: 'login', state: 'waits' }));
    const resume = await kit.onPage(browser, (ctx) =>
      kit.oidc.sessions.start(ctx, { accountId: 'bo', amr: ['pwd'], epoch: 1 }),
    );
    expect(await kit.session(browser)).toMatchObject({ accountId: 'bo' });
    expect(await kit.storage.protocolRecords.sessionsOf('an')).toEqual([]);
    expect(resume).toContain('/auth/');
    const amr = ['pwd', 'otp', 'mfa'];
    const both = await kit.onPage(browser, (ctx) => kit.oidc.sessions.start(ctx, { accountId: 'bo', amr, epoch: 1 }));
    expect(both).toBe(resume);
    const { url } = await kit.land(browser, resume ?? '');
    expect(await kit.session(browser)).toMatchObject({ accountId: 'bo', amr });
    expect(url).toContain('state=waits');
    expect(url).toContain('code=');
    const again = await kit.onPage(browser, (ctx) =>
      kit.oidc.sessions.start(ctx, { accountId: 'bo', amr: ['pwd'], epoch: 1 }),
    );
    expect(again).toBeUndefined();
  });

  test('started by an activation does not go on with a request that waits in another browser', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    kit.page.signIn = async (interaction) => {
      await kit.oidc.interactions.keep({ ...interaction, browser: 'the one that planted it' }, undefined);
      return `${kit.issuer}/back`;
    };
    await kit.land(browser, kit.authUrl({ client_id: 'toledo' }));
    const resume = await kit.onPage(browser, (ctx) =>
      kit.oidc.sessions.start(ctx, { accountId: 'an', amr: ['pwd'], epoch: 1 }),
    );
    expect(resume).toBeUndefined();
    expect(await kit.session(browser)).toMatchObject({ accountId: 'an' });
  });

  test('of another person who signs in on the sign-in page replaces the one before', async () => {
    const kit = await startOidc({
      clients: [application('toledo', { backchannel_logout_uri: 'https://toledo.example/bye' })],
      accounts: [person(), person({ id: 'bo', userNumbers: [], emails: [] })],
    });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    kit.page.signIn = kit.signInAs('bo', ['pwd']);
    const { code } = await kit.authorize(browser, { client_id: 'toledo', prompt: 'login' });
    expect(code).toBeDefined();
    expect(await kit.session(browser)).toMatchObject({ accountId: 'bo' });
    expect(await kit.storage.protocolRecords.sessionsOf('an')).toEqual([]);
    expect(await kit.storage.outbox.byAccount('an', 10)).toHaveLength(1);
  });

  test('of whoever changed the password is kept under a new identifier; the others end', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const [here, there] = [visitor(), visitor()];
    await kit.tokens(here, { client_id: 'toledo' });
    const old = await kit.tokens(there, { client_id: 'toledo' });
    const before = twinOf(here);
    await kit.change('an', { credentialsEpoch: 2 });
    await kit.onPage(here, (ctx) => kit.oidc.sessions.renew(ctx, 2));
    expect(await kit.session(here)).toMatchObject({ accountId: 'an', epoch: 2 });
    expect(await kit.session(before)).toBeNull();
    expect(await kit.session(there)).toBeNull();
    expect((await kit.me(old.access_token)).status).toBe(401);
    expect(await kit.authorize(here, { client_id: 'toledo', ...silent })).toMatchObject({ code: expect.anything() });
    const uid = (await kit.session(here))?.uid ?? '';
    expect(await kit.oidc.sessions.endAll('an', 'password changed', uid)).toBe(1);
    expect(await kit.session(here)).toMatchObject({ accountId: 'an' });
  });

  test('takes on a factor that was just added, where the epoch stays', async () => {
    const kit = await startOidc({ clients: [application('grades', { pedel_acr: MFA })] });
    const browser = visitor();
    await kit.land(browser, kit.oidc.sessions.signInUrl('/page/account'));
    await kit.onPage(browser, (ctx) => kit.oidc.sessions.renew(ctx, 1, ['pwd', 'otp', 'mfa']));
    expect(await kit.session(browser)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'], acr: MFA });
    expect(await kit.authorize(browser, { client_id: 'grades', ...silent })).toMatchObject({ code: expect.anything() });
  });

  test('begun after a change stays when what went before it is ended late', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const [there, here] = [visitor(), visitor()];
    await kit.tokens(there, { client_id: 'toledo' });
    await kit.change('an', { credentialsEpoch: 2 });
    await kit.onPage(here, (ctx) => kit.oidc.sessions.start(ctx, { accountId: 'an', amr: ['pwd'], epoch: 2 }));
    expect(await kit.oidc.sessions.endAll('an', 'the password was reset', undefined, 2)).toBe(1);
    expect(await kit.session(here)).toMatchObject({ accountId: 'an', epoch: 2 });
    expect(await kit.session(there)).toBeNull();
  });

  test('cannot be renewed by one that an earlier change has ended', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    await kit.change('an', { credentialsEpoch: 3 });
    await kit.onPage(browser, (ctx) => kit.oidc.sessions.renew(ctx, 3));
    expect(await kit.session(browser)).toBeNull();
  });

  test('ends here on request, with what was issued under it', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    const tokens = await kit.tokens(browser, { client_id: 'toledo' });
    const revoked: string[] = [];
    const { revokeByGrant } = kit.storage.protocolRecords;
    kit.storage.protocolRecords.revokeByGrant = (grantId) => {
      revoked.push(grantId);
      return revokeByGrant(grantId);
    };
    await kit.onPage(browser, (ctx) => kit.oidc.sessions.end(ctx));
    expect(revoked).toHaveLength(1);
    expect(await kit.session(browser)).toBeNull();
    expect((await kit.me(tokens.access_token)).status).toBe(401);
    expect(await kit.introspect('toledo', tokens.access_token)).toEqual({ active: false });
  });
});

describe('cookies', () => {
  test('are signed, Lax, http only and plain on loopback', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const answer = await fetch(kit.authUrl({ client_id: 'toledo' }), { redirect: 'manual' });
    const lines = answer.headers.getSetCookie();
    expect(lines.map((line) => line.split('=')[0]).sort()).toEqual(
      ['interaction', 'resume', 'waiting'].flatMap((name) => [`pedel_${name}`, `pedel_${name}.sig`]),
    );
    for (const line of lines) expect(line).toMatch(/samesite=lax; httponly/);
    const forged = visitor();
    forged.cookies.set('localhost pedel_session /', 'x'.repeat(43));
    forged.cookies.set('localhost pedel_session.sig /', 'y'.repeat(43));
    expect(await kit.session(forged)).toBeNull();
    // an identifier that somebody read in a backup of cookies is of no use without its signature
    const signedIn = visitor();
    await kit.tokens(signedIn, { client_id: 'toledo' });
    expect(await kit.session(signedIn)).toMatchObject({ accountId: 'an' });
    signedIn.cookies.delete('localhost pedel_session.sig /');
    expect(await kit.session(signedIn)).toBeNull();
  });

  test('carry prefixes on https, whatever the request came in by', async () => {
    const kit = await startOidc({ clients: [application('toledo')], issuer: 'https://pedel.example' });
    const app = new Koa();
    app.use(kit.oidc.middleware);
    const address = await listening(createServer(app.callback()));
    const answer = await fetch(kit.authUrl({ client_id: 'toledo' }).replace(kit.issuer, address), {
      redirect: 'manual',
    });
    const lines = answer.headers.getSetCookie();
    expect(lines.map((line) => line.split('=')[0])).toEqual(
      expect.arrayContaining(['__Secure-pedel_interaction', '__Secure-pedel_resume', '__Host-pedel_waiting']),
    );
    for (const line of lines) expect(line).toContain('; secure');
    const discovery = await (await fetch(`${address}/.well-known/openid-configuration`)).json();
    expect(discovery).toMatchObject({ token_endpoint: 'https://pedel.example/token' });
  });

  test('signed under the previous secret are still good', async () => {
    const [old, next] = ['a'.repeat(40), 'b'.repeat(40)];
    const kit = await startOidc({ clients: [application('toledo')], sealer: sealerUnder(old) });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    const later = await startOidc({ accounts: [], storage: kit.storage, sealer: sealerUnder(next, old) });
    expect(await later.session(browser)).toMatchObject({ accountId: 'an' });
    const stranger = await startOidc({ accounts: [], sealer: sealerUnder(next) });
    expect(await stranger.session(browser)).toBeNull();
  });
});
