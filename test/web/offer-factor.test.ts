/** A second factor offered at a sign-in that needs none: "not now" is remembered, and nobody is kept from signing in. Under 2 s. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { isFactorOffered } from '../../src/domain/factors/offer-factor.ts';
import { organisations } from '../support/organisations.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';
import { atLeuven, atVives, textOf, typePassword } from './people.ts';

afterEach(closeAll);

const DAY = 86_400_000;
const offering = organisations.map((each) => ({ ...each, offerFactorDays: 30 }));

async function house(change: Partial<Account> = {}) {
  const web = await startWeb({ organisations: offering });
  await web.storage.accounts.insert(atLeuven({ language: 'en', ...change }));
  const stored = async () => (await web.storage.accounts.findById('leuven-1')) as Account;
  return { web, stored };
}

describe('who has no second factor and need not have one', () => {
  test('is offered one after the right password; “not now” signs in and holds for 30 days', async () => {
    const { web, stored } = await house();
    const browser = browserOf(web);
    const path = web.begin();
    expect((await typePassword(browser, path, 'u0000001')).location).toBe(path);
    expect(web.logins).toEqual([]);
    const { body } = await browser.get(`${path}?lang=en`);
    expect(textOf(body, 'title')).toBe('Add a second step?');
    expect(textOf(body, 'because')).toContain('Not now? We ask again in 30 days.');
    expect(body).toContain('value="later"');
    const before = (await stored()).revision;
    expect((await browser.post(path, { action: 'later' })).location).toContain('https://toledo.example/callback');
    expect(web.logins).toMatchObject([{ accountId: 'leuven-1', amr: ['pwd'] }]);
    const after = await stored();
    expect([after.factorDeclinedAt, after.revision]).toEqual([web.clock.now, before + 1]); // in the write of the sign-in
    web.clock.now += 30 * DAY - 1;
    await typePassword(browser, web.begin(), 'u0000001');
    expect(web.logins).toHaveLength(2);
    web.clock.now += 1;
    const again = web.begin();
    expect((await typePassword(browser, again, 'u0000001')).location).toBe(again);
  });

  test('is not stopped by it: reloaded, or left for longer than the proof lasts, it goes on or begins anew', async () => {
    const { web } = await house();
    const browser = browserOf(web);
    const path = web.begin();
    await typePassword(browser, path, 'u0000001');
    for (let times = 0; times < 2; times += 1) expect((await browser.get(path)).body).toContain('value="later"');
    web.clock.now += 31 * 60_000;
    expect((await browser.get(path)).body).toContain('name="password"');
    await browser.post(path, { action: 'later' }); // proves nothing any more
    expect(web.logins).toEqual([]);
  });

  test('“not now” alone signs nobody in, nor does it where a factor is required', async () => {
    const { web } = await house();
    const path = web.begin();
    await browserOf(web).post(path, { action: 'later' });
    await web.storage.accounts.insert(atVives(web, { totps: [], activatedAt: 1 }).account);
    const student = browserOf(web);
    const required = web.begin();
    await typePassword(student, required, 'r0011111');
    expect((await student.get(required)).body).not.toContain('value="later"');
    await student.post(required, { action: 'later' });
    expect(web.logins).toEqual([]);
  });

  test('may take it: the code that a first factor needs is mailed, as ever (rule 7)', async () => {
    const { web, stored } = await house();
    const browser = browserOf(web);
    const path = web.begin();
    await typePassword(browser, path, 'u0000001');
    await browser.post(path, { action: 'enrol' });
    await browser.post(path, { action: 'choose-totp' }); // without the code it leads nowhere
    expect((await browser.get(path)).body).toContain('value="send-code"');
    await browser.post(path, { action: 'send-code' });
    expect((await stored()).tickets.map(({ purpose }) => purpose)).toEqual(['first-factor', 'not-me']);
  });
});

test('it is offered to nobody else', () => {
  const now = 100 * DAY;
  const due = atLeuven({ activatedAt: now - 30 * DAY });
  expect(isFactorOffered(due, offering, now)).toBe(true);
  const { personalEmail: _, ...unreachable } = { ...due, emails: [] };
  for (const account of [
    atLeuven({ activatedAt: now - 30 * DAY + 1 }),
    { ...due, factorDeclinedAt: now - 1 },
    { ...due, totps: [{ id: 't', name: 'Phone', sealedSeed: 's', lastStep: 0, createdAt: 0 }] },
    unreachable, // the code could not be mailed
  ])
    expect(isFactorOffered(account, offering, now)).toBe(false);
  expect(isFactorOffered(due, organisations, now)).toBe(false);
});
