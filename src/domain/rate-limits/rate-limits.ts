/** Rate limits: a try is counted before it is checked, and given back if it was right (rules 2, 3). */
import type { Attempts } from '../ports/attempts.ts';

/** Tries allowed in a window, and its length in seconds. The numbers suit a campus behind one address. */
export const limits = {
  /**
   * one account from one network, without a known browser: enough for a person who forgot, too few for a list of
   * passwords
   */
  passwordPerAccountAndNetwork: { tries: 10, windowSeconds: 15 * 60 },
  /** one account from all networks together, without a known browser: a distributed attack on one person */
  passwordPerAccountFromStrangers: { tries: 50, windowSeconds: 60 * 60 },
  /** distinct accounts with a wrong password from one network: against one password tried on everybody */
  accountsFailedPerNetwork: { tries: 300, windowSeconds: 60 * 60 },
  /** one account in one known browser: its owner, independent of what strangers do */
  passwordInKnownBrowser: { tries: 20, windowSeconds: 15 * 60 },
  /** second-factor codes of one account over all networks (rule 3) */
  factorPerAccount: { tries: 20, windowSeconds: 24 * 60 * 60 },
  factorInKnownBrowser: { tries: 10, windowSeconds: 15 * 60 },
  /**
   * the same over a day, because a thief of the password may have made the browser known before there was a second
   * factor
   */
  factorInKnownBrowserPerDay: { tries: 50, windowSeconds: 24 * 60 * 60 },
  /** user numbers tried at /activate and /forgotten: against collecting which ones exist */
  numbersPerNetwork: { tries: 100, windowSeconds: 60 * 60 },
  /** codes and links asked for by mail */
  mailsPerAccount: { tries: 5, windowSeconds: 60 * 60 },
  mailsPerNetwork: { tries: 60, windowSeconds: 60 * 60 },
  /** short codes tried from one network, beside the ten tries of each code */
  codesPerNetwork: { tries: 100, windowSeconds: 60 * 60 },
  /** new passwords judged for one account: a page asks for one each time that somebody who types pauses */
  judgementsPerAccount: { tries: 200, windowSeconds: 15 * 60 },
  /** those while typing only, so that a hall full of new students can set theirs in any case */
  judgementsPerNetwork: { tries: 3000, windowSeconds: 15 * 60 },
} as const;

export type Limit = keyof typeof limits;

export type Taken = { allowed: true; giveBack(): Promise<void> } | { allowed: false; retryAfterSeconds: number };

/** Takes one try of one limit. `key`: the account, network group or browser that is counted. `now`: epoch ms. */
export async function takeTry(attempts: Attempts, limit: Limit, key: string, now: number): Promise<Taken> {
  const { count, name } = await counted(attempts, limit, key, now);
  if (count > limits[limit].tries) return { allowed: false, retryAfterSeconds: limits[limit].windowSeconds };
  return { allowed: true, giveBack: () => attempts.giveBack(name, now) };
}

/**
 * Takes one password guess. `now`: epoch ms.
 * @param guess `account`: the account's id, or the login as typed if there is none, so that unknown logins meet the
 *   same limits; `network`: the group of the address; `knownBrowser`: id of a device cookie bound to this account and
 *   epoch, which has a counter of its own, so that strangers do not slow it
 */
export async function takePasswordGuess(
  attempts: Attempts,
  guess: { account: string; network: string; knownBrowser?: string },
  now: number,
): Promise<Taken> {
  if (guess.knownBrowser !== undefined) {
    return takeTry(attempts, 'passwordInKnownBrowser', `${guess.account} ${guess.knownBrowser}`, now);
  }
  const [pair, strangers] = await Promise.all([
    counted(attempts, 'passwordPerAccountAndNetwork', `${guess.account} ${guess.network}`, now),
    counted(attempts, 'passwordPerAccountFromStrangers', guess.account, now),
  ]);
  // an account counts once per network, with its first wrong guess
  const network = counterName('accountsFailedPerNetwork', guess.network);
  const failed =
    pair.count === 1
      ? (await counted(attempts, 'accountsFailedPerNetwork', guess.network, now)).count
      : ((await attempts.peek([network], now))[0] ?? 0);
  const over: Limit | undefined =
    pair.count > limits.passwordPerAccountAndNetwork.tries
      ? 'passwordPerAccountAndNetwork'
      : strangers.count > limits.passwordPerAccountFromStrangers.tries
        ? 'passwordPerAccountFromStrangers'
        : failed > limits.accountsFailedPerNetwork.tries
          ? 'accountsFailedPerNetwork'
          : undefined;
  if (over !== undefined) return { allowed: false, retryAfterSeconds: limits[over].windowSeconds };
  return {
    allowed: true,
    giveBack: () => giveBackAll(attempts, [pair.name, strangers.name, ...(pair.count === 1 ? [network] : [])], now),
  };
}

/**
 * Takes one guess at a code of the second factor. After 20 wrong ones in a day, over all networks, codes are refused,
 * except in a known browser, which has 50 a day of its own. `tellOwner` is set at the first refusal, because somebody
 * else must know the password (rule 3). Passkeys are not limited. `now`: epoch ms.
 */
export async function takeFactorGuess(
  attempts: Attempts,
  guess: { accountId: string; knownBrowser?: string },
  now: number,
): Promise<Taken & { tellOwner?: boolean }> {
  if (guess.knownBrowser !== undefined) {
    const browser = `${guess.accountId} ${guess.knownBrowser}`;
    const soon = await takeTry(attempts, 'factorInKnownBrowser', browser, now);
    if (!soon.allowed) return soon;
    const day = await counted(attempts, 'factorInKnownBrowserPerDay', browser, now);
    const { tries, windowSeconds } = limits.factorInKnownBrowserPerDay;
    if (day.count > tries) {
      return { allowed: false, retryAfterSeconds: windowSeconds, tellOwner: day.count === tries + 1 };
    }
    return {
      allowed: true,
      giveBack: () => giveBackAll(attempts, [counterName('factorInKnownBrowser', browser), day.name], now),
    };
  }
  const { count, name } = await counted(attempts, 'factorPerAccount', guess.accountId, now);
  const { tries, windowSeconds } = limits.factorPerAccount;
  if (count > tries) return { allowed: false, retryAfterSeconds: windowSeconds, tellOwner: count === tries + 1 };
  return { allowed: true, giveBack: () => attempts.giveBack(name, now) };
}

/** In parallel, so that none waits for another's commit. */
async function giveBackAll(attempts: Attempts, names: string[], now: number): Promise<void> {
  await Promise.all(names.map((name) => attempts.giveBack(name, now)));
}

/** The name of a counter at the port: the limit, and for whom it counts. */
const counterName = (limit: Limit, key: string) => `${limit} ${key}`;

async function counted(attempts: Attempts, limit: Limit, key: string, now: number) {
  const name = counterName(limit, key);
  return { name, count: await attempts.take(name, now + limits[limit].windowSeconds * 1000, now) };
}
