/**
 * Applies a planned import person by person. It may be broken off at any point: the same again goes on, and the accounts
 * end as if nothing had happened.
 */
import type { Language } from '../../domain/account/languages.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import type { AuditDetails } from '../../domain/audit/audit-entry.ts';
import type { FeedContext } from '../../domain/feed/feed.ts';
import type { Statement } from '../../domain/feed/feed-statement.ts';
import { nameOfColumn, type Source } from '../../domain/feed/source.ts';
import type { ForeignKind } from '../../domain/passwords/foreign-hash.ts';
import type { AuditEntry, AuditLog } from '../../domain/ports/audit-log.ts';
import type { ImportRecord, Imports } from '../../domain/ports/imports.ts';
import type { RandomBytes } from '../../domain/random.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { type Brought, bringIn, settle, settleAll } from './bring-in.ts';
import type { FedAccounts } from './dry-run.ts';
import { createHashAnnouncer } from './hash-announcer.ts';
import { eventOf, type ImportEvent, isHashRefused } from './import-event.ts';
import { quarantineLater } from './quarantine.ts';

export type ApplyOptions = {
  source: Source;
  organisations: Organisation[];
  defaultLanguage: Language;
  invitationSeconds: number;
  accounts: FedAccounts;
  imports: Imports;
  sealer: Sealer;
  now: () => number;
  randomBytes: RandomBytes;
  foreignHash: (kind: ForeignKind) => Promise<void>;
  /** hears of people whom the plan took and who were refused now */
  tell: (event: ImportEvent) => Promise<void>;
  /** who applies it, and where that is written down */
  actor: AuditEntry['actor'];
  auditLog: Pick<AuditLog, 'append'>;
  /** people done so far; called between two parts */
  progress: (done: number, total: number) => void | Promise<void>;
  /** how many losses whoever applies it agreed to; absent: nothing was asked */
  allowLosses?: number;
};

/**
 * `superseded`: another import of this source was applied after this one was planned. `losses`: an alarm is to be answered
 * with that number of losses. `done`: it was applied before.
 */
export type ApplyOutcome =
  | { kind: 'applied' | 'done'; record: ImportRecord }
  | { kind: 'superseded' }
  | { kind: 'losses'; losses: number };

export async function applyImport(record: ImportRecord, options: ApplyOptions): Promise<ApplyOutcome> {
  const { imports, source, now } = options;
  const { id, counts } = record;
  if (record.appliedAt !== undefined) return { kind: 'done', record };
  const asked = record.alarms.length > 0 || options.allowLosses !== undefined;
  if (asked && options.allowLosses !== counts.losses) return { kind: 'losses', losses: counts.losses };
  if (!(await begin(record, options))) return { kind: 'superseded' };

  const { actor } = options;
  const context = (): FeedContext => ({
    ...options,
    source,
    now: now(),
    // of a person it says how: the entry of the import itself says who typed the command
    ...(actor.kind === 'command' ? {} : { by: actor }),
  });
  const hashes = createHashAnnouncer(options.foreignHash);
  const before = await imports.progress(id);
  let waiting: Statement[] = JSON.parse(before?.waiting ?? '[]');
  const refused: ImportEvent[] = JSON.parse(before?.refused ?? '[]');
  const withName = (event: ImportEvent): ImportEvent =>
    event.outcome === 'refused' && event.column !== undefined
      ? { ...event, column: nameOfColumn(source, event.column) }
      : event;
  const brought = async (each: Brought) => {
    if (each.outcome.kind !== 'refused') return;
    const event = withName(eventOf(each, source.id, now()));
    refused.push(event);
    await options.tell(event);
  };
  const ports = { accounts: options.accounts, context, brought };
  const keep = (done: number) =>
    imports.putProgress(id, { done, waiting: JSON.stringify(waiting), refused: JSON.stringify(refused) });
  const total = counts.new + counts.changed + counts.ends + counts.reopens;
  let people = 0;
  try {
    for (let number = before?.done ?? 0; number < record.parts.people; number += 1) {
      const statements: Statement[] = JSON.parse((await imports.part(id, 'people', number)) ?? '[]');
      for (const { passwordHash } of statements) await hashes.before(passwordHash);
      waiting = [...waiting, ...(await settle(await bringIn(statements, ports), ports, false))];
      await keep(number + 1);
      people += statements.length;
      await options.progress(people, total);
    }
    await settleAll(waiting, ports);
    waiting = [];
    await keep(record.parts.people);
  } finally {
    await hashes.end();
  }
  const parts = { ...record.parts, refused: await quarantineLater(record, refused, imports) };
  const applied: ImportRecord = { ...record, parts, appliedAt: now(), refusedLater: refused.length };
  await noteApplied(applied, refused, options);
  await imports.put(applied);
  // the people of a plan that was carried out serve nobody, and may hold password hashes
  await imports.dropParts(id, 'people', record.parts.people);
  await imports.dropParts(id, 'records', record.parts.records ?? 0);
  return { kind: 'applied', record: applied };
}

/** One import of a source at a time begins, and only on what it was planned for. True as well where this one had begun. */
async function begin({ id, source, counts, people, full, follows }: ImportRecord, { imports, now }: ApplyOptions) {
  const last = await imports.latest(source);
  if (last?.id === id) return true;
  const { refused, suspended } = counts;
  // a file that names only some says nothing of how long the next full one is
  const compared = full ? people : (last?.people ?? {});
  const latest = { id, at: now(), people: compared, refused, suspended: suspended?.people ?? 0 };
  return imports.begin(source, latest, follows);
}

/** The log keeps an id once, so the entries are there once, wherever it was broken off. */
async function noteApplied(
  { id, source: name, counts, refusedLater = 0 }: ImportRecord,
  refused: readonly ImportEvent[],
  { auditLog, actor, source, now }: ApplyOptions,
): Promise<void> {
  const hashes = (counts.hashesRefused ?? 0) + refused.filter((event) => isHashRefused(event, source)).length;
  const made = { new: counts.new, changed: counts.changed, ends: counts.ends, reopens: counts.reopens };
  const details = {
    source: name,
    import: id,
    ...Object.fromEntries(Object.entries(made).map(([kind, number]) => [kind, String(number)])),
    refused: String(counts.refused + refusedLater),
    suspended: String(counts.suspended?.people ?? 0),
  } as AuditDetails['import.applied'];
  await auditLog.append({ id: `applied-${id}`, at: now(), action: 'import.applied', actor, details });
  if (hashes === 0) return;
  const rows = { source: name, rows: String(hashes) };
  await auditLog.append({ id: `hashes-${id}`, at: now(), action: 'password-hash.refused', actor, details: rows });
}
