/** Prints signing keys: as a table for people, as JSON for scripts. */
import { Temporal } from 'temporal-polyfill';
import { timeZone } from '../domain/account/affiliation.ts';
import type { SigningKeyRecord } from '../domain/ports/signing-keys.ts';
import { type KeyState, NOT_YET, publishedKeys, stateOf } from '../domain/signing-keys/signing-key-schedule.ts';

/** In the order in which they are published, then those that are no longer published. */
function inOrder(keys: SigningKeyRecord[], now: number): SigningKeyRecord[] {
  const published = publishedKeys(keys, now);
  return [...published, ...keys.filter((key) => !published.includes(key))];
}

const isoOf = (at: number | undefined) => (at === undefined || at === NOT_YET ? undefined : new Date(at).toISOString());

/** A JSON array for scripts. Times are in ISO 8601; a time that is not set is left out. */
export function jsonOfKeys(keys: SigningKeyRecord[], now: number): string {
  const rows = inOrder(keys, now).map((key) => ({
    kid: key.kid,
    alg: key.alg,
    generation: key.generation,
    state: stateOf(key, keys, now),
    made: isoOf(key.createdAt),
    from: isoOf(key.usedFrom),
    until: isoOf(key.usedUntil),
    leaves: isoOf(key.removedAt),
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

const WORDS: Record<KeyState, string> = {
  signing: 'signs',
  next: 'published, signs later',
  made: 'published, no time set',
  retired: 'verifies only',
  gone: 'no longer published',
};

export function tableOfKeys(keys: SigningKeyRecord[], now: number): string {
  const rows = inOrder(keys, now).map((key) => [
    key.alg,
    WORDS[stateOf(key, keys, now)],
    minuteOf(key.usedFrom),
    minuteOf(key.usedUntil),
    minuteOf(key.removedAt),
    key.kid,
  ]);
  const all = [['alg', 'state', 'signs from', 'until', 'removed', 'kid'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** `2026-11-22 18:00`, in Brussels time; '' for a time that is not set */
export function minuteOf(at: number | undefined): string {
  if (at === undefined || at === NOT_YET) return '';
  const { year, month, day, hour, minute } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}`;
}
