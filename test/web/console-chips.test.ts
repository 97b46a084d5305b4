/** Cost: about 5 s. Chips above the lists of the console are links that narrow them, and keep what was searched; nobody sees more by them. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startConsole, type TestConsole } from '../support/console.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';

let pedel: TestConsole;
let owner: HttpVisitor;
beforeAll(async () => {
  pedel = await startConsole();
  const login = await pedel.person('Olga', ['owner']);
  owner = pedel.browser();
  await owner.open(`${pedel.issuer}/admin?lang=en`);
  await pedel.signIn(owner, login);
  const put = (id: string, organisation: string | undefined, more: object = {}) =>
    pedel.storage.clients.put(
      {
        ...{ id, revision: 1, secrets: [], createdAt: 0, updatedAt: 0, ...more },
        metadata: {
          ...{ client_name: id, redirect_uris: [`https://${id}.example/`], scope: 'openid' },
          ...(organisation === undefined ? {} : { pedel_organisation: organisation }),
        },
      },
      0,
    );
  await put('shared', undefined);
  await put('library', 'kuleuven');
  await put('old-library', 'kuleuven', { disabled: { at: 1 } });
  await put('campus', 'vives', { validUntil: 1 });
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

const listed = () => [...owner.page().html.matchAll(/<code>([\w-]+)<\/code><\/div>/g)].map(([, id]) => id);
const chosen = () =>
  [...owner.page().html.matchAll(/<a href="([^"]*)" aria-current="true">([^<]+)</g)].map(([, , label]) => label);

test('applications are narrowed by state and organisation, together with the words', async () => {
  await owner.open('/admin/applications');
  expect(listed()).toEqual(['campus', 'library', 'old-library', 'shared']);
  expect(chosen()).toEqual(['All', 'All organisations']);
  for (const [address, ids] of [
    ['?state=off', ['old-library']],
    ['?state=warnings', ['campus']],
    ['?state=expired', ['campus']],
    ['?state=secret-expires', []],
    ['?state=expired&of=kuleuven', []],
    ['?of=kuleuven', ['library', 'old-library']],
    ['?of=-', ['shared']],
    ['?of=kuleuven&state=off&q=library', ['old-library']],
    ['?of=kuleuven&q=campus', []],
    ['?state=everything&of=nowhere', []],
  ] as const) {
    expect([address, await owner.open(`/admin/applications${address}`).then(() => listed())]).toEqual([address, ids]);
  }
  await owner.open('/admin/applications?of=kuleuven&q=library');
  expect(owner.page().html).toContain('href="/admin/applications?q=library&amp;of=kuleuven&amp;state=off"');
});

test('each kind of warning has a chip where there is one of it among what its reader may see', async () => {
  const chips = () =>
    [...(/<nav class="chips"[\s\S]*?<\/nav>/.exec(owner.page().html)?.[0] ?? '').matchAll(/>([^<>]+)<\/a>/g)].map(
      ([, label]) => label,
    );
  await owner.open('/admin/applications');
  expect(chips()).toEqual(['All', 'Needs attention', 'Expired', 'Off or deleted']);
  await pedel.storage.clients.put(
    {
      ...{ id: 'grafana', revision: 1, createdAt: 0, updatedAt: 0 },
      secrets: [{ id: 's', hash: 'x', createdAt: 0, expiresAt: Date.now() + 86_400_000 }],
      metadata: { client_name: 'grafana', redirect_uris: ['https://grafana.example/'], scope: 'openid' },
    },
    0,
  );
  await owner.open('/admin/applications?state=secret-expires');
  expect([listed(), chosen(), chips()]).toEqual([
    ['grafana'],
    ['Secret ends soon', 'All organisations'],
    ['All', 'Needs attention', 'Expired', 'Secret ends soon', 'Off or deleted'],
  ]);
  await pedel.storage.clients.remove('grafana');
});

test('who administers one organisation sees no other one by a chip, and is offered none', async () => {
  const login = await pedel.person('Kris', []);
  await pedel.grant({ kind: 'person', id: 'account-Kris' }, [
    { role: 'client-administrator', organisations: ['vives'] },
  ]);
  const browser = pedel.browser();
  await browser.open(`${pedel.issuer}/admin/applications?of=kuleuven&lang=en`);
  await pedel.signIn(browser, login);
  expect(browser.page().html).not.toContain('old-library');
  await browser.open('/admin/applications');
  expect(browser.page().html).toContain('campus');
  expect(browser.page().html).not.toMatch(/[?;]of=/);
});

test('the audit log has chips for the usual spans, which keep the rest of the search', async () => {
  await owner.open('/admin/audit?client=library');
  expect(chosen()).toEqual(['Any time']);
  const [, week = ''] = /href="([^"]*)">7 days</.exec(owner.page().html) ?? [];
  expect(week).toMatch(/^\/admin\/audit\?client=library&amp;from=\d{4}-\d\d-\d\d$/);
  await owner.open(week.replaceAll('&amp;', '&'));
  expect([owner.page().status, chosen()]).toEqual([200, ['7 days']]);
});

test('people are narrowed by state and organisation, and who reads one organisation is offered no other', async () => {
  const kris = await pedel.person('Kaat', [], {
    affiliations: [{ organisation: 'vives', role: 'student', source: 'sis' }],
  });
  await owner.open('/admin/people');
  expect(chosen()).toEqual(['All', 'All organisations']);
  expect(owner.page().html).toContain('account-Kaat');
  await owner.open('/admin/people?q=kaat&of=vives&state=active');
  expect([chosen().length, owner.page().html.includes('account-Kaat')]).toEqual([2, true]);
  expect(owner.page().html).toContain('href="/admin/people?q=kaat&amp;of=vives&amp;state=ended"');
  for (const none of ['?of=kuleuven&q=kaat', '?state=suspended', '?of=%00%F0%9F%98%80'])
    expect([none, (await owner.open(`/admin/people${none}`)).html.includes('account-Kaat')]).toEqual([none, false]);
  await owner.open('/admin/people?state=everything');
  expect(chosen()).toEqual(['All', 'All organisations']);
  await pedel.grant({ kind: 'person', id: 'account-Kaat' }, [
    { role: 'people-administrator', organisations: ['kuleuven'] },
  ]);
  const browser = pedel.browser();
  await browser.open(`${pedel.issuer}/admin/people?of=vives&lang=en`);
  await pedel.signIn(browser, kris);
  expect(browser.page().html).toContain('Nobody found');
  expect(browser.page().html).not.toMatch(/[?;]of=(?!vives)/);
});
