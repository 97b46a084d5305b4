/** What an import refused, as a file of its own kind, to be mended and imported as a partial feed. */
import { quarantineColumns, UNREAD } from '../../domain/feed/feed-columns.ts';
import type { ImportRecord, Imports } from '../../domain/ports/imports.ts';
import type { ImportEvent } from './import-event.ts';
import type { KeptRecord, QuarantinedRecord } from './spool.ts';

/** So many people, or lines of the report, are kept as one part: a bounded memory, however large the file. */
export const PART = 200;

/** Of somebody whom a plan takes. */
export type PersonRecords = { person: string; records: KeptRecord[] };
/** A CSV begins with its header. */
type Refused = (QuarantinedRecord | string[])[];

type Found = Pick<ImportRecord, 'id' | 'parts'>;

/**
 * The refused records with line and reason, and the others of the same people: what a source says of a person at an
 * organisation it says all at once, so half of somebody's rows would take the other half away.
 */
export async function* refusedText(
  { kind, appliedAt, ...found }: Found & Pick<ImportRecord, 'kind' | 'appliedAt'>,
  imports: Pick<Imports, 'part' | 'progress'>,
): AsyncGenerator<string> {
  // of one that is being applied, or was broken off
  const events = appliedAt === undefined ? ((await imports.progress(found.id))?.refused ?? '[]') : '[]';
  let header: string[] = [];
  for await (const { part } of refusedParts(found, JSON.parse(events), imports)) {
    for (const each of part) {
      if (!Array.isArray(each)) yield textOf(each, kind, header);
      else {
        header = each;
        // spreadsheets, and a source with another encoding, know UTF-8 by its mark
        yield `\uFEFF${csvRow([...withoutOwn(header, header), ...quarantineColumns])}`;
      }
    }
  }
}

/**
 * Adds the records of people whom the plan took and the application refused. The same again, after a crash, changes nothing.
 * @param events those of the application
 * @returns the number of parts of refused records
 */
export async function quarantineLater(
  found: Found,
  events: readonly ImportEvent[],
  imports: Pick<Imports, 'part' | 'putPart'>,
): Promise<number> {
  let count = 0;
  for await (const { part, changed } of refusedParts(found, events, imports)) {
    if (changed) await imports.putPart(found.id, 'refused', count, JSON.stringify(part));
    count += 1;
  }
  return count;
}

/** What is kept of refused records, with those whom the application refused. `changed`: it is not kept so. */
async function* refusedParts(
  { id, parts }: Found,
  events: readonly ImportEvent[],
  imports: Pick<Imports, 'part'>,
): AsyncGenerator<{ part: Refused; changed: boolean }> {
  const later = await refusedLater({ id, parts }, events, imports);
  for (let number = 0; number < parts.refused; number += 1) {
    const part: Refused = JSON.parse((await imports.part(id, 'refused', number)) ?? '[]');
    let changed = false;
    for (const each of part) {
      if (Array.isArray(each)) continue;
      // a person of whom another row was refused before is there with all
      const now = later.get(each.line);
      later.delete(each.line);
      if (now === undefined || each.reason !== '') continue;
      each.reason = now.reason;
      changed = true;
    }
    yield { part, changed };
  }
  const rest = [...later.values()].sort((one, other) => one.line - other.line);
  for (let start = 0; start < rest.length; start += PART)
    yield { part: rest.slice(start, start + PART), changed: true };
}

/** The records of people whom the application refused, by line. */
async function refusedLater(
  { id, parts }: Found,
  events: readonly ImportEvent[],
  imports: Pick<Imports, 'part'>,
): Promise<Map<number, QuarantinedRecord>> {
  const reasons = new Map<string, string>();
  for (const event of events) {
    if (event.outcome === 'refused' && event.person !== undefined)
      reasons.set(event.person, [event.column, event.reason].filter(Boolean).join(' '));
  }
  const found = new Map<number, QuarantinedRecord>();
  if (reasons.size === 0) return found;
  for (let number = 0; number < (parts.records ?? 0); number += 1) {
    const part: PersonRecords[] = JSON.parse((await imports.part(id, 'records', number)) ?? '[]');
    for (const { person, records } of part) {
      const reason = reasons.get(person);
      if (reason !== undefined) for (const each of records) found.set(each.line, { ...each, reason });
    }
  }
  return found;
}

const isOwn = (name: string) => quarantineColumns.includes(name.trim().toLowerCase());

/** Without the line and reason of an earlier time. */
function withoutOwn(cells: string[], header: string[]): string[] {
  if (cells.length === header.length) return cells.filter((_, index) => !isOwn(header[index] ?? ''));
  const last = header.length - 1 - header.findLastIndex((name) => !isOwn(name));
  return cells.slice(0, cells.length - last);
}

function textOf({ line, reason, original }: QuarantinedRecord, kind: ImportRecord['kind'], header: string[]): string {
  if (Array.isArray(original)) {
    // one of another length stays so: cut or filled up, it would go in without being mended
    const cells = original.length === 0 ? header.map(() => '') : original;
    return csvRow([...withoutOwn(cells, header), String(line), reason]);
  }
  if (kind === 'ldif') return `# line ${line}: ${reason || 'of the same person'}\n${original}\n\n`;
  return `${JSON.stringify({ ...(objectIn(original) ?? { [UNREAD]: original }), line, reason })}\n`;
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const csvRow = (cells: string[]) => `${cells.map(quoted).join(',')}\r\n`;
/** As the file had it: an apostrophe before a formula would change what is imported. */
const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
