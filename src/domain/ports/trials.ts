/** The port for trials: each is used once, in the session that started it, and forgotten after ten minutes. */
import type { Trial } from '../clients/trial/trial.ts';

/** `outcome`: sealed. */
export type StoredTrial = Trial & { used: boolean; outcome?: string };

/** `key`: the hash of the `state`, which stands nowhere. Times in epoch ms. Expired trials are not found. */
export type Trials = {
  start(key: string, trial: Trial): Promise<void>;
  find(key: string, now: number): Promise<StoredTrial | undefined>;
  /** true for the one caller that used it */
  use(key: string, now: number): Promise<boolean>;
  /** what came of one that was used; `outcome` sealed */
  conclude(key: string, trial: Trial, outcome: string): Promise<void>;
};
