/** How many user numbers a network may look up, and whether a code is said to be under way: the pages are no phone book (rule 1). */
import type { Attempts } from '../ports/attempts.ts';
import { limits, takeTry } from './rate-limits.ts';

/**
 * Counts each number once per network and window, so that a reload costs nothing.
 * @param network the group that limits count by: an IPv4 address or an IPv6 network
 * @param now epoch ms
 * @returns false where this network has looked up too many
 */
export async function mayLookUp(attempts: Attempts, number: string, network: string, now: number): Promise<boolean> {
  const { tries, windowSeconds } = limits.numbersPerNetwork;
  const counter = `numbersPerNetwork ${network}`;
  const [before = 0] = await attempts.peek([counter], now);
  if (before > tries) return false; // nothing more is written, however many are tried
  const count = await attempts.take(`number ${network} ${number}`, now + windowSeconds * 1000, now);
  if (count === 1) return (await takeTry(attempts, 'numbersPerNetwork', network, now)).allowed;
  const [asked = 0] = await attempts.peek([counter], now);
  return asked <= tries;
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
