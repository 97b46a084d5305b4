/** What a node that is ready tells of itself, in the console's words; `/readyz` and the log keep those that name commands. */
import en from './en/notices.ts';
import nl from './nl/notices.ts';
import { type SentenceTables, sentencesIn } from './sentences.ts';

/** For the test that compares them with the sources. */
export const noticeTables: SentenceTables = { en, nl };
export const noticeIn = sentencesIn(noticeTables);
