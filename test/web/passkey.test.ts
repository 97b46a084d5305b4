/** Passkeys and security keys: alone, as second factor, never blocked, each challenge answered once. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { PasskeyFactor } from '../../src/domain/factors/factor-records.ts';
import { limits } from '../../src/domain/rate-limits/limits.ts';
import { firstChallenge } from '../../src/web/sign-in/passkey-question.ts';
import type { WebDeps } from '../../src/web/web.ts';
import { authenticator, describeInBrowser, visitor } from '../support/browser.ts';
import { newKey } from '../support/security-key.ts';
import { browserOf, closeAll, type RunningWeb, startWeb } from '../support/web.ts';
import { atLeuven, password, typePassword } from './people.ts';

afterEach(closeAll);

/** What the page asks with. */
function challengeOf(web: RunningWeb, path: string): string {
  const uid = path.split('/')[2] ?? '';
  const pending = web.open.get(uid)?.pending as { challenge?: string } | undefined;
  return pending?.challenge ?? firstChallenge(web, { uid });
}

describe('the answer of a passkey', () => {
  const proven = (web: RunningWeb) => ({ accountId: 'leuven-1', epoch: 1, amr: ['pwd'], at: web.clock.now });

  async function house(kind: 'passkey' | 'key', known: Partial<PasskeyFactor> = {}, change: Partial<WebDeps> = {}) {
    const web = await startWeb(change);
    const key = newKey(kind, 'leuven-1');
    await web.storage.accounts.insert(atLeuven({ passkeys: [{ ...key.factor, ...known }] }));
    const browser = browserOf(web);
    const post = (path: string, passkey: string) => browser.post(path, { passkey, action: 'passkey' });
    const stored = async () => (await web.storage.accounts.findById('leuven-1'))?.passkeys[0];
    return { web, browser, post, stored, ...key, origin: new URL(web.issuer).origin };
  }

  test('alone opens where it verified its user, and only there', async () => {
    const { web, browser, post, answer, origin } = await house('passkey');
    const path = web.begin();
    await browser.get(path);
    const unverified = await post(`${path}?lang=en`, answer(challengeOf(web, path), { origin, userVerified: false }));
    expect(unverified.status).toBe(422);
    expect(unverified.body).toContain('it has no PIN and no fingerprint');
    expect((await post(path, answer(challengeOf(web, path), { origin }))).status).toBe(303);
    expect(web.logins).toMatchObject([{ amr: ['swk', 'user', 'mfa'] }]);
  });

  test('is asked with a challenge of that sign-in alone, for which the page writes nothing, and with another one after each answer', async () => {
    const { web, browser, post, answer, origin } = await house('passkey');
    const [path, other] = [web.begin(), web.begin()];
    const inPage = async (of: string) =>
      /challenge&#34;:&#34;([\w-]{43})&/.exec((await browser.get(of)).body)?.[1] ?? '';
    const asked = await inPage(path);
    expect([await inPage(path), challengeOf(web, path)]).toEqual([asked, asked]);
    expect(web.open.get(path.split('/')[2] ?? '')?.pending).toBeUndefined();
    expect((await post(path, answer(await inPage(other), { origin }))).status).toBe(422);
    expect(challengeOf(web, path)).not.toBe(asked);
    expect((await post(path, answer(asked, { origin }))).status).toBe(422);
    expect((await post(path, answer(await inPage(path), { origin }))).status).toBe(303);
  });

  test('after the password opens without user verification', async () => {
    const { web, browser, post, answer, origin } = await house('key');
    const path = web.begin({ pending: { proven: proven(web) } });
    await browser.get(path);
    expect((await post(path, answer(challengeOf(web, path), { origin, userVerified: false }))).status).toBe(303);
    expect(web.logins).toMatchObject([{ amr: ['pwd', 'hwk', 'mfa'] }]);
  });

  test('is taken once: of 20 parallel uses of one answer one signs in, counter or no counter', async () => {
    for (const signCount of [0, 7]) {
      const { web, browser, post, answer, origin } = await house('passkey');
      const first = web.begin();
      await browser.get(first);
      const challenge = challengeOf(web, first);
      const sent = answer(challenge, { origin, signCount });
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => post(web.begin({ pending: { challenge } }), sent)),
      );
      expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
      expect(web.logins).toHaveLength(1);
    }
  });

  test('to another question, for another origin, of nobody’s key, or none at all is refused', async () => {
    const { web, browser, post, answer, origin } = await house('passkey');
    const path = web.begin();
    await browser.get(path);
    const fresh = async () => {
      await browser.get(path);
      return challengeOf(web, path);
    };
    const stranger = newKey('passkey', 'leuven-1');
    expect((await post(path, answer('b3RoZXI', { origin }))).status).toBe(422);
    expect((await post(path, answer(await fresh(), { origin: 'https://evil.example' }))).status).toBe(422);
    expect((await post(path, stranger.answer(await fresh(), { origin }))).status).toBe(422);
    for (const nonsense of ['', '{}', 'nonsense']) expect((await post(path, nonsense)).status).toBe(422);
    expect(web.logins).toEqual([]);
  });

  test('of a copied key, whose counter went backwards, is refused, and its owner and the desk are told once a day', async () => {
    const { web, browser, post, answer, origin, factor } = await house('key');
    const effects = async () => (await web.storage.accounts.findById('leuven-1'))?.effects ?? [];
    const use = async (signCount: number) => {
      const path = web.begin({ pending: { proven: proven(web) } });
      await browser.get(path);
      return (await post(path, answer(challengeOf(web, path), { origin, signCount }))).status;
    };
    expect(await use(9)).toBe(303);
    const before = (await effects()).length;
    expect([await use(8), await use(9), await use(0)]).toEqual([422, 422, 422]);
    expect((await effects()).slice(before)).toMatchObject([
      { letter: { template: 'passkey-copied', to: 'lies@example.org', data: { factor: factor.name } } },
      { letter: { template: 'passkey-copied', to: 'lies.claes@kuleuven.be' } },
      { entry: { action: 'passkey.counter-went-back', subject: 'leuven-1', details: { last: '9', now: '8' } } },
    ]);
    web.clock.now += 25 * 3_600_000;
    expect(await use(7)).toBe(422);
    expect((await effects()).slice(before)).toHaveLength(6);
    expect(await use(10)).toBe(303);
  });

  test('says whether it is synced by now, also of a passkey from before that was known', async () => {
    for (const known of [{}, { backupEligible: true, backedUp: false }]) {
      const { web, browser, post, answer, stored, origin } = await house('passkey', known);
      for (const backedUp of [true, false]) {
        const path = web.begin();
        await browser.get(path);
        const sent = answer(challengeOf(web, path), { origin, backupEligible: true, backedUp });
        expect((await post(path, sent)).status).toBe(303);
        expect(await stored()).toMatchObject({ backupEligible: true, backedUp, lastUsedAt: web.clock.now });
      }
      // what was bound to one device is not synced suddenly, nor the other way round
      const path = web.begin();
      await browser.get(path);
      expect((await post(path, answer(challengeOf(web, path), { origin }))).status).toBe(422);
    }
  });

  test('of a key that got its PIN after it was set up counts alone only after a sign-in with the password', async () => {
    const { web, browser, post, answer, stored, origin } = await house('key', { uvInitialized: false });
    const alone = async () => {
      const path = web.begin();
      await browser.get(path);
      return post(`${path}?lang=en`, answer(challengeOf(web, path), { origin }));
    };
    for (let thief = 0; thief < 2; thief += 1) {
      const refused = await alone();
      expect(refused.status).toBe(422);
      expect(refused.body).toContain('it had no PIN or fingerprint when you set it up');
    }
    const step = async (userVerified: boolean) => {
      const path = web.begin({ pending: { proven: proven(web) } });
      await browser.get(path);
      expect((await post(path, answer(challengeOf(web, path), { origin, userVerified }))).status).toBe(303);
      expect(web.logins.at(-1)).toMatchObject({ amr: ['pwd', 'hwk', 'mfa'] });
    };
    await step(false);
    expect((await stored())?.uvInitialized).toBe(false);
    await step(true);
    expect((await stored())?.uvInitialized).toBe(true);
    expect((await alone()).status).toBe(303);
    expect(web.logins.at(-1)).toMatchObject({ amr: ['hwk', 'user', 'mfa'] });
  });

  test('belongs to the passkey domain, whatever host below it the issuer has, and counts on pages of the issuer only', async () => {
    const issuer = 'https://login.example.edu';
    const related = 'https://login.example.org';
    const about = { issuer, passkeyDomain: 'example.edu', relatedOrigins: [related] };
    const { web, browser, post, answer } = await house('passkey', {}, about);
    const path = web.begin();
    const asked = async () => {
      const { body } = await browser.get(path);
      expect(body).toContain('&#34;rpId&#34;:&#34;example.edu&#34;');
      return challengeOf(web, path);
    };
    const rpId = 'example.edu';
    expect((await post(path, answer(await asked(), { origin: issuer, rpId: 'login.example.edu' }))).status).toBe(422);
    expect((await post(path, answer(await asked(), { origin: 'https://example.edu', rpId }))).status).toBe(422);
    expect((await post(path, answer(await asked(), { origin: related, rpId }))).status).toBe(422);
    expect((await post(path, answer(await asked(), { origin: issuer, rpId }))).status).toBe(303);
    expect(web.logins).toHaveLength(1);
  });

  test('works after the issuer moved to another domain, which /.well-known/webauthn of the old one names', async () => {
    const issuer = 'https://login.example.org';
    const relatedOrigins = ['https://next.example.net', issuer, 'https://next.example.net'];
    const { web, browser, post, answer } = await house(
      'passkey',
      {},
      { issuer, passkeyDomain: 'idp.example.edu', relatedOrigins },
    );
    const named = await browser.get('/.well-known/webauthn', { Host: 'idp.example.edu' });
    expect([named.status, named.headers.get('Content-Type')]).toEqual([200, 'application/json']);
    expect(named.headers.getSetCookie()).toEqual([]);
    expect(JSON.parse(named.body)).toEqual({ origins: [issuer, 'https://next.example.net'] });
    const path = web.begin();
    await browser.get(path);
    const sent = answer(challengeOf(web, path), { origin: issuer, rpId: 'idp.example.edu' });
    expect((await post(path, sent)).status).toBe(303);
    expect((await browserOf(await startWeb()).get('/.well-known/webauthn')).status).toBe(404);
  });

  test('of an account that has ended leads to the page that says so', async () => {
    const { web, browser, post, answer, origin } = await house('passkey');
    const stored = await web.storage.accounts.findById('leuven-1');
    if (stored === undefined) throw new Error('gone');
    await web.storage.accounts.replace({ ...stored, revision: 2, endsAt: web.clock.now }, 1);
    const path = web.begin();
    await browser.get(path);
    const answered = await post(path, answer(challengeOf(web, path), { origin }));
    expect([answered.status, answered.location]).toEqual([303, path]);
    expect(web.logins).toEqual([]);
    expect((await browser.get(`${path}?lang=en`)).body).toContain('Your account has ended');
  });
});

const plugIn = async (page: Page, kind: 'passkey' | 'key', held: ReturnType<typeof newKey>['held']) =>
  (await authenticator(page, kind)).add(held);

/** A page, and an application of another origin at the end (rule 22: Chromium holds form-action against redirects). */
async function pageOf(web: RunningWeb) {
  const { page } = await visitor({ extraHTTPHeaders: { 'X-Forwarded-For': '192.0.2.9' } });
  web.application.url = `http://127.0.0.1:${new URL(web.url).port}`;
  return { page, open: (path: string) => page.goto(web.url + path) };
}

describeInBrowser('passkeys in a browser', () => {
  test('a passkey that the browser offers in the login field counts as both factors: password and code are skipped', async () => {
    const web = await startWeb();
    const { factor, held } = newKey('passkey', 'leuven-1');
    await web.storage.accounts.insert(atLeuven({ passkeys: [factor] }));
    const { page, open } = await pageOf(web);
    await plugIn(page, 'passkey', held);
    await open(web.begin({ secondFactor: 'request-requires' }));
    await page.waitForURL('http://127.0.0.1:*/callback?*');
    expect(web.logins).toMatchObject([{ accountId: 'leuven-1', amr: ['swk', 'user', 'mfa'] }]);
    const stored = await web.storage.accounts.findById('leuven-1');
    expect(stored?.passkeys[0]?.signCount).toBeGreaterThan(1);
  });

  test('a security key of the domain above is the second factor after the password: amr pwd, hwk, mfa', async () => {
    const web = await startWeb({ passkeyDomain: 'pedel.localhost' });
    const { factor, held } = newKey('key', 'leuven-1', 'pedel.localhost');
    await web.storage.accounts.insert(atLeuven({ passkeys: [factor] }));
    const { page, open } = await pageOf(web);
    await plugIn(page, 'key', held);
    await open(web.begin());
    await page.fill('#login', 'u0000001');
    await page.fill('#password', password);
    await page.click('#sign-in');
    await page.click('#passkey');
    await page.waitForURL('http://127.0.0.1:*/callback?*');
    expect(web.logins).toMatchObject([{ amr: ['pwd', 'hwk', 'mfa'] }]);
  });

  test('a key that is not plugged in says so, and the other ways are still there', async () => {
    const web = await startWeb();
    const [mine, another] = [newKey('key', 'leuven-1'), newKey('key', 'leuven-1')];
    const recoveryCodes = { macs: ['mac'], createdAt: 1 };
    await web.storage.accounts.insert(atLeuven({ passkeys: [mine.factor], recoveryCodes }));
    const { page, open } = await pageOf(web);
    await plugIn(page, 'key', another.held);
    const proven = { accountId: 'leuven-1', epoch: 1, amr: ['pwd'], at: web.clock.now };
    await open(web.begin({ pending: { proven } }));
    await page.click('#passkey');
    await page.waitForSelector('[data-webauthn-message]:not([hidden])');
    expect(await page.textContent('[data-webauthn-message]')).toContain('geannuleerd');
    // nor in a browser that knows no related origins, where the issuer moved out of the domain
    await page.evaluate(`navigator.credentials.get = async () => { throw new DOMException('', 'SecurityError'); }`);
    await page.click('#passkey');
    await page.getByText('Deze browser ondersteunt geen passkeys').waitFor();
    await page.click('a[href="?way=recovery"]');
    await page.waitForSelector('#code');
    expect(web.logins).toEqual([]);
  });

  test('rule 2: a passkey is never blocked, whatever strangers guessed', async () => {
    const web = await startWeb();
    const { factor, held } = newKey('passkey', 'leuven-1');
    await web.storage.accounts.insert(atLeuven({ passkeys: [factor] }));
    for (let stranger = 0; stranger <= limits.passwordPerLoginFromStrangers.tries; stranger += 1) {
      await typePassword(browserOf(web, `198.51.${stranger}.1`), web.begin(), 'u0000001', 'guess');
    }
    const { page, open } = await pageOf(web);
    await plugIn(page, 'passkey', held);
    // a browser that offers nothing by itself: the button asks for it
    await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
    await open(web.begin());
    await page.click('#passkey');
    await page.waitForURL('http://127.0.0.1:*/callback?*');
    expect(web.logins).toHaveLength(1);
  });
});
