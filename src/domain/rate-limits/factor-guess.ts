/** What a code of the second factor costs: counted per account, over all networks and all known browsers (rule 3). */
import type { LimitedNetwork } from './limits.ts';
import {
  type Counter,
  count,
  counterOf,
  giveBackAll,
  isFirstHit,
  type Limiter,
  type Refused,
  takeAll,
} from './rate-limits.ts';

export type FactorGuess = {
  accountId: string;
  network: LimitedNetwork;
  /** the sign-in or ticket in which the code is typed: what was wrong in the same one is given back with the right one */
  attempt: string;
  /** the id of a device cookie bound to this account and epoch */
  knownBrowser?: string;
};

/**
 * `tellOwner`: codes were wrong more often than `factorPerAccount` allows, for the first time in its window, so somebody
 * else must know the password. Call one of the functions when the code is judged.
 */
export type FactorTaken =
  | (Refused & { tellOwner: boolean })
  | {
      allowed: true;
      /** Gives back what this person lost. */
      right(): Promise<void>;
      wrong(): Promise<{ tellOwner: boolean }>;
      notJudged(): Promise<void>;
    };

/**
 * Takes one guess at a code. After 20 wrong ones in a day, whoever typed them, codes are refused, except in a known
 * browser, of which each has 50 a day and all together 100. Passkeys are not limited. `now`: epoch ms.
 */
export async function takeFactorGuess(limiter: Limiter, guess: FactorGuess, now: number): Promise<FactorTaken> {
  const { attempts } = limiter;
  const { accountId, attempt, knownBrowser, network } = guess;
  const everywhere = counterOf('factorPerAccount', accountId);
  const browser = `${accountId} ${knownBrowser}`;
  const own =
    knownBrowser === undefined
      ? []
      : [
          counterOf('factorInKnownBrowser', browser),
          counterOf('factorInKnownBrowserPerDay', browser),
          counterOf('factorInAllKnownBrowsers', accountId),
        ];
  // a known browser goes on beyond the limit of the account, but what it gets wrong counts there
  const ofAccount = knownBrowser === undefined ? everywhere : { ...everywhere, tries: Number.POSITIVE_INFINITY };
  const all = [ofAccount, ...own];
  const taken = await takeAll(limiter, all, network, now);
  if (!taken.allowed) return { ...taken, tellOwner: knownBrowser === undefined && taken.firstHit };
  const total = knownBrowser === undefined ? 0 : (taken.counts[0] ?? 0);
  const failed: Counter = { ...everywhere, name: `failed ${everywhere.name} ${knownBrowser ?? attempt}` };
  return {
    allowed: true,
    async right() {
      const [before = 0] = await attempts.peek([failed.name], now);
      const lost = before === 0 ? 0 : await attempts.clear(failed.name, now);
      await giveBackAll(attempts, all, now, 1 + lost);
    },
    async wrong() {
      await count(attempts, failed, now);
      return { tellOwner: total > everywhere.tries && (await isFirstHit(limiter, everywhere, network, now)) };
    },
    notJudged: () => giveBackAll(attempts, all, now),
  };
}
