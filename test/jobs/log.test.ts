/** What a repeated job logs while the storage is unavailable. */
import { expect, test } from '@jest/globals';
import { Problem } from '../../src/domain/problem.ts';
import { createFailureLog } from '../../src/jobs/log.ts';

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
