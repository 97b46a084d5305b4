/** Counters are stored under names that tell nothing. */
import { expect, test } from '@jest/globals';
import { createAttemptsInMemory } from '../../src/domain/rate-limits/attempts-in-memory.ts';
import { namelessAttempts } from '../../src/domain/rate-limits/nameless-attempts.ts';

test('the HMAC of a name is made once for a try, and of all that were ever tried a thousand are kept', async () => {
  let made = 0;
  const mac = (field: string, name = '') => {
    made += 1;
    return `${field} of ${name}`;
  };
  const stored = createAttemptsInMemory();
  const attempts = namelessAttempts(stored, { mac });
  await attempts.peek(['login ana', 'network 192.0.2.1'], 0);
  await attempts.takeAll(
    ['login ana', 'network 192.0.2.1'].map((key) => ({ key, windowEndsAt: 10 })),
    0,
  );
  await attempts.giveBack([{ key: 'login ana', by: 1 }], 0);
  expect(made).toBe(2);
  expect(await stored.peek(['attempts of login ana', 'attempts of network 192.0.2.1', 'login ana'], 0)).toEqual([
    0, 1, 0,
  ]);
  for (let n = 0; n < 1000; n += 1) await attempts.peek([`login ${n}`], 0);
  await attempts.peek(['login ana'], 0);
  expect(made).toBe(1003);
});
