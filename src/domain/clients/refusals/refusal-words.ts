/** A refusal in words: what happened, where two addresses differ, and what to do. The sentences are in `locales`. */
import { type AddressDifference, type AddressPart, addressDifference } from './address-difference.ts';
import type { Refusal, RefusalCode } from './refusal.ts';

/** A code without its sentences does not compile. */
export type RefusalKey =
  | `problems.${RefusalCode}`
  | `problems.${RefusalCode}_remedy`
  | `problems.difference_${AddressPart}`;

export type RefusalInWords = {
  sentence: string;
  remedy: string;
  /** of two addresses */
  difference?: AddressDifference & { inWords: string };
};

/** Codes of which both texts are addresses. */
export const ofAddresses: ReadonlySet<RefusalCode> = new Set([
  'redirect-uri-unregistered',
  'post-logout-redirect-uri-unregistered',
  'redirect-uri-differs',
  'origin-unregistered',
]);

/** `say`: the translator of a language (`locales/index.ts`). */
export function refusalInWords(refusal: Refusal, say: (key: RefusalKey) => string): RefusalInWords {
  const words = { sentence: say(`problems.${refusal.code}`), remedy: say(`problems.${refusal.code}_remedy`) };
  if (!('expected' in refusal) || refusal.expected === '' || !ofAddresses.has(refusal.code)) return words;
  const difference = addressDifference(refusal.got, refusal.expected);
  const inWords = difference.parts.map((part) => say(`problems.difference_${part}`)).join(', ');
  return { ...words, difference: { ...difference, inWords } };
}
