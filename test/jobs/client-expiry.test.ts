/** The operator hears of an application before it expires: once a day in the log, whatever the number of nodes. */
import { afterEach, expect, test } from '@jest/globals';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { watchClientExpiry } from '../../src/jobs/client-expiry.ts';
import { openTestStorage } from '../support/storage.ts';
import { keepLog } from './support/quiet.ts';

const day = 24 * 3600 * 1000;
const start = Date.UTC(2027, 5, 1, 10);
let storage: Storage;
afterEach(() => storage.close());

test('an application that expires within 30 days is logged once a day by one of the nodes, and noticed by each', async () => {
  const clock = { now: start };
  const now = () => clock.now;
  storage = await openTestStorage({ now });
  const put = async (id: string, validUntil?: number) => {
    const record: ClientRecord = { id, revision: 1, metadata: {}, secrets: [], createdAt: 1, updatedAt: 1 };
    await storage.clients.put(validUntil === undefined ? record : { ...record, validUntil }, 0);
  };
  for (let each = 0; each < 501; each += 1) await put(`a${each}`); // more than one page
  await put('over', start - day);
  await put('late', start + 40 * day);
  await put('soon', start + 10 * day);
  const log = keepLog();
  const nodes = [1, 2, 3].map(() => watchClientExpiry({ storage, now, log }));
  const check = () => Promise.all(nodes.map((node) => node.check()));
  const told = () => log.written.filter(({ message }) => message === 'an application expires soon');
  expect(nodes[0]?.notice()).toBeUndefined();
  await check();
  expect(told()).toMatchObject([{ fields: { client: 'soon', validUntil: new Date(start + 10 * day).toISOString() } }]);
  for (const node of nodes)
    expect(node.notice()).toBe('1 of the applications expire within 30 days: see pedel clients list');
  await check();
  clock.now += 3600_000;
  await check();
  expect(told()).toHaveLength(1);
  clock.now += day;
  await check();
  expect(told()).toHaveLength(2);
  clock.now += 10 * day;
  await check();
  for (const node of nodes) expect(node.notice()).toContain('1 of'); // the late one by now
  expect(told().at(-1)).toMatchObject({ fields: { client: 'late' } });
});
