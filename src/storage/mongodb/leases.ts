/** Leases: one holder at a time, and a token that grows, so that a holder who slept too long can be told apart. */
import type { Leases } from '../../domain/ports/leases.ts';
import { unlessTaken } from './database.ts';
import type { Collections } from './schema.ts';

export function createLeases({ leases }: Pick<Collections, 'leases'>): Leases {
  return {
    acquire: async (name, holder, until, now) => {
      const options = { returnDocument: 'after' } as const;
      const prolong = () => leases.findOneAndUpdate({ _id: name, holder }, { $set: { heldUntil: until } }, options);
      const own = await prolong();
      if (own !== null) return own.token;
      const free = { _id: name, $or: [{ holder: { $exists: false } }, { heldUntil: { $lte: now } }] };
      const taking = { $set: { holder, heldUntil: until }, $inc: { token: 1 } };
      // 11000: it is there and not free; null: somebody was faster
      const taken = await unlessTaken(leases.findOneAndUpdate(free, taking, { ...options, upsert: true }));
      // the faster one may have been this very holder
      return (taken ?? (await prolong()))?.token;
    },

    release: async (name, holder) => {
      await leases.updateOne({ _id: name, holder }, { $unset: { holder: '' }, $set: { heldUntil: 0 } });
    },
  };
}
