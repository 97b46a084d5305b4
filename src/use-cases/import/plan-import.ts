/** Plans an import: rehearses it against what is stored, and keeps what is to be applied, so that nothing is read twice. */
import type { Statement } from '../../domain/feed/feed-statement.ts';
import type { Alarm, ImportRecord, Imports, PartKind } from '../../domain/ports/imports.ts';
import { randomId } from '../../domain/random.ts';
import { createDryRunAccounts } from './dry-run.ts';
import type { ImportEvent } from './import-event.ts';
import { type ImportOptions, importPeople } from './import-people.ts';

/** So many people, or lines of the report, are kept as one part: a bounded memory, however large the file. */
export const PART = 200;

export type PlanOptions = Omit<ImportOptions, 'tell' | 'foreignHash'> & {
  imports: Imports;
  /** who plans it: an account id, a client id or the user of a command */
  by: string;
  tell: (event: ImportEvent) => Promise<void>;
};

/**
 * Changes nothing but the stored plan. `tell` hears what would come of each person and each refused row.
 * @throws UnreadableFeed where nothing could be read
 */
export async function planImport(options: PlanOptions): Promise<ImportRecord> {
  const { imports, source, by, now } = options;
  const id = randomId(options.randomBytes);
  const plannedAt = now();
  const follows = await imports.latest(source.id);
  const accounts = createDryRunAccounts(options.accounts);
  const people = partsOf<Statement>('people', id, imports);
  const report = partsOf<ImportEvent>('report', id, imports);
  try {
    const { counts, people: speaksOf } = await importPeople({
      ...options,
      accounts,
      foreignHash: async () => {},
      tell: async (event, brought) => {
        await report.add(event);
        if (brought !== undefined && !['unchanged', 'refused'].includes(brought.outcome.kind))
          await people.add(brought.statement);
        await options.tell(event);
      },
    });
    await people.end();
    await report.end();
    const alarms: Alarm[] = [];
    const record: ImportRecord = {
      id,
      source: source.id,
      by,
      plannedAt,
      counts,
      alarms,
      people: speaksOf,
      ...(follows === undefined ? {} : { follows: follows.id }),
      parts: { people: people.count(), report: report.count(), refused: 0 },
    };
    await imports.put(record);
    return record;
  } finally {
    accounts.close();
  }
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
