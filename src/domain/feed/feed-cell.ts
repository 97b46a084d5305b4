/** What a single cell of a feed may hold, and what a spreadsheet made of it. */
import { Temporal } from 'temporal-polyfill';

/** Why this text cannot be stored; undefined: it can. */
export function textFault(value: string, longest: number, multiline: boolean): string | undefined {
  if (value.length > longest) return `is too long (${value.length} characters): shorten it to ${longest} at most`;
  if (value.includes('\0')) return 'holds a null byte: enter it again';
  if (value.includes('\uFFFD'))
    return 'holds bytes that are not UTF-8: save the file as UTF-8, or set encoding: windows-1252 for this source';
  if (/Ã[\u0080-\u00BF©«]|â€/.test(value))
    return 'was UTF-8 that a program took for windows-1252 ("Ã©" for "é"): export it again, as UTF-8 throughout';
  if ((multiline ? /[^\P{Cc}\n\r\t]/u : /\p{Cc}/u).test(value.trim())) {
    return multiline
      ? 'holds a control character: enter it again'
      : 'holds a line break or another control character: enter it again, on one line';
  }
  // embeddings, overrides and isolates let a name rewrite the line that shows it; no script needs them
  if (/[\u202A-\u202E\u2066-\u2069]/.test(value))
    return 'holds an invisible character that changes the direction of writing: enter it again';
  if (/^\s*"/.test(value))
    return 'begins with a quotation mark: enclose the whole cell, or nothing, and double quotes within it';
  return spreadsheetFault(value);
}

const SCIENTIFIC = /^\d+(?:[.,]\d+)?E\+\d+$/i;
/** The errors of a formula, as English and Dutch spreadsheets write them. */
const FORMULA_ERROR =
  /^#(?:N\/[AB]|NAAM\?|NAME\?|REF!|VERW!|VALUE!|WAARDE!|DIV\/0!|DEEL\/0!|NUM!|GETAL!|NULL!|LEEG!)$/i;

/** What a spreadsheet wrote in place of the value, with the remedy; undefined: nothing. */
export function spreadsheetFault(cell: string): string | undefined {
  const value = cell.trim();
  if (SCIENTIFIC.test(value))
    return 'was made a number by a spreadsheet: give the column the format Text, and enter it again';
  if (FORMULA_ERROR.test(value))
    return 'is what a spreadsheet shows where a formula fails: correct the formula, or enter the value itself';
  if (/^#+$/.test(value))
    return 'is what a spreadsheet shows where a column is too narrow: widen it, and save the file again';
  return undefined;
}

/** Whether this is a day, `YYYY-MM-DD`, since 1900. */
export function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  try {
    return Temporal.PlainDate.from(value, { overflow: 'reject' }).year >= 1900;
  } catch {
    return false;
  }
}

/** A value as a report shows it: short, and without control characters. */
export function clipped(value: string): string {
  const shown = value.replace(/\p{C}/gu, '\uFFFD');
  return shown.length > 40 ? `${shown.slice(0, 39)}…` : shown;
}

/** How a source writes days. Only `YYYY-MM-DD` is understood by itself; the others are configured, never guessed. */
export const dateFormats = ['yyyy-mm-dd', 'dd/mm/yyyy', 'dd-mm-yyyy', 'dd.mm.yyyy', 'mm/dd/yyyy', 'yyyymmdd'] as const;
export type DateFormat = (typeof dateFormats)[number];

const PATTERNS: Record<DateFormat, RegExp> = {
  'yyyy-mm-dd': /^(?<y>\d{4})-(?<m>\d{1,2})-(?<d>\d{1,2})$/,
  'dd/mm/yyyy': /^(?<d>\d{1,2})\/(?<m>\d{1,2})\/(?<y>\d{4})$/,
  'dd-mm-yyyy': /^(?<d>\d{1,2})-(?<m>\d{1,2})-(?<y>\d{4})$/,
  'dd.mm.yyyy': /^(?<d>\d{1,2})\.(?<m>\d{1,2})\.(?<y>\d{4})$/,
  'mm/dd/yyyy': /^(?<m>\d{1,2})\/(?<d>\d{1,2})\/(?<y>\d{4})$/,
  yyyymmdd: /^(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})$/,
};

/**
 * A cell as a day: `YYYY-MM-DD`, which every source may write, or as `format` says. Midnight after it is cut, as databases
 * write a date.
 */
export function readDay(cell: string, format: DateFormat, source: string): { day: string } | { fault: string } {
  const value = cell.replace(/[T ]0?0:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?$/, '');
  if (value === '' || isDay(value)) return { day: value };
  const day = dayIn(value, format);
  if (isDay(day)) return { day };
  if (/^\d{5}(?:[.,]\d+)?$/.test(value) && format !== 'yyyymmdd')
    return { fault: 'is the number that a spreadsheet keeps for a date: give the column the format YYYY-MM-DD' };
  if (day !== '') return { fault: `is no day of the calendar (${format}): correct the date` };
  const others = dateFormats.filter((each) => isDay(dayIn(value, each)));
  if (/^\d{1,2}[/.-]\d{1,2}[/.-]\d{2}$/.test(value))
    return { fault: 'has a year of two digits: give the column the format YYYY-MM-DD' };
  const remedy =
    others.length === 0
      ? ''
      : `; if all its days are written so, set dates: ${others.join(' or ')} for source "${source}"`;
  return {
    fault: `must be a date, ${format.toUpperCase()}${remedy || (format === 'yyyy-mm-dd' ? ', such as 2027-10-31' : '')}`,
  };
}

/** `YYYY-MM-DD`, perhaps no day of the calendar; '': not written so. */
function dayIn(value: string, format: DateFormat): string {
  const { y, m = '', d = '' } = PATTERNS[format].exec(value)?.groups ?? {};
  return y === undefined ? '' : `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
}
