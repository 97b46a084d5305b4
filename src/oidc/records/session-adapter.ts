/**
 * Stores the library's sessions through our port: each write is compared with what the request read, and ending one
 * ends all that depends on it.
 */
import Provider, { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ProtocolRecords, SessionRecord } from '../../domain/ports/protocol-records.ts';
import { memoryOfRequest, type SessionRead, stored } from '../request.ts';
import type { Identifiers } from './stored-record.ts';

export type SessionAdapterOptions = {
  records: ProtocolRecords;
  identifiers: Identifiers;
  now: () => number;
  /** Whether it is still valid (policy.ts). */
  holds: (session: SessionRecord) => Promise<boolean>;
  /** Called before the library ends a session. If it throws, the session does not end. */
  beforeSessionEnds: (session: SessionRecord) => Promise<void>;
  /** The audit entry of a session that its person ends. */
  sessionEnded: (accountId: string | undefined, reason: string) => ChangeEntry | undefined;
  /** Counts bytes that are about to be stored for somebody who has not signed in. @throws Problem `too_many` */
  takeForStranger: (bytes: number) => void;
  /** Called after the library ended a session. `seen`: as this request had read it. */
  onSessionEnded: (ended: SessionRecord, seen: SessionRecord | undefined) => Promise<void>;
};

/** The library's adapter for its model `Session`. */
export function createSessionAdapter(options: SessionAdapterOptions): Adapter {
  const { records, identifiers, now } = options;
  return {
    async find(id) {
      const found = await records.findSession({ key: identifiers.keyOf(id) }, now());
      if (found === undefined || !(await options.holds(found.record))) return undefined;
      const { record, ...read } = found;
      memoryOfRequest()?.sessions.set(record.uid, { ...read, exp: record.exp });
      return { ...record, jti: id } as AdapterPayload;
    },
    async findByUid(uid) {
      const found = await records.findSession({ uid }, now());
      if (found === undefined || !(await options.holds(found.record))) return undefined;
      return { ...withTrial(found.record), jti: identifiers.handleOf(found.key) } as AdapterPayload;
    },
    async upsert(id, payload, ttlSeconds) {
      const { jti: _jti, ...given } = payload as AdapterPayload & SessionRecord;
      const record = withoutTrial(given);
      const before = stored();
      before.catch(() => {}); // where something else is at fault first
      // The stand-in of seams.ts: stored, it would be a token that any form can show.
      if ((record.state as { secret?: string } | undefined)?.secret === '') delete record.state;
      // Store no session before a sign-in, unless a logout form waits for its answer.
      if (record.accountId === undefined && record.state === undefined && !memoryOfRequest()?.sessions.has(record.uid))
        return before;
      const memory = memoryOfRequest();
      refuseUntold(memory?.notices.values());
      // The library stores once more what it could not: a new session that was stored all the same would look ended.
      if (memory?.unsaved.has(record.uid)) throw memory.unsaved.get(record.uid);
      const read = memory?.sessions.get(record.uid);
      const key = identifiers.keyOf(id);
      if (read === undefined && record.accountId === undefined)
        options.takeForStranger(Buffer.byteLength(JSON.stringify(record)));
      if (read?.key === key && isOnlyUsed(read, record, ttlSeconds ?? 0)) {
        await before; // a session that ends after this look takes the code with it
        if (!(await records.sessionLives(record.uid, now()))) refuseOnEndedSession();
        return;
      }
      const saving = records.saveSession({
        key,
        record,
        ...(read === undefined ? {} : { read: read.text, readKey: read.key, readRevision: read.revision }),
        expiresAt: now() + (ttlSeconds ?? 0) * 1000,
        now: now(),
      });
      const saved = saving.then((outcome) => {
        if (outcome === 'gone') refuseOnEndedSession();
        memory?.sessions.set(record.uid, { key, text: JSON.stringify(record), exp: record.exp });
      });
      await Promise.all([saved, before]).catch((error: unknown) => {
        memory?.unsaved.set(record.uid, error);
        throw error;
      });
    },
    async destroy(id) {
      const session = Provider.ctx?.oidc?.session as { uid: string; id: string; oldId?: string } | undefined;
      // The library replaces an identifier by destroying the old record and writing a new one. Here that is one write.
      if (session !== undefined && session.oldId === id && session.id !== id) return;
      const current = session?.id === id ? session : undefined;
      const seen =
        current === undefined
          ? (await records.findSession({ key: identifiers.keyOf(id) }, now()))?.record
          : readInRequest(current.uid);
      // The library continues if a notice could not be stored. Store the missing ones now, or the session stays.
      if (seen !== undefined) await options.beforeSessionEnds(seen);
      const uid = seen?.uid ?? current?.uid;
      const signsOut = Provider.ctx?.oidc?.route?.startsWith('end_session');
      const entry = signsOut ? options.sessionEnded(seen?.accountId, 'sign-out') : undefined;
      const ended = uid === undefined ? undefined : await records.destroySession(uid, entry);
      // The library revokes what this request read. What joined meanwhile is revoked here.
      if (ended !== undefined) await options.onSessionEnded(ended, readInRequest(ended.uid));
    },
    async consume() {},
    async revokeByGrantId() {},
    async findByUserCode() {
      return undefined;
    },
  };
}

/**
 * Whether the write would tell only that the session was used, less than a thirtieth of its idle time after the use that
 * is stored. Such a write is spared; the idle time is shorter by at most that.
 */
function isOnlyUsed({ text, exp }: SessionRead, record: SessionRecord, idleSeconds: number): boolean {
  const later = Number(record.exp) - Number(exp);
  // members in another order are written, too, and stand in that order from then on
  return later >= 0 && later < idleSeconds / 30 && JSON.stringify({ ...record, exp }) === text;
}

/**
 * A trial signs nobody in to the application: what the session stores of that client stays as it was, so that no list
 * names it, and no application is told of an end (docs/decisions/trials.md).
 */
function withoutTrial(record: SessionRecord): SessionRecord {
  const { trial } = memoryOfRequest() ?? {};
  if (trial === undefined || record.authorizations === undefined) return record;
  const { [trial.client]: _, ...others } = record.authorizations;
  const before = readInRequest(record.uid)?.authorizations;
  const own = before?.[trial.client];
  if (own !== undefined) return { ...record, authorizations: { ...record.authorizations, [trial.client]: own } };
  if (before !== undefined || Object.keys(others).length > 0) return { ...record, authorizations: others };
  const { authorizations: _none, ...rest } = record;
  return rest;
}

/** The session as the library is to see it where the code of a trial is redeemed: under the grant of the trial. */
function withTrial(record: SessionRecord): SessionRecord {
  const { trial } = memoryOfRequest() ?? {};
  if (trial === undefined) return record;
  const own = { ...record.authorizations?.[trial.client], grantId: trial.grant };
  return { ...record, authorizations: { ...record.authorizations, [trial.client]: own } };
}

/** As this request read or wrote it last. */
function readInRequest(uid: string): SessionRecord | undefined {
  const text = memoryOfRequest()?.sessions.get(uid)?.text;
  return text === undefined ? undefined : JSON.parse(text);
}

/** The session ended during this request: its answer must not leave, and nothing is written. */
function refuseOnEndedSession(): never {
  const session = Provider.ctx?.oidc?.session as { destroyed?: boolean } | undefined;
  if (session !== undefined) session.destroyed = true;
  throw new errors.LoginRequired('the session has ended');
}

/** A person who signs out of one application keeps that session until its notice is stored. @throws the reason */
function refuseUntold(notices: Iterable<{ stored: true } | { stored: false; error: unknown }> = []): void {
  for (const notice of notices) if (!notice.stored) throw notice.error;
}
