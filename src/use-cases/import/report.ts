/** The report of an import: what came of each person and each refused row, as text, CSV or JSON lines. */
import type { ImportRecord, Imports } from '../../domain/ports/imports.ts';
import type { ImportEvent, Suspended } from './import-event.ts';

export const reportFormats = ['text', 'csv', 'jsonl'] as const;
export type ReportFormat = (typeof reportFormats)[number];

const COLUMNS = [
  'line',
  'outcome',
  'person',
  'column',
  'value',
  'reason',
  'field',
  'from',
  'to',
  'access_ends',
  'notes',
];

/** What stands before the first event. */
export function reportHead(format: ReportFormat): string {
  return format === 'csv' ? csvRow(COLUMNS) : '';
}

/** One event. A CSV has a row for each changed field. */
export function reportLine(event: ImportEvent, format: ReportFormat): string {
  if (format === 'jsonl') return `${JSON.stringify(event)}\n`;
  return format === 'csv' ? csvOf(event) : `${textOf(event)}\n`;
}

/** The whole report of an import that is kept. */
export async function* reportText(
  record: Pick<ImportRecord, 'id' | 'parts'>,
  format: ReportFormat,
  imports: Pick<Imports, 'part' | 'progress'>,
): AsyncGenerator<string> {
  // spreadsheets know UTF-8 by its mark
  yield (format === 'csv' ? '\uFEFF' : '') + reportHead(format);
  for await (const event of reportEvents(record, imports)) yield reportLine(event, format);
}

/** The events of an import that is kept: those of its plan, and who was refused when it was applied. */
export async function* reportEvents(
  { id, parts }: Pick<ImportRecord, 'id' | 'parts'>,
  imports: Pick<Imports, 'part' | 'progress'>,
): AsyncGenerator<ImportEvent> {
  for (let number = 0; number < parts.report; number += 1)
    yield* JSON.parse((await imports.part(id, 'report', number)) ?? '[]') as ImportEvent[];
  yield* JSON.parse((await imports.progress(id))?.refused ?? '[]') as ImportEvent[];
}

/** One line for people, without a line break at its end. Values of the file are in it as they are. */
export function textOf(event: ImportEvent): string {
  if (event.outcome === 'suspended') {
    return suspendedText(event);
  }
  if (event.outcome === 'refused') {
    const { line, column, value, reason, person } = event;
    const what = column === undefined ? '' : `${column}${value ? ` "${value}"` : ''} `;
    return `${placeOf(line === 0 ? [] : [line])}: refused: ${what}${reason}${person === undefined ? '' : ` (person ${person})`}`;
  }
  const { lines, outcome, fields, changes, notes, person, accessEnds } = event;
  const told = changes.map(({ field, from, to }) => `${field} "${from}" → "${to}"`);
  const untold = fields.filter((field) => !changes.some((each) => each.field === field));
  const fieldsTold = outcome === 'new' || outcome === 'unchanged' ? [] : [...told, ...untold];
  const ends = accessEnds === undefined || outcome === 'unchanged' ? [] : [`access until ${accessEnds}`];
  return `${placeOf(lines)}: ${outcome}: ${[...fieldsTold, ...notes, ...ends].join('; ')} (person ${person})`;
}

/** `most`: how many lines are named. */
export function suspendedText({ lines, people }: Suspended, most = Number.POSITIVE_INFINITY): string {
  const named = `${lines.slice(0, most).join(', ')}${lines.length > most ? ' …' : ''}`;
  const which = lines.length === 1 ? `line ${named} does` : `lines ${named} do`;
  return `${suspendedFor(people)}: ${which} not say of whom`;
}

const suspendedFor = (people: number) =>
  `removals suspended for ${people.toLocaleString('en')} ${people === 1 ? 'person' : 'people'}`;

const placeOf = (lines: number[]) => (lines.length === 0 ? 'not in the file' : `line ${lines.join(', ')}`);

function csvOf(event: ImportEvent): string {
  if (event.outcome === 'suspended') {
    const reason = suspendedFor(event.people);
    return event.lines.map((line) => csvRow([line, event.outcome, '', '', '', reason])).join('');
  }
  if (event.outcome === 'refused') {
    const { line, outcome, person = '', column = '', value = '', reason } = event;
    return csvRow([line === 0 ? '' : line, outcome, person, column, value, reason]);
  }
  const { lines, outcome, person, changes, notes, accessEnds = '' } = event;
  const row = (field = '', from = '', to = '') =>
    csvRow([lines.join(' '), outcome, person, '', '', '', field, from, to, accessEnds, notes.join('; ')]);
  return changes.length === 0 ? row() : changes.map(({ field, from, to }) => row(field, from, to)).join('');
}

/** RFC 4180, and no cell that a spreadsheet takes for a formula. */
function csvRow(cells: (string | number)[]): string {
  const whole = [...cells, ...Array<string>(Math.max(0, COLUMNS.length - cells.length)).fill('')];
  return `${whole.map((cell) => csvCell(String(cell))).join(',')}\r\n`;
}

/** A cell of a CSV; what a spreadsheet would take for a formula gets an apostrophe before it. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d ().-]+$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
