/** Uses the time that the first person waits for a hashing process to start. */
import type { Hashing } from '../domain/passwords/stored-hash.ts';

/** `prepare` runs once, beside the first password that is verified. What fails in it is tried again by whoever needs it. */
export function prepareMeanwhile(hashing: Hashing, prepare: () => Promise<void>): Hashing {
  let prepared: Promise<void> | undefined;
  return {
    ...hashing,
    verify(...password) {
      const verified = hashing.verify(...password);
      prepared ??= prepare().catch(() => {});
      return verified;
    },
    async close() {
      await prepared;
      await hashing.close();
    },
  };
}
