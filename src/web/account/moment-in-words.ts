/** Tells a moment of late as people do: "today 09:12". All times in epoch ms. */
import { dayAt, timeZone } from '../../domain/account/affiliation.ts';
import { type Language, tagOf } from '../../domain/account/languages.ts';

/** An element: the day as people say it, and the time. */
export function momentIn(language: Language, at: number, now: number): string {
  return `<time datetime="${new Date(at).toISOString()}">${dayInWords(language, at, now)} ${timeOfDay(language, at)}</time>`;
}

/** "today", "yesterday", "12 August"; with the year where it is another one. */
export function dayInWords(language: Language, at: number, now: number): string {
  const tag = tagOf(language);
  const days = (Date.parse(dayAt(at)) - Date.parse(dayAt(now))) / 86_400_000;
  if (days > -2) return new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }).format(days, 'day');
  const year = dayAt(at).slice(0, 4) === dayAt(now).slice(0, 4) ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'long', ...year, timeZone }).format(at);
}

/** "09:12". */
export function timeOfDay(language: Language, at: number): string {
  const format = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone } as const;
  return new Intl.DateTimeFormat(tagOf(language), format).format(at);
}
