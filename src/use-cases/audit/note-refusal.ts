/**
 * Writes down that somebody was refused what a role does not allow (docs/decisions/audit-chain.md): once an hour for each person
 * or service and place, so that nobody fills the log by asking again.
 */
import { createHash } from 'node:crypto';
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import type { RandomBytes } from '../../domain/random.ts';
import { type Actor, entryBy } from '../actor.ts';

const HOUR_MS = 3_600_000;
const LONGEST_PLACE = 200;

/** @param where what was asked for, out of a closed list: "POST /admin/applications/:id/secrets" */
export async function noteRefusal(
  actor: Actor,
  where: string,
  deps: { auditLog: Pick<AuditLog, 'append'>; now: () => number; randomBytes: RandomBytes },
): Promise<void> {
  const place = where.slice(0, LONGEST_PLACE);
  const entry = entryBy(actor, { action: 'authority.refused', details: { where: place } }, deps);
  const hour = Math.floor(deps.now() / HOUR_MS);
  const same = createHash('sha256')
    .update(JSON.stringify([actor.kind, actor.id, place, hour]))
    .digest('base64url');
  // the log keeps an id once
  await deps.auditLog.append({ ...entry, id: `refused-${same}` });
}
