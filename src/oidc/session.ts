/** The session of a browser, for pages of ours: who it is, started outside of a sign-in, kept, ended. */
import { randomBytes } from 'node:crypto';
import type Koa from 'koa';
import { ownClientId } from '../domain/clients/client-members.ts';
import type { ProtocolRecords, SessionRecord } from '../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../domain/ports/record-key.ts';
import type { Cookies } from './browser.ts';

/** A factor's name as in RFC 8176; `authTime` in seconds. */
export type CurrentSession = {
  uid: string;
  accountId: string;
  amr: string[];
  acr?: string;
  authTime: number;
  epoch: number;
  /** epoch ms of the activation that opened it; absent where anything else did */
  activatedAt?: number;
};

/** What is asked of the sign-in, as parameters of OpenID Connect. */
export type SignInWishes = { acr?: string; maxAgeSeconds?: number; language?: string };

export type Sessions = {
  /** the living session of this browser after the policy (epoch, end, age) was applied, or undefined */
  current(ctx: Koa.Context): Promise<CurrentSession | undefined>;
  /**
   * Starts one outside of an interaction (activation, reset): new identifier, previous account signed out. Returns the
   * URL of a waiting request to resume, or undefined. `activatedAt` (epoch ms): where an activation opens it (rule 7).
   */
  start(
    ctx: Koa.Context,
    login: { accountId: string; amr: string[]; epoch: number; activatedAt?: number },
  ): Promise<string | undefined>;
  /** URL of /auth for our own client, coming back to `path` (or to it with `error=…`); the policy steps up where owed */
  signInUrl(path: string, wishes?: SignInWishes): string;
  /**
   * Keeps this browser's session across an epoch raised by one, or gives it the factors just proven; under a new identifier.
   */
  renew(ctx: Koa.Context, epoch: number, amr?: string[]): Promise<void>;
  /** ends this browser's session */
  end(ctx: Koa.Context): Promise<void>;
  /** ends all of an account but `exceptUid` and those of `olderThanEpoch` or later, and tells the applications; returns how many it ended */
  endAll(accountId: string, reason: string, exceptUid?: string, olderThanEpoch?: number): Promise<number>;
};

export type SessionOptions = {
  issuer: string;
  records: ProtocolRecords;
  cookies: Cookies;
  lifetimes: { sessionIdleSeconds: number; sessionMaxSeconds: number };
  now: () => number;
  /** whether a stored session still opens anything (policy) */
  holds: (record: SessionRecord) => Promise<boolean>;
  acrOf: (amr: string[]) => string | undefined;
  endSession: (record: SessionRecord) => Promise<boolean>;
  /** finishes the request that waits in this browser with this sign-in; its URL */
  resumeWaiting: (
    ctx: Koa.Context,
    login: { accountId: string; amr: string[]; epoch: number; authTime: number },
  ) => Promise<string | undefined>;
  onEnded: (accountId: string, reason: string, count: number) => void;
};

type Read = { key: string; record: SessionRecord; revision?: number };

export function createSessions(options: SessionOptions): Sessions {
  const { records, cookies, now } = options;

  /** Of this browser, whatever the policy says of it. */
  async function stored(ctx: Koa.Context): Promise<Read | undefined> {
    const identifier = cookies.get(ctx, 'session');
    return identifier === undefined ? undefined : records.findSession({ key: recordKeyOf(identifier) }, now());
  }

  /** Stores under a new identifier and hands it to the browser. @returns false where the session ended meanwhile */
  async function save(ctx: Koa.Context, record: SessionRecord, read?: Read): Promise<boolean> {
    const identifier = randomBytes(32).toString('base64url');
    const seconds = Math.floor(now() / 1000);
    const idleUntil = Math.min(
      now() + options.lifetimes.sessionIdleSeconds * 1000,
      (Number(record.loginTs) + options.lifetimes.sessionMaxSeconds) * 1000,
    );
    const outcome = await records.saveSession({
      key: recordKeyOf(identifier),
      record: { ...record, iat: record.iat ?? seconds, exp: Math.floor(idleUntil / 1000), kind: 'Session' },
      ...(read === undefined ? {} : { read: read.record, readKey: read.key, readRevision: read.revision }),
      expiresAt: idleUntil,
      now: now(),
    });
    if (outcome === 'gone') return false;
    const maxUntil = new Date((Number(record.loginTs) + options.lifetimes.sessionMaxSeconds) * 1000);
    cookies.set(ctx, 'session', identifier, record.transient === true ? undefined : maxUntil);
    return true;
  }

  return {
    async current(ctx) {
      const read = await stored(ctx);
      if (read?.record.accountId === undefined || !(await options.holds(read.record))) return undefined;
      return describe(read.record, read.record.accountId, options.acrOf);
    },

    async start(ctx, { accountId, amr, epoch, activatedAt }) {
      const previous = await stored(ctx);
      if (previous?.record.accountId !== undefined) await options.endSession(previous.record);
      const authTime = Math.floor(now() / 1000);
      await save(ctx, {
        uid: randomBytes(24).toString('base64url'),
        accountId,
        amr,
        epoch,
        loginTs: authTime,
        ...(activatedAt === undefined ? {} : { activatedAt }),
      });
      return options.resumeWaiting(ctx, { accountId, amr, epoch, authTime });
    },

    signInUrl: (path, wishes) => signInUrl(options.issuer, path, wishes),

    async renew(ctx, epoch, amr) {
      const read = await stored(ctx);
      if (read?.record.accountId === undefined) return;
      // a living one, or that of the epoch just left behind: whoever raised it in between has ended this session, too
      if (read.record.epoch !== epoch && read.record.epoch !== epoch - 1) return;
      await save(ctx, { ...read.record, epoch, ...(amr === undefined ? {} : { amr }) }, read);
    },

    async end(ctx) {
      const read = await stored(ctx);
      cookies.set(ctx, 'session', undefined);
      if (read === undefined) return;
      const ended = await options.endSession(read.record);
      if (ended && read.record.accountId !== undefined) options.onEnded(read.record.accountId, 'sign-out', 1);
    },

    async endAll(accountId, reason, exceptUid, olderThanEpoch = Number.POSITIVE_INFINITY) {
      let count = 0;
      for (const { record } of await records.sessionsOf(accountId, now())) {
        const stays = record.uid === exceptUid || Number(record.epoch) >= olderThanEpoch;
        if (!stays && (await options.endSession(record))) count += 1;
      }
      if (count > 0) options.onEnded(accountId, reason, count);
      return count;
    },
  };
}

function describe(record: SessionRecord, accountId: string, acrOf: SessionOptions['acrOf']): CurrentSession {
  const { uid, amr, loginTs, epoch, activatedAt } = record;
  const factors = (amr ?? []) as string[];
  const acr = acrOf(factors);
  return {
    uid,
    accountId,
    amr: factors,
    ...(acr === undefined ? {} : { acr }),
    authTime: Number(loginTs),
    epoch: Number(epoch),
    ...(activatedAt === undefined ? {} : { activatedAt: Number(activatedAt) }),
  };
}

function signInUrl(issuer: string, path: string, { acr, maxAgeSeconds, language }: SignInWishes = {}): string {
  const url = new URL('/auth', issuer);
  const back = new URL(path, issuer);
  if (back.origin !== new URL(issuer).origin) throw new TypeError('a sign-in comes back to a page of ours');
  const parameters = {
    client_id: ownClientId,
    response_type: 'none',
    scope: 'openid',
    redirect_uri: back.href,
    acr_values: acr,
    max_age: maxAgeSeconds?.toString(),
    ui_locales: language,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}
