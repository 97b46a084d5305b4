import { expect, test } from '@jest/globals';
import {
  MOST_AN_HOUR,
  MOST_KEPT,
  MOST_OF_ANYBODY,
  type NotedRefusal,
  REFUSALS_KEPT_MS,
  told,
} from '../../../src/domain/clients/refusals/refusal.ts';
import type { Refusals } from '../../../src/domain/ports/refusals.ts';
import type { Storage } from '../../../src/domain/ports/storage.ts';
import { crowds, race, together } from './together.ts';

const HOUR = 3_600_000;
const NOON = 1000 * HOUR;

const noted = (change: Partial<NotedRefusal> & { got?: string } = {}): NotedRefusal => {
  const { got = 'x', ...rest } = change;
  return {
    party: { client: 'toledo' },
    refusal: told('request-invalid', got),
    proven: false,
    firstAt: NOON,
    lastAt: NOON,
    count: 1,
    ...rest,
  };
};
const several = (number: number, change: Partial<NotedRefusal> = {}) =>
  Array.from({ length: number }, (_, n) => noted({ got: `${change.firstAt ?? ''} ${n}`, ...change }));

async function all(refusals: Refusals, of: Parameters<Refusals['page']>[0] = 'all', limit = 1000) {
  return refusals.page(of, undefined, limit);
}
const codes = (found: { refusal: { code: string } }[]) => found.map(({ refusal }) => refusal.code);

export function refusalsContract(storage: () => Storage, rounds: number): void {
  const refusals = () => storage().refusals;

  test('equal ones are one, with when it began, when it was last, and how often', async () => {
    await refusals().add([noted({ incident: 'a' }), noted({ got: 'y' })]);
    await refusals().add([noted({ firstAt: NOON + 5, lastAt: NOON + 9, count: 3, incident: 'b' })]);
    await refusals().add([noted({ lastAt: NOON + 2 })]);
    expect(await all(refusals())).toMatchObject([
      { ...noted({ lastAt: NOON + 9, count: 5, incident: 'b' }), id: expect.stringMatching(/^[\w-]{22}$/) },
      noted({ got: 'y' }),
    ]);
  });

  test('each application has its own, newest first and page by page; those of ids that nobody has are together', async () => {
    await refusals().add([
      noted({ lastAt: NOON + 1 }),
      noted({ got: 'y', lastAt: NOON + 3 }),
      noted({ got: 'z', lastAt: NOON + 3 }),
      noted({ party: { client: 'other' }, lastAt: NOON + 2 }),
      noted({ party: { named: 'made-up' }, lastAt: NOON + 4 }),
      noted({ party: {} }),
    ]);
    const toledo = await all(refusals(), { client: 'toledo' });
    expect(toledo.map(({ lastAt }) => lastAt - NOON)).toEqual([3, 3, 1]);
    const pages = [];
    for (let last = undefined as (typeof toledo)[number] | undefined; ; ) {
      const [next] = await refusals().page({ client: 'toledo' }, last, 1);
      if (next === undefined) break;
      pages.push(next);
      last = next;
    }
    expect(pages).toEqual(toledo);
    expect((await all(refusals(), 'unknown')).map(({ party }) => party)).toEqual([{ named: 'made-up' }, {}]);
    expect((await all(refusals())).map(({ lastAt }) => lastAt - NOON)).toEqual([4, 3, 3, 2, 1, 0]);
    expect(await all(refusals(), { client: 'nobody' })).toEqual([]);
    expect(await all(refusals(), 'all', 0)).toEqual([]);
  });

  test('rule 30: an hour has room for so many of anybody, and for a few more of the application itself; the rest is counted', async () => {
    await refusals().add(several(MOST_OF_ANYBODY + 5));
    await refusals().add([noted({ got: 'one more', count: 7 })]);
    await refusals().add(several(3)); // known ones need no room
    expect(await all(refusals())).toHaveLength(MOST_OF_ANYBODY + 1);
    const [further] = (await all(refusals())).filter(({ refusal }) => refusal.code === 'further');
    expect(further).toMatchObject({ count: 5 + 7, party: { client: 'toledo' } });
    const own = (n: number) => noted({ proven: true, refusal: told('other', String(n)) });
    await refusals().add(Array.from({ length: MOST_AN_HOUR }, (_, n) => own(n)));
    expect(codes(await all(refusals())).filter((code) => code === 'other')).toHaveLength(
      MOST_AN_HOUR - MOST_OF_ANYBODY,
    );
    // another application, and another hour
    await refusals().add([noted({ party: { client: 'other' } }), noted({ got: 'later', firstAt: NOON + HOUR })]);
    expect(await all(refusals(), { client: 'other' })).toHaveLength(1);
    expect(await all(refusals(), { client: 'toledo' })).toHaveLength(MOST_AN_HOUR + 2);
    // made-up ids share one room
    await refusals().add(Array.from({ length: 50 }, (_, n) => noted({ party: { named: String(n) } })));
    expect(await all(refusals(), 'unknown')).toHaveLength(MOST_OF_ANYBODY + 1);
  });

  race('rule 30: %i nodes that add others at once fill an hour no further', crowds, rounds, async (callers, round) => {
    const client = `c ${round}`;
    await together(callers, (caller) =>
      refusals().add([0, 1, 2].map((n) => noted({ party: { client }, got: `${caller} ${n}` }))),
    );
    const found = await all(refusals(), { client });
    const kept = found.filter(({ refusal }) => refusal.code !== 'further');
    expect(kept).toHaveLength(Math.min(callers * 3, MOST_OF_ANYBODY));
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(callers * 3);
  });

  race('%i nodes that add the same at once count it together', crowds, rounds, async (callers, round) => {
    const client = `c ${round}`;
    await together(callers, () => refusals().add([noted({ party: { client }, count: 2 })]));
    expect(await all(refusals(), { client })).toMatchObject([{ count: callers * 2 }]);
  });

  test('rule 30: of one application the latest stay', async () => {
    const hours = Math.ceil(MOST_KEPT / MOST_AN_HOUR) + 1;
    for (let hour = 0; hour < hours; hour += 1) {
      const at = NOON + hour * HOUR;
      await refusals().add(several(MOST_AN_HOUR, { proven: true, firstAt: at, lastAt: at }));
    }
    const found = await all(refusals());
    expect(found).toHaveLength(MOST_KEPT);
    expect(Math.min(...found.map(({ firstAt }) => firstAt))).toBe(NOON + HOUR);
  });

  test('one is swept when it last happened fourteen days ago', async () => {
    await refusals().add([noted({ lastAt: NOON + 5 }), noted({ got: 'y', lastAt: NOON + 6 })]);
    expect(await storage().sweep(NOON + 5 + REFUSALS_KEPT_MS)).toBe(1);
    expect(await all(refusals())).toMatchObject([noted({ got: 'y', lastAt: NOON + 6 })]);
  });

  test('what came is read back as it was stored, whatever it is', async () => {
    const strange = ['$where', 'a.b', '__proto__', '"\\', '🌱', 'שלום', '%00', ' '];
    await refusals().add(strange.map((got) => noted({ got, party: { client: got } })));
    for (const got of strange)
      expect(await all(refusals(), { client: got })).toMatchObject([noted({ got, party: { client: got } })]);
  });
}
