/** The port for watches: every node adds steps, and any page reads them all. */
import type { Watch, WatchStep, WatchSteps } from '../clients/watch/watch.ts';

/** Times in epoch ms. */
export type Watches = {
  /** in place of the one before, whose steps are gone */
  start(watch: Watch): Promise<void>;
  /** whether any application may be watched; one small read, because each node asks every few seconds */
  any(now: number): Promise<boolean>;
  /** with its steps, oldest first, for an hour after its end */
  find(client: string, now: number): Promise<(Watch & WatchSteps) | undefined>;
  /** Adds those that belong to a watch of this application; others are forgotten. */
  add(client: string, steps: readonly WatchStep[], now: number): Promise<void>;
};
