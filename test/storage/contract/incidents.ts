import { expect, test } from '@jest/globals';
import { INCIDENTS_KEPT_MS, type Incident } from '../../../src/domain/incidents/incident.ts';
import type { Storage } from '../../../src/domain/ports/storage.ts';
import { crowds, race, together } from './together.ts';

const AT = Date.UTC(2026, 8, 1);
const numberOf = (n: number) => n.toString(16).padStart(10, '0');
const incident = (change: Partial<Incident> = {}): Incident => ({ id: numberOf(1), at: AT, kind: 'bug', ...change });

export function incidentsContract(storage: () => Storage, rounds: number): void {
  const incidents = () => storage().incidents;

  test('each is found by its number alone, as it was added; a second one of that number changes nothing', async () => {
    const whole = incident({
      page: '/account/email',
      client: '$where.__proto__ "',
      account: 'a',
      refusal: 'code-used',
    });
    await incidents().add([whole, incident({ id: numberOf(2) })]);
    await incidents().add([incident({ kind: 'missing' })]);
    await incidents().add([]);
    expect(await incidents().find(numberOf(1))).toEqual(whole);
    expect(await incidents().find(numberOf(2))).toEqual(incident({ id: numberOf(2) }));
    for (const none of ['', numberOf(3), '00000', '0000000001 ', '%', '$gt'])
      expect(await incidents().find(none)).toBeUndefined();
  });

  test('those of a person are listed newest first, and go together', async () => {
    const some = [3, 1, 2].map((n) => incident({ id: numberOf(n), at: AT + n, account: 'a' }));
    await incidents().add([...some, incident({ id: numberOf(9), account: 'b' }), incident({ id: numberOf(8) })]);
    const ids = async (limit: number) => (await incidents().byAccount('a', limit)).map(({ id }) => id);
    expect(await ids(9)).toEqual([3, 2, 1].map(numberOf));
    expect(await ids(2)).toEqual([3, 2].map(numberOf));
    expect(await ids(0)).toEqual([]);
    expect(await incidents().removeByAccount('a')).toBe(3);
    expect(await ids(9)).toEqual([]);
    expect(await incidents().find(numberOf(9))).toBeDefined();
    expect(await incidents().find(numberOf(8))).toBeDefined();
  });

  test('several hundred are added at once', async () => {
    await incidents().add(Array.from({ length: 400 }, (_, n) => incident({ id: numberOf(n), account: 'a' })));
    expect(await incidents().byAccount('a', 500)).toHaveLength(400);
  });

  test('one is swept fourteen days after it happened', async () => {
    await incidents().add([incident(), incident({ id: numberOf(2), at: AT + 1 })]);
    expect(await storage().sweep(AT + INCIDENTS_KEPT_MS)).toBe(1);
    expect(await incidents().find(numberOf(1))).toBeUndefined();
    expect(await incidents().find(numberOf(2))).toBeDefined();
  });

  race('%i nodes that add the same at once store it once', crowds, rounds, async (callers, round) => {
    const account = `race ${round}`;
    await together(callers, () => incidents().add([incident({ id: numberOf(1000 + round), account })]));
    expect(await incidents().byAccount(account, 9)).toHaveLength(1);
  });
}
