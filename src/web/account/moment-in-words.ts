/** Tells a moment of late as people do: "today 09:12". */
import { dayAt, timeZone } from '../../domain/account/affiliation.ts';
import { type Language, tagOf } from '../../domain/account/languages.ts';

/** An element: the day as people say it, and the time. `at` and `now` in epoch ms. */
export function momentIn(language: Language, at: number, now: number): string {
  const tag = tagOf(language);
  const days = (Date.parse(dayAt(at)) - Date.parse(dayAt(now))) / 86_400_000;
  const day =
    days > -2
      ? new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }).format(days, 'day')
      : new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'long', timeZone }).format(at);
  return `<time datetime="${new Date(at).toISOString()}">${day} ${timeOfDay(language, at)}</time>`;
}

/** "09:12". `at`: epoch ms. */
export function timeOfDay(language: Language, at: number): string {
  const format = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone } as const;
  return new Intl.DateTimeFormat(tagOf(language), format).format(at);
}
