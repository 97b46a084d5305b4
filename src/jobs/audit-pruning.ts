/** Prunes the audit log once a day, on one node at a time: what is too old is given up with a signature, and deleted a day later. */
import { prunedCount } from '../domain/audit/pruning.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { Signer } from '../use-cases/audit/checkpoint.ts';
import { deleteGivenUp, giveUp, type PruneDeps, planPruning } from '../use-cases/audit/prune.ts';
import { tellCheckpoint } from './audit-checkpoint.ts';
import type { JobLog } from './log.ts';

const LEASE_MS = 60_000;
const HELD_EVERY_MS = 10_000;
const DAY_MS = 24 * 3600 * 1000;
/** Epoch ms at which the last complete round ended. */
const PRUNED = 'audit-pruned';

export type AuditPruningDeps = Pick<PruneDeps, 'sealer' | 'now'> & {
  storage: Pick<Storage, 'leases' | 'values' | 'auditLog'>;
  signer: Signer;
  /** absent: nothing is ever deleted */
  retain?: string | undefined;
  holder: string;
  log: JobLog;
};

/**
 * @returns how many entries were given up and deleted; undefined: it is not a day since the last round, or another node does it
 */
export async function pruneAudit(
  deps: AuditPruningDeps,
  goOn: () => boolean = () => true,
): Promise<{ givenUp: number; deleted: number } | undefined> {
  const { storage, signer, retain, holder, now, log } = deps;
  if (retain === undefined) return undefined;
  const { leases, values, auditLog } = storage;
  const looked = await values.get(PRUNED);
  if (looked !== undefined && Math.abs(now() - Number(looked)) < DAY_MS) return undefined;
  const hold = () => leases.acquire('audit-pruning', holder, now() + LEASE_MS, now());
  if ((await hold()) === undefined) return undefined;
  let heldAt = now();
  const may = async () => {
    if (!goOn()) return false;
    if (Math.abs(now() - heldAt) < HELD_EVERY_MS) return true;
    heldAt = now();
    return (await hold()) !== undefined;
  };
  const done = { givenUp: 0, deleted: 0 };
  try {
    const pruning = { auditLog, sealer: deps.sealer, retain, now };
    for (let more = true; more && (await may()); ) {
      const plan = await planPruning(pruning, may);
      for (const fault of plan.faults)
        log.error(
          fault,
          'the audit log is not what was signed there, so nothing behind is pruned: see pedel audit verify',
        );
      const signing = await giveUp(plan, { signer, auditLog, actor: { kind: 'system' }, now });
      if (signing !== undefined) {
        tellCheckpoint(signing, log);
        done.givenUp += prunedCount(signing.checkpoint.pruned ?? plan.due);
      }
      done.deleted += await deleteGivenUp(plan, { auditLog }, may);
      more = plan.more && signing !== undefined;
    }
    if (await may()) await values.replace(PRUNED, String(now()), looked);
    if (done.givenUp + done.deleted > 0) log.info(done, 'the audit log was pruned');
    return done;
  } finally {
    await leases.release('audit-pruning', holder);
  }
}
