/** What whoever acts on an account has to say: why, and until which day. */
import { Temporal } from 'temporal-polyfill';
import { timeZone } from '../account/affiliation.ts';

const LONGEST = 500;

/** One line of at most 500 characters. Undefined: there is none, or it is too long. */
export function reasonOf(typed: string): string | undefined {
  const reason = typed.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return reason === '' || reason.length > LONGEST ? undefined : reason;
}

/** Epoch ms of the first instant after this day (`YYYY-MM-DD`) in Brussels. Undefined: it is no day. */
export const endOfDay = (day: string): number | undefined => instantOf(day, 1);

/** Epoch ms of the first instant of this day (`YYYY-MM-DD`) in Brussels. Undefined: it is no day. */
export const startOfDay = (day: string): number | undefined => instantOf(day, 0);

function instantOf(day: string, daysLater: number): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return undefined;
  try {
    return Temporal.PlainDate.from(day, { overflow: 'reject' }).add({ days: daysLater }).toZonedDateTime(timeZone)
      .epochMilliseconds;
  } catch {
    return undefined; // such as 30 February
  }
}
