/** Affiliations: which are current, and when an account ends. */
import { Temporal } from 'temporal-polyfill';
import type { Affiliation } from './account.ts';

export const timeZone = 'Europe/Brussels';

/** The calendar day (`YYYY-MM-DD`) in Brussels at `now` (epoch ms). */
export function dayAt(now: number): string {
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

/** Its last day (`YYYY-MM-DD`): of a planned and an official end the earlier one. Undefined = no end is known. */
export function lastDayOf({ until, endedOn }: Pick<Affiliation, 'until' | 'endedOn'>): string | undefined {
  return [until, endedOn].filter((day) => day !== undefined).sort()[0];
}

/** Whether `today` (`YYYY-MM-DD`) is no later than its last day; one that begins later goes on, too. */
export function goesOn(affiliation: Affiliation, today: string): boolean {
  return today <= (lastDayOf(affiliation) ?? today);
}

/** Whether the affiliation holds on `today` (`YYYY-MM-DD`), its official end included. */
export function isCurrent(affiliation: Affiliation, today: string): boolean {
  return (affiliation.from ?? today) <= today && goesOn(affiliation, today);
}

/**
 * When access ends: epoch ms of the first instant after the last day of the affiliation that lasts longest, or
 * undefined where one has no end or there is none at all. `until` (a planned end such as 31 October) holds to the end
 * of that day; an official end (`endedOn`) adds the organisation's days of grace; the earlier of the two counts.
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
