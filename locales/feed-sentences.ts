/** Why a row of a feed is refused, what is noted of a person, why a file cannot be read: in the language of a page. */
import type { Language } from '../src/domain/account/languages.ts';
import nl from './nl/feed-sentences.ts';
import { type SentenceTables, sentencesIn } from './sentences.ts';

/** For the test that compares them with the sources. */
export const feedTables: SentenceTables = { nl };
const said = sentencesIn(feedTables);

/** A sentence that goes on with a list of faults has one on each line. */
export function feedSentenceIn(language: Language, sentence: string): string {
  const item = '  - ';
  return sentence
    .split('\n')
    .map((line) => (line.startsWith(item) ? item + said(language, line.slice(item.length)) : said(language, line)))
    .join('\n');
}
