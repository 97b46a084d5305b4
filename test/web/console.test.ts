/** Who passes the gate of the console, for how long, and what an act asks that needs a recent sign-in. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { headingOf, pathOf, startConsole, type TestConsole } from '../support/console.ts';

let pedel: TestConsole;
beforeAll(async () => {
  pedel = await startConsole();
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

describe('the gate', () => {
  test('the account page leads to it, of those with a role', async () => {
    for (const [name, roles] of [
      ['Anke', ['auditor']],
      ['Bob', []],
    ] as const) {
      const browser = pedel.browser();
      const login = await pedel.person(name, [...roles]);
      await browser.open(`${pedel.issuer}/account`);
      await pedel.signIn(browser, login);
      expect([name, browser.page().html.includes('href="/admin"')]).toEqual([name, roles.length > 0]);
    }
  });

  test('a stranger is led to sign in, with a second factor, and back to the page that was asked for', async () => {
    const login = await pedel.person('Olga', ['owner']);
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/admin?lang=nl`);
    expect(pathOf(browser)).toMatch(/^\/interaction\//);
    expect(headingOf(browser)).toBe('Meld je aan om door te gaan naar het beheer');
    await pedel.signIn(browser, login);
    expect([pathOf(browser), headingOf(browser)]).toEqual(['/admin?lang=nl', 'Te doen']);
    expect(browser.page().headers.get('cache-control')).toBe('no-store');
  });

  test('somebody without a role is told so, and is asked no second factor first', async () => {
    const login = await pedel.person('Nora', [], { totps: [] });
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/account`);
    await pedel.signIn(browser, login);
    await browser.open(`${pedel.issuer}/admin`);
    expect([browser.page().status, headingOf(browser)]).toEqual([403, 'This page is for administrators']);
  });

  test('a role without a second factor leads to setting one up', async () => {
    const login = await pedel.person('Paul', [], { totps: [] });
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/account`);
    await pedel.signIn(browser, login);
    expect(pathOf(browser)).toBe('/account'); // by the password alone, which was enough until then
    await pedel.grant({ kind: 'person', id: 'account-Paul' }, ['client-administrator']);
    await browser.open(`${pedel.issuer}/admin`);
    expect(headingOf(browser)).toBe('Check that it is you');
  });

  test('a role that is taken away, or a session that ends, closes the page at the next request', async () => {
    const login = await pedel.person('Rosa', ['owner']);
    const [browser, other] = [pedel.browser(), pedel.browser()];
    for (const each of [browser, other]) {
      await each.open(`${pedel.issuer}/admin`);
      await pedel.signIn(each, login);
      expect(headingOf(each)).toBe('Needs attention');
    }
    await browser.press('logout');
    await browser.open(`${pedel.issuer}/admin`);
    expect(pathOf(browser)).toMatch(/^\/interaction\//);

    const { revision, grants } = await pedel.storage.roleGrants.read();
    const left = grants.filter(({ holder }) => holder.id !== 'account-Rosa');
    await pedel.storage.roleGrants.replace({ revision: revision + 1, grants: left, effects: [] }, revision);
    await other.open(`${pedel.issuer}/admin`);
    expect(other.page().status).toBe(403);
  });

  test('a sign-in that failed is not asked again at once', async () => {
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/admin?error=access_denied&iss=${encodeURIComponent(pedel.issuer)}`);
    expect(pathOf(browser)).toBe('/');
  });

  test('forms of other sites are refused', async () => {
    const answer = await fetch(`${pedel.issuer}/admin/confirm`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.status).toBe(403);
  });
});

describe('the list of applications', () => {
  const client = (id: string, more: Record<string, string | string[]> = {}) =>
    pedel.storage.clients.put(
      {
        id,
        revision: 1,
        metadata: { client_name: `Name of ${id}`, redirect_uris: [`https://${id}.example/back`], ...more },
        secrets: [],
        createdAt: 0,
        updatedAt: 0,
      },
      0,
    );

  test('finds by name, id and address, a page at a time, and leads to each, whatever its id', async () => {
    for (let number = 100; number < 153; number += 1) await client(`wiki-${number}`);
    await client('new');
    await client('a/b?c', { client_name: '<b>Bold</b>' });
    const login = await pedel.person('Ines', ['client-administrator']);
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/admin/applications`);
    await pedel.signIn(browser, login);
    expect(browser.page().html).toContain('&lt;b&gt;Bold&lt;/b&gt;');
    expect(browser.page().html.match(/<tr role="row">/g)).toHaveLength(51); // with its head

    await browser.open('/admin/applications?q=WIKI');
    const next = /<a class="secondary main" href="([^"]*)"/.exec(browser.page().html)?.[1]?.replaceAll('&amp;', '&');
    await browser.open(next ?? '');
    expect(browser.page().html.match(/<code>wiki-\d+/g)).toEqual([
      '<code>wiki-150',
      '<code>wiki-151',
      '<code>wiki-152',
    ]);
    await browser.open('/admin/applications?q=wiki-117.example+name');
    expect(browser.page().html.match(/<code>wiki-\d+/g)).toEqual(['<code>wiki-117']);
    await browser.open('/admin/applications?q=nothing');
    expect(browser.page().html).toContain('Nothing is found');

    for (const [id, name] of [
      ['~new', 'Name of new'],
      ['a%2Fb%3Fc', '&lt;b&gt;Bold&lt;/b&gt;'],
    ]) {
      await browser.open('/admin/applications');
      expect(browser.page().html).toContain(`href="/admin/applications/${id}"`);
      await browser.open(`/admin/applications/${id}/connect`);
      expect(headingOf(browser)).toBe(name);
    }
    await browser.open('/admin/applications/not-there/connect');
    expect(browser.page().status).toBe(404);
    expect(browser.page().html).toContain('<a href="/admin">Go to the console</a>');
  });

  test('is not there for a role that reads no applications', async () => {
    const login = await pedel.person('Dirk', ['desk']);
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/admin/applications`);
    await pedel.signIn(browser, login);
    expect(browser.page().status).toBe(404);
    await browser.open('/admin/applications/new/connect');
    expect(browser.page().status).toBe(404);
    await browser.open('/admin');
    expect(browser.page().html).not.toContain('/admin/applications');
  });
});

describe('what needs attention', () => {
  const at = () => Date.now();
  const attention = async (role: 'owner' | 'desk', name: string) => {
    const login = await pedel.person(name, [role]);
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/admin`);
    await pedel.signIn(browser, login);
    // where each row leads stays beside its words
    return browser
      .page()
      .html.replace(/<[^>]*?href="([^"]*)"[^>]*>/g, ' $1 ')
      .replace(/<[^>]+>/g, ' ');
  };

  test('is nothing, then refused requests, also of unknown ids, ends that come near, and what was given up', async () => {
    expect(await attention('owner', 'Ada')).toContain('Nothing needs you');
    const day = 86_400_000;
    const client = (id: string, more: object) => {
      const metadata = { client_name: `The ${id}`, redirect_uris: ['https://a.example/b'] };
      return pedel.storage.clients.put(
        { id, revision: 1, metadata, secrets: [], createdAt: 0, updatedAt: 0, ...more },
        0,
      );
    };
    await client('gone', { validUntil: at() - day });
    await client('going', { secrets: [{ id: 's', hash: 'x', createdAt: 0, expiresAt: at() + 7 * day }] });
    await client('fine', { secrets: [{ id: 's', hash: 'x', createdAt: 0, expiresAt: at() + 60 * day }] });
    const times = { firstAt: at() - 1000, lastAt: at(), proven: false };
    await pedel.storage.refusals.add([
      {
        party: { client: 'fine' },
        refusal: { code: 'redirect-uri-unregistered', got: 'https://a.example/<b>', expected: 'https://a.example/b' },
        count: 38,
        ...times,
      },
      { party: { named: 'nobody' }, refusal: { code: 'client-unknown', got: 'nobody' }, count: 2, ...times },
      { party: { client: 'going' }, refusal: { code: 'scope-unknown', got: 'x' }, count: 5, ...times },
    ]);
    await pedel.storage.outbox.put({ id: 'o1', kind: 'letter', payload: {}, createdAt: at() });
    // beside the letters about new browsers
    const claimed = (await pedel.storage.outbox.claim('letter', at(), at() + 1000, 99)).find(({ id }) => id === 'o1');
    await pedel.storage.outbox.failed('o1', claimed?.leasedUntil ?? 0, at(), 'refused');

    const page = await attention('owner', 'Bea');
    for (const told of [
      'The fine is refused: 38 requests in 24 hours',
      'The redirect URI is not registered: https://a.example/&lt;b&gt;',
      '2 requests with an unknown client ID',
      'The gone has expired',
      'The secret of The going expires in 7 days',
      '1 message could not be delivered',
      // each leads to where it is mended
      '/admin/applications/going/secrets',
      '/admin/applications/gone/settings',
      '/admin/applications/fine/problems',
      '/admin/problems',
      '/admin/deliveries?state=failed',
    ])
      expect(page).toContain(told);
    expect(page).not.toContain('The going is refused'); // it only got less than it asked for
    expect(await attention('desk', 'Cas')).toContain('Nothing needs you');
  });
});
