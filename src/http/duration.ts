/** A length of time in words: "15 minutes", "48 uur". */
import { type Language, tagOf } from '../domain/account/languages.ts';

const units = [
  { unit: 'day', seconds: 86_400, from: 3 * 86_400 },
  { unit: 'hour', seconds: 3600, from: 3600 },
  { unit: 'minute', seconds: 60, from: 60 },
] as const;

/** An ISO 8601 duration of years, months and days: "7 years", "1 jaar en 6 maanden". */
export function periodIn(language: Language, duration: string): string {
  const names = { Y: 'year', M: 'month', D: 'day' } as const;
  const parts = [...duration.matchAll(/(\d+)([YMD])/g)].map(
    ([, number, unit]) => [names[unit as keyof typeof names], Number(number)] as const,
  );
  const tag = tagOf(language);
  const words = parts.map(([unit, number]) =>
    new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'long' }).format(number),
  );
  return new Intl.ListFormat(tag).format(words);
}

/** In the largest unit that fits whole, days from three on; else rounded up to minutes. */
export function durationIn(language: Language, seconds: number): string {
  const fitting = units.find((each) => seconds >= each.from && seconds % each.seconds === 0);
  const { unit, seconds: one } = fitting ?? units[2];
  const format = new Intl.NumberFormat(tagOf(language), { style: 'unit', unit, unitDisplay: 'long' });
  return format.format(Math.max(1, Math.ceil(seconds / one)));
}
