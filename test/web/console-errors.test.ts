/** Errors under the console and the desk: whoever may be there keeps the bar and the navigation, and nobody else learns of them. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RoleName } from '../../src/domain/roles/role.ts';
import { startConsole, type TestConsole } from '../support/console.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';

let pedel: TestConsole;
beforeAll(async () => {
  pedel = await startConsole();
});
afterAll(async () => {
  await pedel.close();
});

const organisation = { affiliations: [{ organisation: 'vives', role: 'employee', source: 'csv' }] };

async function signedIn(name: string, roles: RoleName[], start: string, change = {}): Promise<HttpVisitor> {
  const login = await pedel.person(name, roles, { ...organisation, ...change });
  const browser = pedel.browser('en');
  await browser.open(`${pedel.issuer}${start}`);
  await pedel.signIn(browser, login);
  return browser;
}

/** What stands around the sentence: the bar, its place, who is signed in, the rooms, whose colours. */
function around(browser: HttpVisitor) {
  const { html, status } = browser.page();
  return {
    status,
    bar: html.includes('class="topbar"'),
    place: /<a class="place" href="([^"]*)"/.exec(html)?.[1],
    person: /<a class="person"[^>]*>.*?<span>([^<]*)<\/span>/.exec(html)?.[1],
    rooms: [
      ...(/<nav class="rooms".*?<\/nav>/s.exec(html)?.[0] ?? '').matchAll(/href="\/(?:admin|desk)[^"]*"(?! lang)/g),
    ].length,
    current: /<nav class="rooms".*?aria-current.*?<\/nav>/s.test(html),
    wayOn: /class="ways"><a href="([^"]*)"/.exec(html)?.[1],
  };
}

const bar = { bar: true, current: false };

test('an administrator keeps the bar where a page is missing, is hidden or takes no such method', async () => {
  const owner = await signedIn('Olga', ['owner'], '/admin');
  const plain = owner.page().html;
  const colours = /<style[^>]*>(.*?)<\/style>/s.exec(plain)?.[1];
  const own = around(owner);
  for (const path of ['/admin/nosuch', '/admin/applications/nosuch', '/admin/people/nosuch/merge']) {
    await owner.open(`${pedel.issuer}${path}`);
    expect([path, around(owner)]).toEqual([
      path,
      { ...bar, status: 404, place: '/admin', person: own.person, rooms: own.rooms, wayOn: '/admin' },
    ]);
    expect(/<style[^>]*>(.*?)<\/style>/s.exec(owner.page().html)?.[1]).toBe(colours); // the installation's
  }
  const desk = await signedIn('Dora', ['client-administrator'], '/admin');
  await desk.open(`${pedel.issuer}/desk/nosuch`); // no desk: what is there of the console, and nothing of the desk
  expect(around(desk)).toMatchObject({ status: 404, bar: true, place: '/admin' });
  expect(desk.page().html).not.toContain('/desk/approvals');
});

test('an agent keeps the bar of the desk', async () => {
  const agent = await signedIn('Tom', ['desk'], '/desk');
  for (const path of ['/desk/nosuch/at/all', '/desk/people/nosuch']) {
    await agent.open(`${pedel.issuer}${path}`);
    expect([path, around(agent)]).toMatchObject([
      path,
      { ...bar, status: 404, place: '/desk', rooms: 3, wayOn: '/desk' },
    ]);
  }
});

test('strangers, people without a role and those without a second factor see the plain page', async () => {
  const stranger = pedel.browser('en');
  const nobody = await signedIn('Nora', [], '/account', { totps: [] });
  const oneFactor = await signedIn('Paul', [], '/account', { totps: [] });
  await pedel.grant({ kind: 'person', id: 'account-Paul' }, ['owner']);
  for (const browser of [stranger, nobody, oneFactor])
    for (const path of ['/admin/nosuch', '/desk/nosuch/at/all']) {
      await browser.open(`${pedel.issuer}${path}`);
      expect([path, around(browser)]).toMatchObject([path, { status: 404, bar: false, rooms: 0, person: undefined }]);
    }
});
