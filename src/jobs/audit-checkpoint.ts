/** Signs the audit log once an hour, on whichever node comes first, and writes each checkpoint to the log as well, out of reach of who writes to the database. */
import type { Signer, Signing } from '../use-cases/audit/checkpoint.ts';
import type { JobLog } from './log.ts';

const HOUR_MS = 3_600_000;

/** @param afterMs signs nothing where the last checkpoint is younger */
export async function signAudit(signer: Signer, log: JobLog, afterMs = HOUR_MS): Promise<Signing | undefined> {
  const signing = await signer.sign(afterMs);
  if (signing !== undefined) tellCheckpoint(signing, log);
  return signing;
}

/** Writes a checkpoint to the log. */
export function tellCheckpoint({ checkpoint, shorter }: Signing, log: JobLog): void {
  log.info(
    { auditCheckpoint: checkpoint },
    'checkpoint of the audit log: keep this line, pedel audit verify compares it',
  );
  if (shorter.length > 0)
    log.error({ chains: shorter }, 'entries of the audit log are gone that were signed: pedel audit verify names them');
}
