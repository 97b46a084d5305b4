/** The life of a signing key: published ahead, used, retired, removed; decided by the clock alone. */
import { describe, expect, test } from '@jest/globals';
import type { SigningKeyRecord } from '../../src/domain/ports/signing-keys.ts';
import {
  type KeySchedule,
  type KeyStep,
  keySchedule,
  NOT_YET,
  nextChange,
  nextSteps,
  publishedKeys,
  signerOf,
  stateOf,
} from '../../src/domain/signing-keys/signing-key-schedule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STEP = 6 * HOUR;
const schedule: KeySchedule = { rotateMs: 90 * DAY, publishAheadMs: 24 * HOUR, keepMs: 8 * DAY };

const key = (generation: number, change: Partial<SigningKeyRecord> = {}): SigningKeyRecord => ({
  kid: `${change.alg ?? 'ES256'} ${generation}`,
  alg: 'ES256',
  generation,
  publicJwk: {},
  sealedPrivateJwk: 'sealed',
  createdAt: 0,
  usedFrom: 0,
  ...change,
});
/** of the other algorithm, so that nothing is wanted of it */
const rsa = key(1, { alg: 'RS256', usedFrom: NOT_YET - 1, kid: 'rsa' });

/** As the job does it, with a world of its own. */
function apply(keys: SigningKeyRecord[], steps: KeyStep[], now: number): SigningKeyRecord[] {
  let next = keys;
  for (const step of steps) {
    if (step.kind === 'make')
      next = [...next, key(step.generation, { alg: step.alg, createdAt: now, usedFrom: NOT_YET })];
    else if (step.kind === 'delete') next = next.filter(({ kid }) => kid !== step.kid);
    else next = next.map((each) => (each.kid === step.kid ? { ...each, ...step.change } : each));
  }
  return next;
}

describe('the schedule', () => {
  test('over two years: always one that signs, published a day before, and kept eight days after', () => {
    let keys = [key(1), key(1, { alg: 'RS256' })];
    const publishedAt = new Map(keys.map(({ kid }) => [kid, -DAY]));
    const signed = new Map<string, { first: number; last: number }>();
    for (let now = 0; now < 730 * DAY; now += STEP) {
      for (let round = 0; round < 3; round += 1) keys = apply(keys, nextSteps(keys, schedule, now), now);
      expect(nextSteps(keys, schedule, now)).toEqual([]);
      const published = new Set(publishedKeys(keys, now).map(({ kid }) => kid));
      for (const kid of published) if (!publishedAt.has(kid)) publishedAt.set(kid, now);
      for (const alg of ['ES256', 'RS256'] as const) {
        const signer = signerOf(keys, alg, now)?.kid ?? '';
        expect(published).toContain(signer);
        expect(now - (publishedAt.get(signer) ?? now)).toBeGreaterThanOrEqual(DAY);
        signed.set(signer, { first: signed.get(signer)?.first ?? now, last: now });
      }
      for (const [kid, { last }] of signed) if (now < last + 8 * DAY) expect(published).toContain(kid);
    }
    expect([...signed.keys()].filter((kid) => kid.startsWith('ES256')).length).toBe(9);
    // and what is over is deleted
    expect(keys.length).toBeLessThanOrEqual(4);
    for (const { first, last } of [...signed.values()].slice(0, -2)) expect(last - first).toBe(90 * DAY - STEP);
  });

  test('a key that was made gets its time only when it is seen in storage, counted from then', () => {
    const keys = [key(1), rsa];
    const now = 89 * DAY;
    expect(nextSteps(keys, schedule, now - 1)).toEqual([]);
    expect(nextSteps(keys, schedule, now)).toEqual([{ kind: 'make', alg: 'ES256', generation: 2 }]);
    const made = key(2, { usedFrom: NOT_YET });
    const later = 95 * DAY;
    expect(stateOf(made, [...keys, made], later)).toBe('made');
    expect(nextSteps([...keys, made], schedule, later)).toEqual([
      {
        kind: 'change',
        why: 'schedule',
        kid: made.kid,
        change: { usedFrom: later + DAY },
        expected: { usedFrom: NOT_YET, removedAt: undefined },
      },
    ]);
  });

  test('without rotation a next key comes only on demand, and one at a time', () => {
    const none = { ...schedule, rotateMs: 0 };
    expect(nextSteps([key(1), rsa], none, 1000 * DAY)).toEqual([]);
    expect(nextSteps([key(1), rsa], none, DAY, ['ES256'])).toEqual([{ kind: 'make', alg: 'ES256', generation: 2 }]);
    expect(nextSteps([key(1), key(2, { usedFrom: 5 * DAY }), rsa], none, DAY, ['ES256'])).toEqual([]);
  });

  test('a key that was overtaken, or came back from a node that slept, never signs', () => {
    const late = key(2, { usedFrom: NOT_YET });
    const keys = [key(3, { usedFrom: 10 }), late, rsa];
    expect(stateOf(late, keys, 20)).toBe('retired');
    expect(nextSteps(keys, schedule, 20).map((step) => step.kind === 'change' && step.why)).toEqual(['retire']);
    expect(signerOf([key(3, { usedFrom: 10 }), key(2, { usedFrom: 15 })], 'ES256', 20)?.generation).toBe(3);
  });

  test('one that was withdrawn is neither published nor signs, and another is made in its place', () => {
    const withdrawn = key(2, { usedFrom: 10, usedUntil: 20, removedAt: 20 });
    const keys = [withdrawn, key(3, { usedFrom: 20 }), rsa];
    expect(publishedKeys(keys, 20).map(({ generation, alg }) => [alg, generation])).toEqual([
      ['ES256', 3],
      ['RS256', 1],
    ]);
    expect(stateOf(withdrawn, keys, 20)).toBe('gone');
    expect(nextSteps([withdrawn, rsa], schedule, 20)).toEqual([{ kind: 'make', alg: 'ES256', generation: 3 }]);
    expect(nextSteps(keys, schedule, 20 + 7 * DAY)).toEqual([{ kind: 'delete', kid: withdrawn.kid }]);
  });

  test('the one that signs stands first, those to come after it, the retired last', () => {
    const keys = [
      key(1, { usedUntil: 50, removedAt: 80 }),
      key(2, { usedUntil: 50 }),
      key(3, { usedFrom: 50 }),
      key(4, { usedFrom: 200 }),
    ];
    const order = (now: number) => publishedKeys(keys, now).map(({ generation }) => generation);
    expect([order(60), order(90), order(210)]).toEqual([
      [3, 4, 2, 1],
      [3, 4, 2],
      [4, 3, 2],
    ]);
    expect([nextChange(keys, 60), nextChange(keys, 90), nextChange(keys, 200)]).toEqual([80, 200, NOT_YET]);
  });

  test('what was signed may be shown for as long as a session lives, and the key stays beyond that', () => {
    const options = { rotateDays: 90, publishAheadHours: 24, keepHours: 24 };
    expect(keySchedule(options, 7 * 86_400)).toEqual(schedule);
    expect(keySchedule(options, 300).keepMs).toBe(25 * HOUR); // an ID token lives for an hour
  });
});
