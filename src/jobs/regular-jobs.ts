/** The repeated jobs of every node: how often each runs, and what the clock must allow for it. */
import type { Signer } from '../use-cases/audit/checkpoint.ts';
import { deleteOrphans } from '../use-cases/webhooks/orphans.ts';
import type { WatchedRules } from './access-rules.ts';
import { runAccountExpiry } from './account-expiry.ts';
import { signAudit } from './audit-checkpoint.ts';
import { pruneAudit } from './audit-pruning.ts';
import type { ClientExpiry } from './client-expiry.ts';
import type { createEffectDispatch } from './effect-dispatch.ts';
import { eraseDue } from './erasures.ts';
import { endExpiredSessions } from './expired-sessions.ts';
import { tellOfHalfway } from './halfway-sign-ins.ts';
import type { JobDeps } from './job-deps.ts';
import { rotateKeys } from './key-rotation.ts';
import { forgetMerges } from './merges.ts';
import type { OutboxWorker } from './outbox.ts';
import type { PendingClients } from './pending-clients.ts';
import { keepRoles } from './roles.ts';
import type { SecretWarnings } from './secret-warnings.ts';
import { tendRecoveries } from './slow-recoveries.ts';
import { sweepExpired } from './sweep.ts';
import { sendWaitingInvitations } from './waiting-invitations.ts';
import { announceEvents } from './webhooks.ts';
import { withdrawClosedAccess } from './withdrawn-access.ts';
import { wrapForeignHashes } from './wrap.ts';

export type RegularJob = {
  name: string;
  everyMs: number;
  /** what the clock of this node must be good for (clock.ts); absent: it runs whatever the clock says */
  needs?: 'lease' | 'end';
  run(goOn: () => boolean): Promise<unknown>;
  /** the worker that has something to do where `run` says that there is more than 0 */
  wakes?: Pick<OutboxWorker, 'wake'>;
  /** what is done in place of `run` where all that is due is done at once, on this node */
  runDue?(): Promise<unknown>;
};

/** What several jobs and the start share. */
export type JobParts = {
  checkClock(): Promise<void>;
  clientExpiry: ClientExpiry;
  accessRules: WatchedRules;
  secretWarnings: SecretWarnings;
  pendingClients: PendingClients;
  effects: ReturnType<typeof createEffectDispatch>;
  signer: Signer;
  emails: OutboxWorker;
  webhooks: OutboxWorker;
};

const nothing = async () => {};

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * In the order in which all that is due is done at once: each after those that may give it something to do. `causing` come before
 * the deliveries of the outbox, `keeping` after them.
 */
export function regularJobs(deps: JobDeps, parts: JobParts): { causing: RegularJob[]; keeping: RegularJob[] } {
  const { storage, organisations, sealer, hashing, holder, now, randomBytes, log } = deps;
  const { leases } = storage;
  const { effects, signer } = parts;
  const common = { storage, organisations, sealer, holder, now, log };
  const accountExpiry = { ...common, warningDays: deps.endWarningDays };
  const roles = { ports: storage, organisations, now, randomBytes, leases, holder, log };
  const pruning = { ...common, signer, retain: deps.auditRetain };
  const rotation = { storage, sealer, schedule: deps.keySchedule, holder, now };
  const tellSetAside = (fault: string) =>
    log.error({ fault }, 'an audit entry was set aside; pedel storage check names all');
  return {
    causing: [
      { name: 'clock', everyMs: 30 * SECOND_MS, run: parts.checkClock, runDue: nothing },
      // reads every client once
      { name: 'client-expiry', everyMs: HOUR_MS, run: parts.clientExpiry.check, runDue: nothing },
      { name: 'access-rules', everyMs: MINUTE_MS, run: parts.accessRules.check, runDue: nothing },
      {
        name: 'account-expiry',
        everyMs: MINUTE_MS,
        needs: 'end',
        run: (goOn) => runAccountExpiry(accountExpiry, goOn),
      },
      // looks whether the last round is a day old
      { name: 'erasures', everyMs: HOUR_MS, needs: 'end', run: (goOn) => eraseDue(common, goOn) },
      // these four are nearly always one small read (due-accounts.ts)
      { name: 'halfway-sign-ins', everyMs: MINUTE_MS, needs: 'end', run: (goOn) => tellOfHalfway(deps, goOn) },
      { name: 'invitations', everyMs: MINUTE_MS, needs: 'end', run: (goOn) => sendWaitingInvitations(deps, goOn) },
      { name: 'merges', everyMs: HOUR_MS, needs: 'end', run: (goOn) => forgetMerges(deps, goOn) },
      { name: 'slow-recoveries', everyMs: MINUTE_MS, needs: 'end', run: (goOn) => tendRecoveries(deps, goOn) },
      {
        name: 'effects',
        everyMs: 2 * SECOND_MS,
        needs: 'lease',
        run: effects.sweepLeased,
        wakes: parts.emails,
        runDue: effects.sweep,
      },
      // nearly always two small reads
      {
        name: 'withdrawn-access',
        everyMs: MINUTE_MS,
        needs: 'end',
        run: (goOn) => withdrawClosedAccess({ storage, withdraw: deps.withdraw, holder, now, log }, goOn),
      },
      {
        name: 'expired-sessions',
        everyMs: MINUTE_MS,
        needs: 'end',
        run: (goOn) => endExpiredSessions({ leases, endExpired: deps.endExpired, holder, now, log }, goOn),
      },
      // reads every client once
      {
        name: 'pending-clients',
        everyMs: 10 * MINUTE_MS,
        needs: 'end',
        async run(goOn) {
          await parts.pendingClients.sweep(goOn);
          await deleteOrphans({ ...storage, now, randomBytes }, goOn);
        },
      },
      // reads every client once
      {
        name: 'secret-warnings',
        everyMs: HOUR_MS,
        needs: 'end',
        run: parts.secretWarnings.check,
        wakes: parts.emails,
      },
      { name: 'roles', everyMs: MINUTE_MS, needs: 'end', run: () => keepRoles(roles) },
      // without a webhook two small reads
      {
        name: 'webhooks',
        everyMs: 3 * SECOND_MS,
        needs: 'lease',
        run: (goOn) => announceEvents({ ...storage, holder, now }, goOn),
        wakes: parts.webhooks,
      },
    ],
    keeping: [
      // reads every account once
      {
        name: 'wrap',
        everyMs: 5 * MINUTE_MS,
        needs: 'lease',
        run: (goOn) => wrapForeignHashes({ storage, hashing, holder, now }, goOn),
      },
      { name: 'keys', everyMs: MINUTE_MS, needs: 'lease', run: (goOn) => rotateKeys(rotation, goOn) },
      // looks whether the last checkpoint is an hour old, which is one small read
      {
        name: 'audit-checkpoint',
        everyMs: MINUTE_MS,
        needs: 'lease',
        run: () => signAudit(signer, log),
        runDue: nothing,
      },
      // looks whether the last round is a day old
      { name: 'audit-pruning', everyMs: 10 * MINUTE_MS, needs: 'end', run: (goOn) => pruneAudit(pruning, goOn) },
      // a node that is killed loses as much of these hints
      { name: 'refusals', everyMs: 5 * SECOND_MS, run: deps.writeRefusals },
      // who is told a number soon calls
      { name: 'incidents', everyMs: 2 * SECOND_MS, run: deps.writeIncidents },
      // a node that is killed notes it again with the next use
      { name: 'client-uses', everyMs: 5 * SECOND_MS, run: deps.writeUses },
      {
        name: 'sweep',
        everyMs: MINUTE_MS,
        needs: 'end',
        run: (goOn) => sweepExpired(storage, holder, now, goOn, tellSetAside),
      },
    ],
  };
}
