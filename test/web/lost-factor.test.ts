/** Who lost the second factor: the ladder at the sign-in, and what a pass of the service desk opens, which is no application. */
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import type { Account } from '../../src/domain/account/account.ts';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import { askDesk, PASS_SECONDS } from '../../src/domain/desk/credential-acts.ts';
import { newTicket } from '../../src/domain/tickets/ticket.ts';
import { organisations } from '../support/organisations.ts';
import { browserOf, closeAll, type RunningWeb, startWeb } from '../support/web.ts';
import { atVives, typePassword } from './people.ts';

afterEach(closeAll);

/** A pass as the desk gives it. */
async function givePass(web: RunningWeb, accountId = 'vives-1'): Promise<string> {
  const ticket = (purpose: 'desk-pass' | 'activation') =>
    newTicket(
      { purpose, accountId, lifetimeSeconds: PASS_SECONDS, withCode: true },
      web.sealer,
      web.clock.now,
      randomBytes,
    );
  const pass = ticket('desk-pass');
  const prepared = { pass, activation: { ticket: ticket('activation').ticket, sealedSecret: '' } };
  const asked = { id: 'r', by: 'tom', reason: 'lost' };
  await updateAccount(web.storage.accounts, accountId, (account) =>
    askDesk(account, { kind: 'pass' }, asked, prepared, { organisations, now: web.clock.now }),
  );
  return pass.code ?? '';
}
const read = async (web: RunningWeb): Promise<Account> => {
  const account = await web.storage.accounts.findById('vives-1');
  if (account === undefined) throw new Error('nobody');
  return account;
};

async function startLost() {
  const web = await startWeb();
  const person = atVives(web, { password: { hash: 'plain$paperclip violin onions lamp', setAt: 1 } });
  await web.storage.accounts.insert(person.account);
  web.clock.now += 100 * 24 * 60 * 60 * 1000;
  const browser = browserOf(web);
  const path = web.begin();
  return { web, browser, path, ...person };
}

test('the second step leads to the ladder, which names what there still is, and mail is no part of it', async () => {
  const { browser, path } = await startLost();
  await typePassword(browser, path, 'r0011111');
  expect((await browser.get(path)).body).toContain('href="?way=lost"');
  const { body } = await browser.get(`${path}?way=lost&lang=en`);
  expect(body).toContain('You have lost your second step');
  expect(body).toContain('?way=recovery');
  expect(body).not.toMatch(/send-code|send-link/);
});

test('a pass opens nothing without the password', async () => {
  const { web, browser, path } = await startLost();
  const code = await givePass(web);
  const answer = await browser.post(path, { action: 'pass', code });
  expect([answer.status, answer.location]).toEqual([303, path]);
  expect((await browser.get(path)).body).toContain('name="password"');
  expect((await read(web)).tickets).toMatchObject([{ purpose: 'desk-pass', tries: 0 }]);
  expect((await browser.get(`${path}?way=lost`)).body).not.toContain('id="pass"');
});

test('after it, a pass sets up a factor in place of the lost ones, and signs nobody in', async () => {
  const { web, browser, path, code: lostCode } = await startLost();
  const pass = await givePass(web);
  await typePassword(browser, path, 'r0011111');
  const wrong = await browser.post(path, { action: 'pass', code: 'WRON-G234' });
  expect([wrong.status, wrong.body.includes('value="WRON-G234"')]).toEqual([422, true]);
  await browser.post(path, { action: 'pass', code: pass.toLowerCase() });
  await browser.post(path, { action: 'choose-totp' });
  const { body } = await browser.get(path);
  const seed = (/secret=([A-Z2-7]+)/.exec(body)?.[1] ?? '') as string;
  const codeAt = () => generateSync({ secret: seed, epoch: Math.floor(web.clock.now / 1000) });
  await browser.post(path, { action: 'enrol', code: codeAt() });
  const codes = (await browser.get(`${path}?lang=en`)).body;
  expect(codes.match(/[2-9A-Z]{5}-[2-9A-Z]{5}-[2-9A-Z]{5}/g)?.length).toBeGreaterThanOrEqual(10);
  const tickets = [{ purpose: 'not-me', tells: { action: 'factor.added' } }]; // the pass is spent
  expect(await read(web)).toMatchObject({ credentialsEpoch: 2, tickets, totps: [{ name: expect.any(String) }] });
  expect(web.logins).toEqual([]);
  const kept = await browser.post(path, { action: 'kept' });
  expect([kept.location, web.logins]).toEqual([path, []]);
  expect((await browser.get(path)).body).toContain('value="verify"');
  await browser.post(path, { action: 'verify', code: lostCode() });
  expect(web.logins).toEqual([]);
  web.clock.now += 60_000;
  const signedIn = await browser.post(path, { action: 'verify', code: codeAt() });
  expect(signedIn.location).toMatch(/^https:\/\/toledo\.example\/callback/);
  expect(web.logins).toMatchObject([{ accountId: 'vives-1', amr: ['pwd', 'otp', 'mfa'] }]);
});

test('a pass that was used opens no second enrolment, in another browser either', async () => {
  const { web, browser, path } = await startLost();
  const pass = await givePass(web);
  const other = { browser: browserOf(web), path: web.begin() };
  for (const each of [{ browser, path }, other]) {
    await typePassword(each.browser, each.path, 'r0011111');
    await each.browser.post(each.path, { action: 'pass', code: pass });
    await each.browser.post(each.path, { action: 'choose-totp' });
  }
  const enrol = async (each: typeof other) => {
    const seed = /secret=([A-Z2-7]+)/.exec((await each.browser.get(each.path)).body)?.[1] ?? 'MISSING';
    return { action: 'enrol', code: generateSync({ secret: seed, epoch: Math.floor(web.clock.now / 1000) }) };
  };
  const forms = [await enrol({ browser, path }), await enrol(other)];
  await Promise.all([browser.post(path, forms[0] ?? {}), other.browser.post(other.path, forms[1] ?? {})]);
  expect((await read(web)).totps).toHaveLength(1);
  const third = browserOf(web);
  const begun = web.begin();
  await typePassword(third, begun, 'r0011111');
  const again = await third.post(begun, { action: 'pass', code: pass });
  expect([again.status, again.body.includes('id="code-error"')]).toEqual([422, true]);
  expect(web.logins).toEqual([]);
});
