/** Ends sessions that nobody ended: idle ones and those of the longest life. Their applications are told once. */
import type { Leases } from '../domain/ports/leases.ts';
import type { JobLog } from './log.ts';

const LEASE_MS = 60_000;
/**
 * A request that found the session a moment before its end may still prolong it, on a node whose clock is behind and a
 * database that answers late. After this time none does, and a session that was told of cannot come back.
 */
const LATE_WRITES_MS = 60_000;

export type ExpiredSessionDeps = {
  leases: Pick<Leases, 'acquire' | 'release'>;
  /** Ends some that expired by `until` (epoch ms). A failure stays for the next round. */
  endExpired(until: number, after?: string): Promise<{ ended: number; failures: unknown[]; next?: string }>;
  holder: string;
  now: () => number;
  log: JobLog;
};

/**
 * Two nodes that do it at once store each notice once, because its id is that of the session at the application.
 * @returns how many ended; undefined if another node holds the lease
 */
export async function endExpiredSessions(
  { leases, endExpired, holder, now, log }: ExpiredSessionDeps,
  goOn: () => boolean = () => true,
): Promise<number | undefined> {
  const hold = () => leases.acquire('expired-sessions', holder, now() + LEASE_MS, now());
  if ((await hold()) === undefined) return undefined;
  let count = 0;
  try {
    const until = now() - LATE_WRITES_MS;
    for (let after: string | undefined; ; ) {
      const { ended, failures, next } = await endExpired(until, after);
      count += ended;
      for (const error of failures) log.error({ err: error }, 'an expired session could not be ended yet');
      if (next === undefined || !goOn() || (await hold()) === undefined) return count;
      after = next;
    }
  } finally {
    await leases.release('expired-sessions', holder);
  }
}
