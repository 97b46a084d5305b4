/** Sessions: writes of parallel requests are merged, and a destroyed session stays destroyed. */
import type { Filter } from 'mongodb';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ProtocolRecords, SessionRecord } from '../../domain/ports/protocol-records.ts';
import { Problem } from '../../domain/problem.ts';
import { nextSession } from '../../domain/sign-in/session-merge.ts';
import type { Collections, SessionDocument } from './collections.ts';
import { firstOf, unlessTaken } from './database.ts';
import { carrying, type PendingAudit } from './pending-audit.ts';
import { dateOf } from './schema.ts';
import { createTurns } from './turns.ts';

type Saved = Parameters<ProtocolRecords['saveSession']>[0];
type Living = SessionDocument & { key: string; record: string };

const ATTEMPTS = 200; // in each round one caller wins
/** Longer than until somebody asks again what has expired. */
const SOON_MS = 10 * 60_000;

/** Not destroyed; it may have expired. */
const unended: Filter<SessionDocument> = { key: { $exists: true } };
const living = (now: number): Filter<SessionDocument> => ({ ...unended, expiresAt: { $gt: now } });

export function createSessions(
  { sessions }: Collections,
  pendingAudit: PendingAudit,
): Pick<
  ProtocolRecords,
  'findSession' | 'sessionLives' | 'saveSession' | 'destroySession' | 'sessionsOf' | 'expiredSessions'
> {
  const inTurn = createTurns();

  /** Frees an identifier. Identifiers are random, so only an expired session can have it already. */
  const freeKey = async (key: string, uid: string, now: number) =>
    (await sessions.deleteOne({ key, _id: { $ne: uid }, expiresAt: { $lte: now } })).deletedCount === 1;

  async function start(document: Living, now: number): Promise<'saved' | 'gone'> {
    const insert = async () => (await unlessTaken(sessions.insertOne(document))) !== undefined;
    if (await insert()) return 'saved';
    return (await freeKey(document.key, document._id, now)) && (await insert()) ? 'saved' : 'gone';
  }

  /** Repeats a compare-and-set on this session until it wins. */
  async function untilWon<Outcome>(uid: string, round: () => Promise<Outcome | 'lost'>): Promise<Outcome> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const outcome = await inTurn(uid, round);
      if (outcome !== 'lost') return outcome;
    }
    throw new Problem('lost_race', 'too many requests change this session at once', { retryAfterSeconds: 2 });
  }

  async function merge(input: Saved, before: string): Promise<'saved' | 'gone' | 'lost'> {
    const stored = (await sessions.findOne({ _id: input.record.uid, ...living(input.now) })) as Living | null;
    if (stored === null) return 'gone';
    return mergeOnto(stored, input, before);
  }

  /** A filter for this revision of the session, if it is still valid. */
  async function mergeOnto(
    stored: { key: string; record: string; revision: number },
    { key, readKey, record, expiresAt, now }: Saved,
    before: string,
  ): Promise<'saved' | 'lost'> {
    const merged = nextSession(stored.record, before, record);
    const next = {
      key: key === readKey ? stored.key : key,
      record: JSON.stringify(merged),
      expiresAt,
      ...(merged.accountId === undefined ? {} : { accountId: merged.accountId }),
    };
    const written = await unlessTaken(
      sessions.updateOne(
        { _id: record.uid, revision: stored.revision, ...living(now) },
        {
          $set: next,
          $inc: { revision: 1 },
          // a version before this one writes `clearAt`, by which the server would delete the session before its notices
          $unset: { clearAt: '', ...(merged.accountId === undefined ? { accountId: '' } : {}) },
        },
      ),
    );
    if (written === undefined) await freeKey(next.key, record.uid, now);
    return written?.matchedCount === 1 ? 'saved' : 'lost';
  }

  async function destroy(uid: string, entry?: ChangeEntry): Promise<SessionRecord | undefined | 'lost'> {
    const stored = (await sessions.findOne({ _id: uid, ...unended })) as Living | null;
    if (stored === null) return undefined;
    const written = await sessions.updateOne(
      { _id: uid, revision: stored.revision },
      {
        $unset: { key: '', record: '', accountId: '' },
        // otherwise the server might delete it with its entry; the sweep looks first
        ...(entry === undefined ? { $set: { clearAt: dateOf(stored.expiresAt) } } : {}),
        $inc: { revision: 1 },
        ...carrying(entry),
      },
    );
    if (written.matchedCount === 0) return 'lost';
    await pendingAudit.settle('sessions', uid, entry);
    return JSON.parse(stored.record) as SessionRecord;
  }

  return {
    findSession: async (by, now) => {
      const filter = 'key' in by ? { key: by.key } : { _id: by.uid, key: { $exists: true } };
      const found = (await sessions.findOne({ ...filter, expiresAt: { $gt: now } })) as Living | null;
      if (found === null) return undefined;
      return { key: found.key, record: JSON.parse(found.record), text: found.record, revision: found.revision };
    },

    sessionLives: async (uid, now) =>
      (await sessions.findOne(
        { _id: uid, key: { $exists: true }, expiresAt: { $gt: now } },
        { projection: { _id: 1 } },
      )) !== null,

    saveSession: async (input) => {
      const { key, record, read: before, readKey, readRevision, expiresAt, now } = input;
      const { uid } = record;
      if (before === undefined) {
        const { accountId } = record;
        const owner = accountId === undefined ? {} : { accountId };
        return start({ _id: uid, revision: 1, key, record: JSON.stringify(record), ...owner, expiresAt }, now);
      }
      if (readKey !== undefined && readRevision !== undefined) {
        const seen = { key: readKey, record: before, revision: readRevision };
        if ((await inTurn(uid, () => mergeOnto(seen, input, before))) === 'saved') return 'saved';
      }
      return untilWon(uid, () => merge(input, before));
    },

    destroySession: (uid, entry) => untilWon(uid, () => destroy(uid, entry)),

    sessionsOf: async (accountId) => {
      const found = (await sessions
        .find({ accountId, ...unended })
        .sort({ _id: 1 })
        .toArray()) as Living[];
      return found.map(({ key, record, expiresAt }) => ({
        key,
        record: JSON.parse(record) as SessionRecord,
        expiresAt,
      }));
    },

    expiredSessions: async (until, after, limit) => {
      // by `clearAt` a node of 0.2, while nodes are replaced, deletes a session at its end, told or not
      if (after === undefined)
        await sessions.updateMany(
          { expiresAt: { $lte: until + SOON_MS }, ...unended, clearAt: { $exists: true } },
          { $unset: { clearAt: '' } },
        );
      const colon = after?.indexOf(':') ?? 0;
      const [time, uid] = [Number(after?.slice(0, colon)), after?.slice(colon + 1)];
      const onwards: Filter<SessionDocument> =
        uid === undefined ? {} : { $or: [{ expiresAt: { $gt: time } }, { expiresAt: time, _id: { $gt: uid } }] };
      const expired = sessions.find({ expiresAt: { $lte: until }, ...unended, ...onwards });
      const found = (await firstOf(expired.sort({ expiresAt: 1, _id: 1 }), limit)) as Living[];
      const last = found.length < limit ? undefined : found.at(-1);
      return {
        sessions: found.map(({ record }) => JSON.parse(record) as SessionRecord),
        ...(last === undefined ? {} : { next: `${last.expiresAt}:${last._id}` }),
      };
    },
  };
}
