/** What happened to an account in the last 90 days, as its owner reads it: page by page, newest first. */
import type { AuditEntry, AuditLog } from '../../domain/ports/audit-log.ts';

export const ACTIVITY_DAYS = 90;
const SHOWN_MS = ACTIVITY_DAYS * 24 * 60 * 60 * 1000;
const PAGE = 25;
/** Of an investigation its subject need not know. */
const untold: ReadonlySet<string> = new Set(['account.held', 'account.hold-released']);

/** Where a page goes on, and how an entry is named: `<epoch ms>.<id>`. */
export const entryName = ({ at, id }: Pick<AuditEntry, 'at' | 'id'>) => `${at}.${id}`;

function placeOf(name: string): { at: number; id: string } | undefined {
  const [, at, id] = /^(\d{1,15})\.(.{1,200})$/.exec(name) ?? [];
  return at === undefined || id === undefined ? undefined : { at: Number(at), id };
}

/**
 * A page of entries about this account, whoever acted, without sealed values.
 * @param before the name of the last entry of the page before; one that is no name counts as none
 * @returns `next`: the name with which the next page begins; absent: there is none
 * @throws what the storage throws
 */
export async function ownActivity(
  accountId: string,
  { before, now }: { before: string; now: number },
  { auditLog }: { auditLog: Pick<AuditLog, 'page'> },
): Promise<{ entries: AuditEntry[]; next?: string }> {
  const filter = { subject: accountId, from: now - SHOWN_MS };
  const found = await auditLog.page(filter, placeOf(before), PAGE + 1);
  const page = found.slice(0, PAGE);
  const entries = page.filter(({ action }) => !untold.has(action)).map(({ sealedValues: _, ...entry }) => entry);
  const last = page.at(-1);
  return { entries, ...(found.length > PAGE && last !== undefined ? { next: entryName(last) } : {}) };
}

/**
 * The entry of that name. Undefined: it is about somebody else, older than 90 days, or there is none.
 * @throws what the storage throws
 */
export async function ownEntry(
  accountId: string,
  { name, now }: { name: string; now: number },
  { auditLog }: { auditLog: Pick<AuditLog, 'page'> },
): Promise<AuditEntry | undefined> {
  const place = placeOf(name);
  if (place === undefined || place.at < now - SHOWN_MS) return undefined;
  const { at, id } = place;
  const found = await auditLog.page({ subject: accountId, from: at, to: at + 1 }, undefined, PAGE);
  return found.find((entry) => entry.id === id);
}
