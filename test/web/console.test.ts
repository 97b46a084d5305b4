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
  test('a stranger is led to sign in, with a second factor, and back to the page that was asked for', async () => {
    const login = await pedel.person('Olga', ['owner']);
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/admin?lang=nl`);
    expect(pathOf(browser)).toMatch(/^\/interaction\//);
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
    const login = await pedel.person('Paul', ['admin'], { totps: [] });
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/admin`);
    await pedel.signIn(browser, login);
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

    const rosa = await pedel.storage.accounts.findById('account-Rosa');
    if (rosa === undefined) throw new Error('she is gone');
    await pedel.storage.accounts.replace({ ...rosa, roles: [], revision: rosa.revision + 1 }, rosa.revision);
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
