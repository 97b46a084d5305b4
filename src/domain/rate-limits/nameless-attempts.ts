/**
 * Stores counters under an HMAC of their names: these hold logins and addresses as people typed them, and who reads the
 * database, or a copy of it, is not to learn who mistyped what, and from where.
 */
import type { Attempts } from '../ports/attempts.ts';
import type { Sealer } from '../sealing/sealer.ts';

/** Names whose HMAC is kept. One password has a dozen names, and each is asked for three times. */
const REMEMBERED = 1000;

export function namelessAttempts(attempts: Attempts, sealer: Pick<Sealer, 'mac'>): Attempts {
  const keys = new Map<string, string>();
  function keyOf(name: string): string {
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key = sealer.mac('attempts', name);
    if (keys.size >= REMEMBERED) keys.clear();
    keys.set(name, key);
    return key;
  }
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
