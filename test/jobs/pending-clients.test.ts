/** Applications that registered themselves and that nobody approved in time go, each once, whatever the number of nodes. */
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { sweepPendingClients } from '../../src/jobs/pending-clients.ts';
import { openTestStorage } from '../support/storage.ts';
import { keepLog } from './support/quiet.ts';

const start = Date.UTC(2027, 5, 1, 10);
let storage: Storage;
afterEach(() => storage.close());

test('only what is pending and over is deleted, with one audit entry; /readyz says what still waits', async () => {
  const clock = { now: start };
  storage = await openTestStorage({ now: () => clock.now });
  const put = (id: string, state?: 'pending' | 'approved', validUntil?: number) => {
    const terms = { organisation: 'a', hosts: [], kinds: [], approval: 'required', pkce: 'required' } as const;
    const record: ClientRecord = {
      ...{ id, revision: 1, metadata: {}, secrets: [], createdAt: 1, updatedAt: 1 },
      ...(state === undefined
        ? {}
        : { registration: { state, accessToken: '', terms: { ...terms, hosts: [], kinds: [] } } }),
      ...(validUntil === undefined ? {} : { validUntil }),
    };
    return storage.clients.put(record, 0);
  };
  for (let each = 0; each < 501; each += 1) await put(`a${each}`); // more than one page
  await put('pending', 'pending', start + 1000);
  await put('approved', 'approved', start + 1000);
  await put('until', undefined, start + 1000);
  const log = keepLog();
  const nodes = [1, 2, 3].map(() => sweepPendingClients({ storage, now: () => clock.now, randomBytes, log }));
  const sweep = () => Promise.all(nodes.map((node) => node.sweep()));
  expect(nodes[0]?.notice()).toBeUndefined();
  await sweep();
  expect(nodes[0]?.notice()).toBe('1 of the applications wait for approval: see pedel clients list');
  clock.now += 1000;
  await sweep();
  expect(nodes[0]?.notice()).toBeUndefined();
  expect(await storage.clients.find('pending')).toBeUndefined();
  for (const id of ['a500', 'approved', 'until']) expect(await storage.clients.find(id)).toBeDefined();
  expect(log.written.map(({ fields }) => fields)).toEqual([{ client: 'pending' }]);
  const audited = await storage.auditLog.page({}, undefined, 9);
  expect(audited).toMatchObject([
    {
      action: 'client.refused',
      client: 'pending',
      details: { because: 'pending-too-long' },
      actor: { kind: 'system' },
    },
  ]);
});
