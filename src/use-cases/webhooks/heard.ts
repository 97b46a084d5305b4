/**
 * How far the audit log has been read for webhooks. An entry is written with the change that it tells, so reading the log
 * loses no event, however a process dies; see docs/decisions/webhooks.md.
 */
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import type { Values } from '../../domain/ports/values.ts';

const NAME = 'webhooks-heard';

/** `at`: when it was written (epoch ms). `chains`: the last place that was read of each chain. */
export type Heard = { at: number; chains: Record<string, number> };

/** `text`: as it is stored, for `moveHeard`. Undefined: nothing was ever read. */
export async function readHeard(values: Pick<Values, 'get'>): Promise<{ heard: Heard; text: string } | undefined> {
  const text = await values.get(NAME);
  return text === undefined ? undefined : { heard: JSON.parse(text) as Heard, text };
}

/** The new text. Undefined: another node was faster, and nothing changes. */
export async function moveHeard(
  values: Pick<Values, 'replace'>,
  heard: Heard,
  before: string | undefined,
): Promise<string | undefined> {
  const text = JSON.stringify(heard);
  return (await values.replace(NAME, text, before)) ? text : undefined;
}

/** Where each chain is now. */
export async function headsNow(auditLog: Pick<AuditLog, 'heads'>, now: number): Promise<Heard> {
  const heads = await auditLog.heads();
  return { at: now, chains: Object.fromEntries(heads.map(({ node, seq }) => [node, seq])) };
}

/** Ensures that what happens from now on is read once there is a webhook; where the log is read already, nothing changes. */
export async function listenFromNow({
  values,
  auditLog,
  now,
}: {
  values: Pick<Values, 'get' | 'replace'>;
  auditLog: Pick<AuditLog, 'heads'>;
  now: () => number;
}): Promise<void> {
  if ((await readHeard(values)) === undefined) await moveHeard(values, await headsNow(auditLog, now()), undefined);
}
