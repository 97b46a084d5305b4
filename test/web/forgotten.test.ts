/** Journey B.6: a forgotten password, from the same answer for everyone to a new password (rules 1, 8, 11, 12). */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { newRecoveryCodes } from '../../src/domain/factors/recovery-code.ts';
import { newTotpSeed } from '../../src/domain/factors/totp.ts';
import { takeFactorGuess } from '../../src/domain/rate-limits/factor-guess.ts';
import { limits } from '../../src/domain/rate-limits/limits.ts';
import {
  BETTER,
  counted,
  errorOf,
  expectPage,
  lastLetter,
  lettersTo,
  startActivation,
  stored,
  student,
  totpCode,
  visitor,
  wordsOf,
} from '../support/activation.ts';
import { openTestStorage } from '../support/storage.ts';
import { closeAll } from '../support/web.ts';

afterEach(closeAll);

const passwords = { password: BETTER, password_again: BETTER };
const active = (change: Partial<Account> = {}) =>
  student({ activatedAt: 1, password: { hash: 'plain$old', setAt: 1 }, ...change });

async function withStudent(change: Partial<Account> = {}) {
  const web = await startActivation();
  await web.storage.accounts.insert(active(change));
  return web;
}

/** With an authenticator and recovery codes; their seed and the codes. */
async function withFactors() {
  const web = await startActivation();
  const seed = newTotpSeed(randomBytes);
  const { codes, stored: recoveryCodes } = newRecoveryCodes(web.sealer, 'student', 1, randomBytes);
  const sealedSeed = web.sealer.seal(seed, 'student', 'totp');
  const totps = [{ id: 't1', name: 'app', sealedSeed, lastStep: 0, createdAt: 1 }];
  await web.storage.accounts.insert(active({ totps, recoveryCodes }));
  return { web, seed, codes };
}

/** Asks, and opens the link of the letter up to the page after «go on». */
async function opened(web: Awaited<ReturnType<typeof startActivation>>) {
  const him = visitor(web);
  await him.at('/forgotten?lang=en');
  await him.press('send-link', { login: 'r0011111' });
  const { link } = await lastLetter(web, 'student');
  await him.at(link);
  await him.press('continue');
  return { him, link };
}

const cookieOf = ({ cookies }: { cookies: Map<string, string> }) =>
  [...cookies].map(([name, value]) => `${name.split(' ')[1]}=${value}`).join('; ');

function post(url: string, path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(url + path, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
    headers: { 'sec-fetch-site': 'same-origin', 'accept-language': 'en', ...headers },
  });
}

describe('a forgotten password', () => {
  test('number, letter, link, new password: signed in anew, everything else ends, both addresses are told', async () => {
    const web = await withStudent();
    const him = visitor(web);
    expectPage(await him.at('/forgotten?lang=en'), 'Forgotten your password?');
    expectPage(await him.press('send-link', { login: ' R001 1111 ' }), 'Check your mailbox');
    const letter = await lastLetter(web, 'student');
    expect(letter).toMatchObject({ template: 'reset', to: 'annelies@example.org', code: '' });
    expect(letter.expiresAt).toBe(web.clock.now + 3_600_000);

    const link = await him.at(letter.link);
    expectPage(link, 'Choose a new password');
    expect(wordsOf(link)).toContain('r0011111');
    const page = await him.press('continue');
    expect(page.url).toBe(`${web.url}/reset`);
    expectPage(await him.press('set-password', passwords), 'Your new password is saved');
    expect(await stored(web, 'student')).toMatchObject({
      password: { hash: `plain$${BETTER}` },
      credentialsEpoch: 2,
      tickets: [{ purpose: 'not-me', tells: { action: 'password.reset' } }],
      browsers: [{ id: expect.any(String) }],
    });
    expect(web.started).toEqual([{ accountId: 'student', amr: ['pwd'], epoch: 2 }]);
    const { effects } = await stored(web, 'student');
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'end-sessions', olderThanEpoch: 2 }));
    expect((await lettersTo(web, 'student')).slice(1).map(({ template, to }) => [template, to])).toEqual([
      ['password-changed', 'annelies@example.org'],
      ['password-changed', 'annelies.peeters@student.vives.be'],
    ]);
    expectPage(await him.at(letter.link), 'This link no longer works', 410);
  });

  test('who never activated gets an activation letter, by number or by address', async () => {
    const web = await startActivation();
    await web.storage.accounts.insert(student());
    const him = visitor(web);
    await him.at('/forgotten');
    await him.press('send-link', { login: 'annelies.peeters@student.vives.be' });
    const letter = await lastLetter(web, 'student');
    expect([letter.template, letter.link.startsWith('/activate?ticket=')]).toEqual(['activation-code', true]);
    // asked by address, the page of the number stays as it was: it would confirm the address
    expectPage(await visitor(web).at('/activate?number=r0011111&lang=en'), 'Enter your email address');
  });

  test('a request that an application left waiting goes on afterwards', async () => {
    const web = await withStudent();
    web.state.waiting = `${web.url}/auth/waiting`;
    const { him } = await opened(web);
    expect(him.page().headers.get('content-security-policy')).not.toContain('form-action');
    expect((await him.press('set-password', passwords)).url).toBe(`${web.url}/auth/waiting`);
    expectPage(await him.at('/reset'), 'Your new password is saved');
  });

  test('a refused password keeps the link good', async () => {
    const web = await withStudent();
    const { him } = await opened(web);
    const refused = await him.press('set-password', { password: 'te kort', password_again: 'te kort' });
    expect([refused.status, errorOf(refused)]).toEqual([
      422,
      'This password is too short: use at least 12 characters.',
    ]);
    expectPage(await him.press('set-password', passwords), 'Your new password is saved');
  });
});

describe('rule 1: the same answer for everyone', () => {
  const people: [string, Partial<Account> | undefined][] = [
    ['active', { activatedAt: 1 }],
    ['never active', {}],
    ['ended', { activatedAt: 1, endsAt: 2 }],
    ['mailed enough', { activatedAt: 1, mailedAt: Array(5).fill(Date.UTC(2026, 8, 21, 9)) }],
    ['nobody', undefined],
  ];

  test('known, unknown, never active, ended: same status, place and page, after the same work', async () => {
    const seen: unknown[] = [];
    for (const [, change] of people) {
      const calls: Record<string, number> = {};
      const storage = await openTestStorage();
      const web = await startActivation({
        accounts: counted(storage.accounts, calls),
        attempts: counted(storage.attempts, calls),
      });
      if (change !== undefined) await storage.accounts.insert(student(change));
      const answer = await post(web.url, '/forgotten', { action: 'send-link', login: 'r0011111' });
      // one durable write follows that of the counters, on the account or for nobody
      const { replace = 0, take = 0, ...others } = calls;
      seen.push([answer.status, answer.headers.get('location'), await answer.text(), replace + take, others]);
      await storage.close();
    }
    for (const each of seen)
      expect(each).toEqual([
        ...[303, '/forgotten?sent=1', expect.any(String), 1],
        { findById: 1, findByLogin: 1, peek: 1, takeAll: 1 },
      ]);
    expect(new Set(seen.map((each) => JSON.stringify(each))).size).toBe(1);
  });

  test('five times an hour for one login from one network, known or not', async () => {
    const web = await withStudent();
    for (const login of ['r0011111', 'r9999999']) {
      const statuses: number[] = [];
      for (let n = 0; n < 6; n += 1) {
        statuses.push((await post(web.url, '/forgotten', { action: 'send-link', login })).status);
      }
      expect(statuses).toEqual([303, 303, 303, 303, 303, 429]);
    }
    expect(limits.mailsPerAccount.tries).toBe(5);
  });
});

describe('rule 8: the second factor first', () => {
  test('an authenticator’s code, then the password; the session has both', async () => {
    const { web, seed } = await withFactors();
    const { him } = await opened(web);
    expect(him.page().html).toContain('autocomplete="one-time-code"');
    const skipped = await him.press('verify', { code: '000000' });
    expect([skipped.status, errorOf(skipped) !== '']).toEqual([422, true]);
    await post(web.url, '/reset', { action: 'set-password', ...passwords }, { cookie: cookieOf(him) });
    expect((await stored(web, 'student')).password?.hash).toBe('plain$old');
    expectPage(await him.press('verify', { code: totpCode(web, seed) }), 'Choose a new password');
    expectPage(await him.press('set-password', passwords), 'Your new password is saved');
    expect(web.started).toEqual([{ accountId: 'student', amr: ['pwd', 'otp', 'mfa'], epoch: 2 }]);
    expect((await stored(web, 'student')).totps).toHaveLength(1);
  });

  test('or a recovery code, which is spent and told', async () => {
    const { web, codes } = await withFactors();
    const { him } = await opened(web);
    await him.at('/reset?way=recovery');
    expectPage(await him.press('verify', { code: (codes[3] ?? '').toLowerCase() }), 'Choose a new password');
    expect((await stored(web, 'student')).recoveryCodes?.macs).toHaveLength(9);
    expect((await lettersTo(web, 'student')).map(({ template }) => template)).toContain('recovery-code-used');
    expectPage(await him.press('set-password', passwords), 'Your new password is saved');
  });

  test('what one browser proved is not worth anything in another that holds the same link', async () => {
    const { web, seed } = await withFactors();
    const { him, link } = await opened(web);
    const thief = visitor(web);
    await thief.at(`${link}&lang=en`);
    await thief.press('continue');
    await him.press('verify', { code: totpCode(web, seed) });
    expectPage(await thief.at('/reset'), 'Enter the code from your authenticator app');
    await post(web.url, '/reset', { action: 'set-password', ...passwords }, { cookie: cookieOf(thief) });
    expect((await stored(web, 'student')).password?.hash).toBe('plain$old');
  });

  test('20 parallel uses of one authenticator’s code: one proves the factor', async () => {
    const { web, seed } = await withFactors();
    const { him } = await opened(web);
    const cookie = cookieOf(him);
    const fields = { action: 'verify', way: 'code', code: totpCode(web, seed) };
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(web.url, '/reset', fields, { cookie })));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 422 || status === 429)).toHaveLength(19);
  });

  test('wrong codes are counted with those of signing in (rule 3)', async () => {
    const { web, seed } = await withFactors();
    const { him } = await opened(web);
    for (let n = 0; n < limits.factorPerAccount.tries; n += 1) {
      expect((await him.press('verify', { code: '000000' })).status).toBe(422);
    }
    const refused = await him.press('verify', { code: totpCode(web, seed) });
    expect([refused.status, errorOf(refused).startsWith('There were too many wrong codes')]).toEqual([429, true]);
    // one counter for both
    const limiter = { attempts: web.attempts, onLimitHit: () => {} };
    const guess = { accountId: 'student', network: { groups: ['192.0.2.1'] }, attempt: 'a sign-in' };
    expect((await takeFactorGuess(limiter, guess, web.clock.now)).allowed).toBe(false);
  });
});

describe('rule 11: the link', () => {
  test('opening it spends nothing; 20 parallel new passwords: one wins', async () => {
    const web = await withStudent();
    const { him, link } = await opened(web);
    const before = await stored(web, 'student');
    for (let n = 0; n < 3; n += 1) await fetch(web.url + link);
    expect(await stored(web, 'student')).toEqual(before);
    const cookie = cookieOf(him);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post(web.url, '/reset', { action: 'set-password', ...passwords }, { cookie })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(303));
    expect(web.started).toHaveLength(1);
    expect((await stored(web, 'student')).credentialsEpoch).toBe(2);
    expectPage(await him.at('/reset'), 'This link no longer works', 410);
  });

  test('a stranger who asks again does not break the link under way', async () => {
    const web = await withStudent();
    const { him } = await opened(web);
    await post(
      web.url,
      '/forgotten',
      { action: 'send-link', login: 'r0011111' },
      { 'x-forwarded-for': '203.0.113.77' },
    );
    expectPage(await him.press('set-password', passwords), 'Your new password is saved');
    expectPage(
      await visitor(web).at((await lettersTo(web, 'student'))[1]?.link ?? ''),
      'This link no longer works',
      410,
    );
  });

  test('an hour later, or without anything, the way leads back to asking', async () => {
    const web = await withStudent();
    const { him, link } = await opened(web);
    web.clock.now += 3_600_000;
    expectPage(await him.at(`${link}&lang=en`), 'This link no longer works', 410);
    const late = await post(web.url, '/reset', { action: 'set-password', ...passwords }, { cookie: cookieOf(him) });
    expect([late.status, (await late.text()).includes('open for more than an hour')]).toEqual([410, true]);
    expectPage(await visitor(web).at('/reset?lang=en'), 'Forgotten your password?');
  });
});
