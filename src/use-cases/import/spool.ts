/**
 * Reads a CSV of people into a temporary table on disk, so that the rows of one person come together wherever they
 * stand.
 */
import { DatabaseSync } from 'node:sqlite';
import type { Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import type { Language } from '../../domain/account/languages.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { type FeedRow, headerFaults, type Refusal, readRow } from '../../domain/feed/feed-row.ts';
import type { Source } from '../../domain/feed/source.ts';
import { readFeedText, UnreadableFeed } from './feed-text.ts';

export type Spool = {
  rows: number;
  /** the lines whose person is unknown: each may have been about anybody in the file */
  unreadable: number[];
  /** the people ordered by key, `size` at a time; `complete` is false where a row was refused (see Statement) */
  people(size: number): Generator<SpooledPerson[]>;
  /** the keys of the people in this file who claim this number or address */
  claimants(login: string): string[];
  close(): void;
};
/**
 * What a row may hold: the organisations of the association, what its source may say, and the language for one that is
 * none of ours.
 */
export type FeedRules = { organisations: readonly Organisation[]; source: Source; defaultLanguage: Language };
/** `suspended`: not complete only because of a row of an unknown person. */
export type SpooledPerson = { key: string; rows: FeedRow[]; complete: boolean; suspended: boolean; contested: boolean };

/** Lines of unknown people that are named. */
const LINES_KEPT = 1000;
/** The longest row in characters: a longer one means that an opening quote was never closed. */
const LONGEST_ROW = 32_000_000;

/**
 * Reads all of `input`. `refused` gets all faults of each refused row, `progress` the number of rows read so far.
 * @throws UnreadableFeed where there is no header that fits
 */
export async function spoolPeople(
  input: Readable,
  rules: FeedRules,
  refused: (refusals: Refusal[]) => Promise<void>,
  progress: (rows: number) => void,
): Promise<Spool> {
  const table = openTable();
  try {
    const rows = await read(input, rules, table, refused, progress);
    table.finish();
    return { rows, ...table };
  } catch (error) {
    table.close();
    throw error;
  }
}

async function read(
  input: Readable,
  rules: FeedRules,
  table: Table,
  refused: (refusals: Refusal[]) => Promise<void>,
  progress: (rows: number) => void,
): Promise<number> {
  const { text, delimiter, linesBefore } = await readFeedText(input).catch((error) => {
    throw asUnreadable(error);
  });
  const parser = parse({
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true, // a stray quote costs its own row, not all that follow
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
  });
  text.on('error', (error) => parser.destroy(error));
  let header: string[] | undefined;
  let rows = 0;
  let lastLine = 0;
  try {
    for await (const { record, info } of text.pipe(parser) as AsyncIterable<{ record: string[]; info: Info }>) {
      const line = linesBefore + lineOf(record, info);
      lastLine = linesBefore + info.lines;
      if (record.every((field) => field.trim() === '')) continue; // a spreadsheet writes rows of separators alone
      if (header === undefined) {
        header = record.map((column) => column.trim().toLowerCase());
        const faults = headerFaults(header);
        if (faults.length > 0)
          throw new UnreadableFeed(
            `the first line does not name the columns of a feed:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
          );
        continue;
      }
      rows += 1;
      if (rows % 1000 === 0) progress(rows);
      await readRecord(record, line, header, rules, table, refused);
    }
  } catch (error) {
    if (!(error instanceof CsvError) || header === undefined) throw asUnreadable(error);
    // the parser cannot go on, but the rows it read before are good
    rows += 1;
    table.distrust({ line: lastLine + 1 });
    await refused([
      {
        line: lastLine + 1,
        reason: `a quotation mark opened here is never closed, so nothing from here on could be read (${error.code})`,
      },
    ]);
  }
  if (header === undefined) throw new UnreadableFeed('the file is empty');
  return rows;
}

async function readRecord(
  record: string[],
  line: number,
  header: string[],
  rules: FeedRules,
  table: Table,
  refused: (refusals: Refusal[]) => Promise<void>,
) {
  if (record.length !== header.length) {
    table.distrust({ line });
    const reason = `has ${record.length} columns instead of ${header.length} (is a separator or quotation mark missing?)`;
    await refused([{ line, reason }]);
    return;
  }
  const fields = Object.fromEntries(header.map((column, index) => [column, record[index] ?? '']));
  const { row, refusals, ...rest } = readRow(line, fields, rules.organisations, rules.source, rules.defaultLanguage);
  if (row !== undefined) {
    table.add(row);
    return;
  }
  if ('key' in rest && rest.key !== undefined) table.distrust({ key: rest.key });
  else table.distrust({ line });
  await refused(refusals);
}

/** The line on which a record begins, because the parser gives the one on which it ends. */
function lineOf(record: string[], { lines }: Info): number {
  return lines - record.reduce((sum, field) => sum + (field.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
}

function asUnreadable(error: unknown): unknown {
  if (error instanceof CsvError) return new UnreadableFeed(`the first line cannot be read: ${error.message}`);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new UnreadableFeed('there is no such file');
  return code === undefined ? error : new UnreadableFeed(`it cannot be read (${code})`);
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
    CREATE TABLE claims (login TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (login, person)) WITHOUT ROWID;
    CREATE TABLE distrusted (person TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE contested (person TEXT PRIMARY KEY) WITHOUT ROWID;
    BEGIN;
  `);
  const addRow = db.prepare('INSERT INTO rows VALUES (?, ?, ?)');
  const addClaim = db.prepare('INSERT OR IGNORE INTO claims VALUES (?, ?)');
  const addDistrusted = db.prepare('INSERT OR IGNORE INTO distrusted VALUES (?)');
  const claimantsOf = db.prepare('SELECT person FROM claims WHERE login = ? ORDER BY person');
  /** lines of unknown people; of more than LINES_KEPT only the first are kept */
  const unreadable: number[] = [];

  return {
    add(row: FeedRow) {
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
    unreadable,
    finish() {
      db.exec(`
        COMMIT;
        CREATE INDEX by_person ON rows (person, line);
        INSERT OR IGNORE INTO contested SELECT person FROM claims WHERE login IN
          (SELECT login FROM claims GROUP BY login HAVING count(*) > 1);
      `);
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
