/** One import of a source at a time: the next waits, so that it is planned on what the one before left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { contained } from '../../domain/contained.ts';
import type { Leases } from '../../domain/ports/leases.ts';

/** After a crash the next import waits for at most this long. */
const LEASE_MS = 30_000;
const POLL_MS = 100;

/**
 * Runs `act` while nobody else imports from this source.
 * @param holder names this process; another one has another
 * @param waiting called once if another import is under way
 * @param patienceMs how long to wait; undefined comes back when it is over
 */
export async function inTurn<Result>(
  source: string,
  {
    leases,
    holder,
    now,
    waiting,
    patienceMs = Number.POSITIVE_INFINITY,
  }: {
    leases: Pick<Leases, 'acquire' | 'release'>;
    holder: string;
    now: () => number;
    waiting?: () => void;
    patienceMs?: number;
  },
  act: () => Promise<Result>,
): Promise<Result | undefined> {
  const name = `import ${source}`;
  const acquire = () => leases.acquire(name, holder, now() + LEASE_MS, now());
  let waited = 0;
  while ((await acquire()) === undefined) {
    if (waited === 0) waiting?.();
    if (waited >= patienceMs) return undefined;
    await sleep(POLL_MS);
    waited += POLL_MS;
  }
  const prolong = contained(acquire, () => undefined);
  const prolonging = setInterval(prolong, LEASE_MS / 3);
  try {
    return await act();
  } finally {
    clearInterval(prolonging);
    await leases.release(name, holder);
  }
}
