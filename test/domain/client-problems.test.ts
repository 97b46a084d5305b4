/** Who may read, watch, try and decide what: each use case asks for itself, whoever calls it. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { compared } from '../../src/domain/clients/refusals/refusal.ts';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import type { RoleGrant, RoleName } from '../../src/domain/roles/role.ts';
import { createWatches } from '../../src/oidc/trials/watches.ts';
import type { Actor } from '../../src/use-cases/actor.ts';
import { addRedirectUri } from '../../src/use-cases/clients/add-redirect-uri.ts';
import { listRefusals } from '../../src/use-cases/clients/list-refusals.ts';
import { tryClient } from '../../src/use-cases/clients/try-client.ts';
import { readWatch, startWatch } from '../../src/use-cases/clients/watch-client.ts';
import {
  addTokenAs,
  decideRegistration,
  listRegistrations,
  revokeTokenAs,
} from '../../src/use-cases/registration/administer-registration.ts';
import { openTestStorage } from '../support/storage.ts';

const NOW = Date.UTC(2026, 8, 21);
const now = () => NOW;

let storage: Storage;
beforeEach(async () => {
  storage = await openTestStorage({ now });
  await storage.clients.put(client('wiki', { metadata: { ...metadata, pedel_organisation: 'vives' } }), 0);
  await storage.clients.put(pending('waits'), 0);
});
afterEach(() => storage.close());

const metadata = { redirect_uris: ['https://wiki.example/back'], scope: 'openid email offline_access' };
const client = (id: string, change: Partial<ClientRecord> = {}): ClientRecord => ({
  id,
  revision: 1,
  metadata,
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

function actor(role: RoleName, organisations: RoleGrant['organisations'] = 'association'): Actor {
  const holder = { kind: 'person', id: 'an' } as const;
  return {
    ...holder,
    name: 'An',
    via: 'console',
    grants: [{ id: 'g', holder, role, organisations, grantedBy: 'x', grantedAt: 0 }],
  };
}

/** Who: the owner, an administrator of the application's organisation, of another one, an auditor, a desk agent. */
const who = {
  owner: actor('owner'),
  own: actor('client-administrator', ['vives']),
  other: actor('client-administrator', ['kuleuven']),
  auditor: actor('auditor', ['vives']),
  desk: actor('desk'),
};
type Who = keyof typeof who;
const table: [what: string, act: (actor: Actor) => Promise<{ kind: string }>, expected: Record<Who, string>][] = [
  [
    'reading its problems',
    (by) => listRefusals(by, { of: { client: 'wiki' }, limit: 9 }, storage),
    { owner: 'listed', own: 'listed', other: 'not-found', auditor: 'listed', desk: 'not-found' },
  ],
  [
    'reading requests of unknown applications',
    (by) => listRefusals(by, { of: 'unknown', limit: 9 }, storage),
    { owner: 'listed', own: 'not-found', other: 'not-found', auditor: 'not-found', desk: 'not-found' },
  ],
  [
    'reading problems of one that is not there',
    (by) => listRefusals(by, { of: { client: 'nobody' }, limit: 9 }, storage),
    { owner: 'listed', own: 'not-found', other: 'not-found', auditor: 'not-found', desk: 'not-found' },
  ],
  [
    'adding an address',
    (by) => {
      const input = { client: 'wiki', uri: 'https://wiki.example/other', revision: 1 };
      return addRedirectUri(by, input, { clients: storage.clients, grants: async () => [], now, randomBytes });
    },
    { owner: 'added', own: 'added', other: 'not-found', auditor: 'not-allowed', desk: 'not-found' },
  ],
  [
    'beginning a watch',
    (by) => startWatch(by, { client: 'wiki' }, watching()),
    { owner: 'started', own: 'started', other: 'not-found', auditor: 'not-allowed', desk: 'not-found' },
  ],
  [
    'reading a watch',
    (by) => readWatch(by, { client: 'wiki' }, watching()),
    { owner: 'read', own: 'read', other: 'not-found', auditor: 'read', desk: 'not-found' },
  ],
  [
    'trying it',
    (by) => tryClient(by, { client: 'wiki', session: { uid: 's', accountId: 'an' } }, trying()),
    { owner: 'started', own: 'started', other: 'not-found', auditor: 'not-allowed', desk: 'not-found' },
  ],
  [
    'trying it as somebody else',
    (by) => tryClient(by, { client: 'wiki', session: { uid: 's', accountId: 'bo' } }, trying()),
    { owner: 'not-allowed', own: 'not-allowed', other: 'not-found', auditor: 'not-allowed', desk: 'not-found' },
  ],
  [
    'approving a pending one',
    (by) => decideRegistration(by, { client: 'waits', decision: 'approve', asSeen: 1 }, deciding()),
    { owner: 'approved', own: 'approved', other: 'not-found', auditor: 'not-allowed', desk: 'not-found' },
  ],
  [
    'refusing a pending one',
    (by) => decideRegistration(by, { client: 'waits', decision: 'refuse', asSeen: 1 }, deciding()),
    { owner: 'refused', own: 'refused', other: 'not-found', auditor: 'not-allowed', desk: 'not-found' },
  ],
  [
    'refusing one that has changed since',
    (by) => decideRegistration(by, { client: 'waits', decision: 'refuse', asSeen: 7 }, deciding()),
    { owner: 'changed-since', own: 'changed-since', other: 'not-found', auditor: 'not-allowed', desk: 'not-found' },
  ],
  [
    'making a token',
    (by) => addTokenAs(by, asked, ['vives', 'kuleuven'], tokens()),
    { owner: 'made', own: 'made', other: 'not-found', auditor: 'not-allowed', desk: 'not-found' },
  ],
  [
    'revoking a token',
    async (by) => {
      const made = await addTokenAs(who.owner, asked, ['vives'], tokens());
      return revokeTokenAs(by, made.kind === 'made' ? made.token.id : '', tokens());
    },
    { owner: 'revoked', own: 'revoked', other: 'not-found', auditor: 'not-allowed', desk: 'not-found' },
  ],
];

const asked = {
  organisation: 'vives',
  hosts: ['wiki.example.edu'],
  kinds: ['web' as const],
  approval: 'required' as const,
  pkce: 'required' as const,
  uses: 1,
  days: 1,
};
const watching = () => ({
  clients: storage.clients,
  auditLog: storage.auditLog,
  watches: createWatches(storage.protocolRecords),
  now,
  randomBytes,
});
const begun: string[][] = [];
const trying = () => ({
  clients: storage.clients,
  auditLog: storage.auditLog,
  begin: async (_client: string, scopes: readonly string[]) => `/auth?${begun.push([...scopes])}`,
  now,
  randomBytes,
});
const deciding = () => ({ clients: storage.clients, fetchLogo: undefined, now, randomBytes });
const tokens = () => ({ tokens: storage.initialAccessTokens, now, randomBytes });

describe('allowed, refused or hidden:', () => {
  test.each(table)('%s', async (_, act, expected) => {
    const found: Partial<Record<Who, string>> = {};
    for (const each of Object.keys(who) as Who[]) {
      const before = await storage.auditLog.page({}, undefined, 99);
      const { kind } = await act(who[each]);
      found[each] = kind;
      // whoever is turned away leaves nothing behind but what was made for the question
      if (kind === 'not-found' || kind === 'not-allowed') {
        const after = await storage.auditLog.page({ action: 'client.changed' }, undefined, 99);
        expect(after.length).toBe(before.filter(({ action }) => action === 'client.changed').length);
      }
      await storage.close();
      storage = await openTestStorage({ now });
      await storage.clients.put(client('wiki', { metadata: { ...metadata, pedel_organisation: 'vives' } }), 0);
      await storage.clients.put(pending('waits'), 0);
    }
    expect(found).toEqual(expected);
  });

  test('a list of registrations has only those of the actor’s organisations', async () => {
    await storage.clients.put(
      { ...pending('elsewhere'), registration: { ...terms(), terms: { ...terms().terms, organisation: 'kuleuven' } } },
      0,
    );
    const ports = { clients: storage.clients, tokens: storage.initialAccessTokens, now };
    const listed = async (by: Actor) => {
      const found = await listRegistrations(by, ports);
      return found.kind === 'listed' ? found.pending.map(({ id }) => id) : found.kind;
    };
    expect(await listed(who.owner)).toEqual(['elsewhere', 'waits']);
    expect(await listed(who.own)).toEqual(['waits']);
    expect(await listed(who.other)).toEqual(['elsewhere']);
    expect(await listed(who.desk)).toBe('not-found');
  });
});

const terms = () => pending('x').registration as NonNullable<ClientRecord['registration']>;

test('a trial asks for all that is registered, and for nothing that outlives it', async () => {
  begun.length = 0;
  await tryClient(who.own, { client: 'wiki', session: { uid: 's', accountId: 'an' } }, trying());
  expect(begun).toEqual([['openid', 'email']]);
});

test.each([
  ['application-expired', { validUntil: NOW }],
  ['application-disabled', { disabled: { at: 1 } }],
  ['application-pending', { registration: pending('x').registration }],
  ['no-code', { metadata: { ...metadata, response_types: ['id_token'], grant_types: ['implicit'] } }],
])('what is %s is not tried', async (because, change) => {
  await storage.clients.put(client('off', change as Partial<ClientRecord>), 0);
  const outcome = await tryClient(who.owner, { client: 'off', session: { uid: 's', accountId: 'an' } }, trying());
  expect(outcome).toEqual({ kind: 'untryable', because });
});

test('problems come a page at a time, each with the address that may be added', async () => {
  const noted = (got: string, n: number) => ({
    party: { client: 'wiki' },
    refusal: compared('redirect-uri-unregistered', got, 'https://wiki.example/back'),
    proven: true,
    firstAt: NOW,
    lastAt: NOW + n,
    count: 1,
  });
  await storage.refusals.add([noted('https://wiki.example/back/', 2), noted('https://evil.example/', 1)]);
  const first = await listRefusals(who.own, { of: { client: 'wiki' }, limit: 1 }, storage);
  if (first.kind !== 'listed') throw new Error(first.kind);
  expect(first.problems).toMatchObject([{ addable: 'https://wiki.example/back/', foreignHost: false }]);
  const second = await listRefusals(who.own, { of: { client: 'wiki' }, before: first.next, limit: 1 }, storage);
  if (second.kind !== 'listed') throw new Error(second.kind);
  expect(second).toMatchObject({ problems: [{ foreignHost: true }] });
  expect(second.problems[0]).not.toHaveProperty('addable');
  expect(second).not.toHaveProperty('next');
});

test('an address is added to a service with a role only by who could grant it', async () => {
  const holder = { kind: 'client', id: 'wiki' } as const;
  const role = { id: 'g', holder, role: 'people-administrator', organisations: 'association' } as const;
  const grants = async () => [{ ...role, grantedBy: 'x', grantedAt: 0 }];
  const add = (by: Actor) => {
    const input = { client: 'wiki', uri: 'https://wiki.example/other', revision: 1 };
    return addRedirectUri(by, input, { clients: storage.clients, grants, now, randomBytes });
  };
  expect((await add(who.own)).kind).toBe('not-allowed');
  expect((await add(who.owner)).kind).toBe('added');
});

test('what changed between the look at it and its refusal is not refused', async () => {
  let looks = 0;
  const clients = {
    ...storage.clients,
    find: async (id: string) => {
      looks += 1;
      const found = await storage.clients.find(id);
      if (looks === 1 && found !== undefined) await storage.clients.put({ ...found, revision: 2 }, 1);
      return found;
    },
  };
  const decision = { client: 'waits', decision: 'refuse', asSeen: 1 } as const;
  const decided = await decideRegistration(who.owner, decision, { clients, now, randomBytes, fetchLogo: undefined });
  expect(decided).toEqual({ kind: 'changed-since' });
  expect((await storage.clients.find('waits'))?.revision).toBe(2);
});
