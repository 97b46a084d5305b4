/**
 * Counts the guesses of somebody who puts words, names, years and known phrases one after the other, the common ones
 * first. zxcvbn takes the order of the parts and each space for a secret, and so finds `GhentUniversity2026!` and
 * `to be or not to be` very strong.
 */

/** Words with their rank: 1 is tried first. Folded as by `fold`. */
export type Ranks = { get(word: string): number | undefined; longest: number };
export type PlainGuesses = {
  /** decimal logarithm of the number of guesses */
  digits: number;
  /** the words that were found, folded, in their order */
  words: string[];
};

/** A character that is in no word costs as much as in zxcvbn: ten guesses. */
const CHARACTER = 1;
/** No choice is free. */
const LEAST = 0.5;
const YEAR = Math.log10(20);
const DATE = Math.log10(365 * 40);
const SEPARATED = 0.5;
const L33T = 0.5;
/** A word that stands there already: which one, and how often. */
const REPEATED = 0.3;

const separators = /[\s\p{Pd}\p{Pc}.,;:'’"/\\|&()]+/gu;
const dates =
  /^(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d$|^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
const years = /^(?:19|20)\d\d$/;
const lookalikes: Record<string, string> = {
  0: 'o',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  8: 'b',
  '@': 'a',
  $: 's',
  '+': 't',
};

/** A text as it is compared: small letters without accents, spaces and punctuation. */
export function fold(text: string): string {
  return unaccented(text).replace(separators, '');
}

function unaccented(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/**
 * The least number of guesses, over all ways to read the password as words and single characters. The work grows with
 * its length times the longest word.
 * @param own words that cost nothing: the person's, the association's
 */
export function plainGuesses(password: string, ranks: Ranks, own: ReadonlySet<string>): PlainGuesses {
  const text = fold(password);
  const readings = ['i', 'l'].map((one) =>
    text.replace(/./gsu, (character) => ('1!|'.includes(character) ? one : (lookalikes[character] ?? character))),
  );
  const longest = Math.max(ranks.longest, 8, ...[...own].map(({ length }) => length));

  // best[end]: the cheapest reading of what stands before `end`
  const best: { cost: number; from: number; word: string | undefined }[] = [{ cost: 0, from: 0, word: undefined }];
  for (let end = 1; end <= text.length; end += 1) {
    const reach = (from: number, step: number, word: string | undefined) => {
      const cost = (best[from]?.cost ?? 0) + step;
      const known = best[end];
      if (known === undefined || cost < known.cost) best[end] = { cost, from, word };
    };
    reach(end - 1, CHARACTER, undefined);
    for (let from = Math.max(0, end - longest); from < end; from += 1) {
      const part = text.slice(from, end);
      const cost = costOf(part, ranks, own);
      if (cost !== undefined) reach(from, cost, part);
      for (const reading of readings) {
        const read = reading.slice(from, end);
        if (read === part) continue;
        const readCost = costOf(read, ranks, own);
        if (readCost !== undefined) reach(from, readCost + L33T, read);
      }
    }
  }

  const words: string[] = [];
  let digits = (best[text.length]?.cost ?? 0) + (separated(password) ? SEPARATED : 0);
  for (let end = text.length; end > 0; ) {
    const step = best[end];
    if (step === undefined) break;
    if (step.word !== undefined) words.unshift(step.word);
    end = step.from;
  }
  for (const [index, word] of words.entries()) {
    const cost = costOf(word, ranks, own) ?? 0;
    if (words.indexOf(word) < index) digits -= Math.max(0, cost - REPEATED);
  }
  return { digits, words };
}

function costOf(part: string, ranks: Ranks, own: ReadonlySet<string>): number | undefined {
  if (own.has(part)) return 0;
  const rank = ranks.get(part);
  const costs = rank === undefined ? [] : [Math.max(LEAST, Math.log10(rank))];
  if (part.length === 4 && years.test(part)) costs.push(YEAR);
  if (part.length === 8 && dates.test(part)) costs.push(DATE);
  return costs.length === 0 ? undefined : Math.min(...costs);
}

const separated = (password: string) => unaccented(password).trim() !== fold(password);
