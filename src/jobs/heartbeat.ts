/** Says of this node that it works on the storage, from its start to its end and whatever its jobs are busy with. */
import { nodeLease } from '../domain/installation/node-lease.ts';
import type { Leases } from '../domain/ports/leases.ts';
import { failuresTold, type JobLog } from './log.ts';

const LEASE_MS = 30_000; // after a crash nobody takes the node for a living one longer than this
const EVERY_MS = 5000; // so that a busy process or a database that was away does not let it lapse

export type HeartbeatDeps = {
  leases: Leases;
  holder: string;
  /** epoch ms */
  now: () => number;
  log: JobLog;
  everyMs?: number;
};

/** By a timer of its own: a job that takes long, or waits for somebody, keeps nobody from knowing that the node is there. */
export function startHeartbeat({ leases, holder, now, log, everyMs = EVERY_MS }: HeartbeatDeps): {
  /** After it nothing of this node is written any more. @throws Problem where the database is away: the lease ends by itself */
  end(): Promise<void>;
} {
  const told = failuresTold(log, { job: 'presence' });
  let saying: Promise<void> = Promise.resolve();
  let idle = true;
  let ending = false;
  const say = () => {
    if (!idle) return;
    idle = false;
    saying = leases
      .acquire(nodeLease(holder), holder, now() + LEASE_MS, now())
      .then(told.worked, (error: unknown) => {
        if (!ending) told.failed(error, 'a job failed'); // else who ends it says how that went, and nothing is said later
      })
      .finally(() => {
        idle = true;
      });
  };
  say();
  const timer = setInterval(say, everyMs);
  timer.unref();
  return {
    async end() {
      ending = true;
      clearInterval(timer);
      await saying;
      await leases.release(nodeLease(holder), holder);
    },
  };
}
