/** Sessions: writes of parallel requests are merged, and a destroyed session stays destroyed. */
import type { Filter } from 'mongodb';
import type { ProtocolRecords, SessionRecord } from '../../domain/ports/protocol-records.ts';
import { Problem } from '../../domain/problem.ts';
import { mergeSession } from '../../domain/sign-in/session-merge.ts';
import { unlessTaken } from './database.ts';
import { type Collections, dateOf, type SessionDocument } from './schema.ts';
import { createTurns } from './turns.ts';

type Saved = Parameters<ProtocolRecords['saveSession']>[0];
type Living = SessionDocument & { key: string; record: string };

const ATTEMPTS = 200; // in each round one caller wins

const living = (now: number): Filter<SessionDocument> => ({ key: { $exists: true }, expiresAt: { $gt: now } });

export function createSessions({
  sessions,
}: Collections): Pick<ProtocolRecords, 'findSession' | 'saveSession' | 'destroySession' | 'sessionsOf'> {
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

  async function merge(input: Saved, before: SessionRecord): Promise<'saved' | 'gone' | 'lost'> {
    const stored = (await sessions.findOne({ _id: input.record.uid, ...living(input.now) })) as Living | null;
    if (stored === null) return 'gone';
    return mergeOnto({ ...stored, record: JSON.parse(stored.record) }, input, before);
  }

  /** A filter for this revision of the session, if it is still valid. */
  async function mergeOnto(
    stored: { key: string; record: SessionRecord; revision: number },
    { key, readKey, record, expiresAt, now }: Saved,
    before: SessionRecord,
  ): Promise<'saved' | 'lost'> {
    const merged = mergeSession(stored.record, before, record);
    const next = {
      key: key === readKey ? stored.key : key,
      record: JSON.stringify(merged),
      expiresAt,
      clearAt: dateOf(expiresAt),
      ...(merged.accountId === undefined ? {} : { accountId: merged.accountId }),
    };
    const written = await unlessTaken(
      sessions.updateOne(
        { _id: record.uid, revision: stored.revision, ...living(now) },
        {
          $set: next,
          $inc: { revision: 1 },
          ...(merged.accountId === undefined ? { $unset: { accountId: '' } } : {}),
        },
      ),
    );
    if (written === undefined) await freeKey(next.key, record.uid, now);
    return written?.matchedCount === 1 ? 'saved' : 'lost';
  }

  async function destroy(uid: string, now: number): Promise<SessionRecord | undefined | 'lost'> {
    const stored = (await sessions.findOne({ _id: uid, ...living(now) })) as Living | null;
    if (stored === null) return undefined;
    const written = await sessions.updateOne(
      { _id: uid, revision: stored.revision },
      { $unset: { key: '', record: '', accountId: '' }, $inc: { revision: 1 } },
    );
    return written.matchedCount === 1 ? (JSON.parse(stored.record) as SessionRecord) : 'lost';
  }

  return {
    findSession: async (by, now) => {
      const filter = 'key' in by ? { key: by.key } : { _id: by.uid, key: { $exists: true } };
      const found = (await sessions.findOne({ ...filter, expiresAt: { $gt: now } })) as Living | null;
      if (found === null) return undefined;
      return { key: found.key, record: JSON.parse(found.record), revision: found.revision };
    },

    saveSession: async (input) => {
      const { key, record, read: before, readKey, readRevision, expiresAt, now } = input;
      const { uid } = record;
      if (before === undefined) {
        const { accountId } = record;
        const end = { expiresAt, clearAt: dateOf(expiresAt) };
        const owner = accountId === undefined ? {} : { accountId };
        return start({ _id: uid, revision: 1, key, record: JSON.stringify(record), ...owner, ...end }, now);
      }
      if (before.uid !== uid) throw new TypeError('a session keeps its uid');
      if (readKey !== undefined && readRevision !== undefined) {
        const seen = { key: readKey, record: before, revision: readRevision };
        if ((await inTurn(uid, () => mergeOnto(seen, input, before))) === 'saved') return 'saved';
      }
      return untilWon(uid, () => merge(input, before));
    },

    destroySession: (uid, now) => untilWon(uid, () => destroy(uid, now)),

    sessionsOf: async (accountId, now) => {
      const found = (await sessions
        .find({ accountId, ...living(now) })
        .sort({ _id: 1 })
        .toArray()) as Living[];
      return found.map(({ key, record, expiresAt }) => ({
        key,
        record: JSON.parse(record) as SessionRecord,
        expiresAt,
      }));
    },
  };
}
