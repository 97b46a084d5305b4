/** Pedel's own pages over a real listener, with doubles for the protocol and for hashing. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import type { Account } from '../../src/domain/account/account.ts';
import { judgePassword } from '../../src/domain/passwords/judge-password.ts';
import type { Judging } from '../../src/domain/passwords/password.ts';
import type { Hashing, Lane } from '../../src/domain/passwords/stored-hash.ts';
import type { ChangeEntry } from '../../src/domain/ports/audit-log.ts';
import { Problem } from '../../src/domain/problem.ts';
import { namelessAttempts } from '../../src/domain/rate-limits/nameless-attempts.ts';
import type { LimitHit } from '../../src/domain/rate-limits/rate-limits.ts';
import type { Proof } from '../../src/domain/sign-in/proof.ts';
import { inProtocol } from '../../src/domain/sign-in/reason.ts';
import { createAssets } from '../../src/http/assets.ts';
import { createNetworks, type UnreadableEntry } from '../../src/http/client-address.ts';
import { createPages } from '../../src/http/page.ts';
import type { Browsers } from '../../src/http/sealed-cookie.ts';
import type { Interactions } from '../../src/oidc/sign-in/interaction.ts';
import type { Interaction } from '../../src/oidc/sign-in/interaction-request.ts';
import type { Sessions } from '../../src/oidc/sign-in/session.ts';
import { createWatches } from '../../src/oidc/trials/watches.ts';
import { createImports } from '../../src/use-cases/import/imports.ts';
import { createIncidentNotes } from '../../src/use-cases/incidents/note-incidents.ts';
import { createWeb } from '../../src/web/create-web.ts';
import { createProtocolPages } from '../../src/web/sign-in/protocol-pages.ts';
import type { WebDeps } from '../../src/web/web.ts';
import { localized } from './localized.ts';
import { csvSource, installation, organisations } from './organisations.ts';
import { sealerUnder } from './sealer.ts';
import { openTestStorage } from './storage.ts';

/** Hashes that cost nothing and are counted; `busy` fills the queue, `full` names the lanes that are full at the door. */
export function countingHashing() {
  const calls = {
    verify: 0,
    dummy: 0,
    hash: 0,
    busy: false,
    lanes: [] as Lane[],
    full: [] as Lane[],
    asked: [] as Lane[],
  };
  const hashing: Hashing = {
    async hash(password) {
      calls.hash += 1;
      return `plain$${password}`;
    },
    async verify(stored, password, lane = 'others') {
      if (calls.busy) throw new Problem('busy', 'the queue is full', { retryAfterSeconds: 3 });
      calls.verify += 1;
      calls.lanes.push(lane);
      if (stored === undefined) calls.dummy += 1;
      return {
        matches: stored?.replace('old$', 'plain$') === `plain$${password}`,
        outdated: stored?.startsWith('old$') === true,
      };
    },
    fullFor(lane) {
      calls.asked.push(lane);
      return calls.full.includes(lane) ? { retryAfterSeconds: 12 } : undefined;
    },
    fullToBegin: (lane) => (calls.full.includes(lane) ? { retryAfterSeconds: 12 } : undefined),
    wrap: async (foreignHash) => `wrapped$${foreignHash}`,
    close: async () => {},
  };
  return { calls, hashing };
}

/** Judges in this process, and counts; `busy` makes the queue full. */
export function countingJudging() {
  const calls = { judged: 0, busy: false };
  const judging: Judging = {
    async judge(password, context) {
      if (calls.busy) throw new Problem('busy', 'the queue is full', { retryAfterSeconds: 3 });
      calls.judged += 1;
      return judgePassword(password, context);
    },
    close: async () => {},
  };
  return { calls, judging };
}

type FinishedLogin = Parameters<Interactions['finishLogin']>[2];

/** The contract of src/oidc/sign-in/interaction.ts, in memory. An interaction belongs to the first browser that asks for its uid. */
function stubInteractions() {
  const open = new Map<string, Interaction>();
  const logins: (FinishedLogin & { uid: string })[] = [];
  const ends: { uid: string; error: string }[] = [];
  /** where a finished sign-in leads */
  const application = { url: 'https://toledo.example' };
  const finish = (uid: string) => {
    const finished = `${application.url}/callback?uid=${uid}`;
    const found = open.get(uid);
    if (found !== undefined) found.finished = finished;
    return finished;
  };
  const interactions: Interactions = {
    async load(ctx) {
      const found = open.get(ctx.path.split('/')[2] ?? '');
      return found === undefined ? undefined : structuredClone(found);
    },
    async keep(interaction, pending) {
      const found = open.get(interaction.uid);
      if (found === undefined) return;
      if (pending === undefined) delete found.pending;
      else found.pending = structuredClone(pending);
    },
    async finishLogin(_ctx, { uid }, login) {
      logins.push({ uid, ...login });
      return finish(uid);
    },
    async finishConsent(_ctx, { uid }, decision) {
      ends.push({ uid, error: decision });
      return finish(uid);
    },
    lost: async () => ({}),
    reconsider: async (_ctx, { uid }) => finish(uid),
    async finishDeclined(_ctx, { uid }, because) {
      ends.push({ uid, error: inProtocol(because).error });
      return finish(uid);
    },
  };
  /** Opens a sign-in for Toledo and returns its path. */
  function begin(change: Partial<Interaction> = {}): string {
    const uid = randomBytes(8).toString('hex');
    open.set(uid, {
      uid,
      prompt: 'login',
      asked: { step: 'password', because: 'no-session' },
      client: { id: 'toledo', name: localized('Toledo'), firstParty: true },
      reauthenticate: false,
      uiLocales: [],
      ...change,
    });
    return `/interaction/${uid}`;
  }
  return { interactions, begin, logins, ends, open, application };
}

const noSessions: Sessions = {
  current: async () => undefined,
  start: async () => undefined,
  signInUrl: (path) => `/auth?back=${encodeURIComponent(path)}`,
  renew: async () => {},
  resume: async () => undefined,
  end: async () => {},
  endAll: async () => 0,
  endExpired: async () => ({ ended: 0, failures: [] }),
};

/** The contract of src/oidc/sign-in/browser.ts: a cookie of a name that tests know. */
const stubBrowsers: Browsers = {
  known: (ctx) => ctx.cookies.get('test_browser'),
  greet(ctx) {
    const known = ctx.cookies.get('test_browser');
    if (known !== undefined) return known;
    const made = randomBytes(8).toString('hex');
    ctx.append('Set-Cookie', `test_browser=${made}; Path=/; HttpOnly`);
    return made;
  },
};

const closings: (() => Promise<unknown>)[] = [];

/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of closings.splice(0)) await close();
}

/** A device that waits under one code, typed in any way. */
const stubDevices = (now: () => number): WebDeps['devices'] => ({
  async find(_ctx, typed) {
    if (typed.toUpperCase().replace(/[^A-Z0-9]/g, '') !== 'WXYZ3479') return undefined;
    return {
      code: 'WXYZ-3479',
      proof: 'proof-of-it',
      client: { id: 'printer', name: localized('Printer op de gang', 'Printer in the hall'), firstParty: true },
      from: { address: '203.0.113.7', agent: 'Printer 7000 (firmware 3.1; PCL 6)' },
      askedAt: now() - 130_000,
    };
  },
});

/** Starts the pages; `afterEach(closeAll)` ends them. */
export async function startWeb({
  trustedProxies = ['127.0.0.1/32', '::1/128'],
  ...change
}: Partial<WebDeps> & { trustedProxies?: string[] } = {}) {
  const clock = { now: Date.UTC(2026, 8, 21, 9) };
  const now = () => clock.now;
  const storage = await openTestStorage({ now });
  const { calls, hashing } = countingHashing();
  const { calls: judgingCalls, judging } = countingJudging();
  const stub = stubInteractions();
  const dispatched: Account[] = [];
  const unreadable: UnreadableEntry[] = [];
  const limitHits: LimitHit[] = [];
  const proofs: Proof[] = [];
  const audited: ChangeEntry[] = [];
  const logged: { fields: Record<string, unknown>; message: string }[] = [];
  const log = (fields: object, message: string) => void logged.push({ fields: { ...fields }, message });
  const server = createServer({ keepAliveTimeout: 65_000 }); // as the product has it
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  // browsers know that every host below localhost is this machine
  const host = change.passkeyDomain?.endsWith('.localhost') ? `idp.${change.passkeyDomain}` : 'localhost';
  const issuer = change.issuer ?? `http://${host}:${port}`;
  const assets = createAssets({ installation, organisations });
  const pages = createPages({ issuer, installation, organisations, assets, randomBytes });
  const sealer = sealerUnder('a secret for tests that is long enough');
  const deps: WebDeps = {
    issuer,
    passkeyDomain: new URL(issuer).hostname,
    relatedOrigins: [],
    network: createNetworks(trustedProxies, (found) => void unreadable.push(found), change.networks),
    networks: [],
    organisations,
    sources: [csvSource],
    defaultLanguage: 'nl',
    hideUnknownNumbers: false,
    trustedBrowserDays: 0,
    importMegabytes: 200,
    oldActivationPaths: ['/activate.html'],
    securityContact: [],
    lifetimes: { activationCodeSeconds: 172_800, invitationSeconds: 1_209_600, resetSeconds: 3600 },
    accounts: storage.accounts,
    attempts: storage.attempts,
    ports: storage,
    registering: { judge: () => undefined, knowsPerson: async () => true, fetchLogo: undefined },
    previewing: { domain: 'login.example', pairwise: (sector, id) => `${sector} ${id}` },
    catalogue: () => [],
    provider: (language) => ({ issuer, provider: installation.name[language] }),
    operation: {
      startedAt: now(),
      versions: { pedel: '0', node: '0', storage: 'SQLite' },
      keySchedule: { rotateMs: 0, publishAheadMs: 0, keepMs: 0 },
      auditRetain: undefined,
      jobs: () => [],
      clockAheadMs: () => 0,
    },
    importing: {
      sources: [],
      imports: createImports(storage.protocolRecords, storage.values, sealer, now),
      importing: { start: () => undefined, close: async () => {} },
      leases: storage.leases,
      now,
      randomBytes,
      failed: () => {},
    },
    ready: storage.ready,
    sealer,
    hashing,
    judging,
    interactions: stub.interactions,
    devices: stubDevices(now),
    sessions: noSessions,
    browsers: stubBrowsers,
    trials: { begin: async () => '/', finish: async () => undefined, outcome: async () => undefined },
    watches: createWatches(storage.protocolRecords),
    writeSteps: async () => {},
    incidentNotes: createIncidentNotes(storage),
    registrationIsOpen: true,
    callWebhook: async () => new Response(),
    outgoing: async () => new Response('there is no network in this test', { status: 503 }),
    pages,
    assets,
    picture: storage.clients.picture,
    withdraw: async () => false,
    openSessions: { list: async () => [], end: async () => false, endOthers: async () => 0 },
    dispatchEffects: (account) => void dispatched.push(account),
    onLimitHit: (hit) => void limitHits.push(hit),
    onProof: (proof) => void proofs.push(proof),
    audit: (entry) => void audited.push(entry),
    now,
    randomBytes,
    log: { info: log, warn: log, error: log },
    ...change,
  };
  const app = new Koa();
  app.use(createWeb((_ctx, next) => next(), deps).middleware);
  const protocol = createProtocolPages(pages, deps);
  app.use(async (ctx, next) => {
    // what the protocol's endpoints would show or throw, as `?account=` and `?ui_locales=` say
    const { account, ui_locales: locales } = ctx.query;
    const audience = {
      uiLocales: typeof locales === 'string' ? locales.split(' ') : [],
      ...(typeof account === 'string' ? { accountId: account } : {}),
    };
    if (ctx.path === '/session/end')
      return protocol.logout(ctx, {
        ...audience,
        form: '<form id="op.logoutForm" method="post" action="/session/end/confirm"><input type="hidden" name="xsrf" value="x"/><input type="hidden" name="logout" value="yes"/></form>',
        application: { id: 'toledo', name: localized('Toledo') },
      });
    if (ctx.path === '/send-on')
      return protocol.sendOn(ctx, {
        action: 'https://toledo.example/callback',
        fields: ['<input type="hidden" name="code" value="c"/>'],
        application: { id: 'toledo', name: localized('Toledo') },
        ...audience,
        status: 200,
      });
    if (ctx.path === '/session/end/success')
      return protocol.loggedOut(ctx, {
        application: { id: 'toledo', name: localized('Toledo'), uri: 'https://toledo.example' },
      });
    if (ctx.path === '/auth')
      return protocol.error(ctx, {
        ...audience,
        error: 'invalid_redirect_uri',
        errorDescription: "redirect_uri did not match any of the client's registered redirect_uris",
        incident: '1f2e3d4c',
        status: 400,
        ...(ctx.query.expired === undefined
          ? {}
          : {
              application: { id: 'survey', name: localized('Enquête', 'Survey') },
              unusable: { since: ctx.query.expired === 'off' ? undefined : Number(ctx.query.expired) },
            }),
        ...(ctx.query.pending === undefined ? {} : { pending: String(ctx.query.pending) }),
        ...(ctx.query.client === undefined ? {} : { application: { id: 'toledo', name: localized('<Toledo>') } }),
      });
    if (ctx.path.startsWith('/device/')) {
      const outcome = ctx.path.split('/')[2] as 'done' | 'stopped' | 'refused';
      return protocol.device(ctx, { ...audience, outcome, application: { id: 'printer', name: localized('Printer') } });
    }
    if (ctx.path === '/callback') {
      ctx.body = 'welcome';
      return;
    }
    if (ctx.path === '/bug') throw new Error('the reason, with a secret in its path');
    return next();
  });
  server.on('request', app.callback());
  const url = `http://${host}:${port}`;
  closings.push(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await storage.close();
  });
  return {
    url,
    issuer,
    clock,
    storage,
    /** as the pages count */
    attempts: namelessAttempts(storage.attempts, sealer),
    sealer,
    hashingCalls: calls,
    judgingCalls,
    dispatched,
    unreadable,
    limitHits,
    proofs,
    audited,
    logged,
    ...stub,
  };
}

export type RunningWeb = Awaited<ReturnType<typeof startWeb>>;

/** A browser without script: keeps cookies, posts forms as a page of ours would, follows nothing by itself. */
export function browserOf({ url, issuer }: { url: string; issuer: string }, address = '192.0.2.1') {
  const cookies = new Map<string, string>();
  async function send(path: string, init: RequestInit = {}) {
    const headers = new Headers(init.headers);
    headers.set('Cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    if (!headers.has('X-Forwarded-For')) headers.set('X-Forwarded-For', address);
    const response = await fetch(url + path, { redirect: 'manual', ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const body = await response.text();
    const location = response.headers.get('Location');
    return { status: response.status, headers: response.headers, body, location };
  }
  return {
    cookies,
    get: (path: string, headers: Record<string, string> = {}) => send(path, { headers }),
    post: (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { Origin: new URL(issuer).origin, ...headers },
      }),
    send,
  };
}
