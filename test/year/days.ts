/** Days in Brussels from August 2027 to August 2028, worked out by hand: what is tested must not be what tests. */

/** `YYYY-MM-DD` */
export type Day = string;

const DAY_MS = 86_400_000;
/** Winter time begins on 31 October 2027, the night in which most accounts end, and ends on 26 March 2028. */
const WINTER = { after: '2027-10-31', through: '2028-03-26' };

/** The day `n` days after this one. */
export const plus = (day: Day, n: number): Day =>
  new Date(Date.parse(`${day}T00:00:00Z`) + n * DAY_MS).toISOString().slice(0, 10);

/** Epoch ms at which this day begins in Brussels. */
export function startOf(day: Day): number {
  const hours = day > WINTER.after && day <= WINTER.through ? 1 : 2;
  return Date.parse(`${day}T00:00:00Z`) - hours * 3_600_000;
}

export const daysBetween = (from: Day, to: Day): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);

/** `31 October 2027` as `2027-10-31`. */
export function dayIn(text: string): Day {
  const found = /(\d{1,2}) (\p{L}+) (\d{4})/u.exec(text);
  return found === null ? '' : new Date(`${found[0]} UTC`).toISOString().slice(0, 10);
}

export const isMonday = (day: Day): boolean => new Date(`${day}T12:00:00Z`).getUTCDay() === 1;
