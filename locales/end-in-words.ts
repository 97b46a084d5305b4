/** The one place where sentences about the end of an account are made, for pages, letters and commands. */
import { type Language, tagOf } from '../src/domain/account/languages.ts';
import type { Organisation } from '../src/domain/account/organisation.ts';
import type { Because, Explanation } from '../src/domain/lifecycle/explain.ts';
import type { Translate } from './index.ts';

export type InWords = {
  t: Translate;
  organisationName: (id: string) => string;
  /** a calendar day (`YYYY-MM-DD`) in words */
  day: (date: string) => string;
};

/** Plain text, why first: "Your studies at VIVES stopped on 25 November. Your account ends on 2 December at midnight, in 4 days." */
export function endInWords(explanation: Explanation, words: InWords): string[] {
  const { t, day } = words;
  switch (explanation.kind) {
    case 'no-end':
      return [t('lifecycle.no_end')];
    case 'ends': {
      const { because, lastDay, daysLeft } = explanation;
      const told = { day: day(lastDay) };
      const ends =
        daysLeft === undefined ? t('lifecycle.ends', told) : t('lifecycle.ends_in', { ...told, count: daysLeft });
      return [...whyInWords(because, words), ends];
    }
    case 'ended': {
      const { because, lastDay, opens } = explanation;
      return [
        ...whyInWords(because, words),
        // what is withdrawn ends in the course of a day
        t(because?.how === 'withdrawn' ? 'lifecycle.closed_on' : 'lifecycle.ended', { day: day(lastDay) }),
        ...(opens === undefined ? [] : [t('lifecycle.opens_again', { day: day(opens) })]),
      ];
    }
    case 'opens':
      return [t('lifecycle.opens', { day: day(explanation.day) })];
    case 'suspended': {
      const { lastDay } = explanation;
      return [lastDay === undefined ? t('lifecycle.suspended') : t('lifecycle.suspended_until', { day: day(lastDay) })];
    }
    case 'closed':
      return [t('lifecycle.closed')];
  }
}

/** Undefined: nothing is known that decides the end. */
export function whyInWords(because: Because | undefined, { t, organisationName, day }: InWords): string[] {
  if (because === undefined) return [];
  const { organisation, role, how, day: date } = because;
  return [t(`lifecycle.${kindOf(role)}_${how}`, { organisation: organisationName(organisation), day: day(date) })];
}

function kindOf(role: string): 'student' | 'staff' | 'other' {
  if (role === 'student') return 'student';
  return ['staff', 'employee', 'faculty'].includes(role) ? 'staff' : 'other';
}

/** Names and days in one language. */
export function wordsIn(language: Language, t: Translate, organisations: readonly Organisation[]): InWords {
  const format = new Intl.DateTimeFormat(tagOf(language), { dateStyle: 'long', timeZone: 'UTC' });
  return {
    t,
    organisationName: (id) => organisations.find((each) => each.id === id)?.name[language] ?? id,
    day: (date) => format.format(new Date(`${date}T12:00:00Z`)),
  };
}
