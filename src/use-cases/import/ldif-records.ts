/** LDIF content records (RFC 2849): one entry a person, whose attributes are columns by the `columns` of the source. */
import type { Readable } from 'node:stream';
import { feedColumns } from '../../domain/feed/feed-columns.ts';
import type { FeedRecord } from './feed-record.ts';
import { linesOf } from './text-lines.ts';

type Line = { line: number; text: string };

export async function* ldifRecords(
  text: Readable,
  columnOf: (name: string) => string,
  linesBefore: number,
): AsyncGenerator<FeedRecord> {
  let entry: Line[] = [];
  for await (const { line, text: raw } of linesOf(text, linesBefore)) {
    const last = entry.at(-1);
    if (raw.startsWith(' ') && last !== undefined) last.text += raw.slice(1);
    else if (raw.trim() === '') {
      yield* entryOf(entry, columnOf);
      entry = [];
    } else entry.push({ line, text: raw });
  }
  yield* entryOf(entry, columnOf);
}

function* entryOf(lines: Line[], columnOf: (name: string) => string): Generator<FeedRecord> {
  const said = lines.filter(({ text }) => !text.startsWith('#') && !/^version:/i.test(text));
  const [first] = said;
  if (first === undefined) return;
  const original = said.map(({ text }) => text).join('\n');
  const refuse = (line: number, fault: string): FeedRecord => ({ line, original, fault });
  if (!/^dn::?/i.test(first.text)) {
    yield refuse(first.line, 'is no entry: begin each with dn:, and end it with a blank line');
    return;
  }
  const values = new Map<string, string[]>();
  for (const { line, text } of said.slice(1)) {
    const [, name = '', mark = '', rest = ''] = /^([A-Za-z0-9.;_-]+):([:<]?)(.*)$/.exec(text) ?? [];
    if (name === '') {
      yield refuse(line, 'is no attribute: write name: value, and begin the rest of a long value with a space');
      return;
    }
    if (/^changetype$/i.test(name)) {
      yield refuse(line, 'is a change record: export the entries themselves (ldapsearch -LLL, slapcat)');
      return;
    }
    const column = columnOf(name.replace(/;.*$/, '')); // options such as ;lang-nl say the same in another way
    if (column === 'ignore' || !feedColumns.includes(column)) continue;
    if (mark === '<') {
      yield refuse(line, `${name} stands in another file, which is not read: export its value`);
      return;
    }
    const value = mark === ':' ? Buffer.from(rest.trim(), 'base64').toString() : rest.trim();
    values.set(column, [...(values.get(column) ?? []), value]);
  }
  if (values.size === 0) return; // the entry of a folder, not of a person
  const fields: Record<string, string> = {};
  for (const [column, all] of values) {
    // the first number is the main one, and every other is one too; of other attributes LDAP gives no order to choose by
    if (column === 'number' && all.length > 1) {
      fields.number = all[0] ?? '';
      fields.other_numbers = [fields.other_numbers ?? '', ...all.slice(1)].filter((each) => each !== '').join(';');
    } else if (LISTS.has(column))
      fields[column] = [fields[column] ?? '', ...all].filter((each) => each !== '').join(';');
    else fields[column] = all[0] ?? '';
  }
  // somebody who is both a member of staff and an alumnus has one entry, and two rows
  const roles = values.get('role') ?? [];
  const rows = roles.length < 2 ? [fields] : roles.map((role) => ({ ...fields, role }));
  yield { line: first.line, original, rows };
}

const LISTS = new Set(['other_numbers', 'groups', 'entitlements']);
