/** The session of a browser, for our own pages: read it, start it outside of a sign-in, renew it, end it. */
import { randomBytes } from 'node:crypto';
import type Koa from 'koa';
import { ownClientId } from '../../domain/clients/own-client.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ProtocolRecords, SessionRecord } from '../../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import type { Withdrawal } from '../ends/withdrawal.ts';
import type { Cookies } from './browser.ts';
import type { Place } from './open-sessions.ts';

/** `amr`: factors as in RFC 8176. `authTime` in seconds. */
export type CurrentSession = {
  uid: string;
  accountId: string;
  amr: string[];
  acr?: string;
  authTime: number;
  epoch: number;
  /** Epoch ms of the activation that opened it; absent otherwise. */
  activatedAt?: number;
};

/** Demands on the sign-in, as OpenID Connect parameters. */
export type SignInWishes = { acr?: string; maxAgeSeconds?: number; language?: string };

export type Sessions = {
  /** The valid session of this browser (the policy has checked epoch, end and age), or undefined. */
  current(ctx: Koa.Context): Promise<CurrentSession | undefined>;
  /**
   * Starts a session outside of an interaction (activation, reset): a new identifier, and the previous account is
   * signed out. `activatedAt` (epoch ms) if an activation opens it (rule 7).
   * @returns the URL of a waiting request to resume, or undefined
   */
  start(
    ctx: Koa.Context,
    login: { accountId: string; amr: string[]; epoch: number; activatedAt?: number },
  ): Promise<string | undefined>;
  /**
   * URL of /auth for our own client. It returns to `path`, with `error=…` on failure; the policy steps up if required.
   * @throws TypeError if `path` is not ours
   */
  signInUrl(path: string, wishes?: SignInWishes): string;
  /** Keeps this browser's session after its epoch was raised by one, or adds proven factors. The identifier is new. */
  renew(ctx: Koa.Context, epoch: number, amr?: string[]): Promise<void>;
  /**
   * Finishes the request that waits in this browser, if there is one, with the session as it is now.
   * @returns its URL
   */
  resume(ctx: Koa.Context): Promise<string | undefined>;
  /** Ends this browser's session. */
  end(ctx: Koa.Context): Promise<void>;
  /**
   * Ends all sessions of an account except `exceptUid` and those of epoch `olderThanEpoch` or later, with all that
   * applications hold of them or of earlier ones (offline_access), and notifies the applications.
   * @returns how many it ended
   */
  endAll(accountId: string, reason: string, exceptUid?: string, olderThanEpoch?: number): Promise<number>;
  /**
   * Ends sessions that have expired by `until` (epoch ms), and notifies the applications: a number of them, after those
   * that an earlier call returned `next` for. One that fails stays for the next round.
   */
  endExpired(until: number, after?: string): Promise<{ ended: number; failures: unknown[]; next?: string }>;
};

export type SessionOptions = {
  issuer: string;
  records: ProtocolRecords;
  cookies: Cookies;
  ofBrowser: SessionOfBrowser;
  lifetimes: { sessionIdleSeconds: number; sessionMaxSeconds: number };
  now: () => number;
  acrOf: (amr: string[]) => string | undefined;
  endSession: (record: SessionRecord, entry?: ChangeEntry, offline?: boolean) => Promise<boolean>;
  endRemaining: Withdrawal['endRemaining'];
  placeOf: (ctx: Koa.Context) => Place;
  /** Finishes the request that waits in this browser with this sign-in. @returns its URL */
  resumeWaiting: (
    ctx: Koa.Context,
    login: { accountId: string; amr: string[]; epoch: number; authTime: number },
  ) => Promise<string | undefined>;
  /** The audit entry of an ended session. */
  ended: (accountId: string | undefined, reason: string) => ChangeEntry | undefined;
};

/** Reasons of `endAll` by which the account closes: it may open again. */
const closing = new Set(['account ended', 'account suspended']);

/** Expired sessions that end at once. */
const PAGE = 100;

type Read = { key: string; record: SessionRecord; text: string; revision?: number };

/** The session that a browser's cookie names. */
export type SessionOfBrowser = {
  /** Valid or not. */
  stored(ctx: Koa.Context): Promise<Read | undefined>;
  /** Only a valid one, of a person who is signed in. */
  valid(ctx: Koa.Context): Promise<Read | undefined>;
};

/** `holds`: whether a stored session is still valid (policy.ts). */
export function createSessionOfBrowser(options: {
  records: Pick<ProtocolRecords, 'findSession'>;
  cookies: Pick<Cookies, 'get'>;
  now: () => number;
  holds: (record: SessionRecord) => Promise<boolean>;
}): SessionOfBrowser {
  const { records, cookies, now, holds } = options;
  async function stored(ctx: Koa.Context): Promise<Read | undefined> {
    const identifier = cookies.get(ctx, 'session');
    return identifier === undefined ? undefined : records.findSession({ key: recordKeyOf(identifier) }, now());
  }
  return {
    stored,
    async valid(ctx) {
      const read = await stored(ctx);
      return read?.record.accountId !== undefined && (await holds(read.record)) ? read : undefined;
    },
  };
}

/** Its methods throw what the storage throws. */
export function createSessions(options: SessionOptions): Sessions {
  const { records, cookies, now } = options;
  const { stored, valid } = options.ofBrowser;

  /**
   * Stores a session under a new identifier and sends it to the browser. @returns false if the session ended meanwhile
   */
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
      ...(read === undefined ? {} : { read: read.text, readKey: read.key, readRevision: read.revision }),
      expiresAt: idleUntil,
      now: now(),
    });
    if (outcome === 'gone') return false;
    const maxUntil = new Date((Number(record.loginTs) + options.lifetimes.sessionMaxSeconds) * 1000);
    cookies.set(ctx, 'session', identifier, record.transient === true ? undefined : maxUntil);
    return true;
  }

  async function current(ctx: Koa.Context): Promise<CurrentSession | undefined> {
    const { record } = (await valid(ctx)) ?? {};
    return record?.accountId === undefined ? undefined : describe(record, record.accountId, options.acrOf);
  }

  return {
    current,

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
        place: options.placeOf(ctx),
        ...(activatedAt === undefined ? {} : { activatedAt }),
      });
      return options.resumeWaiting(ctx, { accountId, amr, epoch, authTime });
    },

    signInUrl: (path, wishes) => signInUrl(options.issuer, path, wishes),

    async renew(ctx, epoch, amr) {
      const read = await stored(ctx);
      if (read?.record.accountId === undefined) return;
      // Its epoch is current, or was until now. If another change raised the epoch in between, that change ended this
      // session too.
      if (read.record.epoch !== epoch && read.record.epoch !== epoch - 1) return;
      await save(ctx, { ...read.record, epoch, ...(amr === undefined ? {} : { amr }) }, read);
    },

    async resume(ctx) {
      const session = await current(ctx);
      return session === undefined ? undefined : options.resumeWaiting(ctx, session);
    },

    async end(ctx) {
      const read = await stored(ctx);
      cookies.set(ctx, 'session', undefined);
      if (read === undefined) return;
      await options.endSession(read.record, options.ended(read.record.accountId, 'sign-out'));
    },

    async endAll(accountId, reason, exceptUid, olderThanEpoch = Number.POSITIVE_INFINITY) {
      let count = 0;
      const sessions = (await records.sessionsOf(accountId)).map(({ record }) => record);
      await options.endRemaining(accountId, sessions, olderThanEpoch, closing.has(reason));
      for (const record of sessions) {
        const stays = record.uid === exceptUid || Number(record.epoch) >= olderThanEpoch;
        if (!stays && (await options.endSession(record, options.ended(accountId, reason), true))) count += 1;
      }
      return count;
    },

    async endExpired(until, after) {
      const { sessions, next } = await records.expiredSessions(until, after, PAGE);
      const ends = await Promise.allSettled(sessions.map((session) => options.endSession(session))); // in parallel, so that writes share a commit
      const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
      const ended = ends.filter((end) => end.status === 'fulfilled' && end.value).length;
      return { ended, failures, ...(next === undefined ? {} : { next }) };
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
