/** Secrets of an application: several at a time, whoever adds and retires them at once, and what the application notices. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import type { RoleGrant } from '../../src/domain/roles/role.ts';
import { type Actor, systemActor } from '../../src/use-cases/actor.ts';
import { addSecret, listSecrets, renameSecret, retireSecret } from '../../src/use-cases/clients/secrets.ts';
import { openTestStorage } from '../support/storage.ts';
import { application, closeAll, setClock, startOidc } from './support.ts';

const HOUR = 3_600_000;
const start = Date.UTC(2026, 10, 30, 12);
const operator = systemActor('root');
let storage: Storage;
let clock = start;
beforeEach(async () => {
  clock = start;
  storage = await openTestStorage({ now: () => clock });
  await register();
});
afterEach(async () => {
  await closeAll();
  await storage.close();
});

async function register(change: Partial<ClientRecord> = {}): Promise<void> {
  const record = { id: 'toledo', revision: 1, metadata: {}, secrets: [], createdAt: 0, updatedAt: 0, ...change };
  expect(await storage.clients.put(record, 0)).toBe(true);
}
const ports = (grants: RoleGrant[] = []) => {
  const { clients, clientUses } = storage;
  return { clients, clientUses, grants: async () => grants, now: () => clock, randomBytes };
};
const add = (name: string, actor: Actor = operator, client = 'toledo') =>
  addSecret(actor, { client, name, life: 'none' }, ports());
async function added(name: string) {
  const outcome = await add(name);
  if (outcome.kind !== 'added') throw new Error(outcome.kind);
  return outcome.stored.id;
}
const retire = (secret: string, confirmed = false) =>
  retireSecret(operator, { client: 'toledo', secret, confirmed }, ports());
const names = async () => (await storage.clients.find('toledo'))?.secrets.map(({ name }) => name);
const kinds = (outcomes: { kind: string }[]) => outcomes.map(({ kind }) => kind).sort();
const audited = async () => (await storage.auditLog.page({}, undefined, 99)).map(({ action }) => action).sort();
const many = <Outcome>(act: (nth: number) => Promise<Outcome>) =>
  Promise.all(Array.from({ length: 12 }, (_, nth) => act(nth)));

describe('of those who act at once', () => {
  test('no two make a sixth secret, and each that is made is in the audit log', async () => {
    const outcomes = await many((nth) => add(`n${nth}`));
    expect(kinds(outcomes)).toEqual([...Array(5).fill('added'), ...Array(7).fill('full')]);
    expect(await names()).toHaveLength(5);
    expect(await audited()).toEqual(Array(5).fill('client.secret-added'));
  });

  test('one gets a name', async () => {
    expect(kinds(await many(() => add('same')))).toEqual(['added', ...Array(11).fill('name-taken')]);
  });

  test('one retires a secret, and nobody the last one without being asked', async () => {
    const ids = [await added('a'), await added('b')];
    expect(kinds(await many((nth) => retire(ids[nth % 2] ?? '')))).toEqual(
      expect.arrayContaining(['only-one', 'retired']),
    );
    expect(await names()).toHaveLength(1);
    const [left = ''] = (await storage.clients.find('toledo'))?.secrets.map(({ id }) => id) ?? [];
    expect(kinds(await many(() => retire(left, true)))).toEqual(['retired', ...Array(11).fill('unknown-secret')]);
    expect((await audited()).filter((action) => action === 'client.secret-retired')).toHaveLength(2);
  });

  test('nobody undoes what another changed', async () => {
    const [a, b] = [await added('a'), await added('b')];
    const rename = (secret: string, name: string) =>
      renameSecret(operator, { client: 'toledo', secret, name }, ports());
    await Promise.all([rename(a, 'x'), rename(b, 'y'), add('c'), retire(a, true), add('d')]);
    expect((await names())?.sort()).toEqual(['c', 'd', 'y']);
  });
});

test('the value is nowhere but in the answer: not stored, not audited, not listed', async () => {
  const outcome = await add('production');
  if (outcome.kind !== 'added') throw new Error(outcome.kind);
  expect(outcome.secret).toMatch(/^pedel_cs_[A-Za-z0-9_-]{43}$/);
  const stored = await storage.clients.find('toledo');
  const log = await storage.auditLog.page({}, undefined, 9);
  const listed = await listSecrets(operator, 'toledo', ports());
  expect(JSON.stringify([stored, log, listed])).not.toContain(outcome.secret.slice(9));
  expect(JSON.stringify(listed)).not.toContain('"hash"');
  expect(log).toMatchObject([
    {
      action: 'client.secret-added',
      actor: { kind: 'command', id: 'root' },
      client: 'toledo',
      details: { secret: outcome.stored.id, name: 'production', expires: '' },
    },
  ]);
  expect(stored?.secrets[0]).toMatchObject({ by: { kind: 'command', id: 'root' }, createdAt: start });
});

test('one that was used in the last 24 hours is retired only by who was told so', async () => {
  const [a] = [await added('a'), await added('b')];
  await storage.clientUses.note([{ client: 'toledo', of: a, hour: start }]);
  clock = start + 24 * HOUR;
  expect(await retire(a)).toMatchObject({ kind: 'used-recently', at: start, only: false });
  clock = start + 25 * HOUR;
  expect((await retire(a)).kind).toBe('retired');
});

test('what a former application of that id did is no use of this one', async () => {
  await register({ id: 'again', createdAt: start + HOUR });
  await storage.clientUses.note([{ client: 'again', of: 'x', hour: start - 5 * HOUR }]);
  const client = await storage.clients.find('again');
  if (client === undefined) throw new Error('it is there');
  const secrets = [{ id: 'x', hash: 'h', createdAt: 0 }];
  await storage.clients.put({ ...client, secrets, revision: 2 }, 1);
  expect(await listSecrets(operator, 'again', ports())).toMatchObject({ secrets: [{ hour: undefined }] });
});

test('a name is asked, and an application that authenticates otherwise gets no secret', async () => {
  await register({ id: 'signs', metadata: { token_endpoint_auth_method: 'private_key_jwt' } });
  await register({ id: 'fapi', metadata: { pedel_profile: 'fapi2' } });
  await register({ id: 'public', metadata: { token_endpoint_auth_method: 'none' } });
  expect([await add(''), await add('a\u202e'), await add('x', operator, 'nobody')]).toMatchObject([
    { kind: 'name-refused' },
    { kind: 'name-refused' },
    { kind: 'not-found' },
  ]);
  for (const [id, method] of [
    ['signs', 'private_key_jwt'],
    ['fapi', 'private_key_jwt'],
    ['public', 'none'],
  ] as const)
    expect([id, await add('x', operator, id)]).toEqual([id, { kind: 'takes-none', method }]);
});

describe('rule 15: an administrator', () => {
  const grant = (holder: RoleGrant['holder'], role: RoleGrant['role'], organisations: RoleGrant['organisations']) =>
    ({ id: `${holder.id} ${role}`, holder, role, organisations, grantedBy: 'x', grantedAt: 1 }) satisfies RoleGrant;
  const actor = (kind: 'person' | 'client', id: string, grants: RoleGrant[]): Actor => ({
    kind,
    id,
    name: id,
    grants,
    via: kind === 'person' ? 'console' : 'api',
  });
  const of = (organisation: string) =>
    actor('person', 'an', [grant({ kind: 'person', id: 'an' }, 'client-administrator', [organisation])]);

  test('touches no secret of another organisation, and an auditor only sees that there are some', async () => {
    await register({ id: 'theirs', metadata: { pedel_organisation: 'vives' } });
    const auditor = actor('person', 'bo', [grant({ kind: 'person', id: 'bo' }, 'auditor', 'association')]);
    const all = async (who: Actor, client: string) => [
      (await listSecrets(who, client, ports())).kind,
      (await add('x', who, client)).kind,
      (await retireSecret(who, { client, secret: 's', confirmed: true }, ports())).kind,
      (await renameSecret(who, { client, secret: 's', name: 'n' }, ports())).kind,
    ];
    for (const client of ['theirs', 'toledo', 'nobody'])
      expect([client, await all(of('kuleuven'), client)]).toEqual([client, Array(4).fill('not-found')]);
    expect(await all(of('vives'), 'theirs')).toEqual(['listed', 'added', 'unknown-secret', 'unknown-secret']);
    expect(await all(auditor, 'theirs')).toEqual(['listed', ...Array(3).fill('not-allowed')]);
  });

  test('gets no secret of a service with a higher role, and a service none of itself', async () => {
    const holder = { kind: 'client', id: 'service' } as const;
    await register({ id: 'service', metadata: { pedel_organisation: 'vives' } });
    const owner = [grant(holder, 'owner', 'association')];
    const input = { client: 'service', name: 'x', life: 'none' } as const;
    expect(await addSecret(of('vives'), input, ports(owner))).toEqual({ kind: 'not-allowed' });
    expect(await addSecret(of('vives'), input, ports([]))).toMatchObject({ kind: 'added' });
    expect(await addSecret(actor('client', 'service', owner), input, ports(owner))).toEqual({ kind: 'not-allowed' });
  });
});

test('an application goes from secret to secret with nobody turned away, and the retired one opens nothing', async () => {
  setClock(start);
  const kit = await startOidc({ storage, clients: [application('wiki')] });
  const given = await addSecret(operator, { client: 'wiki', name: 'new', life: '90-days' }, ports());
  if (given.kind !== 'added') throw new Error(given.kind);
  const token = async (client_secret: string) => {
    await kit.oidc.reload();
    const { status } = await kit.post('/token', { client_id: 'wiki', client_secret, grant_type: 'authorization_code' });
    return status; // 400: it is known, and brings no code
  };
  const first = 'a client secret of at least 32 characters';
  expect([await token(first), await token(given.secret)]).toEqual([400, 400]);
  const old = given.client.secrets.find(({ name }) => name === undefined);
  await retireSecret(operator, { client: 'wiki', secret: old?.id ?? '', confirmed: true }, ports());
  expect([await token(first), await token(given.secret)]).toEqual([401, 400]);
  await retireSecret(operator, { client: 'wiki', secret: given.stored.id, confirmed: true }, ports());
  expect(await token(given.secret)).toBe(401);
  // and people still get as far as the sign-in
  const page = await fetch(kit.authUrl({ client_id: 'wiki' }), { redirect: 'manual' });
  expect([page.status, page.headers.get('location')]).toEqual([303, expect.stringContaining('/interaction/')]);
});
