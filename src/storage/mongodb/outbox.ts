/** The outbox: an entry is put once, claimed by one caller at a time, and ended only while that caller's claim lasts. */
import type { Filter, UpdateFilter, WithId } from 'mongodb';
import { messageIdOf } from '../../domain/desk/message-id.ts';
import {
  beyond,
  chosenOf,
  MOST_LOST_CLAIMS,
  type Outbox,
  type OutboxEntry,
  READ_BEYOND,
  SET_ASIDE,
} from '../../domain/ports/outbox.ts';
import type { Collections, OutboxDocument } from './collections.ts';
import { firstOf, unlessTaken } from './database.ts';
import { createTurns } from './turns.ts';

const MARGIN_MS = 100; // a claim ends this long before its caller stops waiting

/** @param answerWithinMs after this time the caller no longer waits for an answer */
export function createOutbox({ outbox }: Collections, answerWithinMs: number): Outbox {
  const inTurn = createTurns();
  /** Ends a claim that still belongs to the caller. */
  const end = async (id: string, leasedUntil: number, $set: Partial<OutboxDocument>, forget = {}) => {
    const ended = await outbox.updateOne(
      { _id: id, state: 'waiting', leasedUntil },
      { $set, $unset: { leasedUntil: '', ...forget } },
    );
    return ended.matchedCount === 1;
  };
  /** Undoes a claim. */
  const handBack = (id: string, leasedUntil: number, attempts: number) =>
    outbox.updateOne(
      { _id: id, state: 'waiting', leasedUntil, attempts },
      { $unset: { leasedUntil: '' }, $set: { attempts: attempts - 1 } },
    );
  const forgetSecret = { sealedSecret: '' };

  return {
    put: async (item) => {
      const entry = { ...item, state: 'waiting', attempts: 0, nextAttemptAt: item.createdAt } as const;
      return (await unlessTaken(outbox.insertOne(documentOf(entry)))) !== undefined;
    },

    claim: (kind, now, leaseUntil, limit, { leasesAsOf = now, doubted = 1, patient = limit, inOrder = false } = {}) => {
      const until = performance.now() + answerWithinMs - MARGIN_MS;
      const isDue: Filter<OutboxDocument> = {
        kind,
        state: 'waiting',
        nextAttemptAt: { $lte: now },
        leasedUntil: { $not: { $gt: leasesAsOf } },
      };
      const claimed: OutboxEntry[] = [];

      async function look(which: Filter<OutboxDocument>, most: number) {
        const found = outbox
          .find({ ...isDue, ...which }, { projection: { _id: 1, leasedUntil: 1, lostClaims: 1, urgent: 1 } })
          .sort({ nextAttemptAt: 1, _id: 1 });
        return (await firstOf(found, most + READ_BEYOND)).map(
          ({ _id, leasedUntil, lostClaims = 0, urgent = false }) => ({
            ...{ _id, leasedUntil, urgent },
            lost: lostClaims + (leasedUntil === undefined ? 0 : 1),
          }),
        );
      }

      /** Claims some entries. @returns whether there may be more */
      async function claimSome(): Promise<boolean> {
        const most = limit - claimed.length;
        if (most === 0) return false;
        const held = claimed.filter(({ state }) => state === 'waiting');
        const limits = {
          limit: most,
          doubted: doubted - held.filter(({ lostClaims }) => lostClaims !== undefined).length,
          patient: patient - held.filter(({ urgent }) => !urgent).length,
          inOrder,
        };
        const first = await look({}, most);
        const more = beyond(first, limits);
        const all = [
          ...(more.urgent ? await look({ urgent: true }, most) : []),
          ...first,
          ...(more.fresh ? await look({ leasedUntil: { $exists: false }, lostClaims: { $exists: false } }, most) : []),
        ];
        const candidates = chosenOf([...new Map(all.map((each) => [each._id, each])).values()], limits);
        if (candidates.length === 0 || performance.now() >= until) return false;
        // one by one, each with its own condition, because another node may be claiming the same entries
        const claims = candidates.map(({ _id, leasedUntil, lost }) => {
          // the lease that was found, so that each one that is lost counts once
          const same = { $and: [{ leasedUntil: leasedUntil ?? { $exists: false } }] };
          const change: UpdateFilter<OutboxDocument> =
            lost >= MOST_LOST_CLAIMS
              ? {
                  $set: { state: 'set-aside', lostClaims: lost, finishedAt: new Date(now), lastError: SET_ASIDE },
                  $unset: { leasedUntil: '' },
                }
              : {
                  $set: { leasedUntil: leaseUntil, ...(lost === 0 ? {} : { lostClaims: lost }) },
                  $inc: { attempts: 1 },
                };
          return outbox.findOneAndUpdate({ ...isDue, _id, ...same }, change, { returnDocument: 'after' });
        });
        const results = await Promise.allSettled(claims);
        for (const result of results)
          if (result.status === 'fulfilled' && result.value !== null) claimed.push(entryOf(result.value));
        const failure = results.find((result) => result.status === 'rejected');
        if (failure !== undefined) throw failure.reason;
        return true;
      }

      return inTurn(kind, async () => {
        try {
          while (performance.now() < until && (await claimSome()));
        } catch (error) {
          if (claimed.length === 0) throw error; // otherwise the claimed entries are delivered, and the next claim fails in the same way
        }
        if (performance.now() < until) return claimed;
        // too late: the call has already failed for its caller
        await Promise.allSettled(claimed.map(({ id, attempts }) => handBack(id, leaseUntil, attempts)));
        return [];
      });
    },

    prolong: async (id, leasedUntil, until) =>
      (await outbox.updateOne({ _id: id, state: 'waiting', leasedUntil }, { $set: { leasedUntil: until } }))
        .matchedCount === 1,

    done: (id, leasedUntil, now) => end(id, leasedUntil, { state: 'done', finishedAt: new Date(now) }, forgetSecret),
    retry: (id, leasedUntil, nextAttemptAt, error) => end(id, leasedUntil, { nextAttemptAt, lastError: error }),
    failed: (id, leasedUntil, now, error) =>
      end(id, leasedUntil, { state: 'failed', finishedAt: new Date(now), lastError: error }, forgetSecret),

    tryAgain: async (id, now) => {
      const change = {
        $set: { state: 'waiting', nextAttemptAt: now },
        $unset: { lostClaims: '', finishedAt: '' },
      } as const;
      const over = [{ state: 'set-aside' as const }, { state: 'failed' as const, kind: { $ne: 'letter' as const } }];
      return (await outbox.updateOne({ _id: id, $or: over }, change)).matchedCount === 1;
    },

    removeLetters: async (accountId) => (await outbox.deleteMany({ accountId, kind: 'letter' })).deletedCount,
    bounced: async (id, now, error) => {
      const change = { $set: { state: 'failed', lastError: error, finishedAt: new Date(now) } } as const;
      return (await outbox.updateOne({ _id: id, state: 'done' }, change)).matchedCount === 1;
    },

    byAccount: async (accountId, limit) =>
      (await firstOf(outbox.find({ accountId }).sort({ createdAt: -1, _id: -1 }), limit)).map(entryOf),

    list: async ({ kind, state }, after = '', limit) => {
      const filter = {
        _id: { $gt: after },
        ...(kind === undefined ? {} : { kind }),
        ...(state === undefined ? {} : { state }),
      };
      return (await firstOf(outbox.find(filter).sort({ _id: 1 }), limit)).map(entryOf);
    },

    sentAs: async (messageId) => {
      const found = await outbox.findOne({ messageId, state: 'done' });
      return found === null ? undefined : entryOf(found);
    },

    backlog: async (now) => {
      const [waiting, failed, setAside, oldest] = await Promise.all([
        outbox.countDocuments({ state: 'waiting' }),
        outbox.countDocuments({ state: 'failed' }),
        outbox.countDocuments({ state: 'set-aside' }),
        outbox.findOne({ state: 'waiting', nextAttemptAt: { $lte: now } }, { sort: { nextAttemptAt: 1 } }),
      ]);
      return { waiting, failed, setAside, oldestDueAt: oldest?.nextAttemptAt };
    },
  };
}

export function documentOf(entry: OutboxEntry): OutboxDocument {
  const { sealedSecret, ...payload } = entry.payload;
  return {
    _id: entry.id,
    kind: entry.kind,
    ...(entry.accountId === undefined ? {} : { accountId: entry.accountId }),
    payload: JSON.stringify(payload),
    ...(sealedSecret === undefined ? {} : { sealedSecret }),
    createdAt: entry.createdAt,
    ...(entry.expiresAt === undefined ? {} : { expiresAt: entry.expiresAt }),
    ...(entry.urgent ? { urgent: true } : {}),
    state: entry.state,
    attempts: entry.attempts,
    ...(entry.lostClaims === undefined ? {} : { lostClaims: entry.lostClaims }),
    nextAttemptAt: entry.nextAttemptAt,
    ...(entry.leasedUntil === undefined ? {} : { leasedUntil: entry.leasedUntil }),
    ...(entry.lastError === undefined ? {} : { lastError: entry.lastError }),
    ...(entry.finishedAt === undefined ? {} : { finishedAt: new Date(entry.finishedAt) }),
    ...(entry.kind === 'letter' ? { messageId: messageIdOf(entry.id) } : {}),
  };
}

export function entryOf({
  _id,
  payload,
  sealedSecret,
  finishedAt,
  messageId: _,
  ...entry
}: WithId<OutboxDocument>): OutboxEntry {
  return {
    id: _id,
    ...entry,
    payload: { ...JSON.parse(payload), ...(sealedSecret === undefined ? {} : { sealedSecret }) },
    ...(finishedAt === undefined ? {} : { finishedAt: finishedAt.getTime() }),
  };
}
