/** How signing keys are shown: as a table for people and as JSON for scripts. */
import { Temporal } from 'temporal-polyfill';
import { timeZone } from '../domain/account/affiliation.ts';
import type { SigningKeyRecord } from '../domain/ports/signing-keys.ts';
import { type KeyState, NOT_YET, publishedKeys, stateOf } from '../domain/signing-keys/signing-key-schedule.ts';

/** As they are published, then those that have left. */
function inOrder(keys: SigningKeyRecord[], now: number): SigningKeyRecord[] {
  const published = publishedKeys(keys, now);
  return [...published, ...keys.filter((key) => !published.includes(key))];
}

const isoOf = (at: number | undefined) => (at === undefined || at === NOT_YET ? undefined : new Date(at).toISOString());

/** An array, for scripts; times in ISO 8601, left out where there is none. */
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
  next: 'published, to come',
  made: 'published, no time yet',
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
  const all = [['alg', 'state', 'signs from', 'until', 'leaves', 'kid'], ...rows];
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

/** `2026-11-22 18:00` */
export function minuteOf(at: number | undefined): string {
  if (at === undefined || at === NOT_YET) return '';
  const { year, month, day, hour, minute } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}`;
}
