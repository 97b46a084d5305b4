/** What a stranger who knows only a number can do: it must not lock out the owner, nor fill the disk. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { takeFactorGuess } from '../../src/domain/rate-limits/factor-guess.ts';
import { limits } from '../../src/domain/rate-limits/limits.ts';
import { type HttpVisitor, httpVisitor } from '../support/http-visitor.ts';
import { openTestStorage } from '../support/storage.ts';
import { alumna, closeAll, PASSWORD, product, titleOf } from './product.ts';

afterEach(closeAll);

const browser = () => httpVisitor({ 'accept-language': 'en' });
const NEW_PASSWORD = 'seven brass lanterns wander';

/** A form that needs no page: from the visitor's own browser, as its address bar would. */
const ask = (address: string, login: string) =>
  fetch(`${address}/forgotten`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ action: 'send-link', login }),
  });

async function activating(address: string, mailed: () => Promise<{ code?: string }>): Promise<HttpVisitor> {
  const owner = browser();
  await owner.open(`${address}/activate?number=q0000001`);
  await owner.press('send-code', { email: 'eva@example.org' });
  await owner.press('verify', { code: (await mailed()).code ?? '' });
  expect(titleOf(owner.page())).toBe('Choose your password');
  return owner;
}

function neverActive() {
  const { activatedAt: _, password: __, ...account } = alumna('eva', 'q0000001');
  return account;
}

describe('a stranger who asks for codes of somebody else', () => {
  test('does not break the activation that its owner has under way', async () => {
    const { address, mailed, stored } = await product({ accounts: [neverActive()] });
    const owner = await activating(address, () => mailed('eva'));
    for (let times = 0; times < 4; times += 1) expect((await ask(address, 'q0000001')).status).toBe(303);
    await owner.press('set-password', { password: NEW_PASSWORD, password_again: NEW_PASSWORD });
    expect(titleOf(owner.page())).toBe('Choose your second step');
    expect((await stored('eva')).activatedAt).toBeDefined();
    expect((await stored('eva')).tickets).toEqual([]);
  });

  test('rule 4: has no more codes to try for it: the newest is the only one that opens', async () => {
    const { address, mailed, stored } = await product({ accounts: [neverActive()] });
    await ask(address, 'q0000001');
    const { code: first = '' } = await mailed('eva');
    await ask(address, 'q0000001');
    const visitor = browser();
    await visitor.open(`${address}/activate?number=q0000001`);
    await visitor.press('verify', { code: first });
    expect(visitor.page().status).toBe(422);
    expect((await stored('eva')).tickets.filter(({ codeMac }) => codeMac !== undefined)).toHaveLength(1);
  });

  test('does not use up the emails with which the owner sets up a first factor (rule 7)', async () => {
    const { address, mailed } = await product({
      accounts: [
        alumna('eva', 'q0000001', { affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }] }),
      ],
    });
    for (let times = 0; times < limits.mailsPerAccount.tries; times += 1) await ask(address, 'q0000001');
    const owner = browser();
    await owner.open(`${address}/account`);
    await owner.press('sign-in', { login: 'q0000001', password: PASSWORD });
    await owner.press('send-code');
    expect(owner.page().status).toBe(200);
    expect((await mailed('eva')).code ?? (await mailed('eva')).link).toBeDefined();
    expect(owner.page().html).toContain('name="code"');
  });
});

test('rule 3: a browser that was known before there was a second factor has no endless tries at it, and the owner hears of it', async () => {
  const { attempts, close } = await openTestStorage();
  const limiter = { attempts, onLimitHit: () => {} };
  const network = { groups: ['192.0.2.1'] };
  const guess = { accountId: 'adam', network, attempt: 'a sign-in', knownBrowser: 'once shared' };
  let tried = 0;
  let told = 0;
  const start = Date.UTC(2026, 8, 21);
  // a day of attempts, ten every quarter of an hour
  for (let quarter = 0; quarter < 95; quarter += 1) {
    for (let n = 0; n < 11; n += 1) {
      const taken = await takeFactorGuess(limiter, guess, start + quarter * 15 * 60_000 + n);
      if (taken.allowed) tried += 1;
      if (taken.allowed ? (await taken.wrong()).tellOwner : taken.tellOwner) told += 1;
    }
  }
  expect([tried, told]).toEqual([limits.factorInKnownBrowserPerDay.tries, 1]);
  await close();
});

test('numbers looked up beyond the limit of a network leave nothing in the database', async () => {
  const { address, storage } = await product();
  const look = (number: string) => fetch(`${address}/activate?number=${number}`).then(({ status }) => status);
  for (let n = 0; n <= limits.numbersPerNetwork.tries; n += 1) await look(`q${1_000_000 + n}`);
  expect(await look('q7777777')).toBe(429);
  const counted = await storage.attempts.peek(['number 127.0.0.1 q1000001', 'number 127.0.0.1 q7777777'], Date.now());
  expect(counted).toEqual([1, 0]);
});
