/** Leases with one holder at a time, and a growing fencing token, which reveals a holder that slept past its lease. */
import type { Leases } from '../../domain/ports/leases.ts';
import type { Collections } from './collections.ts';
import { unlessTaken } from './database.ts';

export function createLeases({ leases }: Pick<Collections, 'leases'>): Leases {
  return {
    acquire: async (name, holder, until, now) => {
      const options = { returnDocument: 'after' } as const;
      const prolong = () => leases.findOneAndUpdate({ _id: name, holder }, { $set: { heldUntil: until } }, options);
      const own = await prolong();
      if (own !== null) return own.token;
      const free = { _id: name, $or: [{ holder: { $exists: false } }, { heldUntil: { $lte: now } }] };
      const taking = { $set: { holder, heldUntil: until }, $inc: { token: 1 } };
      // 11000: another holder has it; null: another caller was faster
      const taken = await unlessTaken(leases.findOneAndUpdate(free, taking, { ...options, upsert: true }));
      // the faster caller may have been this holder itself
      return (taken ?? (await prolong()))?.token;
    },

    release: async (name, holder) => {
      await leases.updateOne({ _id: name, holder }, { $unset: { holder: '' }, $set: { heldUntil: 0 } });
    },
  };
}
