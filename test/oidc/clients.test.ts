/** Registered clients: Pedel's own members, the bounded cache, and secrets that are stored as hashes only. */
import { randomBytes } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { clientSecretMatches, hashClientSecret, newClientSecret } from '../../src/domain/clients/client-secret.ts';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import {
  checkExtraMember,
  clientNameOf,
  extraMembers,
  isFirstParty,
  metadataOf,
} from '../../src/oidc/clients/client-metadata.ts';
import { createClientCache, createClientRecords } from '../../src/oidc/clients/clients.ts';
import { localized } from '../support/localized.ts';

const record = (id: string, revision = 1): ClientRecord => ({
  id,
  revision,
  metadata: {},
  secrets: [],
  createdAt: 0,
  updatedAt: 0,
});

describe('members that are ours', () => {
  test('are refused in a registration by the client itself (rule 15)', () => {
    const registration = { oidc: { route: 'registration' } } as unknown as KoaContextWithOIDC;
    const own = extraMembers.filter((name) => name.startsWith('pedel_'));
    expect(own.length).toBeGreaterThan(5);
    for (const name of own) expect(() => checkExtraMember(registration, name, true)).toThrow('invalid_client_metadata');
    expect(() => checkExtraMember(registration, 'client_name#nl', 'Toledo')).not.toThrow();
    expect(() => checkExtraMember(registration, 'pedel_first_party', undefined)).not.toThrow();
    expect(() => checkExtraMember(registration, 'pedel_unheard_of', true)).toThrow('invalid_client_metadata');
  });

  test.each([
    ['pedel_first_party', 'yes'],
    ['pedel_acr', 'urn:unknown'],
    ['pedel_introspects', 'toledo'],
    ['pedel_introspection_username', 'personal_email'],
    ['pedel_cors_origins', ['https://toledo.example/path']],
    ['pedel_access_token_seconds', 0],
    ['pedel_refresh_token_idle_seconds', 1e15],
    ['pedel_access_token_seconds', 1.5],
    ['pedel_profile', 'fapi1'],
    ['client_name#en', ''],
  ])('%s is not %j', (name, value) => {
    expect(() => checkExtraMember(undefined, name, value)).toThrow('invalid_client_metadata');
  });
});

describe('a client', () => {
  test('comes to the library without its secrets', () => {
    const stored = {
      ...record('toledo'),
      metadata: { client_secret: 'plain', redirect_uris: [] },
      secrets: [{ id: '1', hash: 'h', createdAt: 0 }],
    };
    const metadata = metadataOf(stored);
    expect(metadata).toMatchObject({ client_id: 'toledo', redirect_uris: [] });
    expect([metadata.client_secret, metadata.client_secret?.length]).not.toEqual(['plain', 0]);
    expect(JSON.stringify(metadata)).not.toContain('"h"');
    const none = { ...record('public'), metadata: { token_endpoint_auth_method: 'none' } };
    expect(metadataOf(none).client_secret).toBeUndefined();
    // the last one was retired: the library would refuse to sign anybody in without one
    expect(metadataOf(record('retired')).client_secret).toEqual(metadata.client_secret);
  });

  test('is the association’s own only where its registration says so', () => {
    const told = [
      undefined,
      {},
      { pedel_first_party: false },
      { pedel_first_party: 'true' },
      { pedel_first_party: true },
    ];
    expect(told.map(isFirstParty)).toEqual([false, false, false, false, true]);
  });

  test('has a name in every language', () => {
    expect(clientNameOf({ clientId: 'toledo' })).toEqual(localized('toledo'));
    expect(clientNameOf({ clientId: 'a', clientName: 'A', 'client_name#nl': 'Een A' } as never)).toEqual(
      localized('Een A', 'A'),
    );
  });

  test('has secrets of full entropy, of which every living one is good', () => {
    const [one, two] = [newClientSecret(randomBytes), newClientSecret(randomBytes)];
    expect(one).toMatch(/^pedel_cs_[\w-]{43}$/);
    const secrets = [{ hash: hashClientSecret(one) }, { hash: hashClientSecret(two), expiresAt: 100 }];
    expect([one, two].map((given) => clientSecretMatches(given, secrets, 99))).toEqual([true, true]);
    expect([one, two, hashClientSecret(one), ''].map((given) => clientSecretMatches(given, secrets, 100))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('the cache', () => {
  function cacheOf() {
    const state = {
      elapsed: 0,
      version: 1,
      versions: 0,
      finds: 0,
      hold: undefined as Promise<void> | undefined,
      metadata: {} as ClientRecord['metadata'],
      compared: [] as unknown[],
      down: false,
    };
    const cache = createClientCache<{ id: string; revision: number }>({
      records: createClientRecords({
        clients: {
          list: async () => [],
          version: async () => {
            state.versions += 1;
            return state.version;
          },
          findByResource: async () => undefined,
          find: async (id) => {
            state.finds += 1;
            const read = { ...record(id, state.version), metadata: state.metadata };
            await state.hold;
            return id === 'unknown' ? undefined : read;
          },
        },
        elapsed: () => state.elapsed,
      }),
      build: ({ id, revision }) => ({ id, revision }),
      compare: async ({ metadata }) => {
        if (state.down) throw new Error('is down');
        state.compared.push(metadata.redirect_uris);
      },
    });
    return { state, cache };
  }

  test('asks for changes at most once a second, and then sees them', async () => {
    const { state, cache } = cacheOf();
    await Promise.all(Array.from({ length: 50 }, () => cache.find('toledo')));
    expect(state.versions).toBe(1);
    state.finds = 0;
    state.version = 2;
    state.elapsed = 999;
    expect((await cache.find('toledo'))?.revision).toBe(1);
    state.elapsed = 1000;
    expect((await cache.find('toledo'))?.revision).toBe(2);
    expect([state.finds, state.versions]).toEqual([1, 2]);
  });

  test('sees changes although the clock was set back, because it uses the monotonic clock', async () => {
    jest.useFakeTimers({
      now: 1_800_000_000_000,
      doNotFake: ['performance', 'setTimeout', 'queueMicrotask', 'nextTick'],
    });
    try {
      const clients = {
        list: async () => [],
        version: async () => version,
        find: async (id: string) => record(id, version),
        findByResource: async () => undefined,
      };
      let version = 1;
      const records = createClientRecords({ clients });
      await records.find('toledo');
      jest.setSystemTime(1_800_000_000_000 - 3_600_000);
      version = 2;
      await new Promise((passed) => setTimeout(passed, 1050));
      expect((await records.find('toledo'))?.revision).toBe(2);
    } finally {
      jest.useRealTimers();
    }
  });

  test('does not keep what was read before a change that was noticed meanwhile', async () => {
    const { state, cache } = cacheOf();
    await cache.find('other');
    let release = () => {};
    state.hold = new Promise((resolve) => {
      release = resolve;
    });
    const slow = cache.find('toledo');
    await new Promise(setImmediate);
    state.version = 2;
    state.elapsed = 1000;
    const noticed = cache.find('other');
    release();
    await Promise.all([slow, noticed]);
    expect((await cache.find('toledo'))?.revision).toBe(2);
  });

  test('asks what a registration refers to once, whatever else changes, and anew where that changes', async () => {
    const { state, cache } = cacheOf();
    state.metadata = { sector_identifier_uri: 'https://kuleuven.be/sector', redirect_uris: ['https://toledo/a'] };
    const changed = async (metadata: ClientRecord['metadata']) => {
      state.metadata = { ...state.metadata, ...metadata };
      state.version += 1;
      state.elapsed += 1000;
      return cache.find('toledo').then(
        () => state.compared.splice(0),
        (error: Error) => [error.message],
      );
    };
    expect(await changed({})).toEqual([['https://toledo/a']]);
    expect(await changed({ client_name: 'Toledo' })).toEqual([]);
    expect(await changed({ redirect_uris: ['https://toledo/b'] })).toEqual([['https://toledo/b']]);
    expect(await changed({ response_types: [] })).toEqual([['https://toledo/b']]);
    state.down = true;
    expect(await changed({ client_name: 'Toledo 2' })).toEqual([]);
    expect(await changed({ redirect_uris: ['https://toledo/c'] })).toEqual(['is down']);
    expect(await cache.find('toledo', { compared: false })).toBeDefined();
    state.down = false;
    expect(await changed({})).toEqual([['https://toledo/c']]);
  });

  test('holds a bounded number, and nothing about unknown ones', async () => {
    const { state, cache } = cacheOf();
    for (let index = 0; index < 2500; index += 1) await cache.find(`c${index}`);
    state.finds = 0;
    await cache.find('c2499');
    await cache.find('c0');
    expect(state.finds).toBe(1);
    expect(await cache.find('unknown')).toBeUndefined();
  });
});
