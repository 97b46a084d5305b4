/** What waits to be delivered, failed or is set aside, and trying again: for emails, logouts and webhooks alike. */
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import type { Outbox, OutboxEntry, OutboxKind } from '../../domain/ports/outbox.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { type Actor, auditActorOf, may } from '../actor.ts';

export type DeliveryState = OutboxEntry['state'];
/** Without the payload, which has addresses, names, and perhaps a sealed link. `to`: of which address or webhook, in short. */
export type DeliveryRow = Omit<OutboxEntry, 'payload' | 'leasedUntil'> & { to?: string; what?: string };

export async function listDeliveries(
  actor: Actor,
  { kind, state, after, limit }: { kind?: OutboxKind; state: DeliveryState; after?: string | undefined; limit: number },
  { outbox }: { outbox: Pick<Outbox, 'list'> },
): Promise<{ kind: 'listed'; rows: DeliveryRow[]; next?: string } | { kind: 'not-found' }> {
  if (may(actor, 'deliveries:read', undefined) !== 'yes') return { kind: 'not-found' };
  const page = await outbox.list({ state, ...(kind === undefined ? {} : { kind }) }, after, limit + 1);
  const rows = page.slice(0, limit).map(deliveryRowOf);
  const last = rows.at(-1)?.id;
  return { kind: 'listed', rows, ...(page.length > limit && last !== undefined ? { next: last } : {}) };
}

/** Whether somebody may say that it is tried again: a letter that was given up has lost its link. */
export const canBeRetried = ({ kind, state }: Pick<OutboxEntry, 'kind' | 'state'>): boolean =>
  state === 'set-aside' || (state === 'failed' && kind !== 'letter');

/** Makes one that is set aside or was given up due now. `not-there`: it is gone, or waits already. */
export async function retryDelivery(
  actor: Actor,
  id: string,
  {
    outbox,
    auditLog,
    now,
    randomBytes,
  }: {
    outbox: Pick<Outbox, 'tryAgain'>;
    auditLog: Pick<AuditLog, 'append'>;
    now: () => number;
    randomBytes: RandomBytes;
  },
): Promise<{ kind: 'due' | 'not-there' | 'not-found' | 'not-allowed' }> {
  const allowed = may(actor, 'deliveries:retry', undefined);
  if (allowed !== 'yes') return { kind: allowed === 'refused' ? 'not-allowed' : 'not-found' };
  if (!(await outbox.tryAgain(id, now()))) return { kind: 'not-there' };
  await auditLog.append({
    id: randomId(randomBytes),
    at: now(),
    action: 'outbox.tried-again',
    actor: auditActorOf(actor),
    details: { entry: id },
  });
  return { kind: 'due' };
}

/** Without its payload. */
export function deliveryRowOf({ payload, leasedUntil: _, ...entry }: OutboxEntry): DeliveryRow {
  const { template, clientId, webhook, event } = payload as Record<string, unknown>;
  const to = [clientId, webhook].find((each) => typeof each === 'string') as string | undefined;
  const type = (event as { type?: unknown } | undefined)?.type;
  const what = [template, type].find((each) => typeof each === 'string') as string | undefined;
  return { ...entry, ...(to === undefined ? {} : { to }), ...(what === undefined ? {} : { what }) };
}
