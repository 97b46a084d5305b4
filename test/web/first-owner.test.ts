/** The first owner of a new installation: one link, used once, leads to an account with a second factor and to the console. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { hasOwner, offerFirstOwner } from '../../src/use-cases/roles/first-owner.ts';
import { anAccount } from '../support/account.ts';
import { headingOf, pathOf, startConsole, type TestConsole } from '../support/console.ts';

let pedel: TestConsole;
beforeEach(async () => {
  pedel = await startConsole();
});
afterEach(async () => {
  jest.useRealTimers();
  await pedel.close();
});

const deps = () => ({
  ports: pedel.storage,
  organisations: pedel.config.organisations,
  now: () => Date.now(),
  randomBytes,
});
const linkOf = (key: string | undefined) => `${pedel.issuer}/first-owner?key=${key}`;
const an = { givenName: 'An', familyName: 'Peeters', address: 'An.Peeters@Example.org' };
const password = 'twelve green paper cranes';

test('a link leads to a password and a second factor, and then to the console; it opens once', async () => {
  const key = await offerFirstOwner(deps());
  const other = await offerFirstOwner(deps());
  const browser = pedel.browser('nl');
  await browser.open(linkOf(key));
  await browser.open(linkOf(key)); // looking changes nothing
  expect(headingOf(browser)).toBe('De eerste eigenaar instellen');
  await browser.press('go-on', an);
  expect(pathOf(browser)).toMatch(/^\/activate\?ticket=/);
  await browser.press('continue');
  await browser.press('set-password', { password, password_again: password });
  // nothing is active before the second factor
  expect((await pedel.storage.accounts.findByLogin('an.peeters@example.org'))?.activatedAt).toBeUndefined();
  await browser.press('choose-totp');
  const secret = /<code[^>]*>([A-Z2-7 ]{20,})<\/code>/.exec(browser.page().html)?.[1]?.replaceAll(' ', '') ?? '';
  await browser.press('enrol', { code: generateSync({ secret, epoch: Math.floor(Date.now() / 1000) }) });
  await browser.press('kept');
  expect([pathOf(browser), headingOf(browser)]).toEqual(['/admin', 'Te doen']);

  const account = await pedel.storage.accounts.findByLogin('an.peeters@example.org');
  expect(account).toMatchObject({ roles: ['owner'], givenName: 'An', language: 'nl', totps: [expect.anything()] });
  expect(await hasOwner(deps())).toBe(true);
  expect(await offerFirstOwner(deps())).toBeUndefined();
  for (const each of [key, other]) {
    await browser.open(linkOf(each));
    expect([browser.page().status, headingOf(browser)]).toEqual([410, 'Deze link opent niets']);
  }
  const entries = await pedel.storage.auditLog.page({ action: 'role.granted' }, undefined, 9);
  expect(entries).toMatchObject([{ actor: { id: 'first owner' }, subject: account?.id, details: { role: 'owner' } }]);
});

test('of ten who use one link at once, one makes an account; what is stored does not open it', async () => {
  const key = await offerFirstOwner(deps());
  expect(await pedel.storage.values.get('first-owner-links')).not.toContain(key);
  const browsers = Array.from({ length: 10 }, () => pedel.browser());
  for (const browser of browsers) await browser.open(linkOf(key));
  const answers = await Promise.all(
    browsers.map(async (browser, n) => (await browser.press('go-on', { ...an, address: `p${n}@example.org` })).url),
  );
  expect(answers.filter((url) => url.includes('/activate?ticket='))).toHaveLength(1);
  expect(await pedel.storage.accounts.search('', undefined, 20)).toHaveLength(1);
});

test('a link is dead after a day, unknown, or once somebody else is an owner; until one is, each start makes another', async () => {
  const browser = pedel.browser();
  const key = await offerFirstOwner(deps());
  for (const wrong of ['', 'x', `${key}x`, '%00']) {
    await browser.open(linkOf(wrong));
    expect([400, 410]).toContain(browser.page().status);
  }
  pedel.wait(24 * 3600 + 60);
  await browser.open(linkOf(key));
  expect(browser.page().status).toBe(410);
  await pedel.person('Nora', ['owner'], { activatedAt: undefined as never });
  const fresh = await offerFirstOwner(deps());
  await browser.open(linkOf(fresh));
  expect(browser.page().status).toBe(200);
  await pedel.person('Olga', ['owner']);
  await browser.press('go-on', an);
  expect(browser.page().status).toBe(410);
  expect(await pedel.storage.accounts.findByLogin('an.peeters@example.org')).toBeUndefined();
});

test('what is missing or taken is said at its field, and the link still opens', async () => {
  await pedel.storage.accounts.insert(anAccount({ id: 'bo', emails: ['bo@example.org'], userNumbers: [] }));
  const browser = pedel.browser();
  const key = await offerFirstOwner(deps());
  for (const [change, field] of [
    [{ givenName: ' ' }, 'givenName'],
    [{ address: 'an' }, 'address'],
    [{ address: 'BO@example.org' }, 'address'],
  ] as const) {
    await browser.open(linkOf(key));
    await browser.press('go-on', { ...an, ...change });
    expect([browser.page().status, browser.page().html.includes(`id="${field}-error"`)]).toEqual([422, true]);
  }
  await browser.open(linkOf(key));
  expect(browser.page().status).toBe(200);
});
