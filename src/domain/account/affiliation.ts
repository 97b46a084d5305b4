/** Decides which affiliations hold on a day, and when an account ends because of them. */
import { Temporal } from 'temporal-polyfill';
import type { Affiliation } from './account.ts';

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

/** The last day (`YYYY-MM-DD`): the earlier of the planned and the official end. Undefined: no end is known. */
export function lastDayOf({ until, endedOn }: Pick<Affiliation, 'until' | 'endedOn'>): string | undefined {
  return [until, endedOn].filter((day) => day !== undefined).sort()[0];
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

/**
 * When access ends for good: epoch ms of the first instant (Brussels time) after the last day of the affiliation that lasts
 * longest. Undefined: there is no affiliation, or one has no end. A planned end (`until`, such as 31 October) includes
 * that day. An official end (`endedOn`) adds the organisation's days of grace. The earlier of the two counts.
 */
export function endsAtOf(affiliations: Affiliation[], graceDays: (organisation: string) => number): number | undefined {
  let latest: number | undefined;
  for (const { organisation, until, endedOn } of affiliations) {
    const days = [
      until === undefined ? undefined : Temporal.PlainDate.from(until),
      endedOn === undefined ? undefined : Temporal.PlainDate.from(endedOn).add({ days: graceDays(organisation) }),
    ].filter((day) => day !== undefined);
    const last = days.sort(Temporal.PlainDate.compare)[0];
    if (last === undefined) return undefined;
    const end = last.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
    if (latest === undefined || end > latest) latest = end;
  }
  return latest;
}
