/** Warns of a proxy whose X-Forwarded-For holds what is no address. */
import type { UnreadableEntry } from './client-address.ts';
import type { Log } from './errors.ts';

/** Counts every unreadable address and logs only the first: a misconfigured proxy sends one with every request. */
export function createAddressWarning(log: Pick<Log, 'warn'>, count: () => void): (found: UnreadableEntry) => void {
  let logged = false;
  return (found) => {
    count();
    if (logged) return;
    logged = true;
    log.warn(
      found,
      'a trusted proxy sends an X-Forwarded-For entry that is not an address; all its visitors share one rate limit until its configuration is corrected (logged once; pedel_unreadable_addresses_total counts every request)',
    );
  };
}
