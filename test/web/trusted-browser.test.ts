/** Trusting a browser at the sign-in, using it, and forgetting it (rule 10). Under 2 s. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import type { Interaction } from '../../src/oidc/sign-in/interaction.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';
import { atVives, typePassword } from './people.ts';

afterEach(closeAll);

const DAY = 86_400_000;

async function house(change: Partial<Account> = {}, days = 30) {
  const stub = stubSessions();
  const networks = [{ name: 'computer rooms', cidrs: ['10.2.0.0/16'], limits: {}, sharedComputers: true }];
  const web = await startWeb({ trustedBrowserDays: days, sessions: stub.sessions, networks });
  const { account, code, recoveryCodes } = atVives(web, { language: 'en', ...change });
  await web.storage.accounts.insert(account);
  const stored = async () => (await web.storage.accounts.findById(account.id)) ?? account;
  return {
    web,
    stub,
    stored,
    recoveryCodes,
    trusted: async () => (await stored()).trustedBrowsers?.length ?? 0,
    /** types the password in a new sign-in; undefined: that was all */
    async password(browser: ReturnType<typeof browserOf>, asked: Partial<Interaction> = {}) {
      const path = web.begin(asked);
      const { location } = await typePassword(browser, path, 'r0011111');
      return location === path ? path : undefined;
    },
    /** with the second step, and the box ticked */
    async trust(browser: ReturnType<typeof browserOf>, typed?: string) {
      const path = web.begin();
      await typePassword(browser, path, 'r0011111');
      web.clock.now += 30_000;
      return browser.post(path, { action: 'verify', way: 'code', trust: 'yes', code: typed ?? code() });
    },
  };
}

test('a browser is trusted by a box before the second step; then its password is enough, its session has pwd alone', async () => {
  const { web, password, trust, trusted, stored } = await house();
  const [mine, other] = [browserOf(web), browserOf(web)];
  const path = (await password(mine)) ?? '';
  const page = await mine.get(`${path}?lang=en`);
  expect(page.body).toContain('Trust this browser for 30 days');
  expect(page.body.indexOf('name="trust"')).toBeLessThan(page.body.indexOf('name="code"')); // its last digit sends the form
  expect((await mine.get(`${path}?lang=nl`)).body).toContain('Vertrouw deze browser 30 dagen');
  expect((await mine.get(`${path}?way=recovery`)).body).not.toContain('name="trust"');
  await trust(mine);
  expect(await trusted()).toBe(1);
  expect(web.logins.at(-1)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] });
  expect(web.logins.at(-1)).not.toHaveProperty('trustedBrowser');

  expect(await password(mine)).toBeUndefined();
  const [{ id = '', hash = '' } = {}] = (await stored()).trustedBrowsers ?? [];
  expect(web.logins.at(-1)).toMatchObject({ amr: ['pwd'], trustedBrowser: id });
  expect(mine.cookies.get('pedel_trusted')).not.toContain(hash);
  expect(await password(other)).toBeDefined();
  web.clock.now += 30 * DAY;
  expect(await password(mine)).toBeDefined();
});

test('at a shared computer it is not offered, nor taken where it is sent all the same', async () => {
  const { web, password, trust, trusted } = await house();
  const browser = browserOf(web, '10.2.3.4');
  expect((await browser.get((await password(browser)) ?? '')).body).not.toContain('name="trust"');
  await trust(browser);
  expect(web.logins.at(-1)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] });
  expect([await trusted(), browser.cookies.has('pedel_trusted')]).toEqual([0, false]);
});

test('without the box nothing is trusted, nor by a wrong code or a recovery code', async () => {
  const { web, trust, trusted, recoveryCodes, password } = await house();
  const browser = browserOf(web);
  await trust(browser, '000000');
  await trust(browser, recoveryCodes[0]);
  expect([await trusted(), browser.cookies.has('pedel_trusted')]).toEqual([0, false]);
  expect(await password(browser)).toBeDefined();
});

test('a thief with the cookie alone gets nowhere: the password is asked, and judged as anywhere', async () => {
  const { web, trust, password } = await house();
  const mine = browserOf(web);
  await trust(mine);
  const thief = browserOf(web, '198.51.100.7');
  for (const name of ['pedel_trusted', 'pedel_device']) thief.cookies.set(name, mine.cookies.get(name) ?? '');
  const before = web.logins.length;
  const path = web.begin();
  expect((await thief.get(path)).body).toContain('name="password"');
  expect((await typePassword(thief, path, 'r0011111', 'a wrong password')).status).toBe(422);
  expect((await thief.post(path, { action: 'verify', code: '000000' })).location).toBe(path);
  expect(web.logins).toHaveLength(before);
  // nor does one that was made up or is of another person, with the password
  const forged = browserOf(web);
  const token = (mine.cookies.get('pedel_trusted') ?? '').split('.')[1];
  for (const value of ['vives-1.x', `other.${token}`, `vives-1.${'A'.repeat(43)}`, 'vives-1', '~~~', `${token}`]) {
    forged.cookies.set('pedel_trusted', value);
    expect([value, await password(forged)]).toEqual([value, expect.any(String)]);
  }
});

describe('the second step is asked in a trusted browser all the same', () => {
  test.each<[string, Partial<Interaction>]>([
    ['where the application demands two factors', { secondFactor: 'application-requires' }],
    ['where the request does', { secondFactor: 'request-requires' }],
    ['where a page changes the account (step-up)', { secondFactor: 'own-page-requires' }],
    ['where the request prefers two factors', { secondFactor: 'application-prefers' }],
    [
      'where the person is to prove anew who it is',
      { reauthenticate: true, asked: { step: 'password', because: 'prompt-login' } },
    ],
    [
      'where the sign-in is older than allowed',
      { reauthenticate: true, asked: { step: 'password', because: 'max-age' } },
    ],
  ])('%s', async (_name, asked) => {
    const { web, trust, password } = await house();
    const browser = browserOf(web);
    await trust(browser);
    expect(await password(browser, asked)).toBeDefined();
    expect(await password(browser)).toBeUndefined();
  });

  test('of somebody who has a role by now, to whom it is not offered either', async () => {
    const { web, trust, password, stored } = await house();
    const browser = browserOf(web);
    await trust(browser);
    const account = await stored();
    await web.storage.accounts.replace(
      { ...account, revision: account.revision + 1, roles: ['desk'] },
      account.revision,
    );
    const path = (await password(browser)) ?? '';
    expect((await browser.get(path)).body).not.toContain('name="trust"');
  });

  test('where it is switched off, as it is unless configured', async () => {
    const { web, trust, trusted, password } = await house({}, 0);
    const browser = browserOf(web);
    await trust(browser);
    expect(await trusted()).toBe(0);
    const path = (await password(browser)) ?? '';
    expect((await browser.get(path)).body).not.toContain('name="trust"');
  });
});

describe('/account/sessions', () => {
  async function signedIn() {
    const all = await house();
    const mine = browserOf(all.web);
    await all.trust(mine);
    const authTime = Math.floor(all.web.clock.now / 1000);
    all.stub.open.set('mine', { uid: 'mine', accountId: 'vives-1', amr: ['pwd'], authTime, epoch: 1 });
    mine.cookies.set('stub', 'mine');
    return { ...all, mine, id: (await all.stored()).trustedBrowsers?.[0]?.id ?? '' };
  }

  test('lists them, and forgets one', async () => {
    const { mine, id, trusted, password } = await signedIn();
    expect((await mine.get('/account/sessions?lang=en')).body).toContain('Browsers that you trust');
    const forget = (browser: string) => mine.post('/account/sessions', { action: 'forget', browser });
    expect((await forget('x')).location).toBe('/account/sessions');
    expect(await trusted()).toBe(1);
    const { location } = await forget(id);
    expect(location).toBe('/account/sessions?done=browser-forgotten');
    expect((await mine.get(`${location}&lang=nl`)).body).toContain('De browser is vergeten');
    expect(await password(mine)).toBeDefined();
  });

  test('“sign out everywhere else” forgets all of them', async () => {
    const { mine, trusted, password } = await signedIn();
    await mine.post('/account/sessions', { action: 'end-others' });
    expect(await trusted()).toBe(0);
    expect(await password(mine)).toBeDefined();
  });

  test('of a stranger, or from another site, forgets nothing', async () => {
    const { web, mine, id, trusted } = await signedIn();
    await browserOf(web).post('/account/sessions', { action: 'forget', browser: id });
    await mine.post('/account/sessions', { action: 'forget', browser: id }, { Origin: 'https://evil.example' });
    expect(await trusted()).toBe(1);
  });
});
