/**
 * Says in the language of a page what the domain says in English. The command line, the API, files of reports and the log
 * keep the English, where scripts and people search for it, so the English sentence is the key; what a language does not know
 * stays English.
 */
import type { Language } from '../src/domain/account/languages.ts';

/** English sentence, sentence of the language; `{}` is any text, `{+}` one of these sentences. */
export type Sentences = readonly (readonly [string, string])[];
export type SentenceTables = Readonly<Partial<Record<Language, Sentences>>>;

type Template = { start: string; pattern: RegExp; to: string; nested: boolean };

/** Gives the sentence in a language; where its table has no words for it, as it is. */
export function sentencesIn(tables: SentenceTables): (language: Language, sentence: string) => string {
  const compiled = new Map(Object.entries(tables).map(([language, table]) => [language, table.map(templateOf)]));
  return function inLanguage(language, sentence): string {
    for (const { start, pattern, to, nested } of compiled.get(language) ?? []) {
      const found = sentence.startsWith(start) ? pattern.exec(sentence) : null;
      if (found === null) continue;
      const parts = found.slice(1).map((part) => (nested ? inLanguage(language, part) : part));
      return to.replaceAll(/\{\+?\}/g, () => parts.shift() ?? '');
    }
    return sentence;
  };
}

function templateOf([from, to]: readonly [string, string]): Template {
  const pieces = from.split(/\{\+?\}/);
  const escaped = pieces.map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  const pattern = new RegExp(`^${escaped.join('(.*?)')}$`, 's');
  return { start: pieces[0] ?? '', pattern, to, nested: from.includes('{+}') };
}
