/**
 * Stores counters under an HMAC of their names: these hold logins and addresses as people typed them, and who reads the
 * database, or a copy of it, is not to learn who mistyped what, and from where.
 */
import type { Attempts } from '../ports/attempts.ts';
import type { Sealer } from '../sealing/sealer.ts';

export function namelessAttempts(attempts: Attempts, sealer: Pick<Sealer, 'mac'>): Attempts {
  const keyOf = (name: string) => sealer.mac('attempts', name);
  const nameless = <Named extends { key: string }>(counters: readonly Named[]) =>
    counters.map((each) => ({ ...each, key: keyOf(each.key) }));
  return {
    take: (key, windowEndsAt, now) => attempts.take(keyOf(key), windowEndsAt, now),
    takeAll: (counters, now) => attempts.takeAll(nameless(counters), now),
    giveBack: (counters, now) => attempts.giveBack(nameless(counters), now),
    clear: (key, now) => attempts.clear(keyOf(key), now),
    peek: (keys, now) => attempts.peek(keys.map(keyOf), now),
  };
}
