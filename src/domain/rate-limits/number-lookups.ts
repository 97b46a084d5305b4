/** How many user numbers a network may look up, and whether a code is said to be under way: the pages are no phone book (rule 1). */
import type { Attempts } from '../ports/attempts.ts';
import { type LimitedNetwork, limits } from './limits.ts';
import { type Limiter, takeNetworkTry } from './rate-limits.ts';

/**
 * Counts each number once per network and window, so that a reload costs nothing. Nothing is written for a number that
 * is refused.
 * @param now epoch ms
 * @returns false where this network has looked up too many others
 */
export async function mayLookUp(
  limiter: Limiter,
  number: string,
  network: LimitedNetwork,
  now: number,
): Promise<boolean> {
  const { attempts } = limiter;
  const mark = `number ${network.groups[0]} ${number}`;
  const [before = 0] = await attempts.peek([mark], now);
  if (before > 0) return true;
  const taken = await takeNetworkTry(limiter, 'numbersPerNetwork', network, now);
  if (!taken.allowed) return false;
  const times = await attempts.take(mark, now + limits.numbersPerNetwork.windowSeconds * 1000, now);
  if (times > 1) await taken.giveBack(); // the same page, asked for twice at once
  return true;
}

/** From now on, and for `rememberedMs`, a code is said to be under way for this number, whatever address was typed. */
export async function noteCodeAsked(
  attempts: Attempts,
  number: string,
  rememberedMs: number,
  now: number,
): Promise<void> {
  await attempts.take(underWay(number), now + rememberedMs, now);
}

/** Whether `noteCodeAsked` was called for this number within the time it is remembered. */
export async function wasCodeAsked(attempts: Attempts, number: string, now: number): Promise<boolean> {
  const [asked = 0] = await attempts.peek([underWay(number)], now);
  return asked > 0;
}

const underWay = (number: string) => `code-under-way ${number}`;
