/** Lists of applications, of which a node keeps a summary until any of them changes. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import type { RoleGrant } from '../../src/domain/roles/role.ts';
import type { Actor } from '../../src/use-cases/actor.ts';
import { needsAttention } from '../../src/use-cases/attention.ts';
import { pageOfSummarised, summariesOf } from '../../src/use-cases/clients/client-summaries.ts';
import { listClients } from '../../src/use-cases/clients/list-clients.ts';
import { pageOfClients } from '../../src/use-cases/clients/read-clients.ts';
import { listRegistrations } from '../../src/use-cases/registration/administer-registration.ts';
import { openTestStorage } from '../support/storage.ts';

const NOW = Date.UTC(2026, 8, 21);
const now = () => NOW;

const client = (id: string, change: Partial<ClientRecord> = {}, name = id): ClientRecord => ({
  id,
  revision: 1,
  metadata: { client_name: name, redirect_uris: [`https://${id}.example/back`], pedel_organisation: 'vives' },
  secrets: [],
  createdAt: 1,
  updatedAt: 1,
  ...change,
});
const pending = (id: string) =>
  client(id, {
    registration: {
      state: 'pending',
      accessToken: 'hash',
      terms: { organisation: 'vives', hosts: ['*.example'], kinds: ['web'], approval: 'required', pkce: 'required' },
    },
  });

function administrator(organisations: RoleGrant['organisations'] = 'association'): Actor {
  const holder = { kind: 'person', id: 'an' } as const;
  const grant = { id: 'g', holder, role: 'client-administrator', organisations, grantedBy: 'x', grantedAt: 0 } as const;
  return { ...holder, name: 'An', via: 'console', grants: [grant] };
}

let storage: Storage;
beforeEach(async () => {
  storage = await openTestStorage({ now });
});
afterEach(() => storage.close());

describe('what another node changes is in the next list:', () => {
  /** This node's port; what is kept is kept by the port, and the tests change by the other one. */
  const here = () => ({ ...storage, clients: mine });
  let mine: Storage['clients'];
  beforeEach(() => {
    mine = { ...storage.clients };
  });

  const ids = (found: { kind: string; clients?: ClientRecord[]; pending?: ClientRecord[] }) =>
    (found.clients ?? found.pending ?? []).map(({ id }) => id);
  const byWord = async (words: string, by = administrator()) =>
    ids(await listClients(by, { words, after: undefined, limit: 9 }, here()));

  test('an application that is new, has another name, or is deleted', async () => {
    await storage.clients.put(client('wiki'), 0);
    expect(await byWord('wiki')).toEqual(['wiki']);
    await storage.clients.put(client('another-wiki'), 0);
    expect(await byWord('wiki')).toEqual(['another-wiki', 'wiki']);
    await storage.clients.put(client('another-wiki', { revision: 2 }, 'The Library'), 1);
    expect(await byWord('the LIBRARY')).toEqual(['another-wiki']);
    await storage.clients.remove('another-wiki');
    expect(await byWord('library')).toEqual([]);
    expect((await summariesOf(mine)).map(({ id }) => id)).toEqual(['wiki']);
  });

  test('one that moves to another organisation, of which this administrator sees nothing', async () => {
    await storage.clients.put(client('wiki'), 0);
    const ofOne = administrator(['vives']);
    expect(await byWord('', ofOne)).toEqual(['wiki']);
    const metadata = { ...client('wiki').metadata, pedel_organisation: 'kuleuven' };
    await storage.clients.put(client('wiki', { revision: 2, metadata }), 1);
    expect(await byWord('', ofOne)).toEqual([]);
    const asked = { permission: 'clients:read', after: undefined, limit: 9 } as const;
    expect(ids(await pageOfClients(ofOne, asked, here()))).toEqual([]);
    expect(ids(await pageOfClients(administrator(['kuleuven']), asked, here()))).toEqual(['wiki']);
  });

  test('one that waits, is approved, and expires', async () => {
    const waiting = async () =>
      ids(await listRegistrations(administrator(), { ...here(), tokens: storage.initialAccessTokens, now }));
    const told = async () => {
      const found = await needsAttention(administrator(), here(), NOW);
      return [...found.now, ...found.soon].map((item) => (item.kind === 'warning' ? item.warning.kind : item.kind));
    };
    expect([await waiting(), await told()]).toEqual([[], []]);
    await storage.clients.put(pending('waits'), 0);
    expect([await waiting(), await told()]).toEqual([['waits'], ['pending']]);
    await storage.clients.put(client('waits', { revision: 2, validUntil: NOW }), 1);
    expect([await waiting(), await told()]).toEqual([[], ['expired']]);
  });
});

test('a page says what follows, also after an id that is gone, and of what few have', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const id of names) await storage.clients.put(client(id, id < 'c' ? {} : { disabled: { at: 1 } }), 0);
  const off = ({ disabled }: { disabled?: unknown }) => disabled !== undefined;
  const page = async (after: string | undefined, which?: typeof off) => {
    const { clients, next } = await pageOfSummarised(storage.clients, { which, after, limit: 2 });
    return [clients.map(({ id }) => id).join(''), next];
  };
  expect(await page(undefined)).toEqual(['ab', 'b']);
  expect(await page('d')).toEqual(['ef', undefined]);
  expect(await page(undefined, off)).toEqual(['cd', 'd']);
  expect(await page('d', off)).toEqual(['ef', undefined]);
  expect(await page('bb', off)).toEqual(['cd', 'd']);
  expect(await page('f', off)).toEqual(['', undefined]);
  expect(await page('zz', off)).toEqual(['', undefined]);
});

describe('of many applications', () => {
  /** A port with so many. `reads`: how many pages were asked of it. */
  function portWith(count: number) {
    const all = Array.from({ length: count }, (_, n) => client(`app-${String(n).padStart(6, '0')}`));
    const port = {
      reads: 0,
      version: async () => 1,
      findAll: async (ids: readonly string[]) => all.filter(({ id }) => ids.includes(id)),
      async list(after: string | undefined, limit: number) {
        port.reads += 1;
        const from = after === undefined ? 0 : Number(after.slice(4)) + 1;
        return all.slice(from, from + limit);
      },
    };
    return { all, port };
  }

  test('each is read once while none changes, also for those who ask at the same time', async () => {
    const { port } = portWith(1000);
    const ask = () => summariesOf(port);
    await Promise.all([ask(), ask()]);
    await ask();
    expect(port.reads).toBe(11); // the last one is empty
  });

  test('rule 33: other requests come in between', async () => {
    const { port } = portWith(1000);
    const seen: number[] = [];
    let reading = true;
    const other = () => {
      seen.push(port.reads);
      if (reading) setImmediate(other);
    };
    setImmediate(other);
    await summariesOf(port);
    reading = false;
    expect([...new Set(seen)].length).toBeGreaterThanOrEqual(5);
  });

  test('no more than 20,000 are kept, nor those of which reading failed', async () => {
    const { port } = portWith(20_001);
    await summariesOf(port);
    const before = port.reads;
    await summariesOf(port);
    expect(port.reads).toBe(2 * before);
    const failing = portWith(1).port;
    const { list } = failing;
    failing.list = async () => Promise.reject(new Error('away'));
    await expect(summariesOf(failing)).rejects.toThrow('away');
    failing.list = list;
    expect(await summariesOf(failing)).toHaveLength(1);
  });

  test('one that is no longer what was asked for when it is read is left out', async () => {
    const { all, port } = portWith(2);
    const ofOne = administrator(['vives']);
    const input = { words: 'app', after: undefined, limit: 9 };
    await listClients(ofOne, input, { clients: port });
    all[1] = client('app-000001', { metadata: { ...all[1]?.metadata, pedel_organisation: 'kuleuven' } });
    expect(await listClients(ofOne, input, { clients: port })).toMatchObject({ clients: [{ id: 'app-000000' }] });
  });
});
