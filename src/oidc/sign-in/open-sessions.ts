/** Where a person is signed in, and ending it from elsewhere: what applications hold of such a session ends with it (rule 12). */
import type Koa from 'koa';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ProtocolRecords, SessionRecord } from '../../domain/ports/protocol-records.ts';
import type { Withdrawal } from '../ends/withdrawal.ts';

/** From where somebody signed in. `agent`: what the browser calls itself; `network`: the configured name, where it has one. */
export type Place = { agent?: string; network?: string };

export type OpenSession = {
  uid: string;
  /** epoch ms of the sign-in */
  since: number;
  /** epoch ms, up to a thirtieth of the idle time too early; undefined: it is near the end of its longest life, and nothing tells */
  usedAt?: number;
  /** factors as in RFC 8176 */
  amr: string[];
  place: Place;
  /** client_ids of the applications that are signed in by it */
  clients: string[];
};

export type OpenSessions = {
  /** Those that are still good, last used first. @throws what the storage throws */
  list(accountId: string): Promise<OpenSession[]>;
  /** @returns whether this ended it: it was of this account, and open. @throws what the storage throws */
  end(accountId: string, uid: string): Promise<boolean>;
  /**
   * All but one, and what applications hold of sessions that are long over.
   * @returns how many sessions this ended. @throws what the storage throws
   */
  endOthers(accountId: string, exceptUid: string): Promise<number>;
};

const LONGEST_AGENT = 300;

/** Clipped, because a browser may say anything. */
export function placeOf(ctx: Koa.Context, { name }: { name?: string | undefined; groups: readonly string[] }): Place {
  const agent = ctx.get('user-agent').slice(0, LONGEST_AGENT);
  return { ...(agent === '' ? {} : { agent }), ...(name === undefined ? {} : { network: name }) };
}

export function createOpenSessions(options: {
  records: Pick<ProtocolRecords, 'findSession' | 'sessionsOf'>;
  /** whether a stored session is still valid (policy.ts) */
  holds: (record: SessionRecord) => Promise<boolean>;
  endSession: (record: SessionRecord, entry?: ChangeEntry, offline?: boolean) => Promise<boolean>;
  endRemaining: Withdrawal['endRemaining'];
  /** The audit entry of a session that its person ended. */
  ended: (accountId: string) => ChangeEntry | undefined;
  lifetimes: { sessionIdleSeconds: number; sessionMaxSeconds: number };
  now: () => number;
}): OpenSessions {
  const { records, lifetimes, now } = options;
  return {
    async list(accountId) {
      const open: OpenSession[] = [];
      for (const { record, expiresAt } of await records.sessionsOf(accountId))
        if (expiresAt > now() && (await options.holds(record))) open.push(describe(record, expiresAt, lifetimes));
      return open.sort((a, b) => (b.usedAt ?? b.since) - (a.usedAt ?? a.since));
    },

    async end(accountId, uid) {
      const found = await records.findSession({ uid }, now());
      if (found?.record.accountId !== accountId) return false;
      return options.endSession(found.record, options.ended(accountId), true);
    },

    async endOthers(accountId, exceptUid) {
      const sessions = (await records.sessionsOf(accountId)).map(({ record }) => record);
      await options.endRemaining(accountId, sessions, Number.POSITIVE_INFINITY, false);
      let count = 0;
      for (const record of sessions)
        if (record.uid !== exceptUid && (await options.endSession(record, options.ended(accountId), true))) count += 1;
      return count;
    },
  };
}

function describe(
  record: SessionRecord,
  expiresAt: number,
  { sessionIdleSeconds, sessionMaxSeconds }: { sessionIdleSeconds: number; sessionMaxSeconds: number },
): OpenSession {
  const { uid, loginTs, amr, place, authorizations = {} } = record as SessionRecord & { place?: Place; amr?: string[] };
  const since = Number(loginTs) * 1000;
  const clients = Object.entries(authorizations).flatMap(([id, { sid }]) => (typeof sid === 'string' ? [id] : []));
  const idleCounts = expiresAt < since + sessionMaxSeconds * 1000;
  return {
    uid,
    since,
    ...(idleCounts ? { usedAt: Math.max(since, expiresAt - sessionIdleSeconds * 1000) } : {}),
    amr: amr ?? [],
    place: place ?? {},
    clients,
  };
}
