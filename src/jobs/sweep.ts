/** Deletes expired records in small batches, on one node at a time. */
import type { Storage } from '../domain/ports/storage.ts';

const LEASE_MS = 60_000;
const BATCHES = 200; // at most 1000 records per table each; the next round does the rest

/** `tell` gets what the storage set aside. @returns how many records were deleted; undefined if another node holds the lease */
export async function sweepExpired(
  storage: Pick<Storage, 'leases' | 'sweep'>,
  holder: string,
  now: () => number,
  goOn: () => boolean = () => true,
  tell?: (fault: string) => void,
): Promise<number | undefined> {
  const startedAt = now();
  if ((await storage.leases.acquire('sweep', holder, startedAt + LEASE_MS, startedAt)) === undefined) return undefined;
  let gone = 0;
  try {
    for (let batch = 0; batch < BATCHES && goOn() && now() - startedAt < LEASE_MS; batch += 1) {
      const went = await storage.sweep(now(), tell);
      gone += went;
      if (went === 0) break;
    }
  } finally {
    await storage.leases.release('sweep', holder);
  }
  return gone;
}
