/** The time of an answer does not tell whether there is somebody of that login (rule 1). */
import { expect, test } from '@jest/globals';
import { updateOrPretend } from '../../src/web/constant-work.ts';
import type { Web } from '../../src/web/web.ts';
import { anAccount } from '../support/account.ts';

test('an answer takes a whole number of beats, for somebody and for nobody', async () => {
  const asked: string[] = [];
  const clock = { now: 1_000_000 };
  const web = {
    now: () => clock.now,
    update: async () => {
      clock.now += 30; // the work for somebody
      asked.push('update');
      return { outcome: 'done', changed: false };
    },
    accounts: { findById: async () => void asked.push('read') },
    attempts: { take: async () => asked.push('write') },
  } as unknown as Web;
  /** Milliseconds waited after the work. */
  async function waited(account: ReturnType<typeof anAccount> | undefined): Promise<number> {
    const started = performance.now();
    await updateOrPretend(web, account, () => ({ outcome: 'done' }));
    return performance.now() - started;
  }
  expect(await waited(undefined)).toBeGreaterThan(95);
  const forSomebody = await waited(anAccount());
  expect(forSomebody).toBeGreaterThan(65);
  expect(asked).toEqual(['read', 'write', 'update', 'write']);
});
