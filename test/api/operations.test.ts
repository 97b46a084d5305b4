/** Every operation of the table: who may carry it out, what it leaves in the audit log, and that the document says what it does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openapiDocument, problemsOf } from '../../src/api/management/openapi.ts';
import { operations } from '../../src/api/management/operations.ts';
import { problems } from '../../src/api/management/problem.ts';
import type { Permission } from '../../src/domain/roles/permissions.ts';
import { type RoleName, roleNames } from '../../src/domain/roles/role.ts';
import { signingAlgorithms } from '../../src/domain/signing-keys/signing-key.ts';
import { may } from '../../src/use-cases/actor.ts';
import { createImports } from '../../src/use-cases/import/imports.ts';
import { stateOf } from '../../src/use-cases/import/state.ts';
import { application } from '../oidc/support.ts';
import { anAccount } from '../support/account.ts';
import { association, at, closeAll, type Kit, startApi } from './support.ts';

let kit: Kit;
const OWN = 'kuleuven';
const OTHER = 'vives';

/** One of each organisation, whose import is its own. */
const sources = [OWN, OTHER].map((id) => ({
  ...{ id: `of-${id}`, organisations: [id], numbers: ['r#######'], domains: [] },
  ...{ credentials: false, identity: 'none' as const },
}));
const NOBODY = 'person,number,given_name,family_name,role\n';

/** What was begun goes on after the answer. */
async function settled(id: string, state: string): Promise<void> {
  const imports = createImports(kit.storage.protocolRecords, kit.storage.values, await kit.opened(), Date.now);
  for (;;) {
    const [record, run] = [await imports.find(id), await imports.run(id)];
    const now = await stateOf({ ...(record && { record }), ...(run && { run }) }, imports, Date.now());
    if (now === state && run?.ended) return;
    await sleep(5);
  }
}

beforeAll(async () => {
  kit = await startApi({ apiRequestsPerMinute: 1_000_000, config: { sources } });
}, 60_000);
afterAll(closeAll);

/** What PUT takes, without the client_id. */
function registration(change: Record<string, string>): object {
  const { client_id: _, ...metadata } = application('x', change);
  return metadata;
}

/** A client that waits for approval, by a token of this organisation. */
async function pending(id: string, organisation: string): Promise<void> {
  await kit.register({ client_id: id, client_name: id, redirect_uris: ['https://w.example/back'] });
  const record = await kit.storage.clients.find(id);
  if (record === undefined) throw new Error(id);
  const held = { hosts: ['w.example'], kinds: ['web' as const] };
  const terms = { organisation, ...held, approval: 'required' as const, pkce: 'required' as const };
  const registration = { state: 'pending' as const, accessToken: 'x', terms };
  const next = { ...record, revision: 2, registration, validUntil: Date.now() + 86_400_000 };
  if (!(await kit.storage.clients.put(next, record.revision))) throw new Error('lost race');
}

const hook = { url: 'https://hooks.example.org/here', events: ['client.*'], contact: 'ops@example.org' };
const upload = { body: NOBODY, headers: { 'content-type': 'text/csv' } };
let made = 0;
/** without a role */
let service = '';
/** Something of this organisation to act on, anew for each act; what there is only of the association takes no organisation. */
const things: Record<
  string,
  (organisation: string) => Promise<{ path: string; body?: unknown; headers?: Record<string, string> }>
> = {
  client: async (organisation) => {
    const id = `client-${++made}`;
    await kit.register(application(id, { pedel_organisation: organisation }));
    return { path: id, headers: { 'if-match': '"r1"' } };
  },
  disabled: async (organisation) => {
    const id = (await things.client?.(organisation))?.path ?? '';
    const { call } = await kit.service(`closer-${++made}`, [association('owner')]);
    await call('POST', `/clients/${id}/disable`, { headers: { 'if-match': '"r1"' } });
    return { path: id, headers: { 'if-match': '"r2"' } };
  },
  changed: async (organisation) => {
    const id = (await things.client?.(organisation))?.path ?? '';
    const { call } = await kit.service(`changer-${++made}`, [association('owner')]);
    const patch = { body: { client_name: 'Between' }, headers: { 'if-match': '"r1"' } };
    const changed = await call('PATCH', `/clients/${id}`, patch);
    return { path: id, headers: { 'if-match': changed.headers.get('etag') ?? '' } };
  },
  registration: async (organisation) => {
    const id = `pending-${++made}`;
    await pending(id, organisation);
    return { path: id, headers: { 'if-match': '"r2"' } };
  },
  token: async (organisation) => {
    const owner = await kit.service(`maker-${++made}`, [association('owner')]);
    const body = { organisation, hosts: ['a.example'], kinds: ['web'] };
    return { path: (await owner.call('POST', '/initial-access-tokens', { body })).body.id };
  },
  secret: async (organisation) => {
    const client = (await things.client?.(organisation))?.path ?? '';
    const { call } = await kit.service(`secretary-${++made}`, [association('owner')]);
    const secret = await call('POST', `/clients/${client}/secrets`, { body: { name: 'first' } });
    return { path: `${client}/${secret.body.id}` };
  },
  webhook: async (organisation) => {
    const client = (await things.client?.(organisation))?.path ?? '';
    const { call } = await kit.service(`hearer-${++made}`, [association('owner')]);
    const added = await call('POST', '/webhooks', { body: { ...hook, client } });
    return { path: added.body.id, headers: { 'if-match': '"r1"' } };
  },
  disabledWebhook: async (organisation) => {
    const { path = '' } = (await things.webhook?.(organisation)) ?? {};
    const { call } = await kit.service(`silencer-${++made}`, [association('owner')]);
    const off = await call('POST', `/webhooks/${path}/disable`, { headers: { 'if-match': '"r1"' } });
    return { path, headers: { 'if-match': off.headers.get('etag') ?? '' } };
  },
  person: async (organisation) => {
    const id = `person-${++made}`;
    const affiliations = [{ organisation, role: 'student', source: 'csv' }];
    await kit.storage.accounts.insert(anAccount({ id, userNumbers: [id], emails: [], affiliations }));
    return { path: id };
  },
  /** Two accounts of one person; the body says which becomes part of the other. */
  pair: async (organisation) => {
    const [keep, gone] = [await things.person?.(organisation), await things.person?.(organisation)];
    return { path: keep?.path ?? '', body: { other: gone?.path, reason: 'enrolled twice' } };
  },
  merged: async (organisation) => {
    const { path = '', body } = (await things.pair?.(organisation)) ?? {};
    const { call } = await kit.service(`merger-${++made}`, [association('owner')]);
    await call('POST', `/people/${path}/merge`, { body });
    return { path, body };
  },
  /** One account of two people. */
  mixed: async (organisation) => {
    const id = `mixed-${++made}`;
    const affiliations = [{ organisation, role: 'student', source: `of-${organisation}` }];
    const feeds = ['first', 'second'].map((each) => {
      const key = `${id}-${each}`;
      const said = JSON.stringify([{ organisation, role: 'student' }]);
      const fields = { given_name: 'An', family_name: 'Claes', [`affiliations.${organisation}`]: said };
      return { source: `of-${organisation}`, key, fields };
    });
    await kit.storage.accounts.insert(anAccount({ id, userNumbers: [], emails: [], affiliations, feeds }));
    const entries = [{ source: `of-${organisation}`, key: `${id}-second` }];
    return { path: id, body: { entries, reason: 'two people' } };
  },
  source: async (organisation) => {
    const owner = await kit.service(`emptier-${++made}`, [association('owner')]);
    const { tokens } = (await owner.call('GET', `/sources/of-${organisation}`)).body;
    for (const { id } of tokens) await owner.call('DELETE', `/sources/of-${organisation}/tokens/${id}`);
    return { path: `of-${organisation}` };
  },
  sourceToken: async (organisation) => {
    const { path = '' } = (await things.source?.(organisation)) ?? {};
    const { call } = await kit.service(`feeder-${++made}`, [association('owner')]);
    return { path: `${path}/${(await call('POST', `/sources/${path}/tokens`)).body.id}` };
  },
  import: async (organisation) => {
    const { call } = await kit.service(`importer-${++made}`, [association('owner')]);
    const planned = await call('POST', `/imports?source=of-${organisation}`, upload);
    await settled(planned.body.id, 'planned');
    return { path: planned.body.id };
  },
  grant: async () => {
    const id = `held-${++made}`;
    await kit.service(id, [at('desk', OWN)]);
    const { grants } = await kit.storage.roleGrants.read();
    return { path: grants.find(({ holder }) => holder.id === id)?.id ?? '' };
  },
  delivery: async () => {
    const { outbox } = kit.storage;
    for (;;) {
      const id = `delivery-${++made}`;
      await outbox.put({ id, kind: 'letter', payload: {}, createdAt: 1 });
      for (let claim = 1; claim <= 3; claim += 1) await outbox.claim('letter', claim * 10, claim * 10 + 5, 100);
      const setAside = await outbox.list({ state: 'set-aside' }, undefined, 500);
      if (setAside.some((entry) => entry.id === id)) return { path: id }; // else a job of the node came in between
    }
  },
};

/** For each operation: on what, and what is sent. `anywhere`: a role at any organisation will do; `association`: only there. `permission`: of the object. */
type Row = {
  on?: keyof typeof things;
  query?: (organisation: string) => string;
  body?: (organisation: string) => unknown;
  anywhere?: true;
  association?: true;
  permission?: Permission;
  /** these are written after the answer */
  later?: true;
  /** where it changes several things at once: their entries; absent: the one that the table names */
  entries?: readonly string[];
};
/** The next key of each algorithm is published, and its time set. */
const keysMade = ['signing-key.scheduled', 'signing-key.published'].flatMap((each) =>
  signingAlgorithms.map(() => each),
);
const rows: Record<string, Row> = {
  getMe: { anywhere: true },
  listPresets: { anywhere: true },
  getPreset: { anywhere: true },
  listOrganisations: { anywhere: true },
  listClients: { anywhere: true },
  getClient: { on: 'client' },
  listRefusals: { on: 'client' },
  listRegistrations: { anywhere: true },
  getRegistration: { on: 'registration' },
  approveRegistration: { on: 'registration' },
  refuseRegistration: { on: 'registration' },
  listInitialAccessTokens: { anywhere: true },
  getInitialAccessToken: { on: 'token' },
  makeInitialAccessToken: { body: (organisation) => ({ organisation, hosts: ['a.example'], kinds: ['web'] }) },
  revokeInitialAccessToken: { on: 'token' },
  registerClient: {
    body: (organisation) => ({
      ...{ client_name: 'New', redirect_uris: ['https://new.example/cb'], pedel_organisation: organisation },
      ...{ scope: 'openid', pedel_bundle: 'pseudonymous' },
    }),
  },
  getConnection: { on: 'client' },
  previewClient: { on: 'client', body: (organisation) => ({ person: { sample: `staff@${organisation}` } }) },
  replaceClient: {
    on: 'client',
    body: (organisation) => registration({ client_name: 'Other', pedel_organisation: organisation }),
  },
  patchClient: { on: 'client', body: () => ({ client_name: 'Other' }) },
  deleteClient: { on: 'client' },
  disableClient: { on: 'client' },
  enableClient: { on: 'disabled' },
  listHistory: { on: 'client' },
  restoreClient: { on: 'changed', body: () => ({ revision: 1 }) },
  listSecrets: { on: 'client' },
  addSecret: { on: 'client', body: () => ({ name: 'second' }) },
  renameSecret: { on: 'secret', body: () => ({ name: 'other' }) },
  retireSecret: { on: 'secret' },
  listWebhooks: { anywhere: true },
  getWebhook: { on: 'webhook' },
  addWebhook: { association: true, body: () => hook },
  changeWebhook: { permission: 'clients:write', on: 'webhook', body: () => ({ note: 'changed' }) },
  rotateWebhookSecret: { permission: 'clients:write', on: 'webhook' },
  enableWebhook: { permission: 'clients:write', on: 'disabledWebhook' },
  disableWebhook: { permission: 'clients:write', on: 'webhook' },
  testWebhook: { permission: 'clients:write', on: 'webhook' },
  deleteWebhook: { permission: 'clients:write', on: 'webhook' },
  listPeople: { anywhere: true },
  getPerson: { on: 'person' },
  listSessionsOfPerson: { on: 'person' },
  listDeliveriesOfPerson: { on: 'person' },
  mergePerson: { on: 'pair', later: true, entries: ['person.merged', 'person.merged-in'] },
  unmergePerson: { on: 'merged', later: true, entries: ['person.merge-undone', 'person.merge-undone'] },
  splitPerson: { on: 'mixed', later: true, entries: ['person.split', 'person.created'] },
  listSources: { anywhere: true },
  getSource: { on: 'source' },
  makeSourceToken: { on: 'source' },
  revokeSourceToken: { on: 'sourceToken' },
  releaseSource: { on: 'source', body: () => ({ people: 5, reason: 'the year ends' }) },
  listImports: { anywhere: true },
  planImport: { query: (organisation) => `?source=of-${organisation}`, body: () => NOBODY },
  getImport: { on: 'import' },
  getImportReport: { on: 'import' },
  downloadImportReport: { on: 'import' },
  downloadRefusedRows: { on: 'import' },
  applyImport: { on: 'import', body: () => ({}) },
  listRoleGrants: { association: true },
  grantRole: {
    association: true,
    body: () => ({ holder: { kind: 'client', id: service }, role: 'desk', organisations: [OWN] }),
  },
  revokeRole: { on: 'grant', association: true },
  listAuditEntries: { anywhere: true },
  listSigningKeys: { association: true },
  rotateSigningKeys: { association: true, entries: keysMade },
  listDeliveries: { association: true },
  retryDelivery: { on: 'delivery', association: true },
};

async function carryOut(operationId: string, organisation: string, call: Awaited<ReturnType<Kit['service']>>['call']) {
  const operation = operations.find((each) => each.operationId === operationId);
  const row = rows[operationId];
  if (operation === undefined || row === undefined) throw new Error(`${operationId} has no row`);
  const thing = row.on === undefined ? { path: 'moodle' } : await things[row.on]?.(organisation);
  const steps = (thing?.path ?? '').split('/');
  const path = operation.path.replace(/\{\w+\}/g, () => encodeURIComponent(steps.shift() ?? ''));
  if (operationId === 'grantRole') {
    service = `granted-${++made}`;
    await kit.service(service, []);
  }
  const body = row.body?.(organisation) ?? thing?.body;
  const headers = {
    ...(operation.ifMatch ? thing?.headers : {}),
    ...(operation.upload === undefined ? {} : { 'content-type': operation.upload[0] ?? '' }),
  };
  const before = (await kit.storage.auditLog.page({}, undefined, 500)).map(({ id }) => id);
  const place = `${path}${row.query?.(organisation) ?? ''}`;
  const answer = await call(operation.method, place, { ...(body === undefined ? {} : { body }), headers });
  if (answer.status === 202) await settled(answer.body.id, operationId === 'applyImport' ? 'applied' : 'planned');
  const added = async () =>
    (await kit.storage.auditLog.page({}, undefined, 500)).filter(({ id }) => !before.includes(id));
  const wanted = row.later && answer.status < 300 ? (row.entries ?? []) : [];
  const came = async () => (await added()).filter(({ action }) => wanted.includes(action)).length;
  for (let tries = 0; tries < 200 && (await came()) < wanted.length; tries += 1) await sleep(10);
  return { operation, answer, entries: await added() };
}

test('every operation has its row here', () => {
  expect(Object.keys(rows).sort()).toEqual(operations.map(({ operationId }) => operationId).sort());
});

// before others publish keys
test('every operation that changes something leaves exactly one entry for each thing that it changes, of the action that the table names, by whoever acted', async () => {
  const { call } = await kit.service('unsafe', [association('owner')]);
  const unsafe = operations.filter(({ method, reads }) => method !== 'GET' && reads !== true);
  expect(unsafe.length).toBeGreaterThan(3);
  for (const { operationId } of unsafe) {
    const made = await kit.storage.auditLog.page({ action: 'initial-access-token.made' }, undefined, 500);
    const { operation, answer, entries } = await carryOut(operationId, OWN, call);
    expect([operationId, answer.status]).toEqual([operationId, operation.status]);
    const own = entries.filter(({ id, actor }) => actor.id === 'unsafe' && !made.some((each) => each.id === id));
    // those of one act may be of one millisecond
    expect([operationId, own.map(({ action }) => action).sort()]).toEqual([
      operationId,
      [...(rows[operationId]?.entries ?? [operation.audit])].sort(),
    ]);
  }
});

describe.each(roleNames)('a service that is %s', (role: RoleName) => {
  // an owner is one of the association
  const narrow: [string, ReturnType<typeof at>][] = [
    ['of its own organisation', at(role, OWN)],
    ['of another organisation', at(role, OTHER)],
  ];
  const wide: [string, ReturnType<typeof at>] = ['association-wide', association(role)];

  test.each(role === 'owner' ? [wide] : [...narrow, wide])(
    '%s does what the table of roles says, and no more',
    async (what, given) => {
      const organisation = OWN;
      const { call } = await kit.service(`${role}-${what}`.replaceAll(' ', '-'), [given]);
      const grants = [{ ...given, id: '1', holder: { kind: 'client' as const, id: 'x' }, grantedBy: '', grantedAt: 0 }];
      for (const { operationId, permission: named } of operations) {
        const { answer } = await carryOut(operationId, organisation, call);
        const { anywhere, association: whole, permission = named } = rows[operationId] ?? {};
        const places = whole ? [undefined] : anywhere ? [organisation, OTHER, undefined] : [organisation];
        const actor = { kind: 'client' as const, id: 'x', grants };
        const allowed =
          permission === 'any' ||
          permission === 'none' ||
          places.some((place) => may(actor, permission as Permission, place) === 'yes');
        const verdict = answer.status < 300 ? 'yes' : `no: ${answer.status} ${answer.body.code}`;
        expect([operationId, verdict]).toEqual([
          operationId,
          allowed ? 'yes' : expect.stringMatching(/^no: (403 not-allowed|404 not-found|422 invalid)$/),
        ]);
      }
    },
  );
});

test('every operation that only reads leaves none', async () => {
  const { call } = await kit.service('reader', [association('owner')]);
  for (const { operationId } of operations.filter(({ method, reads }) => method === 'GET' || reads === true)) {
    const { answer, entries } = await carryOut(operationId, OWN, call);
    expect([operationId, answer.status]).toEqual([operationId, 200]);
    expect(entries.filter(({ actor }) => actor.id === 'reader')).toEqual([]);
  }
});

describe('the document', () => {
  const document = openapiDocument(operations, { issuer: 'https://idp.example', name: 'x', version: '1' });

  test('has every operation once, and every reference leads somewhere', async () => {
    const served = await kit.call(undefined, 'GET', '/openapi.json');
    expect(served.status).toBe(200);
    expect(Object.keys(served.body.paths)).toEqual(Object.keys(document.paths as object));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const text = JSON.stringify(document);
    const { schemas } = document.components as { schemas: Record<string, unknown> };
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      expect(Object.keys(schemas)).toContain(name);
    expect(text.match(/"\$ref":"(?!#\/components\/schemas\/\w+")/)).toBeNull();
  });

  test('names an audit action for whatever changes something, and no permission that nobody has', () => {
    for (const operation of operations) {
      expect([operation.operationId, operation.audit === undefined]).toEqual([
        operation.operationId,
        operation.method === 'GET' || operation.reads === true,
      ]);
      for (const code of problemsOf(operation)) expect(problems[code]).toBeDefined();
    }
  });
});

describe('what people read', () => {
  test('is a page of the operations, and one of each problem', async () => {
    const page = await (await fetch(kit.base, { headers: { 'accept-language': 'nl' } })).text();
    for (const { path, summary } of operations) {
      expect(page).toContain(path);
      expect(page).toContain(summary.replaceAll("'", '&#39;').slice(0, 40));
    }
    for (const [code, { title }] of Object.entries(problems)) {
      const problem = await fetch(`${kit.base}/problems/${code}`);
      expect([problem.status, (await problem.text()).includes(title.replaceAll("'", '&#39;'))]).toEqual([200, true]);
    }
    expect((await fetch(`${kit.base}/problems/none`)).status).toBe(404);
  });
});
