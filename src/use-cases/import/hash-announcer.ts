/** Tells the job of password hashes of other systems before they are stored, and once more when all are (rules 1, 5). */
import type { ForeignKind } from '../../domain/passwords/foreign-hash.ts';
import { isForeignHash, OWN_WORK, workOf } from '../../domain/passwords/stored-hash.ts';

/** `announce` is called once for each kind of hash, and again by `end`. */
export function createHashAnnouncer(announce: (kind: ForeignKind) => Promise<void>) {
  const announced = new Map<string, { kind: ForeignKind; done: Promise<void> }>();
  return {
    /** Resolves once the job knows of this kind. */
    async before(hash: string | undefined): Promise<void> {
      if (hash === undefined) return;
      const kind = { wrap: isForeignHash(hash), work: workOf(hash) };
      if (!kind.wrap && kind.work === OWN_WORK) return;
      const key = JSON.stringify(kind);
      const known = announced.get(key) ?? { kind, done: announce(kind) };
      announced.set(key, known);
      await known.done;
    },
    /** A round of the job may have gone through the accounts before the last of them were stored. */
    async end(): Promise<void> {
      for (const { kind } of announced.values()) await announce(kind);
    },
  };
}
