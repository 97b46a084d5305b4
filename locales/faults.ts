/** What is wrong with a member of a registration, or not as it should be, in the language of a page. */
import nlFaults from './nl/faults.ts';
import nlWarnings from './nl/registration-warnings.ts';
import { type SentenceTables, sentencesIn } from './sentences.ts';

/** For the test that compares them with the sources. */
export const faultTables: SentenceTables = { nl: [...nlWarnings, ...nlFaults] };
export const faultIn = sentencesIn(faultTables);
