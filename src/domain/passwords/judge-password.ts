/**
 * Judges whether a new password is good enough, and says why one is not (rule 5). Only the judging process loads this,
 * with its word lists.
 */
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';
import dutch from '@zxcvbn-ts/language-nl-be';
import { knownPhrases } from './known-phrases.ts';
import {
  type JudgedFor,
  MAX_LENGTH,
  minimumLength,
  normalizePassword,
  type PasswordVerdict,
  type Score,
} from './password.ts';
import { fold, plainGuesses, type Ranks } from './plain-guesses.ts';

/** On zxcvbn's scale: 3 is safe against online guessing, and against offline guessing of a slow hash. */
const LOWEST_SCORE = 3;
/** zxcvbn's scale: the decimal digits of the number of guesses from which on a password has score 1, 2, 3 and 4. */
const SCALE = [3, 6, 8, 10];
/**
 * How many readings of `4@(<{[3` as letters zxcvbn tries. With its hundred, 128 awkward characters take 1.5 s instead of
 * a quarter of a second.
 */
const L33T_READINGS = 10;
/** Known phrases are tried early, the first and the last of the list alike. */
const PHRASE_RANK = 100;
/** A leaked password of this length is refused as such, whatever stands before or after it. */
const KNOWN_LENGTH = 12;
/** Words that anybody at any university would try first. Those of the association come from its configuration. */
// biome-ignore format: a list of words
const UNIVERSITY_WORDS = [
  'pedel', 'alumni', 'alumnus', 'student', 'studenten', 'universiteit', 'university', 'hogeschool', 'college', 'campus',
  'wachtwoord', 'password', 'welkom', 'welcome', 'bienvenue',
];

type Lists = { zxcvbn: ZxcvbnFactory; leaked: Set<string>; phrases: Set<string>; ranks: Ranks };
let lists: Lists | undefined; // made at first use, because that takes a fifth of a second

/**
 * Whether a new password is good enough. All of it is judged. Length is counted in code points. There are no composition
 * rules (NIST SP 800-63B-4, 3.1.1.2).
 * @param context `words`: the person's own names, numbers and addresses (`ownWords`), and those of the association
 */
export function judgePassword(typed: string, context: JudgedFor): PasswordVerdict {
  const password = normalizePassword(typed);
  const minimum = minimumLength(context.secondFactorRequired);
  const length = [...password].length;
  if (length > MAX_LENGTH) return { ok: false, reason: 'too_long', minimum, score: 0, suggestions: [] };
  lists ??= makeLists();
  const { zxcvbn, leaked, phrases, ranks } = lists;

  const given = [...UNIVERSITY_WORDS, ...context.words];
  const words = given.flatMap((word) => [word, ...word.split(/[\s@.'-]+/u)]).filter((word) => word.length > 2);
  const own = new Set(words.map(fold));
  const { score: complexity, feedback } = zxcvbn.check(password, words);
  const plain = plainGuesses(password, ranks, own);
  const score = Math.min(complexity, scoreOf(plain.digits)) as Score;
  // zxcvbn explains what it found weak itself; the rest is words, whose they are
  const advice =
    complexity < LOWEST_SCORE
      ? { suggestions: feedback.suggestions, ...(feedback.warning ? { warning: feedback.warning } : {}) }
      : {
          suggestions: ['anotherWord'],
          warning: plain.words.some((word) => own.has(word)) ? 'userInputs' : 'commonWords',
        };
  const refused = { ok: false, minimum, score } as const;
  if (length < minimum) {
    return { ...refused, reason: 'too_short', ...(score < LOWEST_SCORE ? advice : { suggestions: ['anotherWord'] }) };
  }
  const known = (word: string) => phrases.has(word) || (word.length >= KNOWN_LENGTH && leaked.has(word));
  if (leaked.has(password.toLowerCase()) || known(fold(password)) || (score < LOWEST_SCORE && plain.words.some(known)))
    return { ...refused, reason: 'blocklisted', ...advice };
  if (score < LOWEST_SCORE) return { ...refused, reason: 'guessable', ...advice };
  return { ok: true, score };
}

function scoreOf(digits: number): number {
  return SCALE.filter((least) => digits >= least).length;
}

function makeLists(): Lists {
  const dictionary = { ...common.dictionary, ...english.dictionary, ...dutch.dictionary };
  const ranked = new Map<string, number>();
  let longest = 0;
  const rank = (word: string, at: number) => {
    if (at < (ranked.get(word) ?? Number.POSITIVE_INFINITY)) ranked.set(word, at);
    longest = Math.max(longest, word.length);
  };
  for (const list of Object.values(dictionary)) {
    for (const [index, word] of list.entries()) rank(String(word), index + 1);
  }
  const phrases = new Set(knownPhrases.map(fold));
  for (const phrase of phrases) rank(phrase, PHRASE_RANK);
  return {
    zxcvbn: new ZxcvbnFactory({ dictionary, graphs: common.adjacencyGraphs, l33tMaxSubstitutions: L33T_READINGS }),
    leaked: new Set(common.dictionary['passwords-common']),
    phrases,
    ranks: { get: (word) => ranked.get(word), longest },
  };
}
