/** Starts all background jobs. Every node may run them: leases ensure that two never do the same. */
import type { Account } from '../domain/account/account.ts';
import type { Language } from '../domain/account/languages.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { contained } from '../domain/contained.ts';
import type { Hashing } from '../domain/passwords/stored-hash.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { RandomBytes } from '../domain/random.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import type { KeySchedule } from '../domain/signing-keys/signing-key-schedule.ts';
import { createSigner } from '../use-cases/audit/checkpoint.ts';
import { forgetPerson } from '../use-cases/lifecycle/forget-person.ts';
import { finishMerge, finishPart } from '../use-cases/people/finish-move.ts';
import { deleteOrphans } from '../use-cases/webhooks/orphans.ts';
import { type WatchedRules, watchAccessRules } from './access-rules.ts';
import { type AccountExpiryDeps, runAccountExpiry } from './account-expiry.ts';
import { atMost } from './at-most.ts';
import { signAudit } from './audit-checkpoint.ts';
import { pruneAudit } from './audit-pruning.ts';
import { type ClientExpiry, watchClientExpiry } from './client-expiry.ts';
import { type Clock, watchClock } from './clock.ts';
import { createWorkers, type DeliveryDeps } from './deliveries.ts';
import { dispatchEffects, type EffectDeps, sweepEffects } from './effects.ts';
import { eraseDue } from './erasures.ts';
import { type ExpiredSessionDeps, endExpiredSessions } from './expired-sessions.ts';
import { tellOfHalfway } from './halfway-sign-ins.ts';
import { startHeartbeat } from './heartbeat.ts';
import { rotateKeys } from './key-rotation.ts';
import type { JobLog } from './log.ts';
import { forgetMerges } from './merges.ts';
import type { OutboxHooks } from './outbox-outcome.ts';
import { type PendingClients, sweepPendingClients } from './pending-clients.ts';
import { repeat } from './repeat.ts';
import { keepRoles } from './roles.ts';
import { createJobRuns, type JobRun } from './runs.ts';
import { type SecretWarnings, warnOfSecrets } from './secret-warnings.ts';
import { tendRecoveries } from './slow-recoveries.ts';
import { sweepExpired } from './sweep.ts';
import { tellUndelivered } from './undelivered.ts';
import { sendWaitingInvitations } from './waiting-invitations.ts';
import { announceEvents, createWebhookDelivery, type WebhookJobDeps } from './webhooks.ts';
import { type WithdrawnAccessDeps, withdrawClosedAccess } from './withdrawn-access.ts';
import { wrapForeignHashes } from './wrap.ts';

export type JobDeps = DeliveryDeps & {
  storage: Pick<
    Storage,
    | 'consents'
    | 'accounts'
    | 'clients'
    | 'clientUses'
    | 'incidents'
    | 'protocolRecords'
    | 'outbox'
    | 'auditLog'
    | 'leases'
    | 'values'
    | 'signingKeys'
    | 'roleGrants'
    | 'sweep'
    | 'clock'
    | 'webhooks'
  >;
  endSessions: EffectDeps['endSessions'];
  endExpired: ExpiredSessionDeps['endExpired'];
  /** Stores what applications were refused, which this node has noted. */
  writeRefusals: () => Promise<void>;
  /** Stores what happened under incident numbers, which this node has noted. */
  writeIncidents: () => Promise<void>;
  /** Stores when applications were used, which this node has noted. */
  writeUses: () => Promise<void>;
  withdraw: WithdrawnAccessDeps['withdraw'];
  hashing: Pick<Hashing, 'wrap'>;
  sealer: Sealer;
  keySchedule: KeySchedule;
  organisations: Organisation[];
  /** For contacts of applications and webhooks, of whom nothing else is known. */
  defaultLanguage: Language;
  /** as `SendDeps`: how webhooks are called */
  callWebhook: WebhookJobDeps['fetch'];
  endWarningDays: readonly number[];
  /** how long the link of an invitation works */
  invitationSeconds: number;
  /** path of the file that notes who was erased; absent: none is kept */
  erasureJournal?: string;
  /** how long the audit log is kept, as an ISO 8601 duration; absent: for ever */
  auditRetain?: string;
  /** A random name of this process among the nodes. */
  holder: string;
  now: () => number;
  random: () => number;
  randomBytes: RandomBytes;
  log: JobLog;
  hooks?: OutboxHooks;
};

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

const ACCESS_RULES_EVERY_MS = 60_000;
const EFFECTS_EVERY_MS = 2000;
const EFFECTS_LEASE_MS = 10_000; // after a crash the next node waits at most this long
const EXPIRED_SESSIONS_EVERY_MS = 60_000;
const REFUSALS_EVERY_MS = 5000; // who is killed loses as much of these hints
const INCIDENTS_EVERY_MS = 2000; // who is told a number soon calls; who is killed loses as much
const USES_EVERY_MS = 5000; // who is killed notes it again with the next use
const WITHDRAWN_ACCESS_EVERY_MS = 60_000; // nearly always two small reads
const CLOCK_EVERY_MS = 30_000;
const CLIENT_EXPIRY_EVERY_MS = 3_600_000; // reads every client once
const SECRET_WARNINGS_EVERY_MS = 3_600_000; // the same
const SLOW_RECOVERIES_EVERY_MS = 60_000; // nearly always one small read
const PENDING_CLIENTS_EVERY_MS = 600_000; // the same
const WEBHOOKS_EVERY_MS = 3000; // without a webhook two small reads
const SWEEP_EVERY_MS = 60_000;
const AUDIT_EVERY_MS = 60_000; // looks whether the last checkpoint is an hour old, which is one small read
const AUDIT_PRUNING_EVERY_MS = 600_000; // looks whether the last round is a day old
const KEYS_EVERY_MS = 60_000;
const ACCOUNT_EXPIRY_EVERY_MS = 60_000;
const ERASURES_EVERY_MS = 3_600_000; // looks whether the last round is a day old
const HALFWAY_EVERY_MS = 60_000; // nearly always one small read
const INVITATIONS_EVERY_MS = 60_000; // nearly always one small read
const MERGES_EVERY_MS = 3_600_000; // mostly one small read
const ROLES_EVERY_MS = 60_000;
const WRAP_EVERY_MS = 300_000; // reads every account once
/** Held between the runs too, so that one node does the work; the other jobs give theirs back after each run. */
const KEPT_LEASES = ['effects', 'webhooks'];
const GRACE_MS = 10_000;
const RELEASE_MS = 2000;

/** Starts at once. Failures of jobs are logged, not thrown. */
export function startJobs(deps: JobDeps): Jobs {
  const { storage, endSessions, hashing, holder, now, random, log, hooks = {} } = deps;
  const { accounts, outbox, auditLog, leases } = storage;
  const clock = watchClock({ storage, now, elapsed: () => performance.now(), log });
  const webhookDelivery = createWebhookDelivery({
    webhooks: storage.webhooks,
    outbox,
    sealer: deps.sealer,
    fetch: deps.callWebhook,
    organisation: deps.organisations[0]?.id ?? '',
    language: deps.defaultLanguage,
    now,
  });
  const workers = createWorkers(
    { ...deps, deliverWebhook: webhookDelivery.deliver },
    {
      outbox,
      now,
      random,
      log,
      hooks,
      tellFailed: async (entry, refused, error) => {
        await webhookDelivery.tellFailed(entry, refused);
        await tellUndelivered(
          { accounts, auditLog, outbox, organisations: deps.organisations, now },
          entry,
          refused,
          error,
        );
      },
      mayClaim: clock.mayLease,
      mayGiveUp: clock.mayEnd,
    },
  );
  const { emails, webhooks } = workers;
  const allWorkers = Object.values(workers);
  const keyRotation = { storage, sealer: deps.sealer, schedule: deps.keySchedule, holder, now };
  const accountExpiry: AccountExpiryDeps = {
    storage,
    organisations: deps.organisations,
    warningDays: deps.endWarningDays,
    holder,
    now,
    log,
  };
  const moving = {
    accounts,
    organisations: deps.organisations,
    sealer: deps.sealer,
    now,
    onLost: (accountId: string, names: string[]) =>
      log.error({ accountId, names }, 'a merge or split left behind what another account had first'),
  };
  const effectDeps: EffectDeps = {
    accounts,
    outbox,
    auditLog,
    endSessions,
    forget: (id) => forgetPerson(id, { ...storage, journal: deps.erasureJournal, now }),
    finishMerge: (id, entry) => finishMerge(id, entry, moving),
    finishPart: (id, part) => finishPart(id, part, moving),
    now,
  };
  const erasures = { storage, organisations: deps.organisations, sealer: deps.sealer, holder, now, log };
  const withdrawnAccess = { storage, withdraw: deps.withdraw, holder, now, log };
  const expiredSessions = { leases, endExpired: deps.endExpired, holder, now, log };
  const roles = {
    ports: storage,
    organisations: deps.organisations,
    now,
    randomBytes: deps.randomBytes,
    leases,
    holder,
    log,
  };
  const tellSetAside = (fault: string) =>
    log.error({ fault }, 'an audit entry was set aside; pedel storage check names all');
  const auditSigner = createSigner({ auditLog, sealer: deps.sealer, now });
  const auditPruning = {
    storage,
    sealer: deps.sealer,
    signer: auditSigner,
    retain: deps.auditRetain,
    holder,
    now,
    log,
  };
  const dispatching = new Set<Promise<void>>();
  let stopped = false;
  const goOn = () => !stopped;

  const wake = () => {
    for (const worker of allWorkers) worker.wake();
  };
  const onFailure = contained(
    (error: unknown, accountId: string) =>
      log.error({ err: error, accountId }, 'effects of an account could not be dispatched yet'),
    () => undefined,
  );
  /** Never rejects: nobody waits for it. */
  async function inBackground(account: Account): Promise<void> {
    try {
      const { letters } = await dispatchEffects(account, effectDeps);
      if (letters > 0) emails.wake(); // whoever puts a logout wakes by itself
    } catch (error) {
      onFailure(error, account.id);
    }
  }

  async function sweepLeftovers(): Promise<void> {
    if ((await leases.acquire('effects', holder, now() + EFFECTS_LEASE_MS, now())) === undefined) return;
    const { letters: put } = await sweepEffects({ ...effectDeps, accounts, onFailure }, goOn);
    if (put > 0) emails.wake();
  }

  async function hearEvents(): Promise<void> {
    const found = await announceEvents({ ...storage, holder, now }, goOn);
    if (found > 0) webhooks.wake();
  }

  const heartbeat = startHeartbeat({ leases, holder, now, log });
  for (const worker of allWorkers) worker.start();
  /** A repeated job that waits while the clock of this node may be wrong. */
  const onlyWhile = (may: () => boolean, job: () => Promise<unknown>) => async () => {
    if (may()) await job();
  };
  const runs = createJobRuns(now);
  const regularly = (name: string, everyMs: number, job: () => Promise<unknown>) =>
    repeat(name, everyMs, runs.watched(name, everyMs, job), log);
  const leasing = (name: string, everyMs: number, job: () => Promise<unknown>) =>
    regularly(name, everyMs, onlyWhile(clock.mayLease, job));
  const ending = (name: string, everyMs: number, job: () => Promise<unknown>) =>
    regularly(name, everyMs, onlyWhile(clock.mayEnd, job));
  async function checkClock(): Promise<void> {
    const before = clock.mayLease();
    await clock.check();
    if (!before && clock.mayLease()) wake();
  }
  const clientExpiry = watchClientExpiry({ storage, now, log });
  const secretWarnings = warnOfSecrets(deps);
  async function checkSecrets(mayMail = clock.mayEnd()): Promise<void> {
    if (mayMail && (await secretWarnings.check(goOn)) > 0) emails.wake();
  }
  // the repeated checks report what they find
  const pendingClients = sweepPendingClients({ storage, now, randomBytes: deps.randomBytes, log });
  const accessRules = watchAccessRules(deps);
  const firstCheck = Promise.allSettled([
    checkClock().then(() => checkSecrets()),
    clientExpiry.check(),
    accessRules.check(),
  ]);
  const repeated = [
    regularly('clock', CLOCK_EVERY_MS, checkClock),
    regularly('refusals', REFUSALS_EVERY_MS, deps.writeRefusals),
    regularly('incidents', INCIDENTS_EVERY_MS, deps.writeIncidents),
    regularly('client-uses', USES_EVERY_MS, deps.writeUses),
    regularly('client-expiry', CLIENT_EXPIRY_EVERY_MS, clientExpiry.check),
    regularly('access-rules', ACCESS_RULES_EVERY_MS, accessRules.check),
    regularly('secret-warnings', SECRET_WARNINGS_EVERY_MS, checkSecrets),
    ending('pending-clients', PENDING_CLIENTS_EVERY_MS, async () => {
      await pendingClients.sweep(goOn);
      await deleteOrphans({ ...storage, now, randomBytes: deps.randomBytes }, goOn);
    }),
    leasing('effects', EFFECTS_EVERY_MS, sweepLeftovers),
    leasing('webhooks', WEBHOOKS_EVERY_MS, hearEvents),
    leasing('wrap', WRAP_EVERY_MS, () => wrapForeignHashes({ storage, hashing, holder, now }, goOn)),
    leasing('keys', KEYS_EVERY_MS, () => rotateKeys(keyRotation, goOn)),
    ending('account-expiry', ACCOUNT_EXPIRY_EVERY_MS, () => runAccountExpiry(accountExpiry, goOn)),
    ending('erasures', ERASURES_EVERY_MS, () => eraseDue(erasures, goOn)),
    ending('halfway-sign-ins', HALFWAY_EVERY_MS, () => tellOfHalfway(deps, goOn)),
    ending('invitations', INVITATIONS_EVERY_MS, () => sendWaitingInvitations(deps, goOn)),
    ending('merges', MERGES_EVERY_MS, () => forgetMerges(deps, goOn)),
    ending('slow-recoveries', SLOW_RECOVERIES_EVERY_MS, () => tendRecoveries(deps, goOn)),
    ending('expired-sessions', EXPIRED_SESSIONS_EVERY_MS, () => endExpiredSessions(expiredSessions, goOn)),
    ending('roles', ROLES_EVERY_MS, () => keepRoles(roles)),
    ending('withdrawn-access', WITHDRAWN_ACCESS_EVERY_MS, () => withdrawClosedAccess(withdrawnAccess, goOn)),
    leasing('audit-checkpoint', AUDIT_EVERY_MS, () => signAudit(auditSigner, log)),
    ending('audit-pruning', AUDIT_PRUNING_EVERY_MS, () => pruneAudit(auditPruning, goOn)),
    ending('sweep', SWEEP_EVERY_MS, () => sweepExpired(storage, holder, now, goOn, tellSetAside)),
  ];

  /** What was written since the last checkpoint would be unsigned for as long as no node runs. */
  async function signAtEnd(): Promise<void> {
    try {
      await signAudit(auditSigner, log, 0);
    } catch (error) {
      log.warn({ err: error }, 'the audit log was not signed at the end; the next node signs it');
    }
  }

  return {
    dispatchEffects(account) {
      if (stopped || account.effects.length === 0) return; // the sweep finds them in the account
      const dispatched = inBackground(account).finally(() => dispatching.delete(dispatched));
      dispatching.add(dispatched);
    },
    wake,
    clock,
    runs: runs.all,
    clientExpiry,
    secretWarnings,
    pendingClients,
    accessRules,
    suspect() {
      for (const worker of allWorkers) worker.suspect();
    },
    async runDueNow() {
      await Promise.all(dispatching);
      await runAccountExpiry(accountExpiry);
      await eraseDue(erasures);
      await tellOfHalfway(deps);
      await sendWaitingInvitations(deps);
      await forgetMerges(deps);
      await tendRecoveries(deps);
      await sweepEffects({ ...effectDeps, accounts, onFailure });
      await withdrawClosedAccess(withdrawnAccess);
      await endExpiredSessions(expiredSessions);
      await pendingClients.sweep();
      await deleteOrphans({ ...storage, now, randomBytes: deps.randomBytes });
      await checkSecrets(true);
      await keepRoles(roles);
      await announceEvents({ ...storage, holder, now });
      await Promise.all(allWorkers.map((worker) => worker.runDue()));
      await wrapForeignHashes({ storage, hashing, holder, now });
      await rotateKeys(keyRotation);
      await pruneAudit(auditPruning);
      await deps.writeRefusals();
      await deps.writeIncidents();
      await deps.writeUses();
      await sweepExpired(storage, holder, now, undefined, tellSetAside);
    },
    async stop(graceMs = GRACE_MS, hurry) {
      stopped = true;
      await Promise.all([
        atMost(undefined, [firstCheck, ...dispatching, ...repeated.map((job) => job.stop())], hurry),
        ...allWorkers.map((worker) => worker.stop(graceMs, hurry)),
      ]);
      await atMost(RELEASE_MS, [deps.writeRefusals(), deps.writeIncidents(), deps.writeUses()], hurry);
      if (clock.mayLease()) await atMost(RELEASE_MS, [signAtEnd()], hurry);
      await giveBack([...KEPT_LEASES.map((lease) => leases.release(lease, holder)), heartbeat.end()], log);
    },
  };
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
