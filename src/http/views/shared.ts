/** What pages of several rooms are given. */

/** No data but `error`, which every view may have. */
export type Nothing = Record<never, never>;

/** A password that was just judged, for `activation/meter`. */
export type Meter = {
  /** Score from 0 to 4 and its word; absent before the first try. */
  strength?: { score: number; word: string };
  /** Sentences about the password that was just refused. */
  advice: string[];
};

/** For the partial `factor`. */
export type FactorForm = {
  path: string;
  way: 'code' | 'passkey' | 'recovery';
  others: FactorForm['way'][];
  typed: string;
  /** Options of the passkey question: JSON for the browser. */
  options: string | undefined;
  /** of the longest code that an app of this person shows */
  digits: number;
};
