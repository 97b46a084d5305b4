/** How many codes of devices may be tried: per network, and apart from it per browser that signed in before (rule 2). */
import type { LimitedNetwork } from './limits.ts';
import { counterOf, countersOf, type Limiter, type Taken, takeAll } from './rate-limits.ts';

/**
 * Takes one try. Give it back where the code was right, so that only wrong ones count. A known browser has tries of its own,
 * which strangers in its network cannot use up.
 * @param browser the id of a browser that signed in before
 * @param now epoch ms
 */
export function takeDeviceCode(
  limiter: Limiter,
  { network, browser }: { network: LimitedNetwork; browser: string | undefined },
  now: number,
): Promise<Taken> {
  const counters =
    browser === undefined
      ? countersOf('codesPerNetwork', network, 'device')
      : [counterOf('deviceCodesInKnownBrowser', browser)];
  return takeAll(limiter, counters, network, now);
}
