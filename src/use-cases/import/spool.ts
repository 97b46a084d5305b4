/**
 * Reads a CSV of people into a temporary table on disk, so that the rows of one person come together wherever they
 * stand.
 */
import { DatabaseSync } from 'node:sqlite';
import type { Readable } from 'node:stream';
import type { Language } from '../../domain/account/languages.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { sealFedTotp } from '../../domain/feed/fed-totp.ts';
import { textFault } from '../../domain/feed/feed-cell.ts';
import { type FeedRow, KEY_LENGTH, type Refusal, readRow } from '../../domain/feed/feed-row.ts';
import type { Source } from '../../domain/feed/source.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import type { FeedRecord } from './feed-record.ts';
import { openFeed } from './feed-records.ts';
import type { FeedKind } from './feed-text.ts';

export type Spool = {
  rows: number;
  /** the lines whose person is unknown: each may have been about anybody in the file */
  unreadable: number[];
  /** the people ordered by key, `size` at a time; `complete` is false where a row was refused (see Statement) */
  people(size: number): Generator<SpooledPerson[]>;
  /** the keys of the people in this file who claim this number or address */
  claimants(login: string): string[];
  /** whether a row, refused ones as well, is of this person */
  names(key: string): boolean;
  kind: FeedKind;
  /** of a CSV, as the file has it */
  header: string[];
  /** what the file calls a column */
  nameOf(column: string): string;
  /** this person is refused as a whole, so all its records are to be mended */
  refuse(key: string, reason: string): void;
  /** the records of this person, by line */
  recordsOf(key: string): KeptRecord[];
  /** what is to be mended, by line: refused records, and the others of the same people, which have no reason */
  quarantine(): Generator<QuarantinedRecord>;
  close(): void;
};
/** `original`: the cells of a CSV, the text of others. */
export type KeptRecord = { line: number; original: string[] | string };
export type QuarantinedRecord = KeptRecord & { reason: string };
/**
 * What a row may hold: the organisations of the association, what its source may say, and the language for one that is
 * none of ours.
 */
export type FeedRules = {
  organisations: readonly Organisation[];
  source: Source;
  defaultLanguage: Language;
  /** by which seeds are sealed as soon as they are read */
  sealer: Pick<Sealer, 'seal' | 'mac'>;
};
/** `suspended`: not complete only because of a row of an unknown person. */
export type SpooledPerson = { key: string; rows: FeedRow[]; complete: boolean; suspended: boolean; contested: boolean };

/** `person`: the key of the row, where it can be read and may be stored. */
export type RefusedRow = Refusal & { person?: string };

/** Lines of unknown people that are named. */
const LINES_KEPT = 1000;
/**
 * Reads all of `input`. `refused` gets all faults of each refused row, `progress` the number of rows read so far.
 * @throws UnreadableFeed where there is no header that fits
 */
export async function spoolPeople(
  input: Readable,
  rules: FeedRules,
  refused: (refusals: RefusedRow[]) => Promise<void>,
  progress: (rows: number) => void,
): Promise<Spool> {
  const feed = await openFeed(input, rules.source);
  const table = openTable();
  try {
    let rows = 0;
    for await (const read of feed.records) {
      const record = { ...read, original: feed.keepable(read.original) };
      const before = rows;
      rows += record.rows?.length ?? 1;
      if (Math.floor(before / 1000) < Math.floor(rows / 1000)) progress(rows);
      const refusals = keepRecord(record, rules, table);
      if (refusals.length > 0)
        await refused(
          refusals.map((each) => ({
            ...each,
            ...(each.column === undefined ? {} : { column: feed.nameOf(each.column) }),
          })),
        );
    }
    table.finish();
    return { rows, ...table, kind: feed.kind, header: feed.header, nameOf: feed.nameOf };
  } catch (error) {
    table.close();
    throw error;
  }
}

/** Keeps the rows of a record, or the record among those to be mended. Returns every fault. */
function keepRecord(
  record: FeedRecord,
  { organisations, source, defaultLanguage, sealer }: FeedRules,
  table: Table,
): RefusedRow[] {
  const { line } = record;
  if (record.rows === undefined) {
    const { fault: reason, column, key } = record;
    table.distrust(key === undefined ? { line } : { key });
    table.setAside(record, key, reason);
    return named([{ line, ...(column === undefined ? {} : { column }), reason }], key);
  }
  const read = record.rows.map((fields) => readRow(line, fields, organisations, source, defaultLanguage));
  // what is said of the person is in each row of a record with several affiliations
  const refusals = [
    ...new Map(read.flatMap((each) => each.refusals).map((each) => [JSON.stringify(each), each])).values(),
  ];
  if (refusals.length === 0) {
    for (const { row } of read) if (row !== undefined) table.add(withSealedTotp(row, sealer), record.original);
    return [];
  }
  const key = read
    .map((each) => each.row?.key ?? ('key' in each ? each.key : undefined))
    .find((each) => each !== undefined);
  table.distrust(key === undefined ? { line } : { key });
  const reason = refusals.map(({ column, reason: why }) => [column, why].filter(Boolean).join(' ')).join('; ');
  table.setAside(record, key, reason);
  return named(refusals, key);
}

const named = (refusals: Refusal[], key: string | undefined): RefusedRow[] =>
  key === undefined || textFault(key, KEY_LENGTH, false) !== undefined
    ? refusals
    : refusals.map((each) => ({ ...each, person: key }));

function withSealedTotp({ totp, ...row }: FeedRow, sealer: FeedRules['sealer']): FeedRow {
  return totp === undefined ? row : { ...row, sealedTotp: sealFedTotp(totp, sealer) };
}

type Table = ReturnType<typeof openTable>;

/** A private temporary file, which SQLite removes by itself even if the process is killed. */
function openTable() {
  const db = new DatabaseSync('');
  db.exec(`
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA temp_store = FILE;
    CREATE TABLE rows (person TEXT NOT NULL, line INTEGER NOT NULL, row TEXT NOT NULL);
    CREATE TABLE originals (line INTEGER PRIMARY KEY, person TEXT, reason TEXT NOT NULL, original TEXT NOT NULL);
    CREATE TABLE claims (login TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (login, person)) WITHOUT ROWID;
    CREATE TABLE distrusted (person TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE contested (person TEXT PRIMARY KEY) WITHOUT ROWID;
    BEGIN;
  `);
  const addRow = db.prepare('INSERT INTO rows VALUES (?, ?, ?)');
  const addOriginal = db.prepare('INSERT OR IGNORE INTO originals VALUES (?, ?, ?, ?)');
  const setReason = db.prepare("UPDATE originals SET reason = ? WHERE person = ? AND reason = ''");
  const ofPerson = db.prepare('SELECT line, original FROM originals WHERE person = ? ORDER BY line');
  const addClaim = db.prepare('INSERT OR IGNORE INTO claims VALUES (?, ?)');
  const addDistrusted = db.prepare('INSERT OR IGNORE INTO distrusted VALUES (?)');
  const named = db.prepare(
    'SELECT 1 FROM rows WHERE person = ?1 UNION ALL SELECT 1 FROM distrusted WHERE person = ?1 LIMIT 1',
  );
  const claimantsOf = db.prepare('SELECT person FROM claims WHERE login = ? ORDER BY person');
  /** lines of unknown people; of more than LINES_KEPT only the first are kept */
  const unreadable: number[] = [];

  return {
    add(row: FeedRow, original: FeedRecord['original']) {
      addOriginal.run(row.line, row.key, '', JSON.stringify(original));
      addRow.run(row.key, row.line, JSON.stringify(row));
      for (const login of [row.number, ...row.otherNumbers, row.email ?? '']) {
        if (login !== '') addClaim.run(login, row.key);
      }
    },
    /** a row of this person was refused, or one of an unknown person */
    distrust(row: { key: string } | { line: number }) {
      if ('key' in row) addDistrusted.run(row.key);
      else if (unreadable.length < LINES_KEPT) unreadable.push(row.line);
    },
    setAside({ line, original }: FeedRecord, key: string | undefined, reason: string) {
      addOriginal.run(line, key ?? null, reason, JSON.stringify(original));
    },
    unreadable,
    finish() {
      db.exec(`
        COMMIT;
        CREATE INDEX by_person ON rows (person, line);
        CREATE INDEX originals_by_person ON originals (person) WHERE person IS NOT NULL;
        INSERT OR IGNORE INTO contested SELECT person FROM claims WHERE login IN
          (SELECT login FROM claims GROUP BY login HAVING count(*) > 1);
      `);
    },
    refuse(key: string, reason: string) {
      setReason.run(reason, key);
    },
    names: (key: string) => named.get(key) !== undefined,
    recordsOf: (key: string): KeptRecord[] =>
      ofPerson.all(key).map(({ line, original }) => ({ line: Number(line), original: JSON.parse(String(original)) })),
    *quarantine(): Generator<QuarantinedRecord> {
      const all = db.prepare(`
        SELECT line, reason, original FROM originals
        WHERE reason > '' OR person IN (SELECT person FROM originals WHERE reason > '' AND person IS NOT NULL)
        ORDER BY line`);
      for (const { line, reason, original } of all.iterate())
        yield { line: Number(line), reason: String(reason), original: JSON.parse(String(original)) };
    },
    claimants: (login: string) => claimantsOf.all(login).map(({ person }) => String(person)),
    *people(size: number): Generator<SpooledPerson[]> {
      const all = db.prepare(`
        SELECT rows.person, row, distrusted.person IS NOT NULL AS distrusted, contested.person IS NOT NULL AS contested
        FROM rows LEFT JOIN distrusted USING (person) LEFT JOIN contested USING (person) ORDER BY rows.person, line`);
      let batch: SpooledPerson[] = [];
      for (const { person, row, distrusted, contested } of all.iterate()) {
        const last = batch.at(-1);
        if (last !== undefined && last.key === person) last.rows.push(JSON.parse(String(row)));
        else {
          if (batch.length >= size) {
            yield batch;
            batch = [];
          }
          const complete = unreadable.length === 0 && distrusted === 0;
          batch.push({
            key: String(person),
            rows: [JSON.parse(String(row))],
            complete,
            suspended: !complete && distrusted === 0,
            contested: contested === 1,
          });
        }
      }
      if (batch.length > 0) yield batch;
    },
    close: () => db.close(),
  };
}
