/**
 * Keeps the count of a large source for a minute, so that not every list and not every end counts all of it. Small ones are
 * counted each time: there a few people more or less are a share that the safeguard must see, and cost nothing.
 */
import type { Accounts } from '../../domain/ports/accounts.ts';

type Count = Accounts['countTerms'];

/** From so many on. */
const LARGE = 5000;
const KEPT_MS = 60_000;
/** Filters by time count from a moment of their own. */
const KEPT_AT_MOST = 100;

/** `now`: epoch ms; where it goes back, everything is counted again. */
export function keptCounts(count: Count, now: () => number): Count {
  const kept = new Map<string, { at: number; counted: Promise<number> }>();
  return (from, to) => {
    const range = JSON.stringify([from, to]);
    const before = kept.get(range);
    const at = now();
    if (before !== undefined && at >= before.at && at < before.at + KEPT_MS) return before.counted;
    const counted = count(from, to);
    const entry = { at, counted };
    if (kept.size >= KEPT_AT_MOST) kept.clear();
    kept.set(range, entry); // whoever asks meanwhile waits for the same
    const forget = () => {
      if (kept.get(range) === entry) kept.delete(range);
    };
    counted.then((n) => (n < LARGE ? forget() : undefined), forget);
    return counted;
  };
}
