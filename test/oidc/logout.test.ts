import { createServer as createTcpServer } from 'node:net';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { OutboxEntry } from '../../src/domain/ports/outbox.ts';
import { Problem } from '../../src/domain/problem.ts';
import { runAccountExpiry } from '../../src/jobs/account-expiry.ts';
import { sweepEffects } from '../../src/jobs/effects.ts';
import { endExpiredSessions } from '../../src/jobs/expired-sessions.ts';
import { sweepExpired } from '../../src/jobs/sweep.ts';
import { keepLog } from '../jobs/support/quiet.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';
import { receiver } from './receiver.ts';
import {
  application,
  closeAll,
  cookiesOf,
  type Kit,
  listening,
  organisations,
  person,
  register,
  setClock,
  startOidc,
  twinOf,
  visitor,
} from './support.ts';

afterEach(closeAll);

// the library warns, once in a process, where it cannot set up a guard of its own beside ours
const warned = jest.spyOn(console, 'warn');
afterAll(() => expect(warned).not.toHaveBeenCalled());

const goodbye = 'https://toledo.example/goodbye';
const toledo = application('toledo', { post_logout_redirect_uris: [goodbye], pedel_confirm_logout: true });

async function waiting(kit: Kit): Promise<OutboxEntry[]> {
  return kit.storage.outbox.claim('backchannel-logout', Date.now(), Date.now() + 60_000, 100);
}

describe('RP-initiated logout', () => {
  test('asks, signs out and goes back to the application with its state', async () => {
    const kit = await startOidc({ clients: [toledo] });
    const browser = visitor();
    const { id_token: hint, access_token: token } = await kit.tokens(browser, { client_id: 'toledo' });
    const url = new URL('/session/end', kit.issuer);
    url.search = String(new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: goodbye, state: 's' }));
    const asked = await kit.land(browser, url);
    expect(asked.html).toContain('>toledo</button>');
    const page = await fetch(kit.issuer + /action="([^"]+)"/.exec(asked.html)?.[1]?.replace(kit.issuer, ''), {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: [...browser.cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ') },
      body: new URLSearchParams({ xsrf: /name="xsrf" value="([^"]+)"/.exec(asked.html)?.[1] ?? '', logout: 'yes' }),
    });
    expect(page.headers.get('location')).toBe(`${goodbye}?state=s`);
    expect(await kit.session(browser)).toBeNull();
    expect((await kit.me(token)).status).toBe(401);
  });

  test('without a hint asks, signs out and says so', async () => {
    const kit = await startOidc({ clients: [toledo] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    await kit.land(browser, `${kit.issuer}/session/end`);
    const done = await browser.press('logout');
    expect(done.url).toBe(`${kit.issuer}/session/end/success`);
    expect(done.html).toContain('signed out');
    expect(await kit.session(browser)).toBeNull();
  });

  test('with a bad, modified or unregistered hint or address names the fault on a page and never redirects', async () => {
    const kit = await startOidc({ clients: [toledo] });
    const browser = visitor();
    const { id_token: hint } = await kit.tokens(browser, { client_id: 'toledo' });
    const faults: Record<string, string>[] = [
      { id_token_hint: 'nonsense' },
      { id_token_hint: `${hint.slice(0, -6)}AAAAAA` },
      { id_token_hint: hint, post_logout_redirect_uri: 'https://evil.example/' },
      { client_id: 'unknown', post_logout_redirect_uri: goodbye },
      { id_token_hint: hint, client_id: 'other' },
    ];
    for (const parameters of faults) {
      const url = `${kit.issuer}/session/end?${new URLSearchParams(parameters)}`;
      const landed = await kit.land(browser, url);
      expect([landed.url, landed.status]).toEqual([url, 400]);
      expect(landed.html).toMatch(/id="title">invalid_(request|client)/);
    }
    // an address without anything that says whose it is: asked, and not followed
    const bare = await kit.land(
      browser,
      `${kit.issuer}/session/end?post_logout_redirect_uri=${encodeURIComponent(goodbye)}`,
    );
    expect(bare.status).toBe(200);
    expect((await browser.press('logout')).url).toBe(`${kit.issuer}/session/end/success`);
  });

  test('cannot be done to a visitor by another page', async () => {
    const kit = await startOidc({ clients: [toledo] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    const cookie = [...browser.cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
    const answer = await kit.post('/session/end/confirm', { logout: 'yes', xsrf: 'guess' }, { cookie });
    expect(answer.status).toBe(400);
    expect(await kit.session(browser)).toMatchObject({ accountId: 'an' });
  });
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('every application with an open session is told once of its stop', () => {
  const start = Date.UTC(2026, 8, 21);
  /** `stop` returns the moment (ms) after which both nodes do what is due; the default is at once. */
  type Stop = (kit: Kit, browser: HttpVisitor) => Promise<number | undefined>;
  const ended = person({ endsAt: start + HOUR });
  const other = person({ id: 'bo', userNumbers: ['u0000002'], emails: [] });
  const untouched = (ms: number) => async () => start + ms;

  /** What two nodes do at the same moment, in the order of their jobs. */
  async function jobsOfTwoNodes({ storage, oidc }: Kit): Promise<void> {
    const { accounts, auditLog, outbox } = storage;
    const now = () => Date.now();
    const log = keepLog();
    const onBoth = (job: (holder: string) => Promise<unknown>) => Promise.all(['one', 'other'].map(job));
    await onBoth((holder) => runAccountExpiry({ storage, organisations, warningDays: [], holder, now, log }));
    const forget = async () => {};
    const onFailure = (error: unknown) => Promise.reject(error);
    await onBoth(() =>
      sweepEffects({
        accounts,
        outbox,
        auditLog,
        endSessions: oidc.sessions.endAll,
        forget,
        finishMerge: forget,
        finishPart: forget,
        now,
        onFailure,
      }),
    );
    await onBoth((holder) =>
      endExpiredSessions({ ...storage, endExpired: oidc.sessions.endExpired, holder, now, log }),
    );
    await onBoth((holder) => sweepExpired(storage, holder, now));
    expect(log.written).toEqual([]);
  }

  test.each<[string, Stop, Parameters<typeof startOidc>[0]?]>([
    ['a sign-out here', async (kit, browser) => kit.onPage(browser, (ctx) => kit.oidc.sessions.end(ctx)) as never],
    [
      'a sign-out at an application',
      async (kit, browser) => {
        await kit.land(browser, `${kit.issuer}/session/end`);
        await browser.press('logout');
        return undefined;
      },
    ],
    ['an end that was known in advance', untouched(HOUR + 6000), { accounts: [ended] }],
    ['an end that was carried out days late', untouched(3 * DAY), { accounts: [ended] }],
    [
      'an end that became known meanwhile',
      async (kit) => {
        await kit.change('an', { endsAt: start });
        return start + 6000;
      },
    ],
    [
      'a raised epoch',
      async (kit) => {
        const effects = [{ id: 'e', kind: 'end-sessions', reason: 'password', olderThanEpoch: 2 }] as const;
        await kit.change('an', { credentialsEpoch: 2, effects: [...effects] });
        return undefined;
      },
    ],
    [
      'a raised epoch, carried out after the session had idled out',
      async (kit) => {
        const effects = [{ id: 'e', kind: 'end-sessions', reason: 'password', olderThanEpoch: 2 }] as const;
        await kit.change('an', { credentialsEpoch: 2, effects: [...effects] });
        return start + 12 * HOUR;
      },
    ],
    ['twelve idle hours', untouched(12 * HOUR + MINUTE)],
    [
      'its longest life',
      async (kit, browser) => {
        for (let hours = 11; hours < 168; hours += 11) {
          setClock(start + hours * HOUR);
          await kit.authorize(browser, { client_id: 'app0', prompt: 'none' });
        }
        return start + 168 * HOUR + MINUTE;
      },
    ],
    [
      'another person who signs in in this browser',
      async (kit, browser) => {
        kit.page.signIn = kit.signInAs('bo', ['pwd']);
        await kit.tokens(browser, { client_id: 'plain', prompt: 'login' });
        return undefined;
      },
    ],
    [
      'another person who activates in this browser',
      async (kit, browser) => {
        await kit.onPage(browser, (ctx) => kit.oidc.sessions.start(ctx, { accountId: 'bo', amr: ['pwd'], epoch: 1 }));
        return undefined;
      },
    ],
    [
      'another person who signs in after it had idled out',
      async (kit, browser) => {
        setClock(start + 13 * HOUR);
        kit.page.signIn = kit.signInAs('bo', ['pwd']);
        await kit.tokens(browser, { client_id: 'plain' });
        return undefined;
      },
    ],
  ])('%s', async (_how, stop, options = {}) => {
    setClock(start);
    const clients = ['app0', 'app1'].map((id) => application(id, { backchannel_logout_uri: `https://${id}.example/` }));
    const kit = await startOidc({
      clients: [...clients, application('plain')],
      ...options,
      accounts: [...(options.accounts ?? [person()]), other],
    });
    const browser = visitor();
    for (const id of ['app0', 'app1']) await kit.tokens(browser, { client_id: id });
    const told = async () =>
      (await kit.storage.outbox.list({}, undefined, 99)).map(({ payload }) => payload.clientId).sort();
    await jobsOfTwoNodes(kit);
    expect(await told()).toEqual([]);
    setClock((await stop(kit, browser)) ?? Date.now());
    await jobsOfTwoNodes(kit);
    expect(await told()).toEqual(['app0', 'app1']);
    await kit.storage.outbox.claim('backchannel-logout', Date.now(), Date.now() + MINUTE, 9);
    await jobsOfTwoNodes(kit);
    setClock(Date.now() + 8 * DAY); // all that is left expires
    await jobsOfTwoNodes(kit);
    expect(await told()).toEqual(['app0', 'app1']);
    expect(await kit.storage.protocolRecords.sessionsOf('an')).toEqual([]);
  });

  test('and the sweep leaves the session until its notices are stored', async () => {
    setClock(start);
    const clients = [application('app0', { backchannel_logout_uri: 'https://app0.example/' })];
    const kit = await startOidc({ clients });
    await kit.tokens(visitor(), { client_id: 'app0' });
    const { put } = kit.storage.outbox;
    kit.storage.outbox.put = async () => {
      throw new Problem('storage_unavailable', 'the database does not answer');
    };
    setClock(start + 3 * DAY);
    const { endExpired } = kit.oidc.sessions;
    const log = keepLog();
    const job = { ...kit.storage, endExpired, holder: 'one', now: () => Date.now(), log };
    expect(await endExpiredSessions(job)).toBe(0);
    expect(log.written).toMatchObject([{ level: 'error' }]);
    await sweepExpired(kit.storage, 'one', () => Date.now());
    kit.storage.outbox.put = put;
    expect(await endExpiredSessions(job)).toBe(1);
    expect(await waiting(kit)).toMatchObject([{ payload: { clientId: 'app0' } }]);
  });

  test('and not before every request that may prolong it is over', async () => {
    setClock(start);
    const kit = await startOidc({ clients: [application('app0')] });
    await kit.tokens(visitor(), { client_id: 'app0' });
    const job = { ...kit.storage, endExpired: kit.oidc.sessions.endExpired, holder: 'one', log: keepLog() };
    const endedAt = (time: number) => endExpiredSessions({ ...job, now: () => time });
    expect(await endedAt(start + 12 * HOUR + MINUTE - 1)).toBe(0);
    expect(await endedAt(start + 12 * HOUR + MINUTE)).toBe(1);
  });
});

describe('back-channel logout', () => {
  const listeningApps = (urls: string[]) =>
    urls.map((url, index) => application(`app${index}`, { backchannel_logout_uri: url }));

  test('is put into the outbox for every application of the session, once, before the session goes', async () => {
    const kit = await startOidc({ clients: [...listeningApps(['https://a.example/', 'https://b.example/']), toledo] });
    const browser = visitor();
    for (const id of ['app0', 'app1', 'toledo']) await kit.tokens(browser, { client_id: id });
    const { destroySession } = kit.storage.protocolRecords;
    let putBefore = 0;
    kit.storage.protocolRecords.destroySession = async (...given) => {
      putBefore = (await kit.storage.outbox.byAccount('an', 10)).length;
      return destroySession(...given);
    };
    await Promise.all([kit.oidc.sessions.endAll('an', 'a'), kit.oidc.sessions.endAll('an', 'b')]);
    expect(putBefore).toBe(2);
    expect((await waiting(kit)).map(({ payload }) => payload.clientId).sort()).toEqual(['app0', 'app1']);
  });

  test.each([
    ['ended by us', async (kit: Kit) => void (await kit.oidc.sessions.endAll('an', 'test'))],
    [
      'signed out of by the person',
      async (kit: Kit, browser: HttpVisitor) => {
        await kit.land(browser, `${kit.issuer}/session/end`);
        await browser.press('logout');
      },
    ],
  ])('reaches an application, too, that joins a session in the moment in which it is %s', async (_how, end) => {
    const kit = await startOidc({ clients: listeningApps(['https://a.example/', 'https://b.example/']) });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'app0' });
    const tab = twinOf(browser);
    const { destroySession } = kit.storage.protocolRecords;
    let late = '';
    kit.storage.protocolRecords.destroySession = async (...given) => {
      late = (await kit.tokens(tab, { client_id: 'app1' })).access_token;
      expect((await kit.me(late)).status).toBe(200);
      return destroySession(...given);
    };
    await end(kit, browser);
    const told = await waiting(kit);
    expect(told.map(({ payload }) => payload.clientId).sort()).toEqual(['app0', 'app1']);
    expect(new Set(told.map(({ payload }) => payload.sid)).size).toBe(2);
    expect((await kit.me(late)).status).toBe(401);
  });

  test('is put there by a logout at an application as well', async () => {
    const kit = await startOidc({ clients: listeningApps(['https://a.example/']) });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'app0' });
    await kit.land(browser, `${kit.issuer}/session/end`);
    await browser.press('logout');
    expect(await waiting(kit)).toMatchObject([
      { accountId: 'an', payload: { clientId: 'app0', sid: expect.any(String) } },
    ]);
  });

  /** The outbox refuses so many notices, as while a primary is elected. */
  function failing(kit: Kit, failures: number): void {
    const { put } = kit.storage.outbox;
    let left = failures;
    kit.storage.outbox.put = async (item) => {
      left -= 1;
      if (left >= 0) throw new Problem('storage_unavailable', 'the database does not answer', { retryAfterSeconds: 5 });
      return put(item);
    };
  }

  test('that could not be put into the outbox once is put there later, and the log says so', async () => {
    const kit = await startOidc({ clients: listeningApps(['https://a.example/', 'https://b.example/']) });
    const browser = visitor();
    for (const id of ['app0', 'app1']) await kit.tokens(browser, { client_id: id });
    await kit.land(browser, `${kit.issuer}/session/end`);
    failing(kit, 1);
    expect((await browser.press('logout')).status).toBe(200);
    expect(await kit.session(browser)).toBeNull();
    expect((await waiting(kit)).map(({ payload }) => payload.clientId).sort()).toEqual(['app0', 'app1']);
    expect(kit.logged).toContainEqual(
      expect.objectContaining({ level: 'warn', message: expect.stringMatching(/notice/) }),
    );
  });

  test('is put once in a sign-out that goes well', async () => {
    const kit = await startOidc({ clients: listeningApps(['https://a.example/', 'https://b.example/']) });
    const browser = visitor();
    for (const id of ['app0', 'app1']) await kit.tokens(browser, { client_id: id });
    const { put } = kit.storage.outbox;
    let puts = 0;
    kit.storage.outbox.put = (item) => {
      puts += 1;
      return put(item);
    };
    await kit.land(browser, `${kit.issuer}/session/end`);
    await browser.press('logout');
    expect(puts).toBe(2);
  });

  test('that cannot be put into the outbox keeps the session, so that the person can press again', async () => {
    const kit = await startOidc({ clients: listeningApps(['https://a.example/']) });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'app0' });
    await kit.land(browser, `${kit.issuer}/session/end`);
    failing(kit, 2);
    expect((await browser.press('logout')).status).toBe(503);
    expect(await kit.session(twinOf(browser))).toMatchObject({ accountId: 'an' });
    expect(await waiting(kit)).toEqual([]);
    expect((await browser.reload()).status).toBe(200);
    expect(await kit.session(browser)).toBeNull();
    expect(await waiting(kit)).toMatchObject([{ payload: { clientId: 'app0' } }]);
  });

  test('nor is one application alone signed out of without its notice', async () => {
    const kit = await startOidc({ clients: listeningApps(['https://a.example/', 'https://b.example/']) });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'app1' });
    await kit.tokens(browser, { client_id: 'app0' });
    const asked = await kit.land(browser, `${kit.issuer}/session/end?client_id=app0`);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked.html)?.[1] ?? '';
    // as the library's own form has it for "stay signed in"
    const stay = () => kit.post('/session/end/confirm', { xsrf }, { cookie: cookiesOf(browser) });
    failing(kit, 1);
    expect((await stay()).status).toBe(503);
    const [session] = await kit.storage.protocolRecords.sessionsOf('an');
    expect(Object.keys(session?.record.authorizations ?? {}).sort()).toEqual(['app0', 'app1']);
    expect((await stay()).status).toBe(200);
    expect(await waiting(kit)).toMatchObject([{ payload: { clientId: 'app0' } }]);
  });

  test('is put there though the host of the sector_identifier_uri is down, and hinders no sign-out', async () => {
    const sector = { subject_type: 'pairwise', sector_identifier_uri: 'https://127.0.0.1:9/sector' };
    for (const end of [
      (kit: Kit) => kit.oidc.sessions.endAll('an', 'test'),
      async (kit: Kit, browser: HttpVisitor) => {
        expect((await kit.land(browser, `${kit.issuer}/session/end`)).status).toBe(200);
        expect((await browser.press('logout')).status).toBe(200);
      },
    ]) {
      const kit = await startOidc({ clients: listeningApps(['https://a.example/']) });
      const browser = visitor();
      await kit.tokens(browser, { client_id: 'app0' });
      await register(kit.storage, application('app0', { ...sector, backchannel_logout_uri: 'https://a.example/' }));
      await kit.oidc.reload();
      await end(kit, browser);
      expect(await kit.session(browser)).toBeNull();
      expect(await waiting(kit)).toMatchObject([{ payload: { clientId: 'app0' } }]);
    }
  });

  test('is delivered with sub and sid, with a fresh token at each attempt', async () => {
    const app = await receiver([503]);
    const kit = await startOidc({ clients: listeningApps([app.url]) });
    const { id_token: idToken } = await kit.tokens(visitor(), { client_id: 'app0' });
    await kit.oidc.sessions.endAll('an', 'test');
    const [entry] = await waiting(kit);
    if (entry === undefined) throw new Error('nothing waits');
    await expect(kit.oidc.deliverBackchannelLogout(entry)).rejects.toThrow('app0: answered 503');
    await kit.oidc.deliverBackchannelLogout(entry);
    const keys = createRemoteJWKSet(new URL('/jwks', kit.issuer));
    const payloads = await Promise.all(
      app.tokens.map(async (token) => (await jwtVerify(token, keys, { audience: 'app0', typ: 'logout+jwt' })).payload),
    );
    const { sid } = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString());
    for (const payload of payloads) {
      expect(payload).toMatchObject({
        sub: 'an',
        sid,
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      });
    }
    expect(new Set(payloads.map(({ jti }) => jti)).size).toBe(2);
  });

  test('says which refusals no repetition changes', async () => {
    const app = await receiver([400, 404, 408, 429, 500, 302]);
    const kit = await startOidc({ clients: listeningApps([app.url]) });
    await kit.tokens(visitor(), { client_id: 'app0' });
    await kit.oidc.sessions.endAll('an', 'test');
    const [entry] = await waiting(kit);
    const permanent: boolean[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const failure = await kit.oidc.deliverBackchannelLogout(entry as OutboxEntry).catch((error: unknown) => error);
      permanent.push((failure as { permanent?: boolean }).permanent === true);
    }
    expect(permanent).toEqual([true, false, false, false, false, false]);
    expect(app.tokens).toHaveLength(6); // the redirect was not followed
  });

  test('is tried for a day where the application answers as one that is being deployed', async () => {
    const app = await receiver([401, 403, 404, 410, 404]);
    const kit = await startOidc({ clients: listeningApps([app.url]) });
    await kit.tokens(visitor(), { client_id: 'app0' });
    await kit.oidc.sessions.endAll('an', 'test');
    const [entry] = await waiting(kit);
    const old = { ...(entry as OutboxEntry), createdAt: Date.now() - 24 * 3_600_000 };
    const permanent: boolean[] = [];
    for (const each of [entry as OutboxEntry, entry as OutboxEntry, entry as OutboxEntry, entry as OutboxEntry, old]) {
      const failure = await kit.oidc.deliverBackchannelLogout(each).catch((error: unknown) => error);
      permanent.push((failure as { permanent?: boolean }).permanent === true);
    }
    expect(permanent).toEqual([false, false, false, false, true]);
  });

  test('that names only the person, because the account closed, is dropped once it is open again', async () => {
    const app = await receiver();
    const kit = await startOidc({ clients: listeningApps([app.url]) });
    const payload = { clientId: 'app0', accountId: 'an', closed: true };
    const entry = { id: 'x', kind: 'backchannel-logout', payload, createdAt: Date.now(), attempts: 1 } as never;
    await kit.oidc.deliverBackchannelLogout(entry);
    expect(app.tokens).toHaveLength(0);
    await kit.change('an', { endsAt: Date.now() });
    await kit.oidc.deliverBackchannelLogout(entry);
    expect(app.tokens).toHaveLength(1);
  });

  test('to a private address is refused unless its network is named', async () => {
    const app = await receiver();
    const kit = await startOidc({ clients: listeningApps([app.url]), allowNetworks: [] });
    await kit.tokens(visitor(), { client_id: 'app0' });
    await kit.oidc.sessions.endAll('an', 'test');
    const [entry] = await waiting(kit);
    await expect(kit.oidc.deliverBackchannelLogout(entry as OutboxEntry)).rejects.toThrow('no public address');
    expect(app.tokens).toEqual([]);
  });

  test('that is answered with an unknown status has failed with a reason, and the process goes on', async () => {
    const odd = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.1 999 Denied\r\nContent-Length: 2\r\n\r\nno'));
    });
    const kit = await startOidc({ clients: listeningApps([await listening(odd)]) });
    await kit.tokens(visitor(), { client_id: 'app0' });
    await kit.oidc.sessions.endAll('an', 'test');
    const [entry] = await waiting(kit);
    await expect(kit.oidc.deliverBackchannelLogout(entry as OutboxEntry)).rejects.toThrow('unknown status 999');
  });

  test('to an application that is registered no longer is done with', async () => {
    const kit = await startOidc({ clients: listeningApps(['https://a.example/']) });
    await kit.tokens(visitor(), { client_id: 'app0' });
    await kit.oidc.sessions.endAll('an', 'test');
    const [entry] = await waiting(kit);
    await kit.storage.clients.remove('app0');
    await kit.oidc.reload();
    await kit.oidc.deliverBackchannelLogout(entry as OutboxEntry);
  });

  test('a registration that became invalid does not prevent signing out', async () => {
    const kit = await startOidc({ clients: [...listeningApps(['https://a.example/', 'https://b.example/'])] });
    const browser = visitor();
    for (const id of ['app0', 'app1']) await kit.tokens(browser, { client_id: id });
    await register(kit.storage, application('app0', { application_type: 'nonsense' }));
    await kit.oidc.reload();
    await kit.land(browser, `${kit.issuer}/session/end`);
    expect((await browser.press('logout')).status).toBe(200);
    expect(await kit.session(browser)).toBeNull();
    expect(await waiting(kit)).toMatchObject([{ payload: { clientId: 'app1' } }]);
  });

  test('a registration that broke later keeps no session alive', async () => {
    const kit = await startOidc({ clients: [...listeningApps(['https://a.example/', 'https://b.example/'])] });
    const browser = visitor();
    for (const id of ['app0', 'app1']) await kit.tokens(browser, { client_id: id });
    await register(kit.storage, application('app0', { application_type: 'nonsense' }));
    await kit.oidc.reload();
    expect(await kit.oidc.sessions.endAll('an', 'test')).toBe(1);
    expect(await waiting(kit)).toMatchObject([{ payload: { clientId: 'app1' } }]);
  });
});
