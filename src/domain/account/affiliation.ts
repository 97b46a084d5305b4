/** Decides which affiliations hold on a day. */
import { Temporal } from 'temporal-polyfill';
import type { Affiliation } from '../feed/fed-records.ts';

export const timeZone = 'Europe/Brussels';

/** A day in Brussels begins and ends with one, in summer and in winter, and so has every change of the clock since 1892. */
const QUARTER_MS = 15 * 60 * 1000;
let known = { quarter: Number.NaN, day: '' };

/** The calendar day (`YYYY-MM-DD`) in Brussels at `now` (epoch ms, since 1900). */
export function dayAt(now: number): string {
  const quarter = Math.floor(now / QUARTER_MS);
  if (quarter !== known.quarter) known = { quarter, day: calculatedDay(now) };
  return known.day;
}

function calculatedDay(now: number): string {
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

/**
 * The day (`YYYY-MM-DD`) on which its source says that it stops: the official end, or the planned one where the source calls
 * that completed or discontinued. Undefined: it says no such day; what is withdrawn has a second instead.
 */
export function stopDayOf({ until, endedOn, end }: Pick<Affiliation, 'until' | 'endedOn' | 'end'>): string | undefined {
  return endedOn ?? (end === 'completed' || end === 'discontinued' ? until : undefined);
}

/**
 * The last day (`YYYY-MM-DD`) on which it holds: the earlier of the planned and the official end, and of one that was
 * withdrawn the day before. Undefined: no end is known.
 */
export function lastDayOf({
  until,
  endedOn,
  withdrawnAt,
}: Pick<Affiliation, 'until' | 'endedOn' | 'withdrawnAt'>): string | undefined {
  const withdrawn =
    withdrawnAt === undefined
      ? undefined
      : Temporal.PlainDate.from(dayAt(withdrawnAt)).subtract({ days: 1 }).toString();
  return [until, endedOn, withdrawn].filter((day) => day !== undefined).sort()[0];
}

/**
 * Whether the last day is `today` (`YYYY-MM-DD`) or later, or unknown. An affiliation that has not begun yet goes on as
 * well.
 */
export function goesOn(affiliation: Affiliation, today: string): boolean {
  return today <= (lastDayOf(affiliation) ?? today);
}

/** Whether the affiliation holds on `today` (`YYYY-MM-DD`); the first and the last day count. */
export function isCurrent(affiliation: Affiliation, today: string): boolean {
  return (affiliation.from ?? today) <= today && goesOn(affiliation, today);
}
