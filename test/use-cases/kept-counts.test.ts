/** Lists and the safeguard of SCIM do not count a whole source for each request, and yet no list ends too early. */
import { expect, test } from '@jest/globals';
import { scimOrderTerm } from '../../src/domain/feed/scim-entry.ts';
import { keptCounts } from '../../src/use-cases/scim/kept-counts.ts';
import { listUsers } from '../../src/use-cases/scim/list-users.ts';
import { anAccount } from '../support/account.ts';

const MINUTE = 60_000;

/** A port that says `n`, and how often it was asked. */
function counting(n: number) {
  const people = { n, asked: 0 };
  const count = async (_from: string, _to: string) => {
    people.asked += 1;
    return people.n;
  };
  return { people, count };
}

test('a large source is counted once a minute, however many ask at once; a small one each time', async () => {
  const clock = { now: 1_000_000 };
  const { people, count } = counting(5000);
  const kept = keptCounts(count, () => clock.now);
  expect(await Promise.all(Array.from({ length: 100 }, () => kept('a', 'b')))).toEqual(Array(100).fill(5000));
  expect(people.asked).toBe(1);
  people.n = 5003;
  clock.now += MINUTE - 1;
  expect(await kept('a', 'b')).toBe(5000);
  expect(await kept('b', 'c')).toBe(5003); // another source
  clock.now += 1;
  expect(await kept('a', 'b')).toBe(5003);
  clock.now -= 5 * MINUTE;
  await kept('a', 'b');
  expect(people.asked).toBe(4);
  people.n = 4999;
  await kept('c', 'd');
  people.n = 4998;
  expect(await kept('c', 'd')).toBe(4998);
});

test('a count that failed is no count', async () => {
  let away = true;
  const kept = keptCounts(
    async () => {
      if (away) throw new Error('away');
      return 9000;
    },
    () => 0,
  );
  await expect(kept('a', 'b')).rejects.toThrow('away');
  away = false;
  expect(await kept('a', 'b')).toBe(9000);
});

test('a list is counted only where it goes on, and says so even where the count is older', async () => {
  const { people, count } = counting(3);
  const said = Array.from({ length: 5 }, (_, n) => `e${n}`).map((id, n) => ({
    term: scimOrderTerm('hr', n, id),
    account: anAccount({
      id,
      feeds: [{ source: 'hr', key: id, fields: {}, scim: { id, createdAt: 0, modifiedAt: n, user: {} } }],
    }),
  }));
  const ports = {
    accounts: {
      countTerms: count,
      byTerm: async (_from: string, _to: string, limit: number, skip = 0) => said.slice(skip, skip + limit),
    },
  } as unknown as Parameters<typeof listUsers>[0];
  const totalOf = async (limit: number, skip: number) => (await listUsers(ports, 'hr', {}, { limit, skip })).total;
  expect(await totalOf(5, 0)).toBe(5);
  expect(await totalOf(2, 3)).toBe(5);
  expect(people.asked).toBe(0);
  expect(await totalOf(4, 0)).toBe(5); // 3 were counted a while ago
  people.n = 9;
  expect(await totalOf(2, 1)).toBe(9);
  expect(await totalOf(2, 7)).toBe(9);
  expect(people.asked).toBe(3);
});
