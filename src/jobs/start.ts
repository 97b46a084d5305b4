/** Starts all background jobs. Every node may run them: leases ensure that two never do the same. */
import type { Account } from '../domain/account/account.ts';
import { createSigner, type Signer } from '../use-cases/audit/checkpoint.ts';
import { type WatchedRules, watchAccessRules } from './access-rules.ts';
import { atMost } from './at-most.ts';
import { signAudit } from './audit-checkpoint.ts';
import { type ClientExpiry, watchClientExpiry } from './client-expiry.ts';
import { type Clock, watchClock } from './clock.ts';
import { createWorkers } from './deliveries.ts';
import { createEffectDispatch, EFFECTS_LEASE } from './effect-dispatch.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { JobDeps } from './job-deps.ts';
import type { JobLog } from './log.ts';
import { type PendingClients, sweepPendingClients } from './pending-clients.ts';
import { type RegularJob, regularJobs } from './regular-jobs.ts';
import { repeat } from './repeat.ts';
import { createJobRuns, type JobRun } from './runs.ts';
import { type SecretWarnings, warnOfSecrets } from './secret-warnings.ts';
import { tellUndelivered } from './undelivered.ts';
import { createWebhookDelivery, WEBHOOKS_LEASE } from './webhooks.ts';

export type Jobs = {
  /** Dispatches an account's effects after a write that changed it, in the background. Never throws. */
  dispatchEffects(account: Account): void;
  /** Call it after an entry was put into the outbox. */
  wake(): void;
  /** What is known of the clock of this node. */
  clock: Pick<Clock, 'notice' | 'aheadMs'>;
  /** What is known of applications that expire. */
  clientExpiry: Pick<ClientExpiry, 'notice'>;
  /** What is known of secrets of applications that expire. */
  secretWarnings: Pick<SecretWarnings, 'notice'>;
  /** What is known of applications that wait for approval. */
  pendingClients: Pick<PendingClients, 'notice'>;
  /** What is known of rules of access that were changed. */
  accessRules: Pick<WatchedRules, 'notice'>;
  /** How the repeated jobs of this node fare. */
  runs(): JobRun[];
  /** Does everything that is due, whatever the clock: effects, emails, logouts, foreign hashes, expired records. For commands and tests. */
  runDueNow(): Promise<void>;
  /**
   * Finishes deliveries in flight, waiting at most `graceMs` for slow receivers, and not at all once `hurry` aborts.
   * Afterwards the storage may be closed.
   */
  stop(graceMs?: number, hurry?: AbortSignal): Promise<void>;
  /** Call it when nobody caught an exception, before `stop`: see `OutboxWorker`. */
  suspect(): void;
};

/** Held between the runs too, so that one node does the work; the other jobs give theirs back after each run. */
const KEPT_LEASES = [EFFECTS_LEASE, WEBHOOKS_LEASE];
const GRACE_MS = 10_000;
const RELEASE_MS = 2000;

/** Starts at once. Failures of jobs are logged, not thrown. */
export function startJobs(deps: JobDeps): Jobs {
  const { storage, holder, now, randomBytes, log } = deps;
  const { leases } = storage;
  const clock = watchClock({ storage, now, elapsed: () => performance.now(), log });
  const workers = createDeliveries(deps, clock);
  const { emails, webhooks } = workers;
  const allWorkers = Object.values(workers);
  const wake = () => {
    for (const worker of allWorkers) worker.wake();
  };
  const effects = createEffectDispatch(deps, emails.wake);
  const clientExpiry = watchClientExpiry({ storage, now, log });
  const secretWarnings = warnOfSecrets(deps);
  const pendingClients = sweepPendingClients({ storage, now, randomBytes, log });
  const accessRules = watchAccessRules(deps);
  const signer = createSigner({ auditLog: storage.auditLog, sealer: deps.sealer, now });
  let stopped = false;
  const goOn = () => !stopped;

  async function checkClock(): Promise<void> {
    const before = clock.mayLease();
    await clock.check();
    if (!before && clock.mayLease()) wake();
  }
  const parts = { clientExpiry, accessRules, secretWarnings, pendingClients };
  const { causing, keeping } = regularJobs(deps, { ...parts, checkClock, effects, signer, emails, webhooks });

  const heartbeat = startHeartbeat({ leases, holder, now, log });
  for (const worker of allWorkers) worker.start();
  // the repeated checks report what they find
  const firstCheck = Promise.allSettled([
    checkClock().then(async () => {
      if (clock.mayEnd() && (await secretWarnings.check(goOn)) > 0) emails.wake();
    }),
    clientExpiry.check(),
    accessRules.check(),
  ]);
  const runs = createJobRuns(now);
  const repeated = [...causing, ...keeping].map((job) => {
    const run = runs.watched(job.name, job.everyMs, () => runRegularly(job, clock, goOn));
    return repeat(job.name, job.everyMs, run, log);
  });

  return {
    dispatchEffects(account) {
      if (!stopped) effects.dispatch(account); // the sweep of another node finds them in the account
    },
    wake,
    clock,
    runs: runs.all,
    ...parts,
    suspect() {
      for (const worker of allWorkers) worker.suspect();
    },
    async runDueNow() {
      await Promise.all(effects.underWay());
      await runAllDue(causing);
      await Promise.all(allWorkers.map((worker) => worker.runDue()));
      await runAllDue(keeping);
    },
    async stop(graceMs = GRACE_MS, hurry) {
      stopped = true;
      await Promise.all([
        atMost(undefined, [firstCheck, ...effects.underWay(), ...repeated.map((job) => job.stop())], hurry),
        ...allWorkers.map((worker) => worker.stop(graceMs, hurry)),
      ]);
      await atMost(RELEASE_MS, [deps.writeRefusals(), deps.writeIncidents(), deps.writeUses()], hurry);
      if (clock.mayLease()) await atMost(RELEASE_MS, [signAtEnd(signer, log)], hurry);
      await giveBack([...KEPT_LEASES.map((lease) => leases.release(lease, holder)), heartbeat.end()], log);
    },
  };
}

/** The workers of the outbox; not started. */
function createDeliveries(deps: JobDeps, clock: Clock) {
  const { storage, organisations, now, random, log, hooks = {} } = deps;
  const { accounts, outbox, auditLog } = storage;
  const webhookDelivery = createWebhookDelivery({
    webhooks: storage.webhooks,
    outbox,
    sealer: deps.sealer,
    fetch: deps.callWebhook,
    organisation: organisations[0]?.id ?? '',
    language: deps.defaultLanguage,
    now,
  });
  return createWorkers(
    { ...deps, deliverWebhook: webhookDelivery.deliver },
    {
      outbox,
      now,
      random,
      log,
      hooks,
      tellFailed: async (entry, refused, error) => {
        await webhookDelivery.tellFailed(entry, refused);
        await tellUndelivered({ accounts, auditLog, outbox, organisations, now }, entry, refused, error);
      },
      mayClaim: clock.mayLease,
      ...(deps.busy === undefined ? {} : { busy: deps.busy }),
      mayGiveUp: clock.mayEnd,
    },
  );
}

/** Not while the clock of this node may be wrong, where that matters. */
async function runRegularly({ needs, run, wakes }: RegularJob, clock: Clock, goOn: () => boolean): Promise<void> {
  if (needs === 'lease' && !clock.mayLease()) return;
  if (needs === 'end' && !clock.mayEnd()) return;
  const found = await run(goOn);
  if (typeof found === 'number' && found > 0) wakes?.wake();
}

/** Whatever the clock, one after the other. */
async function runAllDue(jobs: RegularJob[]): Promise<void> {
  for (const { run, runDue } of jobs) await (runDue === undefined ? run(() => true) : runDue());
}

/** What was written since the last checkpoint would be unsigned for as long as no node runs. */
async function signAtEnd(signer: Signer, log: JobLog): Promise<void> {
  try {
    await signAudit(signer, log, 0);
  } catch (error) {
    log.warn({ err: error }, 'the audit log was not signed at the end; the next node signs it');
  }
}

/** Leases also end by themselves, so the end of this node does not wait for a database that is away. */
async function giveBack(releases: Promise<unknown>[], log: JobLog): Promise<void> {
  let fault: unknown = new Error(`no answer within ${RELEASE_MS / 1000} seconds`);
  const released = Promise.all(releases).then(
    () => {
      fault = undefined;
    },
    (error: unknown) => {
      fault = error;
    },
  );
  await atMost(RELEASE_MS, [released]);
  if (fault !== undefined) log.warn({ err: fault }, 'a lease was not given back');
}
