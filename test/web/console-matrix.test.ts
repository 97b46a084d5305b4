/**
 * Every route of the console, asked by every role about things of its own organisation, of another one and of the association:
 * it is denied unless the table of roles allows it. A route without a row here fails.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { thumbprintOf } from '../../src/domain/clients/keys/client-keys.ts';
import type { SelfRegistered } from '../../src/domain/ports/clients.ts';
import { may, type Permission } from '../../src/domain/roles/permissions.ts';
import { type RoleGrant, type RoleName, roleNames } from '../../src/domain/roles/role.ts';
import { createImports } from '../../src/use-cases/import/imports.ts';
import { anAccount } from '../support/account.ts';
import { startConsole, type TestConsole } from '../support/console.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';

/** What each needs; `role`: any role. Those with `/applications/:id` are about that application, others about the association. */
const rows: Record<string, Permission | 'role'> = {
  'get /admin': 'role',
  'get /admin/applications': 'role', // a list of what its reader may see; without any it is not there
  'get /admin/applications/new': 'role', // for whoever registers anywhere
  'get /admin/applications/new/:preset': 'role',
  'post /admin/applications/new/:preset': 'role',
  'get /admin/applications/:id/connect': 'clients:read',
  'get /admin/applications/:id/secrets': 'clients:read',
  'post /admin/applications/:id/secrets': 'clients:secrets',
  'get /admin/applications/:id/secrets/:secret': 'clients:read',
  'post /admin/applications/:id/secrets/:secret': 'clients:secrets',
  'get /admin/applications/:id/secrets/:secret/retire': 'clients:read',
  'post /admin/applications/:id/secrets/:secret/retire': 'clients:secrets',
  'get /admin/applications/:id/keys': 'clients:read',
  'post /admin/applications/:id/keys': 'clients:secrets',
  'post /admin/applications/:id/keys/add': 'clients:secrets',
  'get /admin/applications/:id/keys/:key': 'clients:read',
  'post /admin/applications/:id/keys/:key': 'clients:secrets',
  'get /admin/applications/:id': 'clients:read',
  'get /admin/applications/:id/settings': 'clients:read',
  'post /admin/applications/:id/settings': 'clients:write',
  'get /admin/applications/:id/release': 'clients:read',
  'post /admin/applications/:id/release': 'clients:write',
  'post /admin/applications/:id/release/preview': 'clients:write',
  'get /admin/applications/:id/access': 'clients:read',
  'post /admin/applications/:id/access': 'clients:write',
  'get /admin/applications/:id/history': 'clients:read',
  'post /admin/applications/:id/history': 'clients:write',
  'get /admin/applications/:id/end': 'clients:read',
  'post /admin/applications/:id/end': 'clients:write',
  'get /admin/applications/:id/problems': 'clients:read',
  'post /admin/applications/:id/problems': 'clients:write',
  'get /admin/applications/:id/watch': 'clients:read',
  'post /admin/applications/:id/watch': 'clients:write',
  'get /admin/applications/:id/try': 'clients:read', // says to whom it is not given that it is not
  'post /admin/applications/:id/try': 'preview:self',
  'get /admin/problems': 'clients:read',
  'get /admin/people': 'role',
  'get /admin/people/:id': 'people:read-masked',
  'get /admin/sources': 'role',
  'get /admin/sources/:source': 'sources:read',
  'post /admin/sources/:source': 'sources:write',
  'get /admin/imports': 'role',
  'get /admin/imports/new/:source': 'imports:write',
  'post /admin/imports/new/:source': 'imports:write',
  'get /admin/imports/:id': 'imports:read',
  'post /admin/imports/:id': 'imports:write',
  'get /admin/imports/:id/report': 'imports:write',
  'get /admin/imports/:id/refused': 'imports:write',
  'get /admin/people/:id/merge': 'people:write',
  'post /admin/people/:id/merge': 'people:write',
  'get /admin/people/:id/unmerge/:gone': 'people:write',
  'post /admin/people/:id/unmerge/:gone': 'people:write',
  'get /admin/people/:id/split': 'people:write',
  'post /admin/people/:id/split': 'people:write',
  'get /admin/registration': 'role',
  'post /admin/registration': 'role',
  'post /admin/registration/tokens/:id': 'registration:write',
  'get /admin/registration/:id/:act': 'role', // back to the list, for whoever goes back to a form
  'post /admin/registration/:id/approve': 'registration:write',
  'post /admin/registration/:id/refuse': 'registration:write',
  'get /admin/incidents': 'audit:read', // a search, which finds those of people of the reader’s organisations
  'get /admin/audit': 'role',
  'get /admin/audit/export': 'audit:export',
  'get /admin/deliveries': 'deliveries:read',
  'post /admin/deliveries': 'deliveries:retry',
  'get /admin/webhooks': 'role',
  'get /admin/webhooks/new': 'role', // for whoever changes an application anywhere
  'post /admin/webhooks/new': 'role',
  'get /admin/webhooks/:id': 'webhooks:read',
  'post /admin/webhooks/:id': 'webhooks:write',
  'get /admin/webhooks/:id/end': 'webhooks:write',
  'post /admin/webhooks/:id/end': 'webhooks:write',
  'get /admin/keys': 'keys:read',
  'post /admin/keys': 'keys:write',
  'get /admin/health': 'health:read',
  'get /admin/organisations': 'role',
  'get /admin/roles': 'roles:read',
  'get /admin/roles/new': 'roles:write',
  'post /admin/roles/new': 'roles:write',
  'get /admin/roles/:id': 'roles:write',
  'post /admin/roles/:id': 'roles:write',
  'get /admin/confirm': 'role',
  'post /admin/confirm': 'role',
};
/** Lists that are there for whoever has the permission anywhere. */
const lists: Record<string, Permission> = {
  'get /admin/people': 'people:read-masked',
  'get /admin/sources': 'sources:read',
  'get /admin/imports': 'imports:read',
  'get /admin/incidents': 'audit:read',
  'get /admin/webhooks': 'clients:read',
  'get /admin/webhooks/new': 'clients:write',
  'post /admin/webhooks/new': 'clients:write',
  'get /admin/applications': 'clients:read',
  'get /admin/registration': 'registration:read',
  'post /admin/registration': 'registration:write',
  'get /admin/applications/new': 'clients:write',
  'get /admin/applications/new/:preset': 'clients:write',
  'post /admin/applications/new/:preset': 'clients:write',
};

/** No role is asked: it ends a trial that its own session began (oidc/trial.ts), and finds nothing otherwise. */
const ungated = ['get /admin/trial'];

const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
const own = 'vives';
const applications = { own, other: 'kuleuven', association: undefined } as const;

let pedel: TestConsole;
const visitors = {} as Record<RoleName | 'none', HttpVisitor>;
const grants = {} as Record<RoleName, RoleGrant[]>;
beforeAll(async () => {
  const source = { id: 'of-own', organisations: [own], numbers: [], domains: [] };
  pedel = await startConsole({ sources: [{ ...source, credentials: false, identity: 'none' }] });
  const imports = createImports(pedel.storage.protocolRecords, pedel.storage.values, await pedel.opened(), Date.now);
  const counts = { rows: 0, new: 0, changed: 0, ends: 0, reopens: 0, unchanged: 0, refused: 0, losses: 0 };
  await imports.put({
    ...{
      id: 'planned',
      source: 'of-own',
      by: 'x',
      plannedAt: Date.now(),
      counts,
      alarms: [],
      full: false,
      kind: 'csv',
    },
    ...{ people: {}, parts: { people: 0, report: 0, refused: 0 } },
  });
  for (const [name, organisation] of Object.entries(applications))
    await pedel.storage.clients.put(
      {
        id: name,
        revision: 1,
        metadata: {
          client_name: name,
          redirect_uris: ['https://app.example.org/cb'],
          scope: 'openid',
          ...(organisation === undefined ? {} : { pedel_organisation: organisation }),
          jwks: { keys: [key] },
        },
        secrets: [{ id: 's1', hash: 'x', createdAt: 1 }],
        createdAt: 1,
        updatedAt: 1,
      },
      0,
    );
  const terms = {
    organisation: own,
    hosts: ['app.example.org'],
    kinds: ['web'],
    approval: 'required',
    pkce: 'required',
  };
  await pedel.storage.clients.put(
    {
      id: 'waits',
      revision: 1,
      metadata: { redirect_uris: ['https://app.example.org/cb'], scope: 'openid' },
      secrets: [],
      registration: { state: 'pending', accessToken: 'x', terms } as SelfRegistered,
      createdAt: 1,
      updatedAt: 1,
    },
    0,
  );
  await pedel.storage.webhooks.put(
    {
      ...{ id: 'hook', revision: 1, url: 'https://crm.example.org/hook', events: ['*'], contact: 'crm@example.org' },
      ...{ secrets: [], state: 'enabled', hearsFrom: 1, createdAt: 1, updatedAt: 1 },
    },
    0,
  );
  for (const role of roleNames) {
    await pedel.storage.initialAccessTokens.add({
      ...{ id: role, hash: `hash of ${role}`, terms: terms as SelfRegistered['terms'], uses: 1, left: 1 },
      ...{ expiresAt: Date.now() + 3_600_000, createdAt: 1 },
    });
    const login = await pedel.person(role);
    const organisations = role === 'owner' ? ('association' as const) : [own];
    await pedel.grant({ kind: 'person', id: `account-${role}` }, [{ role, organisations }]);
    grants[role] = [{ role, organisations } as RoleGrant];
    visitors[role] = pedel.browser();
    await visitors[role].open(`${pedel.issuer}/admin`);
    await pedel.signIn(visitors[role], login);
  }
  const undoUntil = Date.now() + 86_400_000;
  await pedel.person('Merged', [], {
    userNumbers: [],
    emails: [],
    affiliations: [],
    merged: { into: 'account-Somebody', at: 1, undoUntil, before: anAccount({ userNumbers: [], emails: [] }) },
  });
  await pedel.person('Somebody', [], {
    affiliations: [{ organisation: own, role: 'student', source: 'csv' }],
    mergedFrom: ['account-Merged'],
  });
  await pedel.person('Spare', ['desk']); // whose role is looked at, and taken away
  visitors.none = pedel.browser();
  const nobody = await pedel.person('Nobody');
  await visitors.none.open(`${pedel.issuer}/account`);
  await pedel.signIn(visitors.none, nobody);
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

/** What stands in its address is of the role's own organisation. */
const ofOwn = (route: string) => /\/(?:registration|people|imports|sources)\/.*:(?:id|source)/.test(route);

async function ask(role: RoleName | 'none', route: string, application: string): Promise<number> {
  const [method = '', path = ''] = route.split(' ');
  const { grants: stored } = await pedel.storage.roleGrants.read();
  const target = path
    .replace('/applications/:id', `/applications/${application}`)
    .replace(':secret', 's1')
    .replace(':key', thumbprintOf(key))
    .replace('/tokens/:id', `/tokens/${role}`)
    .replace('/registration/:id', '/registration/waits')
    .replace('/people/:id', '/people/account-Somebody')
    .replace(':gone', 'account-Merged')
    .replace('/webhooks/:id', '/webhooks/hook')
    .replace('/imports/:id', '/imports/planned')
    .replace(':source', 'of-own')
    .replace(':act', 'approve')
    .replace(':preset', 'nextcloud')
    .replace(':id', stored.find(({ holder }) => holder.id === 'account-Spare')?.id ?? 'x');
  const cookie = [...visitors[role].cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
  const answer = await fetch(`${pedel.issuer}${target}`, {
    method: method.toUpperCase(),
    redirect: 'manual',
    headers: { cookie, 'sec-fetch-site': 'same-origin' },
    ...(method === 'post' ? { body: new URLSearchParams({ action: 'nothing', organisation: own }) } : {}),
  });
  return answer.status;
}

test('every route of the console has a row', () => {
  const source = readFileSync(new URL('../../src/web/console/routes.ts', import.meta.url), 'utf8');
  const routes = [...source.matchAll(/router\.(get|post|put|patch|delete)\(\s*'([^']+)'/g)].map(
    ([, method, path]) => `${method} ${path}`,
  );
  expect(routes.length).toBeGreaterThan(10);
  expect(routes.filter((route) => !Object.hasOwn(rows, route))).toEqual(ungated);
  expect(Object.keys(rows).filter((route) => !routes.includes(route))).toEqual([]);
});

describe('is denied to whom the table does not allow it, and only to them:', () => {
  test.each(Object.entries(rows))('%s (%s)', async (route, needs) => {
    const about = route.includes('/applications/:id') ? Object.keys(applications) : ['association'];
    for (const application of about) {
      expect([route, 'none', await ask('none', route, application)]).toEqual([route, 'none', 403]);
      // the owner last: what is allowed may change something
      for (const role of roleNames.toReversed()) {
        const place = ofOwn(route) ? own : applications[application as keyof typeof applications];
        const actor = { kind: 'person' as const, id: `account-${role}`, grants: grants[role] };
        const list = lists[route];
        const answer = list !== undefined ? may(actor, list, own) : needs === 'role' ? 'yes' : may(actor, needs, place);
        const status = await ask(role, route, application);
        const seen = status === 404 ? 'hidden' : status === 403 ? 'refused' : 'yes';
        expect([route, application, role, seen]).toEqual([route, application, role, answer]);
        expect(status).toBeLessThan(500);
      }
    }
  });
});

describe('the service desk is open to whom the table allows it, about people of the own organisation:', () => {
  const routes = [
    ...readFileSync(new URL('../../src/web/desk/routes.ts', import.meta.url), 'utf8').matchAll(
      /router\.(get|post|put|patch|delete)\(\s*'([^']+)'/g,
    ),
  ].map(([, method = '', path = '']) => [method, path] as const);
  const at = (organisation: string) => ({ affiliations: [{ organisation, role: 'student', source: 'csv' }] });
  beforeAll(async () => {
    await pedel.person('of-own', [], at(own));
    await pedel.person('of-other', [], at('kuleuven'));
    await pedel.person('of-own-with-role', ['auditor'], at(own));
    const incident = { id: '0123456789', at: Date.now(), kind: 'bug', account: 'account-of-own' } as const;
    await pedel.storage.incidents.add([incident]);
  });

  test('all its routes are asked', () => {
    expect(routes.length).toBeGreaterThanOrEqual(10);
  });

  test.each(routes)('%s %s', async (method, path) => {
    const people = path.includes(':id') ? ['of-own', 'of-other', 'of-own-with-role'] : ['of-own'];
    for (const person of people)
      for (const role of [...roleNames, 'none'] as const) {
        const target = path
          .replace(':id', `account-${person}`)
          .replace(':act', 'sessions')
          .replace(':request', 'x')
          .replace(':incident', '0123456789');
        const cookie = [...visitors[role].cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
        const { status } = await fetch(`${pedel.issuer}${target}`, {
          method: method.toUpperCase(),
          redirect: 'manual',
          headers: { cookie, 'sec-fetch-site': 'same-origin' },
          ...(method === 'post' ? { body: new URLSearchParams({ action: 'nothing', fact: 'nothing' }) } : {}),
        });
        const actor = { kind: 'person' as const, id: `account-${role}`, grants: role === 'none' ? [] : grants[role] };
        const allowed = person === 'of-own' && may(actor, 'people:desk', own) === 'yes';
        const closed = role === 'none' ? status === 403 : status === 404;
        expect([role, person, closed, status < 500]).toEqual([role, person, !allowed, true]);
      }
  });
});
