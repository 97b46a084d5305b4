/** A length of time in words: "15 minutes", "48 uur". */
import { type Language, tagOf } from '../domain/account/languages.ts';

const units = [
  { unit: 'day', seconds: 86_400, from: 3 * 86_400 },
  { unit: 'hour', seconds: 3600, from: 3600 },
  { unit: 'minute', seconds: 60, from: 60 },
] as const;

/** In the largest unit that fits whole, days from three on; else rounded up to minutes. */
export function durationIn(language: Language, seconds: number): string {
  const fitting = units.find((each) => seconds >= each.from && seconds % each.seconds === 0);
  const { unit, seconds: one } = fitting ?? units[2];
  const format = new Intl.NumberFormat(tagOf(language), { style: 'unit', unit, unitDisplay: 'long' });
  return format.format(Math.max(1, Math.ceil(seconds / one)));
}
