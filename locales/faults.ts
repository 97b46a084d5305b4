/** What is wrong with a member of a registration, in the language of a page. */
import nl from './nl/faults.ts';
import { type SentenceTables, sentencesIn } from './sentences.ts';

/** For the test that compares them with the sources. */
export const faultTables: SentenceTables = { nl };
export const faultIn = sentencesIn(faultTables);
