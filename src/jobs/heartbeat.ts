/** The heartbeat: renews the lease that says this node uses the storage, from start to end, however busy it is. */
import { contained } from '../domain/contained.ts';
import { nodeLease } from '../domain/installation/node-lease.ts';
import type { Leases } from '../domain/ports/leases.ts';
import { createFailureLog, type JobLog } from './log.ts';

const LEASE_MS = 30_000; // after a crash the node counts as alive for at most this long
const EVERY_MS = 5000; // often enough for a busy process, or after a database outage, to keep the lease

export type HeartbeatDeps = {
  leases: Leases;
  holder: string;
  /** Epoch ms. */
  now: () => number;
  log: JobLog;
  everyMs?: number;
};

/** Runs on its own timer, so that a long or waiting job does not hide that the node is alive. */
export function startHeartbeat({ leases, holder, now, log, everyMs = EVERY_MS }: HeartbeatDeps): {
  /**
   * Call it last: after it this node writes nothing. @throws Problem if the database is away; the lease then ends by
   * itself
   */
  end(): Promise<void>;
} {
  const failureLog = createFailureLog(log, { job: 'heartbeat' });
  let beating: Promise<void> = Promise.resolve();
  let idle = true;
  let ending = false;
  const tell = contained(
    (error: unknown) => failureLog.failed(error, 'a job failed'),
    () => undefined,
  );
  /** Never rejects. */
  const renew = async () => {
    try {
      await leases.acquire(nodeLease(holder), holder, now() + LEASE_MS, now());
      failureLog.worked();
    } catch (error) {
      if (!ending) tell(error); // otherwise `end` reports the failure
    } finally {
      idle = true;
    }
  };
  const beat = () => {
    if (!idle) return;
    idle = false;
    beating = renew();
  };
  beat();
  const timer = setInterval(beat, everyMs);
  timer.unref();
  return {
    async end() {
      ending = true;
      clearInterval(timer);
      await beating;
      await leases.release(nodeLease(holder), holder);
    },
  };
}
