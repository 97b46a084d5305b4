/**
 * Judges whether a new password is good enough, and says why one is not (rule 5). Only the judging process loads this,
 * with its word lists.
 */
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';
import dutch from '@zxcvbn-ts/language-nl-be';
import { type JudgedFor, MAX_LENGTH, minimumLength, type PasswordVerdict } from './password.ts';

/** Characters that must be left without the person's own names and local words. */
const OWN_CHARACTERS = 8;
/** On zxcvbn's scale: 3 is safe against online guessing, and against offline guessing of a slow hash. */
const LOWEST_SCORE = 3;
/**
 * Only the beginning is judged, because zxcvbn's work grows much faster than the length (CPU: 0.2 s at 24 awkward
 * characters, 0.5 s at 48).
 */
const JUDGED_LENGTH = 24;
/**
 * How many readings of `4@(<{[3` as letters are tried; with zxcvbn's hundred, one person who types keeps a node busy.
 */
const L33T_READINGS = 10;
// biome-ignore format: a list of words
/** Words that anybody at the association would try first. */
const LOCAL_WORDS = [
  'kuleuven', 'leuven', 'vives', 'toledo', 'pedel', 'lovaniensis', 'arenberg', 'heverlee', 'kortrijk', 'brugge',
  'alumni', 'student', 'universiteit', 'university', 'wachtwoord', 'welkom', 'bienvenue',
];

let judge: ZxcvbnFactory | undefined; // made at first use, because the dictionaries take a tenth of a second
let known: Set<string> | undefined;

/**
 * Whether a new password is good enough. Length is counted in code points. There are no composition rules (NIST SP
 * 800-63B-4, 3.1.1.2).
 * @param context `words`: the person's own names, numbers and addresses (`ownWords`)
 */
export function judgePassword(password: string, context: JudgedFor): PasswordVerdict {
  const minimum = minimumLength(context.secondFactorRequired);
  const length = [...password.normalize('NFC')].length;
  if (length > MAX_LENGTH) return { ok: false, reason: 'too_long', minimum, score: 0, suggestions: [] };
  judge ??= new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary, ...dutch.dictionary },
    graphs: common.adjacencyGraphs,
    l33tMaxSubstitutions: L33T_READINGS,
  });
  const own = context.words.flatMap((word) => [word, ...word.split(/[\s@.'-]+/u)]).filter((word) => word.length > 2);
  const { score, feedback } = judge.check(password.slice(0, JUDGED_LENGTH), [...LOCAL_WORDS, ...own]);
  const advice = {
    minimum,
    score,
    suggestions: feedback.suggestions,
    ...(feedback.warning ? { warning: feedback.warning } : {}),
  };
  if (length < minimum) return { ok: false, reason: 'too_short', ...advice };
  known ??= new Set(common.dictionary['passwords-common']);
  if (known.has(password.toLowerCase())) return { ok: false, reason: 'blocklisted', ...advice };
  if (score < LOWEST_SCORE || withoutWords(password, [...LOCAL_WORDS, ...own]) < OWN_CHARACTERS)
    return { ok: false, reason: 'guessable', ...advice };
  return { ok: true, score };
}

/** Number of characters left without known words: to a person who knows her, `Annelies Peeters 1` is one digit long. */
function withoutWords(password: string, words: string[]): number {
  const longestFirst = words.map((word) => word.toLowerCase()).sort((a, b) => b.length - a.length);
  let left = password.toLowerCase();
  for (const word of longestFirst) left = left.replaceAll(word, ' ');
  return [...left.replace(/[\s\p{P}]/gu, '')].length;
}
