/** Journey B.1–3: a student of VIVES with an invitation, whose second factor is required (rules 6, 8, 11). */
import { afterEach, describe, expect, test } from '@jest/globals';
import { postTo } from '../attack/product.ts';
import { anAccount } from '../support/account.ts';
import {
  codesOn,
  errorOf,
  expectPage,
  GOOD,
  invite,
  lastLetter,
  lettersTo,
  startActivation,
  stored,
  totpCode,
  visitor,
  wordsOf,
} from '../support/activation.ts';
import { readSetCookie } from '../support/set-cookie.ts';
import { closeAll } from '../support/web.ts';

afterEach(closeAll);

const passwords = { password: GOOD, password_again: GOOD };

async function invited(change: Parameters<typeof invite>[1] = {}) {
  const web = await startActivation();
  return { web, ...(await invite(web, change)) };
}

describe('a student of VIVES activates by link', () => {
  test('whom it is for, password, authenticator, recovery codes, active: and signed in with both factors', async () => {
    const { web, link } = await invited();
    const him = visitor(web);
    const first = await him.at(`${link}&lang=en`);
    expectPage(first, 'Activate your account');
    expect(wordsOf(first)).toContain('Annelies Peeters');
    expect(wordsOf(first)).toContain('r0011111');
    const password = await him.press('continue');
    expectPage(password, 'Choose your password');
    expect(password.url).toBe(`${web.url}/activate`);
    expect(wordsOf(password)).toContain('Step 1 of 3');
    expect(wordsOf(password)).toContain('At least 12 characters');
    const choose = await him.press('set-password', passwords);
    expect(wordsOf(choose)).toContain('Step 2 of 3');
    expect(choose.html).not.toContain('id="later"');
    expect(await stored(web, 'student')).not.toHaveProperty('password');

    const key = await him.press('choose-totp');
    const wrong = await him.press('enrol', { code: '000000' });
    expect([wrong.status, errorOf(wrong) !== '']).toEqual([422, true]);
    const codes = await him.press('enrol', { code: totpCode(web, key) });
    expect(wordsOf(codes)).toContain('Step 3 of 3');
    expect(codesOn(codes)).toHaveLength(10);
    expect(await stored(web, 'student')).toMatchObject({
      activatedAt: web.clock.now,
      password: { hash: `plain$${GOOD}` },
      totps: [{ lastStep: Math.floor(web.clock.now / 30_000) }],
      recoveryCodes: { macs: { length: 10 } },
      tickets: [{ purpose: 'not-me' }],
    });
    expect((await lettersTo(web, 'student')).map(({ template, to }) => [template, to])).toEqual([
      ['factor-added', 'annelies@example.org'],
      ['factor-added', 'annelies.peeters@student.vives.be'],
    ]);
    expectPage(await him.press('kept'), 'Your account is active');
    const amr = ['pwd', 'otp', 'mfa'];
    expect(web.started).toEqual([{ accountId: 'student', amr, epoch: 1, activatedAt: web.clock.now }]);
  });

  test('rule 11: opening the link, however often, spends and changes nothing', async () => {
    const { web, link } = await invited();
    const before = await stored(web, 'student');
    for (let n = 0; n < 5; n += 1) expect((await fetch(web.url + link)).status).toBe(200);
    expect((await fetch(web.url + link, { method: 'HEAD' })).status).toBe(200);
    expect(await stored(web, 'student')).toEqual(before);
    const him = visitor(web);
    await him.at(link);
    await him.press('continue');
    expect(await stored(web, 'student')).toEqual(before);
  });

  test('rule 6: whatever is closed, the link leads on from where it was', async () => {
    const { web, link } = await invited();
    const him = visitor(web);
    await him.at(link);
    await him.press('continue');
    await him.press('set-password', passwords);
    const key = await him.press('choose-totp');

    web.clock.now += 13 * 24 * 3_600_000;
    await him.at(link);
    const same = await him.press('continue');
    expect(totpCode(web, same)).toBe(totpCode(web, key));
    expect(codesOn(await him.press('enrol', { code: totpCode(web, key) }))).toHaveLength(10);
    expect(await stored(web, 'student')).toMatchObject({ password: { hash: `plain$${GOOD}` } });
  });

  test('rule 6: one link in two browsers: each has a password and a key of its own, and is told of the other', async () => {
    const { web, link } = await invited();
    const [first, second] = [visitor(web), visitor(web)];
    for (const browser of [first, second]) {
      await browser.at(`${link}&lang=en`);
      await browser.press('continue');
    }
    await first.press('set-password', passwords);
    const theirs = await first.press('choose-totp');

    // whoever else holds the link starts again, and learns nothing of what waits
    const told = await second.at('/activate');
    expectPage(told, 'Choose your password');
    expect(wordsOf(told)).toContain('already chosen in another browser');
    expect(wordsOf(told)).not.toContain('You have already chosen');
    await second.at('/activate?lang=nl');
    expect(wordsOf(second.page())).toContain('In een andere browser');
    const skipped = await postTo(second, `${web.url}/activate`, { action: 'enrol', code: totpCode(web, theirs) });
    expect([skipped.status, skipped.headers.get('location')]).toEqual([303, '/activate']);
    expect(await stored(web, 'student')).not.toHaveProperty('activatedAt');
    await second.at('/activate?lang=en');
    const own = 'zes paarse lampen onder water';
    await second.press('set-password', { password: own, password_again: own });
    const his = await second.press('choose-totp');
    expect(totpCode(web, his)).not.toBe(totpCode(web, theirs));

    // the one that typed first is told in turn, and its key is worth nothing any more
    const late = await first.press('enrol', { code: totpCode(web, theirs) });
    expectPage(late, 'Choose your password');
    expect(wordsOf(late)).toContain('already chosen in another browser');
    expect(await stored(web, 'student')).not.toHaveProperty('activatedAt');
    expect(codesOn(await second.press('enrol', { code: totpCode(web, his) }))).toHaveLength(10);
    expect(await stored(web, 'student')).toMatchObject({ password: { hash: `plain$${own}` }, totps: { length: 1 } });
  });

  test('a password that waits can be chosen anew; the key in the telephone stays good', async () => {
    const { web, link } = await invited();
    const him = visitor(web);
    await him.at(`${link}&lang=en`);
    await him.press('continue');
    await him.press('set-password', passwords);
    const key = await him.press('choose-totp');
    const again = await him.press('cancel');
    expectPage(again, 'Choose your password');
    expect(wordsOf(again)).toContain('You have already chosen a password');
    const other = 'zes paarse lampen onder water';
    const back = await him.press('set-password', { password: other, password_again: other });
    expect(totpCode(web, back)).toBe(totpCode(web, key));
    await him.press('enrol', { code: totpCode(web, key) });
    expect(await stored(web, 'student')).toMatchObject({ password: { hash: `plain$${other}` } });
  });

  test('20 parallel final acts: one wins, the others find the account active', async () => {
    const { web, link } = await invited();
    const him = visitor(web);
    await him.at(`${link}&lang=en`);
    await him.press('continue');
    await him.press('set-password', passwords);
    const key = await him.press('choose-totp');
    const cookie = [...him.cookies].map(([name, value]) => `${name.split(' ')[1]}=${value}`).join('; ');
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const body = () => new URLSearchParams({ action: 'enrol', code: totpCode(web, key) });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        fetch(`${web.url}/activate`, { method: 'POST', body: body(), headers, redirect: 'manual' }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(303));
    expect(web.started).toHaveLength(1);
    expect(await stored(web, 'student')).toMatchObject({
      totps: { length: 1 },
      recoveryCodes: { macs: { length: 10 } },
    });
    // the tab that lost has the old proof
    expectPage(await him.at('/activate'), 'This account is already active');
    expectPage(await him.at(link), 'This link or code no longer works', 410);
  });

  test('too old, or ended: says so and leads on', async () => {
    const { web, link } = await invited();
    web.clock.now += 14 * 24 * 3_600_000;
    const him = visitor(web);
    const dead = await him.at(`${link}&lang=en`);
    expectPage(dead, 'This link or code no longer works', 410);
    expectPage(await him.at('/activate?ticket=nonsense'), 'This link or code no longer works', 410);
    const student = await stored(web, 'student');
    await web.storage.accounts.replace({ ...student, revision: student.revision + 1, endsAt: 1 }, student.revision);
    web.clock.now -= 14 * 24 * 3_600_000;
    expectPage(await him.at(link), 'This account has ended');
  });

  test('too old: its page sends a new code, as it says, to the address on file', async () => {
    const { web, link } = await invited();
    web.clock.now += 14 * 24 * 3_600_000;
    const him = visitor(web);
    await him.at(`${link}&lang=en`);
    expect(await lettersTo(web, 'student')).toEqual([]);
    expectPage(await him.press('send-code'), 'Enter your activation code');
    const { code, template } = await lastLetter(web, 'student');
    expect(template).toBe('activation-code');
    expectPage(await him.press('verify', { code }), 'Choose your password');
  });

  test('without script a security key is not taken, and the page says what is missing', async () => {
    const { web, link } = await invited();
    const him = visitor(web);
    await him.at(`${link}&lang=en`);
    await him.press('continue');
    await him.press('set-password', passwords);
    await him.press('choose-passkey');
    const refused = await him.press('enrol', { passkey: '' });
    expect([refused.status, errorOf(refused) !== '']).toEqual([422, true]);
    expect(await stored(web, 'student')).not.toHaveProperty('activatedAt');
  });
});

describe('what the browser keeps', () => {
  test('is sealed, for /activate alone, and worth nothing when changed', async () => {
    const { web, link } = await invited();
    const him = visitor(web);
    await him.at(link);
    await him.press('continue');
    const [name, value = ''] = [...him.cookies].find(([key]) => key.includes('pedel_activate')) ?? [];
    expect(name).toBe('localhost pedel_activate /activate');
    expect(value).not.toContain('student');
    const changed = `${value.slice(0, -3)}${value.at(-3) === 'A' ? 'B' : 'A'}${value.slice(-2)}`;
    const answer = await fetch(`${web.url}/activate`, {
      headers: { cookie: `pedel_activate=${changed}`, 'accept-language': 'en' },
    });
    expect(await answer.text()).toContain('User number');
    const reset = await fetch(`${web.url}/reset`, { headers: { cookie: `pedel_reset=${value}` }, redirect: 'manual' });
    expect(reset.headers.get('location')).toBe('/forgotten');
  });

  test('is worth nothing after an hour, though the link still is', async () => {
    const { web, link } = await invited();
    const him = visitor(web);
    await him.at(link);
    await him.press('continue');
    web.clock.now += 59 * 60_000;
    expect((await him.at('/activate')).html).toContain('name="password"');
    web.clock.now += 60_000;
    expect((await him.at('/activate')).html).not.toContain('name="password"');
    expect((await him.at(link)).status).toBe(200);
  });

  test('on https has the prefix of path-bound cookies and goes over https alone (rule 21)', async () => {
    const web = await startActivation({ issuer: 'https://id.example' });
    const { link } = await invite(web);
    const answer = await fetch(`${web.url}/activate`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: 'https://id.example' },
      body: new URLSearchParams({ action: 'continue', ticket: link.split('=')[1] ?? '' }),
    });
    const sent = answer.headers.getSetCookie().map(readSetCookie);
    const [cookie, ...others] = sent.filter(({ name }) => name !== 'test_browser');
    expect([cookie, others]).toEqual([
      {
        name: '__Secure-pedel_activate',
        value: expect.stringMatching(/^s1\./),
        path: '/activate',
        domain: undefined,
        sameSite: 'lax',
        httpOnly: true,
        secure: true,
        seconds: expect.any(Number),
      },
      [],
    ]);
    expect(Math.abs(Number(cookie?.seconds) - 3600)).toBeLessThan(30);
  });
});

describe('rule 8: an account that has been active', () => {
  test('a ticket of its activation that is left over opens nothing', async () => {
    const { web, link } = await invited({ activatedAt: 1, password: { hash: 'plain$old', setAt: 1 } });
    const him = visitor(web);
    expectPage(await him.at(`${link}&lang=en`), 'This account is already active');
    await fetch(`${web.url}/activate`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ action: 'set-password', ...passwords }),
    });
    expect(await stored(web, 'student')).toMatchObject({ password: { hash: 'plain$old' } });
  });

  test('two people’s links do not mix: the last one opened counts', async () => {
    const { web, link } = await invited();
    await web.storage.accounts.insert(anAccount({ id: 'other', userNumbers: ['r0099999'], emails: [] }));
    const him = visitor(web);
    await him.at(link);
    await him.press('continue');
    expectPage(await him.at('/activate?number=r0099999&lang=en'), 'Enter your email address');
    expect(wordsOf(await him.at('/activate'))).toContain('r0011111');
  });
});
