/** Plans an import: rehearses it against what is stored, and keeps what is to be applied, so that nothing is read twice. */
import { isOpen } from '../../domain/account/account-access.ts';
import { dayAt, goesOn } from '../../domain/account/affiliation.ts';
import type { Statement } from '../../domain/feed/feed-statement.ts';
import { alarmsOf } from '../../domain/feed/safeguard.ts';
import { SAFEGUARD, type Source } from '../../domain/feed/source.ts';
import type { AuditEntry, AuditLog } from '../../domain/ports/audit-log.ts';
import type { ImportRecord, Imports, PartKind } from '../../domain/ports/imports.ts';
import { randomId } from '../../domain/random.ts';
import { createDryRunAccounts } from './dry-run.ts';
import type { FeedKind } from './feed-text.ts';
import type { ImportEvent } from './import-event.ts';
import { type ImportOptions, importPeople } from './import-people.ts';
import { PART, type PersonRecords } from './quarantine.ts';
import type { QuarantinedRecord } from './spool.ts';

export type PlanOptions = Omit<ImportOptions, 'tell' | 'foreignHash' | 'quarantine'> & {
  imports: Imports;
  /** absent: a new one is drawn */
  id?: string;
  /** who plans it: an account id, a client id or the user of a command */
  by: string;
  /** the same for the audit log */
  actor: AuditEntry['actor'];
  auditLog: Pick<AuditLog, 'append'>;
  tell: (event: ImportEvent) => Promise<void>;
};

/**
 * Changes nothing but the stored plan. `tell` hears what would come of each person and each refused row.
 * @throws UnreadableFeed where nothing could be read
 */
export async function planImport(options: PlanOptions): Promise<ImportRecord> {
  const { imports, source, by, now, id = randomId(options.randomBytes) } = options;
  const plannedAt = now();
  const follows = await imports.latest(source.id);
  const accounts = createDryRunAccounts(options.accounts);
  const people = partsOf<Statement>('people', id, imports);
  const records = partsOf<PersonRecords>('records', id, imports);
  const report = partsOf<ImportEvent>('report', id, imports);
  const refused = partsOf<QuarantinedRecord | string[]>('refused', id, imports);
  let kind: FeedKind = 'csv';
  try {
    const result = await importPeople({
      ...options,
      accounts,
      foreignHash: async () => {},
      tell: async (event, brought) => {
        await report.add(event);
        if (brought !== undefined && !['unchanged', 'refused'].includes(brought.outcome.kind)) {
          await people.add(brought.statement);
          await records.add({ person: brought.statement.key, records: brought.records() });
        }
        await options.tell(event);
      },
      quarantine: async (found) => {
        kind = found.kind;
        if (kind === 'csv') await refused.add(found.header);
        for (const record of found.quarantine()) await refused.add(record);
      },
    });
    await people.end();
    await records.end();
    await report.end();
    await refused.end();
    const { counts, losses, people: speaksOf } = result;
    const open = Object.values(losses).some((lost) => lost > leastOf(source))
      ? await openAt(source, options, plannedAt)
      : {};
    const before = source.full ? follows?.people : undefined;
    const alarms = alarmsOf(source, { losses, open, people: speaksOf, before });
    const record: ImportRecord = {
      id,
      source: source.id,
      by,
      plannedAt,
      counts,
      alarms,
      full: source.full === true,
      kind,
      people: speaksOf,
      ...(follows === undefined ? {} : { follows: follows.id }),
      parts: {
        people: people.count(),
        records: records.count(),
        report: report.count(),
        refused: refused.count(),
      },
    };
    await imports.put(record);
    const details = { source: source.id, import: id, rows: String(counts.rows), refused: String(counts.refused) };
    const entry = { action: 'import.planned' as const, actor: options.actor, details };
    await options.auditLog.append({ id: `planned-${id}`, at: now(), ...entry });
    return record;
  } finally {
    accounts.close();
  }
}

const leastOf = ({ safeguard = SAFEGUARD }: Source) => safeguard.least;

/** Open accounts to which the source gives an affiliation that goes on, by organisation. */
async function openAt(source: Source, { accounts }: Pick<PlanOptions, 'accounts'>, now: number) {
  const open: Record<string, number> = {};
  const today = dayAt(now);
  let after: string | undefined;
  do {
    const page = await accounts.fedBy(source.id, after, PART);
    for (const account of page.accounts.filter((each) => isOpen(each, now))) {
      const own = account.affiliations.filter((each) => each.source === source.id && goesOn(each, today));
      for (const id of new Set(own.map(({ organisation }) => organisation))) open[id] = (open[id] ?? 0) + 1;
    }
    after = page.next;
  } while (after !== undefined);
  return open;
}

/** Collects values and stores each PART of them. */
function partsOf<Value>(kind: PartKind, id: string, imports: Pick<Imports, 'putPart'>) {
  let collected: Value[] = [];
  let count = 0;
  const store = async () => {
    const values = collected;
    collected = [];
    count += 1;
    await imports.putPart(id, kind, count - 1, JSON.stringify(values));
  };
  return {
    async add(value: Value) {
      collected.push(value);
      if (collected.length >= PART) await store();
    },
    async end() {
      if (collected.length > 0) await store();
    },
    count: () => count,
  };
}
