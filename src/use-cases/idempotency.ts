/**
 * Acts that are carried out once, over the port of protocol records, which settles which of several callers is the first,
 * forgets by itself, and is on every database (docs/decisions/management-api.md).
 */
import { IDEMPOTENCY_MS, type Idempotency, type KeptAnswer } from '../domain/ports/idempotency.ts';
import type { ProtocolRecords } from '../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../domain/ports/record-key.ts';

const MODEL = 'ApiAct';

type Kept = { hash: string; since: number; answer?: KeptAnswer };

export function createIdempotency(
  records: Pick<ProtocolRecords, 'insert' | 'find' | 'put' | 'destroy'>,
  /** epoch ms */
  now: () => number,
): Idempotency {
  return {
    async begin(key, hash) {
      const place = recordKeyOf(key);
      // what was there may be released, or forgotten, between the two calls
      for (;;) {
        const at = now();
        const kept: Kept = { hash, since: at };
        if (await records.insert(MODEL, place, kept, at + IDEMPOTENCY_MS, at)) return { kind: 'begun' };
        const found = (await records.find(MODEL, place, at)) as Kept | undefined;
        if (found === undefined) continue;
        if (found.hash !== hash) return { kind: 'other' };
        if (found.answer !== undefined) return { kind: 'done', answer: found.answer };
        return { kind: 'running', since: found.since };
      }
    },
    async finish(key, hash, answer) {
      const at = now();
      await records.put(MODEL, recordKeyOf(key), { hash, since: at, answer }, at + IDEMPOTENCY_MS);
    },
    release: (key) => records.destroy(MODEL, recordKeyOf(key)),
  };
}
