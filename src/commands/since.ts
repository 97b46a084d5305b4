/** The option `--since` of commands that list what happened. */
import { InvalidArgumentError } from 'commander';
import { Temporal } from 'temporal-polyfill';
import { timeZone } from '../domain/account/affiliation.ts';

const SPANS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a day, a time with its zone, or a span before `now`; all in epoch ms. */
export function sinceFrom(now: number) {
  return (text: string): number => {
    const [, amount, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
    if (amount !== undefined) return now - Number(amount) * (SPANS[unit] ?? 0);
    try {
      if (/^\d{4}-\d{2}-\d{2}$/.test(text))
        return Temporal.PlainDate.from(text).toZonedDateTime(timeZone).epochMilliseconds;
      return Temporal.Instant.from(text).epochMilliseconds;
    } catch {
      throw new InvalidArgumentError('It must be a day, a time with its zone, or a span such as 24h.');
    }
  };
}

/** Brussels time, to the second. */
export function localTime(at: number): string {
  return Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(timeZone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'second' })
    .replace('T', ' ');
}
