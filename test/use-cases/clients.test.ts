/** Cost: about a second. What happens to an application after it is registered: edited, gone back, switched off, deleted, previewed. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { clientDocument } from '../../src/domain/clients/client-document.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import type { RoleGrant, RoleName } from '../../src/domain/roles/role.ts';
import { sweepPendingClients } from '../../src/jobs/pending-clients.ts';
import { type Actor, systemActor } from '../../src/use-cases/actor.ts';
import { clientAtRevision, historyOfClient, restoreClient } from '../../src/use-cases/clients/client-revisions.ts';
import { type Edit, editClient, mergePatch } from '../../src/use-cases/clients/edit-client.ts';
import { endClient, REMOVED_AFTER_DAYS } from '../../src/use-cases/clients/end-client.ts';
import { type PreviewPorts, previewRelease } from '../../src/use-cases/clients/preview-release.ts';
import { registerOne } from '../../src/use-cases/clients/register.ts';
import { rightsTo } from '../../src/use-cases/webhooks/authority.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { openTestStorage } from '../support/storage.ts';

const DAY = 86_400_000;
let clock = Date.UTC(2027, 0, 4, 9);
let storage: Storage;
let granted: RoleGrant[] = [];

beforeEach(async () => {
  clock = Date.UTC(2027, 0, 4, 9);
  granted = [];
  storage = await openTestStorage({ now: () => clock });
});
afterEach(() => storage.close());

const ports = (): PreviewPorts => ({
  clients: storage.clients,
  accounts: storage.accounts,
  issuer: 'https://id.example',
  now: () => clock,
  randomBytes,
  judge: () => undefined,
  knowsPerson: async () => true,
  fetchLogo: undefined,
  grants: async () => granted,
  organisations,
  domain: 'id.example',
  pairwise: (sector, id) => `${sector}:${id}`,
});

const somebody = (role: RoleName, at: RoleGrant['organisations'] = ['kuleuven'], id: string = role): Actor => ({
  kind: 'person',
  id,
  name: id,
  via: 'console',
  grants: [{ id: `g-${id}`, holder: { kind: 'person', id }, role, organisations: at, grantedBy: 'x', grantedAt: 0 }],
});
const owner = somebody('owner', 'association');
const administrator = somebody('client-administrator');
const elsewhere = somebody('client-administrator', ['vives']);
const auditor = somebody('auditor', 'association');

const metadata: ClientRecord['metadata'] = {
  client_name: 'Toledo',
  redirect_uris: ['https://toledo.example/cb'],
  scope: 'openid profile email',
  subject_type: 'public',
  contacts: ['toledo@example.edu'],
  pedel_organisation: 'kuleuven',
};

async function register(id = 'toledo', change: Partial<ClientRecord> = {}): Promise<void> {
  const secrets = [{ id: 's1', hash: 'sha256$the-hash-of-a-secret', createdAt: clock }];
  await storage.clients.put({ id, revision: 1, metadata, secrets, createdAt: clock, updatedAt: clock, ...change }, 0);
}

const edit = (actor: Actor, patch: object, revision: number | undefined = 1, more: Partial<Edit> = {}) => {
  clock += 1;
  return editClient(actor, { id: 'toledo', revision, change: { kind: 'patch', patch }, ...more }, ports());
};
const stored = async (id = 'toledo') => (await storage.clients.find(id)) as ClientRecord;
const entries = async () => (await storage.auditLog.page({ client: 'toledo' }, undefined, 99)).reverse();

describe('an edit', () => {
  test('changes what the patch names, from the revision that was seen, and leaves one entry with who did it', async () => {
    await register();
    const edited = await edit(administrator, { client_name: 'Toledo 2', contacts: null });
    expect(edited).toMatchObject({ kind: 'edited', members: ['client_name', 'contacts'], record: { revision: 2 } });
    const { contacts: _, ...rest } = metadata;
    expect(await stored()).toMatchObject({ revision: 2, metadata: { ...rest, client_name: 'Toledo 2' } });
    expect((await stored()).metadata.contacts).toBeUndefined();
    expect(await entries()).toMatchObject([
      {
        action: 'client.changed',
        actor: { kind: 'person', id: 'client-administrator' },
        details: { members: 'client_name contacts' },
      },
    ]);
    const again = await edit(administrator, { client_name: 'Toledo 2' }, 2);
    expect(again.kind).toBe('unchanged');
    expect(await entries()).toHaveLength(1);
  });

  test('of a revision that somebody changed since changes nothing, and shows how it is now', async () => {
    await register();
    await edit(administrator, { client_name: 'first' });
    expect(await edit(administrator, { client_name: 'second' })).toMatchObject({
      kind: 'stale',
      current: { revision: 2, metadata: { client_name: 'first' } },
    });
    expect((await stored()).metadata.client_name).toBe('first');
  });

  test('of a hundred of one revision one is made, and has its entry and its revision', async () => {
    await register();
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, n) => edit(administrator, { client_name: `number ${n}` })),
    );
    const won = outcomes.filter(({ kind }) => kind === 'edited');
    expect([won.length, outcomes.filter(({ kind }) => kind === 'stale').length]).toEqual([1, 99]);
    expect(won[0]).toMatchObject({ record: { metadata: { client_name: (await stored()).metadata.client_name } } });
    expect(await entries()).toHaveLength(1);
    expect(await storage.clients.history('toledo')).toHaveLength(2);
  });

  test('has every fault named at once, each with where it is and what to do', async () => {
    await register();
    const outcome = await edit(owner, {
      redirect_uris: ['https://toledo.example/cb', 'http://toledo.example/cb'],
      pedel_acces: 'everybody',
      client_id: 'other',
      client_secret: 'a secret that somebody would like to choose himself',
    });
    if (outcome.kind !== 'refused') throw new Error(outcome.kind);
    expect(outcome.faults.map(({ pointer }) => pointer).sort()).toEqual([
      '/client_id',
      '/client_secret',
      '/pedel_acces',
      '/redirect_uris/1',
    ]);
    for (const { remedy, expected } of outcome.faults) expect([remedy, expected].every(Boolean)).toBe(true);
    expect(JSON.stringify(outcome)).not.toContain('a secret that somebody');
    expect((await stored()).revision).toBe(1);
  });

  test.each([
    'id',
    'revision',
    'secrets',
    'registration',
    'disabled',
    'validUntil',
    'origin',
    'createdAt',
    '__proto__',
  ])('assigns no %s, which a form does not have', async (member) => {
    await register();
    const before = await stored();
    const patch = JSON.parse(`{"client_name":"x",${JSON.stringify(member)}:{"at":0}}`);
    expect((await edit(owner, patch)).kind).toBe('refused');
    expect(await stored()).toEqual(before);
  });

  test('of another organisation’s application is answered as one of none; who only reads is refused', async () => {
    await register();
    expect(await edit(elsewhere, { client_name: 'x' })).toEqual({ kind: 'not-found' });
    expect(await editClient(administrator, { ...whole(), id: 'nobody' }, ports())).toEqual({ kind: 'not-found' });
    expect(await edit(auditor, { client_name: 'x' })).toEqual({ kind: 'not-allowed' });
    expect(await edit({ ...administrator, grants: [] }, { client_name: 'x' })).toEqual({ kind: 'not-found' });
    expect((await stored()).revision).toBe(1);
  });

  test.each([
    ['pedel_first_party', true],
    ['pedel_introspects', ['webmail']],
    ['pedel_introspection_username', 'email'],
    ['pedel_profile', 'fapi2'],
    ['pedel_access_token_seconds', 60],
    ['pedel_refresh_token_idle_seconds', 60],
    ['pedel_organisation', 'vives'],
  ])('of %s is for owners only', async (member, value) => {
    await register('webmail');
    const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://toledo.example/jwks' };
    await register('toledo', { metadata: { ...metadata, ...keys } });
    const outcome = await edit(administrator, { [member]: value });
    expect(outcome.kind).toBe('refused');
    if (outcome.kind === 'refused') expect(outcome.faults.map(({ pointer }) => pointer)).toContain(`/${member}`);
    // what is there already stays without being asked about
    await register('kept', { metadata: { ...metadata, pedel_first_party: true } });
    const change = { kind: 'patch', patch: { client_name: 'x' } } as const;
    expect((await editClient(administrator, { id: 'kept', revision: 1, change }, ports())).kind).toBe('edited');
  });

  test('opens no API of another organisation', async () => {
    await register();
    const api = { identifier: 'https://api.vives.example', scopes: [{ name: 'read' }], token_format: 'opaque' };
    const foreign = { ...metadata, pedel_organisation: 'vives', pedel_resource_servers: [api] };
    await register('api', { metadata: foreign as never });
    const asked = {
      pedel_service_resources: { [api.identifier]: ['read'] },
      grant_types: ['authorization_code', 'client_credentials'],
    };
    const outcome = await edit(administrator, asked);
    expect(outcome).toMatchObject({ kind: 'refused', faults: [{ member: 'pedel_service_resources' }] });
    expect((await edit(owner, asked)).kind).toBe('edited');
  });

  test('makes nobody known by the sub of another application', async () => {
    await register();
    const other = { subject_type: 'pairwise', pedel_sector: 'library.vives.example' };
    const change = { changeSubjects: true };
    const outcome = await edit(administrator, other, 1, change);
    expect(outcome).toMatchObject({ kind: 'refused', faults: [{ member: 'pedel_sector' }] });
    expect((await edit(administrator, { subject_type: 'pairwise' }, 1, change)).kind).toBe('edited');
    expect((await stored()).metadata.pedel_sector).toBe('toledo.example');
  });

  test('of what registered itself before its organisation was stored leaves it with that organisation', async () => {
    const { pedel_organisation: _, ...before } = metadata;
    const terms = { organisation: 'kuleuven', hosts: [], kinds: [] } as never;
    await register('toledo', { metadata: before, registration: { state: 'approved', terms } as never });
    expect(await rightsTo(administrator, 'toledo', storage.clients)).toEqual({ read: true, write: true });
    expect((await edit(administrator, { client_name: 'x' })).kind).toBe('edited');
    expect((await stored()).metadata.pedel_organisation).toBe('kuleuven');
    expect((await edit(administrator, { client_name: 'y' }, 2)).kind).toBe('edited');
    expect(await edit(elsewhere, { client_name: 'z' }, 3)).toEqual({ kind: 'not-found' });
  });

  test('of a service with a role is for who could grant it: nobody becomes another by its keys', async () => {
    await register();
    const holder = { kind: 'client', id: 'toledo' } as const;
    const denied = { kind: 'not-allowed' };
    // as high as the administrator's own, and still more than he has, or another thing
    for (const role of ['owner', 'client-administrator', 'people-administrator', 'auditor'] as const) {
      granted = [{ id: 'g', holder, role, organisations: 'association', grantedBy: 'x', grantedAt: 0 }];
      expect([role, await edit(administrator, { client_name: 'x' })]).toEqual([role, denied]);
      expect(await endClient(administrator, { id: 'toledo', revision: 1, act: 'disable' }, ports())).toEqual(denied);
    }
    granted = [{ id: 'g', holder, role: 'owner', organisations: 'association', grantedBy: 'x', grantedAt: 0 }];
    expect((await edit(owner, { client_name: 'x' })).kind).toBe('edited');
    const itself: Actor = { ...owner, kind: 'client', id: 'toledo', grants: granted };
    expect(await edit(itself, { client_name: 'y' }, 2)).toEqual({ kind: 'not-allowed' });
  });

  test('of the whole registration replaces it, and the document is read back as it was written', async () => {
    await register('toledo', { validUntil: clock + DAY });
    const document = { ...clientDocument(await stored()), client_name: 'New' };
    const change = { kind: 'whole', metadata: document } as const;
    expect(await editClient(owner, { id: 'toledo', revision: 1, change }, ports())).toMatchObject({
      kind: 'edited',
      members: ['client_name'],
    });
    expect(clientDocument(await stored())).toEqual(document);
  });

  test('that would make everybody a stranger to the application is refused, unless that is meant', async () => {
    await register();
    const patch = { subject_type: 'pairwise' };
    expect(await edit(owner, patch)).toMatchObject({ kind: 'refused', faults: [{ member: 'subject_type' }] });
    expect((await edit(owner, patch, 1, { changeSubjects: true })).kind).toBe('edited');
  });

  test.each([
    [
      { a: 'b', c: { d: 'e', f: 'g' } },
      { a: 'z', c: { f: null } },
      { a: 'z', c: { d: 'e' } },
    ],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [['a', 'b'], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: 'foo' }, 'bar', 'bar'],
  ])('is a merge patch as RFC 7396 has it: %j, %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });
});

const whole = (): Edit => ({ id: 'toledo', revision: 1, change: { kind: 'whole', metadata } });

describe('a registration', () => {
  const asked = (more: Record<string, JsonValue>) => ({ ...metadata, client_id: 'new', ...more });
  const registered = (actor: Actor, more: Record<string, JsonValue>) =>
    registerOne(actor, { registration: asked(more), organisation: 'kuleuven' }, { ...ports(), dryRun: false });

  test.each([
    [
      ...['the API of another organisation', 'pedel_resources', { 'https://api.vives.example': ['read'] }],
      { kind: 'refused', faults: [{ member: 'pedel_resources' }] },
    ],
    [
      ...[
        'the API of another organisation to a service',
        'pedel_service_resources',
        { 'https://api.vives.example': ['read'] },
      ],
      { kind: 'refused', faults: [{ member: 'pedel_service_resources' }] },
    ],
    [
      ...['the sub of another application', 'pedel_sector', 'library.vives.example'],
      { kind: 'not-allowed', members: ['pedel_sector'] },
    ],
  ] as [string, string, JsonValue, object][])(
    'gives an administrator of one organisation not %s',
    async (_, member, value, answer) => {
      const api = { identifier: 'https://api.vives.example', scopes: [{ name: 'read' }], token_format: 'opaque' };
      const foreign = { ...metadata, pedel_organisation: 'vives', pedel_resource_servers: [api] };
      await register('api', { metadata: foreign as never });
      const service = { grant_types: ['authorization_code', 'client_credentials'] };
      const wish = {
        subject_type: 'pairwise',
        ...(member === 'pedel_service_resources' ? service : {}),
        [member]: value,
      };
      expect(await registered(administrator, wish)).toMatchObject(answer);
      expect(await storage.clients.find('new')).toBeUndefined();
      expect((await registered(owner, wish)).kind).toBe('registered');
    },
  );

  test('lets an administrator of one organisation make a service for an API of that organisation', async () => {
    const api = { identifier: 'https://api.kuleuven.example', scopes: [{ name: 'read' }], token_format: 'opaque' };
    await register('api', {
      metadata: { ...metadata, pedel_organisation: 'kuleuven', pedel_resource_servers: [api] } as never,
    });
    const service = {
      grant_types: ['authorization_code', 'client_credentials'],
      pedel_service_resources: { [api.identifier]: ['read'] },
    };
    expect((await registered(administrator, service)).kind).toBe('registered');
  });

  test('takes no client_id by which a person is known: services have it as the sub of their tokens', async () => {
    const person = randomUUID();
    const deps = { ...ports(), dryRun: false, knowsPerson: async (name: string) => name !== 'nobody' };
    const named = (id: string) =>
      registerOne(owner, { registration: asked({ client_id: id }), organisation: 'kuleuven' }, deps);
    expect(await named(person)).toMatchObject({ kind: 'refused', faults: [{ member: 'client_id' }] });
    expect(await storage.clients.find(person)).toBeUndefined();
    // numbers are guessed: whether one is somebody's is not told
    expect((await named('r0123456')).kind).toBe('registered');
  });

  test('takes no client_id that somebody else took since it was looked for', async () => {
    let wasLooked = false;
    const clients: Storage['clients'] = {
      ...storage.clients,
      async find(id) {
        const found = await storage.clients.find(id);
        if (!wasLooked) {
          wasLooked = true;
          expect((await registered(administrator, { client_name: 'Theirs' })).kind).toBe('registered');
        }
        return found;
      },
    };
    const late = { registration: asked({ client_name: 'Mine' }), organisation: 'kuleuven' };
    const answer = await registerOne(owner, late, { ...ports(), clients, dryRun: false });
    expect(answer).toEqual({ kind: 'taken' });
    expect(await stored('new')).toMatchObject({ revision: 1, metadata: { client_name: 'Theirs' } });
  });

  test('is made by who administers the organisation, with the sector that follows from its address', async () => {
    expect((await registered(administrator, { subject_type: 'pairwise' })).kind).toBe('registered');
    expect((await stored('new')).metadata).toMatchObject({
      pedel_organisation: 'kuleuven',
      pedel_sector: 'toledo.example',
    });
    const denied = { kind: 'not-found' };
    expect(await registered(elsewhere, { client_id: 'theirs' })).toEqual(denied);
  });
});

describe('the history', () => {
  test('has every change with old and new, who and when, and no secret or hash of one', async () => {
    await register();
    await edit(administrator, { client_name: 'B' });
    await edit(owner, { token_endpoint_auth_method: 'none' }, 2);
    const shown = await historyOfClient(auditor, 'toledo', storage);
    if (shown.kind !== 'history') throw new Error(shown.kind);
    expect(shown.revisions.map(({ revision, restorable }) => [revision, restorable])).toEqual([
      [3, false],
      [2, true],
      [1, true],
    ]);
    expect(shown.revisions[0]?.changes).toContainEqual({ member: 'client_secret' });
    expect(shown.revisions[1]).toMatchObject({
      entry: { actor: { id: 'client-administrator' } },
      changes: [{ member: 'client_name', before: 'Toledo', after: 'B' }],
    });
    expect(JSON.stringify([shown.revisions, await entries()])).not.toContain('the-hash-of-a-secret');
    expect(await historyOfClient(elsewhere, 'toledo', storage)).toEqual({ kind: 'not-found' });
  });

  test('is gone back in: to the registration of then, with an entry, and without its secrets', async () => {
    await register('toledo', { validUntil: clock + DAY });
    const validUntil = clock + DAY;
    await edit(administrator, { client_name: 'B', pedel_valid_until: null, contacts: null });
    await edit(administrator, { client_name: 'C' }, 2);
    const back = { id: 'toledo', revision: 3, to: 1 };
    expect(await restoreClient(elsewhere, back, { ...ports(), clients: storage.clients })).toEqual({
      kind: 'not-found',
    });
    expect(await restoreClient(auditor, back, { ...ports(), clients: storage.clients })).toEqual({
      kind: 'not-allowed',
    });
    clock += 1;
    const restored = await restoreClient(administrator, back, { ...ports(), clients: storage.clients });
    expect(restored.kind).toBe('edited');
    expect(await stored()).toMatchObject({ revision: 4, metadata, validUntil });
    expect((await entries()).at(-1)).toMatchObject({ action: 'client.restored', details: { revision: '1' } });
    const then = await clientAtRevision(owner, { id: 'toledo', revision: 2 }, storage);
    expect(then).toMatchObject({ kind: 'found', earlier: { client_name: 'B' } });
    for (const to of [0, 99, -1, 1.5])
      expect(
        await restoreClient(owner, { id: 'toledo', revision: 4, to }, { ...ports(), clients: storage.clients }),
      ).toEqual({
        kind: 'unknown-revision',
      });
  });

  test('is gone back in only as far as today’s rules go, and only owners bring back what owners gave', async () => {
    await register('toledo', {
      metadata: { ...metadata, pedel_first_party: true, redirect_uris: ['http://old.example/'] },
    });
    await edit(owner, { pedel_first_party: null, redirect_uris: ['https://toledo.example/'] });
    const again = { id: 'toledo', revision: 2, to: 1 };
    const outcome = await restoreClient(owner, again, { ...ports(), clients: storage.clients });
    expect(outcome).toMatchObject({ kind: 'refused', faults: [{ pointer: '/redirect_uris/0' }] });
    await edit(owner, { pedel_first_party: true }, 2);
    await edit(owner, { pedel_first_party: null }, 3);
    const first = { id: 'toledo', revision: 4, to: 3 };
    expect(await restoreClient(administrator, first, { ...ports(), clients: storage.clients })).toMatchObject({
      kind: 'refused',
      faults: [{ pointer: '/pedel_first_party' }],
    });
    expect((await restoreClient(owner, first, { ...ports(), clients: storage.clients })).kind).toBe('edited');
  });
});

describe('an end', () => {
  const end = (actor: Actor, act: 'disable' | 'enable' | 'delete', revision?: number) => {
    clock += 1;
    return endClient(actor, { id: 'toledo', act, revision }, ports());
  };

  test('is an act of who administers it, from the revision that was seen, with its entry; and there is a way back', async () => {
    await register();
    expect(await end(elsewhere, 'disable')).toEqual({ kind: 'not-found' });
    expect(await end(auditor, 'delete')).toEqual({ kind: 'not-allowed' });
    expect(await end(administrator, 'disable', 7)).toMatchObject({ kind: 'stale' });
    expect(await end(administrator, 'disable', 1)).toMatchObject({
      kind: 'done',
      record: { disabled: { at: expect.any(Number) } },
    });
    const since = clock;
    expect((await end(administrator, 'disable')).kind).toBe('unchanged');
    expect((await end(administrator, 'delete')).kind).toBe('done');
    expect((await stored()).disabled).toEqual({ at: since, removeAt: clock + REMOVED_AFTER_DAYS * DAY });
    expect((await end(administrator, 'disable')).kind).toBe('unchanged');
    expect(await edit(owner, { client_name: 'x' }, 3)).toMatchObject({ kind: 'refused' });
    expect((await end(administrator, 'enable')).kind).toBe('done');
    expect((await stored()).disabled).toBeUndefined();
    expect((await entries()).map(({ action }) => action)).toEqual([
      'client.disabled',
      'client.deleted',
      'client.enabled',
    ]);
  });

  test('of a deleted one comes after 30 days, with all that people allowed it, and cannot be called back then', async () => {
    await register();
    await end(administrator, 'delete');
    const consent = { accountId: 'an', clientId: 'toledo', scopes: ['openid'], claims: [], givenAt: clock };
    await storage.consents.add({ ...consent, resourceScopes: {} });
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const job = sweepPendingClients({ storage, now: () => clock, randomBytes, log } as never);
    clock += REMOVED_AFTER_DAYS * DAY - 1;
    await job.sweep();
    expect((await stored()).id).toBe('toledo');
    clock += 1;
    expect(await end(administrator, 'enable')).toEqual({ kind: 'too-late' });
    await job.sweep();
    expect(await storage.clients.find('toledo')).toBeUndefined();
    expect(await storage.consents.find('an', 'toledo')).toBeUndefined();
    expect((await entries()).at(-1)).toMatchObject({ action: 'client.removed', actor: { kind: 'system' } });
    expect(await end(administrator, 'enable')).toEqual({ kind: 'not-found' });
  });

  test('that breaks off between its two writes leaves the client, and the next run ends it', async () => {
    await register();
    await end(administrator, 'delete');
    clock += REMOVED_AFTER_DAYS * DAY;
    const consent = { accountId: 'an', clientId: 'toledo', scopes: ['openid'], claims: [], givenAt: clock };
    await storage.consents.add({ ...consent, resourceScopes: {} });
    let left: unknown = 'not looked at';
    const remove = async () => {
      left = await storage.consents.find('an', 'toledo');
      throw new Error('killed');
    };
    const killed = { ...storage.clients, remove };
    const deps = { now: () => clock, randomBytes, log: { info: () => undefined } } as never as object;
    const sweeping = sweepPendingClients({ ...deps, storage: { clients: killed } } as never).sweep();
    await expect(sweeping).rejects.toThrow('killed');
    expect(left).toBeUndefined();
    expect(await storage.clients.find('toledo')).toBeDefined();
    await sweepPendingClients({ ...deps, storage } as never).sweep();
    expect(await storage.clients.find('toledo')).toBeUndefined();
    expect(await storage.consents.find('an', 'toledo')).toBeUndefined();
  });
});

describe('a preview', () => {
  const an = anAccount({
    id: 'an',
    userNumbers: ['u0000017'],
    affiliations: [{ organisation: 'vives', role: 'staff', source: 'x' }],
  });
  const preview = (actor: Actor, person: Parameters<typeof previewRelease>[1]['person'], more: object = {}) =>
    previewRelease(actor, { id: 'toledo', person, ...more }, ports());

  test('says claim by claim what a sample person’s tokens would have, and whether it is open to the person', async () => {
    await register('toledo', { metadata: { ...metadata, pedel_access: { affiliations: ['staff@kuleuven'] } } });
    const staff = await preview(administrator, { kind: 'sample', id: 'staff@kuleuven' });
    if (staff.kind !== 'preview') throw new Error(staff.kind);
    expect(staff.closed).toBeUndefined();
    expect(staff.userinfo).toContainEqual(
      expect.objectContaining({ claim: 'name', value: 'An Claes', reason: { kind: 'scope', scope: 'profile' } }),
    );
    expect(staff.idToken).toContainEqual({ claim: 'name', reason: { kind: 'elsewhere' } });
    expect(staff.userinfo).toContainEqual({ claim: 'phone_number', reason: { kind: 'not_asked' } });
    expect(await preview(administrator, { kind: 'sample', id: 'student@vives' })).toMatchObject({
      closed: { kind: 'not-among' },
    });
    expect(await preview(administrator, { kind: 'sample', id: 'nobody' })).toEqual({ kind: 'unknown-person' });
  });

  test('of a change shows what would be, and stores nothing; one with faults names them', async () => {
    await register();
    const draft = { kind: 'patch', patch: { scope: 'openid', pedel_id_token_claims: 'all' } };
    const shown = await preview(administrator, { kind: 'sample', id: 'staff@kuleuven' }, { draft });
    if (shown.kind !== 'preview') throw new Error(shown.kind);
    expect(shown.userinfo.filter((each) => 'value' in each).map(({ claim }) => claim)).toEqual(['sub']);
    const faulty = { kind: 'patch', patch: { scope: 'openid x' } };
    expect((await preview(administrator, { kind: 'self' }, { draft: faulty })).kind).not.toBe('preview');
    expect((await stored()).revision).toBe(1);
    expect(await preview(auditor, { kind: 'sample', id: 'staff@kuleuven' }, { draft })).toEqual({
      kind: 'not-allowed',
    });
  });

  test('is of oneself and sample persons; of others only for owners, and for who looks after them', async () => {
    await register();
    await storage.accounts.insert(an);
    await storage.accounts.insert(anAccount({ id: administrator.id, userNumbers: ['u0000018'], emails: [] }));
    const number = 'u0000017';
    const person = { kind: 'person', number } as const;
    expect(await preview(administrator, { kind: 'self' })).toMatchObject({
      kind: 'preview',
      person: { number: 'u0000018' },
    });
    expect(await preview(administrator, { kind: 'person', number: 'U0000018' })).toMatchObject({ kind: 'preview' });
    for (const each of [number, 'u9999999', 'an'])
      expect(await preview(administrator, { kind: 'person', number: each })).toEqual({ kind: 'not-allowed' });
    expect(await preview(owner, person)).toMatchObject({ kind: 'preview', person: { number, sample: false } });
    expect(await preview(owner, { kind: 'person', number: 'u9999999' })).toEqual({ kind: 'unknown-person' });
    expect(await preview(somebody('people-administrator', ['vives']), person)).toMatchObject({ kind: 'preview' });
    expect(await preview(somebody('people-administrator', ['kuleuven']), person)).toEqual({ kind: 'not-allowed' });
    for (const who of [{ kind: 'self' }, { kind: 'sample', id: 'staff@kuleuven' }, person] as const) {
      expect(await preview(auditor, who)).toEqual({ kind: 'not-allowed' });
      expect(await preview(elsewhere, who)).toEqual({ kind: 'not-found' });
    }
    expect(await preview(systemActor('root'), person)).toMatchObject({ kind: 'preview' });
  });
});
