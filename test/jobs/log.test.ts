/** What a repeated job logs while the storage is unavailable. */
import { expect, test } from '@jest/globals';
import { Problem } from '../../src/domain/problem.ts';
import { createFailureLog } from '../../src/jobs/log.ts';
import { repeat } from '../../src/jobs/repeat.ts';
import { anAccount } from '../support/account.ts';
import { openTestStorage } from '../support/storage.ts';
import { startIdleJobs } from './support/idle.ts';
import { eventually, keepLog } from './support/quiet.ts';

test('an unavailable storage is logged once per outage, every other failure each time', () => {
  const written: string[] = [];
  const to = (level: string) => (_: object, message: string) => void written.push(`${level} ${message}`);
  const told = createFailureLog({ info: to('info'), warn: to('warn'), error: to('error') }, { job: 'sweep' });
  const away = new Problem('storage_unavailable', 'no primary');
  for (const error of [away, away, away]) told.failed(error, 'a job failed');
  told.worked();
  for (const error of [away, away, new Error('a bug'), new Error('a bug')]) told.failed(error, 'a job failed');
  expect(written).toEqual([
    'warn a job failed: the storage does not answer',
    'warn a job failed: the storage does not answer',
    'error a job failed',
    'error a job failed',
  ]);
});

test('a repeated job goes on after a job and a log that throw at once', async () => {
  let runs = 0;
  const broken = () => {
    runs += 1;
    throw new Error('ENOSPC: no space left on device');
  };
  const repeated = repeat('sweep', 1, broken, { info: broken, warn: broken, error: broken });
  await eventually(() => runs > 4);
  await repeated.stop();
  const ranBefore = runs;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(runs).toBe(ranBefore);
});

test('what an account left is dispatched in the background, and nobody hears of a fault but the log', async () => {
  const storage = await openTestStorage({ now: () => 0 });
  const log = keepLog();
  const jobs = startIdleJobs({
    storage: {
      ...storage,
      accounts: {
        ...storage.accounts,
        get replace(): never {
          throw new Error('a bug');
        },
      },
    },
    now: () => 0,
    log,
  });
  const ended = { kind: 'end-sessions', id: 'a:1:0', reason: 'x', olderThanEpoch: 1 } as const;
  jobs.dispatchEffects(anAccount({ effects: [ended] }));
  await eventually(() => log.written.some(({ message }) => message.startsWith('effects of an account')));
  await jobs.stop();
  await storage.close();
});
