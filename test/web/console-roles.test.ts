/** Roles in the console: who sees them, what granting and revoking asks for, and that it works at the next request. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { headingOf, pathOf, startConsole, type TestConsole } from '../support/console.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';

let pedel: TestConsole;
beforeAll(async () => {
  pedel = await startConsole();
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

async function signedIn(login: string, language = 'en'): Promise<HttpVisitor> {
  const browser = pedel.browser(language);
  await browser.open(`${pedel.issuer}/admin`);
  await pedel.signIn(browser, login);
  return browser;
}
const grantsOf = async (id: string) =>
  (await pedel.storage.roleGrants.read()).grants.filter(({ holder }) => holder.id === id);
const grantForm = { kind: 'person', role: 'client-administrator', where: 'vives' };

test('an owner grants a role and takes it away; each works from the next request on', async () => {
  const olga = await signedIn(await pedel.person('Olga', ['owner']));
  const login = await pedel.person('Bob');
  const bob = await signedIn(login);
  expect(bob.page().status).toBe(403);

  await olga.open(`${pedel.issuer}/admin/roles`);
  expect([olga.page().status, headingOf(olga)]).toEqual([200, 'Roles']);
  expect(olga.page().html).not.toContain('Olga Peeters</a>');
  await olga.open(`${pedel.issuer}/admin/roles/new`);
  await olga.press('grant', { ...grantForm, holder: ` ${login.toUpperCase()} ` });
  expect([pathOf(olga), olga.page().html.includes('The role is granted.')]).toEqual([
    '/admin/roles?done=granted',
    true,
  ]);
  const [grant] = await grantsOf('account-Bob');
  expect(grant).toMatchObject({ role: 'client-administrator', organisations: ['vives'], grantedBy: 'account-Olga' });
  await bob.open(`${pedel.issuer}/admin/applications`);
  await pedel.signIn(bob, login);
  expect(bob.page().status).toBe(200);

  await olga.open(`${pedel.issuer}/admin/roles/${grant?.id}`);
  await olga.press('revoke');
  expect(pathOf(olga)).toBe('/admin/roles?done=revoked');
  await bob.open(`${pedel.issuer}/admin/applications`);
  expect(bob.page().status).toBe(403);
  const entries = await pedel.storage.auditLog.page({ subject: 'account-Bob' }, undefined, 9);
  const ofRoles = entries.filter(({ action }) => action.startsWith('role.'));
  expect(ofRoles.map(({ action, via }) => [action, via]).sort()).toEqual([
    ['role.granted', 'console'],
    ['role.revoked', 'console'],
  ]);
});

test('what cannot be granted is said at its field, and what was typed stays', async () => {
  const rosa = await signedIn(await pedel.person('Rosa', ['owner']), 'nl');
  for (const [change, field] of [
    [{ holder: 'u-nobody' }, 'holder'],
    [{ holder: 'nobody', kind: 'client' }, 'holder'],
    [{ holder: 'u-rosa' }, 'holder'],
    [{ holder: 'u-rosa', role: '' }, 'role'],
    [{ holder: 'u-rosa', role: 'owner' }, 'where'],
    [{ holder: 'u-rosa', where: '' }, 'where'],
  ] as const) {
    await rosa.open(`${pedel.issuer}/admin/roles/new`);
    await rosa.press('grant', { ...grantForm, ...change });
    expect([change, rosa.page().status]).toEqual([change, 422]);
    expect(rosa.page().html).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"`));
  }
  expect(await grantsOf('account-Rosa')).toHaveLength(1);
});

test('is not there for administrators; an auditor reads it, and is refused what changes it', async () => {
  const adam = await signedIn(await pedel.person('Adam', ['client-administrator']));
  const ada = await signedIn(await pedel.person('Ada', ['auditor']));
  for (const path of ['/admin/roles', '/admin/roles/new', '/admin/roles/x']) {
    await adam.open(`${pedel.issuer}${path}`);
    expect([path, adam.page().status]).toEqual([path, 404]);
  }
  await ada.open(`${pedel.issuer}/admin/roles`);
  expect([ada.page().status, ada.page().html.includes('Grant a role')]).toEqual([200, false]);
  await ada.open(`${pedel.issuer}/admin/roles/new`);
  expect(ada.page().status).toBe(403);
});

test('an administrator adds no secret to a service that has a role, not even one as high; an owner does', async () => {
  await pedel.storage.clients.put(
    {
      id: 'terraform',
      revision: 1,
      metadata: {
        client_name: 'Terraform',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_basic',
        scope: '',
        pedel_organisation: 'vives',
      },
      secrets: [],
      createdAt: 1,
      updatedAt: 1,
    },
    0,
  );
  await pedel.grant({ kind: 'client', id: 'terraform' }, [{ role: 'people-administrator', organisations: ['vives'] }]);
  const secrets = async () => (await pedel.storage.clients.find('terraform'))?.secrets.length;
  const path = `${pedel.issuer}/admin/applications/terraform/secrets`;
  const cara = await signedIn(await pedel.person('Cara', ['client-administrator']));
  await cara.open(path);
  await cara.press('add', { name: 'mine', life: 'none' });
  expect([cara.page().status, await secrets()]).toEqual([403, 0]);
  const otto = await signedIn(await pedel.person('Otto', ['owner']));
  await otto.open(path);
  await otto.press('add', { name: 'ours', life: 'none' });
  expect(await secrets()).toBe(1);
});
