/** What administrators do to applications and roles: each act as it is asked for, and all that it may change. */
import { chainHash, NO_HASH } from '../../src/domain/audit/audit-chain.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { bearerHash } from '../../src/domain/registration/initial-access-token.ts';
import type { RoleGrant } from '../../src/domain/roles/role.ts';
import type { Actor } from '../../src/use-cases/actor.ts';
import { restoreClient } from '../../src/use-cases/clients/client-revisions.ts';
import { editClient } from '../../src/use-cases/clients/edit-client.ts';
import { endClient, removeDeleted } from '../../src/use-cases/clients/end-client.ts';
import { registerOne } from '../../src/use-cases/clients/register.ts';
import { addSecret, retireSecret } from '../../src/use-cases/clients/secrets.ts';
import { decideRegistration } from '../../src/use-cases/registration/administer-registration.ts';
import { deleteClient } from '../../src/use-cases/registration/manage-client.ts';
import { grantRole } from '../../src/use-cases/roles/grant.ts';
import { settleRoles } from '../../src/use-cases/roles/register.ts';
import { revokeRole } from '../../src/use-cases/roles/revoke.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';

const NOW = Date.UTC(2027, 0, 4, 9);
const ID = 'toledo';
const TOKEN = 'its registration access token';
const ownership = (id: string, holder: string): RoleGrant => ({
  id,
  holder: { kind: 'person', id: holder },
  role: 'owner',
  organisations: 'association',
  grantedBy: 'test',
  grantedAt: NOW,
});
const GRANTS = [ownership('grant-olga', 'olga'), ownership('grant-otto', 'otto')];
const actor: Actor = { kind: 'person', id: 'olga', name: 'Olga', via: 'console', grants: GRANTS.slice(0, 1) };

/** The same in every process: what an act leaves behind can be compared, and a repetition is the same request again. */
function environment(storage: Storage, first = 0) {
  let drawn = first;
  const randomBytes = (size: number) => {
    drawn += 1;
    return new Uint8Array(size).fill(drawn);
  };
  const ports = {
    clients: storage.clients,
    mayTry: () => undefined,
    mayStore: () => undefined,
    clientUses: storage.clientUses,
    issuer: 'https://id.example',
    now: () => NOW,
    randomBytes,
    judge: () => undefined,
    knowsPerson: async () => true,
    fetchLogo: undefined,
    grants: async () => (await storage.roleGrants.read()).grants,
  };
  return { ports, roles: { ports: storage, organisations, now: () => NOW, randomBytes } };
}
type Environment = ReturnType<typeof environment>;

const metadata: Record<string, JsonValue> = {
  client_name: 'Toledo',
  redirect_uris: ['https://toledo.example/cb'],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid profile email',
  contacts: ['toledo@example.edu'],
  pedel_organisation: 'kuleuven',
};
const API = 'https://api.toledo.example';
const scopes = [{ name: 'read', 'description#nl': 'lezen', 'description#en': 'read' }];
const api = { pedel_resource_servers: [{ identifier: API, scopes, token_format: 'opaque' }] };
const secret = (id: string) => ({ id, name: id, hash: `sha256$${id}`, createdAt: NOW });

async function stored(storage: Storage, change: Partial<ClientRecord> = {}): Promise<void> {
  const times = { createdAt: NOW, updatedAt: NOW };
  const record = { id: ID, revision: 1, metadata, secrets: [secret('first'), secret('second')], ...times, ...change };
  await storage.clients.put(record, 0);
  await storage.consents.add({
    accountId: 'anna',
    clientId: ID,
    scopes: ['openid'],
    claims: [],
    resourceScopes: {},
    givenAt: NOW,
  });
}
const pending = {
  registration: {
    state: 'pending',
    accessToken: bearerHash(TOKEN),
    terms: {
      organisation: 'kuleuven',
      hosts: ['toledo.example'],
      kinds: ['web'],
      approval: 'required',
      pkce: 'optional',
    },
  },
} satisfies Partial<ClientRecord>;
const deleted = (removeAt: number) => ({ disabled: { at: NOW - 1, removeAt } });

type Act = {
  /** what is there before; absent: the application as it was registered */
  before?: (storage: Storage, environment: Environment) => Promise<unknown>;
  run: (environment: Environment) => Promise<{ kind: string } | boolean>;
  /** what depends on the application goes before it, so that nothing is left of what is found no more */
  clears?: true;
};
const end = (act: 'disable' | 'enable' | 'delete') => (with_: Environment) =>
  endClient(actor, { id: ID, revision: undefined, act }, with_.ports);
const edited = ({ ports }: Environment) =>
  editClient(actor, { id: ID, revision: 1, change: { kind: 'patch', patch: { ...api, client_name: 'T' } } }, ports);
const decided = (decision: 'approve' | 'refuse') => (with_: Environment) =>
  decideRegistration(actor, { client: ID, decision, asSeen: 1 }, with_.ports);

export const acts: Record<string, Act> = {
  register: {
    before: async () => undefined,
    run: ({ ports }) =>
      registerOne(
        actor,
        { registration: { client_id: ID, ...metadata, ...api }, organisation: 'kuleuven', form: 'the form' },
        { ...ports, dryRun: false },
      ),
  },
  edit: { run: edited },
  'go back': {
    before: async (storage, with_) => [await stored(storage), await edited(with_)],
    run: ({ ports }) => restoreClient(actor, { id: ID, revision: 2, to: 1 }, ports),
  },
  'add a secret': {
    run: ({ ports }) => addSecret(actor, { client: ID, name: 'third', life: 'none', once: 'third' }, ports),
  },
  'retire a secret': {
    run: ({ ports }) => retireSecret(actor, { client: ID, secret: 'first', confirmed: true }, ports),
  },
  'switch off': { run: end('disable') },
  delete: { run: end('delete') },
  'take back': { before: (storage) => stored(storage, deleted(NOW + 1)), run: end('enable') },
  'remove after 30 days': {
    before: (storage) => stored(storage, deleted(NOW)),
    run: ({ ports }) => removeDeleted(ID, ports),
    clears: true,
  },
  'approve a registration': { before: (storage) => stored(storage, pending), run: decided('approve') },
  'refuse a registration': { before: (storage) => stored(storage, pending), run: decided('refuse'), clears: true },
  'delete itself': {
    before: (storage) => stored(storage, pending),
    run: ({ ports }) => deleteClient(ID, TOKEN, { ...ports, judge: async () => undefined }),
    clears: true,
  },
  'grant a role': {
    run: ({ roles }) =>
      grantRole(actor, { holder: { kind: 'person', id: 'anna' }, role: 'owner', organisations: 'association' }, roles),
  },
  'revoke a role': { run: ({ roles }) => revokeRole(actor, 'grant-otto', roles) },
};

/** Makes what an act finds. */
export async function prepare(name: string, storage: Storage): Promise<void> {
  for (const id of ['olga', 'otto', 'anna'])
    await storage.accounts.insert(
      anAccount({ id, userNumbers: [`u-${id}`], emails: [`${id}@vives.be`], roles: id === 'anna' ? [] : ['owner'] }),
    );
  const { revision, effects } = await storage.roleGrants.read();
  await storage.roleGrants.replace({ revision: revision + 1, grants: GRANTS, effects }, revision);
  const { before = (empty: Storage) => stored(empty) } = acts[name] ?? {};
  await before(storage, environment(storage, 100));
}

export const run = (name: string, storage: Storage) => acts[name]?.run(environment(storage));

/** What a node does by itself within a minute of its start. */
export async function recover(storage: Storage): Promise<void> {
  while ((await storage.sweep(NOW)) > 0);
  await settleRoles(environment(storage).roles);
}

/** All that an act may change, but for the numbers of revisions of the register and the order of what happened at once. */
export async function stateOf(storage: Storage) {
  const { grants, effects } = await storage.roleGrants.read();
  const people = ['olga', 'otto', 'anna'];
  const letters = await Promise.all(people.map((id) => storage.outbox.byAccount(id, 20)));
  return {
    client: await storage.clients.find(ID),
    ofApi: (await storage.clients.findByResource(API))?.id,
    history: await storage.clients.history(ID),
    consents: (await storage.consents.byAccount('anna')).length,
    grants,
    effects,
    roles: await Promise.all(people.map(async (id) => (await storage.accounts.findById(id))?.roles)),
    letters: letters
      .flat()
      .map(({ id }) => id)
      .sort(),
    entries: await storage.auditLog.page({}, undefined, 50),
  };
}

/** Whether each entry of the log is the next of its chain. */
export async function isChained({ auditLog }: Pick<Storage, 'auditLog'>): Promise<boolean> {
  let [node, seq, hash] = ['', 0, NO_HASH];
  for (const { entry, misfiled, chain } of await auditLog.chained(undefined, 100)) {
    if (chain.node !== node) [node, seq, hash] = [chain.node, 0, NO_HASH];
    seq += 1;
    if (entry === undefined || misfiled || chain.seq !== seq) return false;
    if (chain.hash !== chainHash(entry, node, seq, hash)) return false;
    hash = chain.hash;
  }
  return true;
}
