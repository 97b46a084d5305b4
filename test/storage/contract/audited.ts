/** Changes that are audited: each with its entry in one act, of which nobody sees a half. */
import { expect, test } from '@jest/globals';
import { canonicalJson } from '../../../src/domain/canonical-json.ts';
import type { ChangeEntry } from '../../../src/domain/ports/audit-log.ts';
import type { Storage } from '../../../src/domain/ports/storage.ts';
import { aClient, aToken } from './initial-access-tokens.ts';
import { aGrant, aRegister } from './role-grants.ts';
import { count, NOW, together } from './together.ts';
import { aWebhook } from './webhooks.ts';

export type Audited = Pick<
  Storage,
  | 'clients'
  | 'consents'
  | 'initialAccessTokens'
  | 'protocolRecords'
  | 'roleGrants'
  | 'signingKeys'
  | 'values'
  | 'webhooks'
>;

const client = (revision: number) => ({
  id: 'toledo',
  revision,
  metadata: {},
  secrets: [],
  createdAt: 0,
  updatedAt: 0,
});
const key = {
  kid: 'k1',
  alg: 'ES256' as const,
  generation: 1,
  publicJwk: {},
  sealedPrivateJwk: 's',
  createdAt: 0,
  usedFrom: 0,
};
const consent = { accountId: 'an', clientId: 'c', scopes: ['openid'], claims: [], resourceScopes: {}, givenAt: 1 };

/** What `act` changes; `seen` tells whether it happened. Of `once`, a second one changes nothing. */
export const auditedChanges: Record<
  string,
  {
    before?: (storage: Audited) => Promise<unknown>;
    act: (storage: Audited, entry: ChangeEntry) => Promise<unknown>;
    seen: (storage: Audited) => Promise<boolean>;
    once?: true;
  }
> = {
  'a new value': {
    act: ({ values }, entry) => values.replace('v', 'x', undefined, entry),
    seen: async ({ values }) => (await values.get('v')) === 'x',
    once: true,
  },
  'a changed value': {
    before: ({ values }) => values.replace('v', 'x', undefined),
    act: ({ values }, entry) => values.replace('v', 'y', 'x', entry),
    seen: async ({ values }) => (await values.get('v')) === 'y',
    once: true,
  },
  'a new client': {
    act: ({ clients }, entry) => clients.put(client(1), 0, entry),
    seen: async ({ clients }) => (await clients.find('toledo')) !== undefined,
    once: true,
  },
  'a changed client': {
    before: ({ clients }) => clients.put(client(1), 0),
    act: ({ clients }, entry) => clients.put(client(2), 1, entry),
    seen: async ({ clients }) => (await clients.find('toledo'))?.revision === 2,
    once: true,
  },
  'a removed client': {
    before: ({ clients }) => clients.put(client(1), 0),
    act: ({ clients }, entry) => clients.remove('toledo', entry),
    seen: async ({ clients }) =>
      (await clients.find('toledo')) === undefined && (await clients.list(undefined, 9)).length === 0,
    once: true,
  },
  'a new signing key': {
    act: ({ signingKeys }, entry) => signingKeys.insert(key, entry),
    seen: async ({ signingKeys }) => (await signingKeys.list()).length === 1,
    once: true,
  },
  'a changed signing key': {
    before: ({ signingKeys }) => signingKeys.insert(key),
    act: ({ signingKeys }, entry) => signingKeys.update('k1', { usedUntil: 9 }, { usedUntil: undefined }, entry),
    seen: async ({ signingKeys }) => (await signingKeys.list())[0]?.usedUntil === 9,
    once: true,
  },
  'a removed signing key': {
    before: ({ signingKeys }) => signingKeys.insert(key),
    act: ({ signingKeys }, entry) => signingKeys.remove('k1', entry),
    seen: async ({ signingKeys }) => (await signingKeys.list()).length === 0,
    once: true,
  },
  'a new initial access token': {
    act: ({ initialAccessTokens }, entry) => initialAccessTokens.add(aToken(), entry),
    seen: async ({ initialAccessTokens }) => (await initialAccessTokens.find('hash of one')) !== undefined,
    once: true,
  },
  'a revoked initial access token': {
    before: ({ initialAccessTokens }) => initialAccessTokens.add(aToken()),
    act: ({ initialAccessTokens }, entry) => initialAccessTokens.revoke('one', entry),
    seen: async ({ initialAccessTokens }) => (await initialAccessTokens.find('hash of one')) === undefined,
    once: true,
  },
  'a client that registers itself': {
    before: ({ initialAccessTokens }) => initialAccessTokens.add(aToken({ left: 1 })),
    act: async ({ initialAccessTokens }, entry) =>
      (await initialAccessTokens.register('hash of one', aClient('c'), NOW, entry)) === 'registered',
    seen: async ({ clients, initialAccessTokens }) =>
      (await clients.find('c')) !== undefined && (await initialAccessTokens.find('hash of one'))?.left === 0,
    once: true,
  },
  'a new webhook': {
    act: ({ webhooks }, entry) => webhooks.put(aWebhook(), 0, entry),
    seen: async ({ webhooks }) => (await webhooks.find('one')) !== undefined,
    once: true,
  },
  'a changed webhook': {
    before: ({ webhooks }) => webhooks.put(aWebhook(), 0),
    act: ({ webhooks }, entry) => webhooks.put(aWebhook({ revision: 2 }), 1, entry),
    seen: async ({ webhooks }) => (await webhooks.find('one'))?.revision === 2,
    once: true,
  },
  'a deleted webhook': {
    before: ({ webhooks }) => webhooks.put(aWebhook(), 0),
    act: ({ webhooks }, entry) => webhooks.remove('one', 1, entry),
    seen: async ({ webhooks }) => (await webhooks.find('one')) === undefined,
    once: true,
  },
  'a first role': {
    act: ({ roleGrants }, entry) => roleGrants.replace(aRegister(1, aGrant()), 0, entry),
    seen: async ({ roleGrants }) => (await roleGrants.read()).revision === 1,
    once: true,
  },
  'a changed role': {
    before: ({ roleGrants }) => roleGrants.replace(aRegister(1, aGrant()), 0),
    act: ({ roleGrants }, entry) => roleGrants.replace(aRegister(2), 1, entry),
    seen: async ({ roleGrants }) => (await roleGrants.read()).revision === 2,
    once: true,
  },
  'a consent': {
    act: ({ consents }, entry) => consents.add(consent, entry),
    seen: async ({ consents }) => canonicalJson(await consents.byAccount('an')) === canonicalJson([consent]),
  },
  'a consent that is taken back': {
    before: ({ consents }) => consents.add(consent),
    act: ({ consents }, entry) => consents.remove('an', consent.clientId, entry),
    seen: async ({ consents }) => (await consents.byAccount('an')).length === 0,
    once: true,
  },
  'an ended session': {
    before: ({ protocolRecords }) =>
      protocolRecords.saveSession({ key: 'k', record: { uid: 'u', accountId: 'an' }, expiresAt: NOW + 1, now: NOW }),
    act: ({ protocolRecords }, entry) => protocolRecords.destroySession('u', entry),
    seen: async ({ protocolRecords }) => (await protocolRecords.sessionsOf('an')).length === 0,
    once: true,
  },
  'a revoked token set': {
    before: ({ protocolRecords }) => protocolRecords.put('AccessToken', 't', { grantId: 'g' }, NOW + 1),
    act: ({ protocolRecords }, entry) => protocolRecords.revokeByGrant('g', entry),
    seen: async ({ protocolRecords }) => (await protocolRecords.find('AccessToken', 't', NOW)) === undefined,
  },
};

export const entryOf = (id: string): ChangeEntry => ({
  id,
  at: 1,
  action: 'client.changed',
  actor: { kind: 'system' },
  details: { members: 'scope' },
});

export const idsIn = async ({ auditLog }: Pick<Storage, 'auditLog'>) =>
  (await auditLog.page({}, undefined, 99)).map(({ id }) => id);

export function auditedChangesContract(storage: () => Storage): void {
  for (const [name, { before, act, seen, once }] of Object.entries(auditedChanges))
    test(`${name} stands in the audit log${once ? ', once, whoever else tried the same' : ''}`, async () => {
      await before?.(storage());
      if (once === undefined) await act(storage(), entryOf('e0'));
      else {
        const results = await together(20, (caller) => act(storage(), entryOf(`e${caller}`)));
        const losers = count(results, false) + count(results, undefined);
        expect(losers).toBe(19);
      }
      expect(await seen(storage())).toBe(true);
      expect(await idsIn(storage())).toHaveLength(1);
      expect(await storage().auditLog.page({}, undefined, 9)).toEqual([entryOf((await idsIn(storage()))[0] ?? '')]);
    });

  test('a client that was removed may be registered again at once, and both are told', async () => {
    const { clients } = storage();
    await clients.put(client(1), 0, entryOf('created'));
    await clients.remove('toledo', entryOf('removed'));
    expect(await clients.put(client(1), 0, entryOf('again'))).toBe(true);
    expect(await clients.find('toledo')).toEqual(client(1));
    expect((await idsIn(storage())).sort()).toEqual(['again', 'created', 'removed']);
  });
}
