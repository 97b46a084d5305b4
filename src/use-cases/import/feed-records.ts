/** Reads a feed record by record, whichever way it is written: CSV, JSON lines or LDIF. */
import type { Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import { headerFaults } from '../../domain/feed/feed-columns.ts';
import { nameOfColumn, type Source } from '../../domain/feed/source.ts';
import { seedBlanker } from './blank-seeds.ts';
import type { FeedRecord } from './feed-record.ts';
import { type FeedKind, readFeedText, UnreadableFeed } from './feed-text.ts';
import { jsonRecords } from './json-records.ts';
import { ldifRecords } from './ldif-records.ts';

/** `header`: of a CSV, as the file has it. `nameOf`: what the file calls a column. */
export type Feed = {
  kind: FeedKind;
  header: string[];
  nameOf: (column: string) => string;
  /** a record as it may be kept: without the seeds of authenticator apps */
  keepable: ReturnType<typeof seedBlanker>;
  records: AsyncIterable<FeedRecord>;
};

/** The longest row in characters: a longer one means that an opening quote was never closed. */
const LONGEST_ROW = 32_000_000;

/** @throws UnreadableFeed where nothing can be read */
export async function openFeed(input: Readable, source: Source): Promise<Feed> {
  try {
    const { kind, text, delimiter, linesBefore } = await readFeedText(input, source.encoding);
    const columns = source.columns ?? {};
    const lower = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name.toLowerCase(), column]));
    const columnOf = (name: string) => {
      const plain = name.trim().toLowerCase();
      return Object.hasOwn(lower, plain) ? (lower[plain] ?? plain) : plain;
    };
    const nameOf = (column: string) => nameOfColumn(source, column);
    const kept = { kind, header: [], nameOf, keepable: seedBlanker(kind, [], columnOf) };
    if (kind === 'jsonl') return { ...kept, records: contained(jsonRecords(text, columnOf, linesBefore)) };
    if (kind === 'ldif') return { ...kept, records: contained(ldifRecords(text, columnOf, linesBefore)) };
    return await openCsv(text, delimiter, linesBefore, columnOf, nameOf, source);
  } catch (error) {
    throw asUnreadable(error);
  }
}

async function* contained(records: AsyncIterable<FeedRecord>): AsyncGenerator<FeedRecord> {
  try {
    yield* records;
  } catch (error) {
    throw asUnreadable(error);
  }
}

async function openCsv(
  text: Readable,
  delimiter: string,
  linesBefore: number,
  columnOf: (name: string) => string,
  nameOf: (column: string) => string,
  source: Source,
): Promise<Feed> {
  const parser = parse({
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true, // a stray quote costs its own row, not all that follow
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
  });
  text.on('error', (error) => parser.destroy(error));
  const read = text.pipe(parser)[Symbol.asyncIterator]() as AsyncIterator<{ record: string[]; info: Info }>;
  const { value: first, done } = await read.next();
  if (done) throw new UnreadableFeed('the file is empty: export it again');
  const header = first.record;
  const columns = header.map(columnOf);
  const faults = headerFaults(columns, header, source.organisations.length === 1);
  if (faults.length > 0)
    throw new UnreadableFeed(
      `the first line does not name the columns of a feed:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
  async function* records(): AsyncGenerator<FeedRecord> {
    let lastLine = linesBefore + first.info.lines;
    for (;;) {
      try {
        const next = await read.next();
        if (next.done) return;
        const { record, info } = next.value;
        lastLine = linesBefore + info.lines;
        if (record.every((field) => field.trim() === '')) continue; // a spreadsheet writes rows of separators alone
        yield csvRecord(record, linesBefore + lineOf(record, info), columns, header.length);
      } catch (error) {
        if (!(error instanceof CsvError)) throw asUnreadable(error);
        // the parser cannot go on, but the rows it read before are good
        const fault =
          'a quotation mark opened here is never closed, so nothing from here on could be read: close it, or double it within a cell';
        yield { line: lastLine + 1, original: [], fault };
        return;
      }
    }
  }
  return { kind: 'csv', header, nameOf, keepable: seedBlanker('csv', header, columnOf), records: records() };
}

function csvRecord(record: string[], line: number, columns: string[], width: number): FeedRecord {
  if (record.length !== width) {
    const fault =
      record.length < width
        ? `has ${record.length} cells instead of ${width}: add the missing separators, or join the lines that a line break made of one`
        : `has ${record.length} cells instead of ${width}: enclose a cell that holds a separator in quotation marks, or delete what is too much`;
    return { line, original: record, fault };
  }
  const fields = Object.fromEntries(columns.map((column, index) => [column, record[index] ?? '']));
  return { line, original: record, rows: [fields] };
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
