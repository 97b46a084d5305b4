/** How long a new password must be, and what a judgement of it says (rule 5). Judging itself is in judge-password.ts. */
export const MAX_LENGTH = 128;
const MINIMUM_WITH_SECOND_FACTOR = 12;
const MINIMUM_ALONE = 15;

export type Score = 0 | 1 | 2 | 3 | 4;
export type PasswordVerdict =
  | { ok: true; score: Score }
  | {
      ok: false;
      reason: 'too_short' | 'too_long' | 'guessable' | 'blocklisted';
      /** characters asked of this person */
      minimum: number;
      score: Score;
      /**
       * keys of zxcvbn's feedback (`warnings.*`, `suggestions.*` in its translations), or `commonWords`, for the page to
       * translate
       */
      warning?: string;
      suggestions: string[];
    };

/** Whom a password is for. `words`: the person's own names, numbers and addresses (`ownWords`). */
export type JudgedFor = { secondFactorRequired: boolean; words: string[] };

/**
 * Judges new passwords away from the event loop, because that takes up to a quarter of a second, and its word lists
 * 150 MB (rule 33).
 */
export type Judging = {
  /**
   * @param by whose judgements are counted together, so that nobody takes all places of the queue; `typing`: for a meter,
   *   which has fewer
   * @throws Problem `busy` where the queue is full
   */
  judge(password: string, context: JudgedFor, by: { person: string; typing: boolean }): Promise<PasswordVerdict>;
  close(): Promise<void>;
};

/**
 * The password as it is judged, compared and hashed: the same from every keyboard and system (NIST SP 800-63B-4, 3.1.1.2,
 * asks for NFKC or NFKD). Its length is counted in code points of this form.
 */
export function normalizePassword(typed: string): string {
  return typed.normalize('NFKC');
}

/** The smallest length in characters; less beside a second factor (NIST SP 800-63B-4, 3.1.1.2). */
export function minimumLength(secondFactorRequired: boolean): number {
  return secondFactorRequired ? MINIMUM_WITH_SECOND_FACTOR : MINIMUM_ALONE;
}
