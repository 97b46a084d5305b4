/**
 * Says in the language of a page what is wrong with a member of a registration. The command line, the API and the log say it
 * in English, where scripts and people search for it, so the English sentence is the key; what a language does not know stays
 * English.
 */
import type { Language } from '../src/domain/account/languages.ts';
import nl from './nl/faults.ts';

/** English sentence, sentence of the language; `{}` is any text, `{+}` one of these sentences. */
export type FaultWords = readonly (readonly [string, string])[];
const tables: Readonly<Partial<Record<Language, FaultWords>>> = { nl };

type Template = { start: string; pattern: RegExp; to: string; nested: boolean };
const compiled = new Map(Object.entries(tables).map(([language, table]) => [language, table.map(templateOf)]));

/** The sentence in `language`; where that has no words for it, as it is. */
export function faultIn(language: Language, sentence: string): string {
  for (const { start, pattern, to, nested } of compiled.get(language) ?? []) {
    const found = sentence.startsWith(start) ? pattern.exec(sentence) : null;
    if (found === null) continue;
    const parts = found.slice(1).map((part) => (nested ? faultIn(language, part) : part));
    return to.replaceAll(/\{\+?\}/g, () => parts.shift() ?? '');
  }
  return sentence;
}

function templateOf([from, to]: readonly [string, string]): Template {
  const pieces = from.split(/\{\+?\}/);
  const escaped = pieces.map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  const pattern = new RegExp(`^${escaped.join('(.*?)')}$`, 's');
  return { start: pieces[0] ?? '', pattern, to, nested: from.includes('{+}') };
}

/** For the test that compares them with the sources. */
export const faultTables = tables;
