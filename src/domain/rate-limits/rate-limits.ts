/** Rate limits: a try is counted before it is checked, and given back if it was right or not judged (rules 2, 3). */
import type { Attempts, Counted } from '../ports/attempts.ts';
import { type Limit, type LimitedNetwork, limits, type NetworkLimit, triesOf } from './limits.ts';

/** What counting needs. */
export type Limiter = {
  attempts: Attempts;
  /** Called at the first refusal of one counter in a window, for the log and the metrics. */
  onLimitHit(hit: LimitHit): void;
};

/** `network`: the name of the configured network; `from`: the group that the try came from. */
export type LimitHit = { limit: Limit; network?: string; from?: string };

/** One counter: its name at the port, and what it allows (`Infinity`: it only counts). */
export type Counter = { limit: Limit; name: string; tries: number };

/** `firstHit`: nobody was refused by this counter within the length of its window. */
export type Refused = { allowed: false; retryAfterSeconds: number; firstHit: boolean };
export type Taken = { allowed: true; counts: number[]; giveBack(): Promise<void> } | Refused;

/** The counter of a limit for one account, login or browser. */
export function counterOf(limit: Limit, key: string): Counter {
  return { limit, name: `${limit} ${key}`, tries: limits[limit].tries };
}

/** The counters of a limit for a network, one for each of its groups. `subject`: what else is counted apart. */
export function countersOf(limit: NetworkLimit, network: LimitedNetwork, subject?: string): Counter[] {
  return network.groups.map((group, place) => ({
    limit,
    name: subject === undefined ? `${limit} ${group}` : `${limit} ${subject} ${group}`,
    tries: triesOf(limit, network, place),
  }));
}

/** Takes one try of a limit that counts by network. `now`: epoch ms. */
export function takeNetworkTry(
  limiter: Limiter,
  limit: NetworkLimit,
  network: LimitedNetwork,
  now: number,
): Promise<Taken> {
  return takeAll(limiter, countersOf(limit, network), network, now);
}

/**
 * Takes one try of every counter in one write, or of none where one of them is used up: what is refused costs nothing.
 * `counts`: what each holds now.
 */
export async function takeAll(
  limiter: Limiter,
  counters: Counter[],
  network: LimitedNetwork | undefined,
  now: number,
): Promise<Taken> {
  const { attempts } = limiter;
  const full = await usedUp(attempts, counters, now);
  if (full !== undefined) return refuse(limiter, full, network, now);
  const counted = counters.map((counter) => ({ ...toCount(counter, now), most: counter.tries }));
  const counts = await attempts.takeAll(counted, now);
  if (counts !== undefined) return { allowed: true, counts, giveBack: () => giveBackAll(attempts, counters, now) };
  // others were faster
  const over = (await usedUp(attempts, counters, now)) ?? counters[0];
  if (over === undefined) throw new TypeError('no counter is never used up');
  return refuse(limiter, over, network, now);
}

/** Judges what was tried. Where that throws, nothing was judged, and the try is given back. */
export async function givenBackUnlessJudged<Judged>(
  taken: { giveBack(): Promise<void> },
  judge: () => Promise<Judged>,
): Promise<Judged> {
  try {
    return await judge();
  } catch (error) {
    await taken.giveBack();
    throw error;
  }
}

/** The first of the counters that allows no more. Nothing is written. */
async function usedUp(attempts: Attempts, counters: Counter[], now: number): Promise<Counter | undefined> {
  const names = counters.map(({ name }) => name);
  const counts = await attempts.peek(names, now);
  return counters.find(({ tries }, index) => (counts[index] ?? 0) >= tries);
}

/** Adds one. @returns the new count */
export function count(attempts: Attempts, counter: Counter, now: number): Promise<number> {
  const { key, windowEndsAt } = toCount(counter, now);
  return attempts.take(key, windowEndsAt, now);
}

/** The counter as the port takes it, whatever it holds. */
export function toCount({ limit, name }: Counter, now: number): Counted {
  return { key: name, windowEndsAt: now + limits[limit].windowSeconds * 1000 };
}

/** In one write. */
export function giveBackAll(attempts: Attempts, counters: Counter[], now: number, by = 1): Promise<void> {
  return attempts.giveBack(
    counters.map(({ name }) => ({ key: name, by })),
    now,
  );
}

export async function refuse(
  limiter: Limiter,
  counter: Counter,
  network: LimitedNetwork | undefined,
  now: number,
): Promise<Refused> {
  const firstHit = await isFirstHit(limiter, counter, network, now);
  return { allowed: false, retryAfterSeconds: limits[counter.limit].windowSeconds, firstHit };
}

/** Whether nobody ran into this counter within the length of its window; then it is told. */
export async function isFirstHit(
  { attempts, onLimitHit }: Limiter,
  { limit, name }: Counter,
  network: LimitedNetwork | undefined,
  now: number,
): Promise<boolean> {
  const mark = `hit ${name}`;
  const [before = 0] = await attempts.peek([mark], now);
  if (before > 0) return false; // nothing is written, however often it is refused
  if ((await attempts.take(mark, now + limits[limit].windowSeconds * 1000, now)) !== 1) return false;
  const [from] = network?.groups ?? [];
  onLimitHit({
    limit,
    ...(network?.name === undefined ? {} : { network: network.name }),
    ...(from === undefined ? {} : { from }),
  });
  return true;
}
