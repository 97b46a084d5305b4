/**
 * Somebody who holds one thing of a person with a second step, and no more: the mailbox, the password, a session, a trusted
 * browser, or the rights of one agent of the service desk. It opens nothing, and the person is told of each try. On both
 * databases. About 10 s.
 */
import { randomBytes } from 'node:crypto';
import { afterEach, expect, jest, test } from '@jest/globals';
import { generateSecret, generateSync } from 'otplib';
import type { Account } from '../../src/domain/account/account.ts';
import { tellOfHalfway } from '../../src/jobs/halfway-sign-ins.ts';
import { keepLog } from '../jobs/support/quiet.ts';
import { setClock } from '../oidc/support.ts';
import { type HttpVisitor, httpVisitor } from '../support/http-visitor.ts';
import { organisations } from '../support/organisations.ts';
import { alumna, closeAll, neverActive, PASSWORD, postTo, product } from './product.ts';

afterEach(async () => {
  jest.useRealTimers();
  await closeAll();
});

const seed = generateSecret();
const browser = () => httpVisitor({ 'accept-language': 'en' });
const pathOf = (visitor: HttpVisitor) => new URL(visitor.page().url).pathname;
const inText = (visitor: HttpVisitor) =>
  visitor
    .page()
    .html.replace(/<[^>]+>|\s+/g, ' ')
    .replace(/ {2,}/g, ' ');

async function house(...more: Account[]) {
  let now = Date.now();
  setClock(now);
  const pedel = await product({ config: { trustedBrowserDays: 30 } });
  const sealer = await pedel.opened();
  const withApp = (id: string, number: string): Account => {
    const totp = {
      id: `totp-${id}`,
      name: 'Phone',
      sealedSeed: sealer.seal(seed, id, 'totp'),
      lastStep: 0,
      createdAt: 1,
    };
    return alumna(id, number, { totps: [totp], recoveryCodes: { macs: ['x'], createdAt: 1 } });
  };
  for (const account of [withApp('eva', 'q0000001'), withApp('tom', 'q0000002'), ...more])
    await pedel.storage.accounts.insert(account);
  const grant = {
    ...{ id: 'g', role: 'desk' as const, organisations: ['alum'], grantedBy: 'command test', grantedAt: 0 },
    holder: { kind: 'person' as const, id: 'tom' },
  };
  await pedel.storage.roleGrants.replace({ revision: 1, grants: [grant], effects: [] }, 0);

  const wait = (seconds: number) => {
    now += seconds * 1000;
    setClock(now);
  };
  const code = () => generateSync({ secret: seed, epoch: Math.floor(now / 1000) });
  /** Signs in where the browser is sent to, with the second step. */
  async function signIn(visitor: HttpVisitor, path: string, login: string, more: Record<string, string> = {}) {
    wait(31); // a code counts once
    await visitor.open(pedel.address + path);
    await visitor.press('sign-in', { login, password: PASSWORD });
    await visitor.press('verify', { code: code(), ...more });
    expect(pathOf(visitor)).toBe(path);
  }
  const held = async () => {
    const { password, totps, passkeys, recoveryCodes, emails, personalEmail, credentialsEpoch } =
      await pedel.stored('eva');
    return {
      password,
      factors: totps.map(({ id }) => id),
      passkeys,
      recoveryCodes,
      emails,
      personalEmail,
      credentialsEpoch,
    };
  };
  const before = await held();
  return {
    ...{ pedel, wait, code, signIn },
    /** A thief with nothing else is asked to sign in, and nothing of the account has changed. */
    async isOut(thief: HttpVisitor): Promise<void> {
      for (const path of ['/account', '/account/factors/add', '/account/email', '/desk', '/admin']) {
        await thief.open(pedel.address + path);
        expect([path, pathOf(thief)]).toEqual([path, expect.stringMatching(/^\/interaction\//)]);
      }
      expect(await held()).toEqual(before);
    },
    /** What the owner reads of it on the page of the account. */
    async told(owner: HttpVisitor, ...sentences: string[]): Promise<void> {
      if (owner.page().status === 0) await signIn(owner, '/account/activity', 'q0000001');
      else await owner.open(`${pedel.address}/account/activity`);
      for (const sentence of sentences) expect(inText(owner)).toContain(sentence);
    },
    letters: async (id = 'eva') => (await pedel.lettersTo(id)).map(({ template }) => template),
  };
}

test('with only the mailbox: a link for a new password asks for the second step, and no other way leads in by mail', async () => {
  const { pedel, isOut, told, letters } = await house();
  const thief = browser();
  await thief.open(`${pedel.address}/forgotten`);
  await thief.press('send-link', { login: 'q0000001' });
  const { link = '' } = await pedel.mailed('eva');
  await thief.open(pedel.address + link);
  await thief.press('continue');
  expect(inText(thief)).toContain('second step');
  const asked = thief.page().url;
  for (const wrong of ['000000', 'AAAA-BBBB', 'AAAAA-BBBBB-CCCCC']) {
    await thief.press('verify', { code: wrong });
    expect(thief.page().html).not.toContain('name="password_again"');
  }
  for (const action of ['set-password', 'choose-totp', 'later', 'pass', 'send-code'])
    await postTo(thief, asked, { action, password: PASSWORD, password_again: PASSWORD, code: '000000' });
  await thief.open(`${pedel.address}/activate?number=q0000001`);
  await isOut(thief);
  expect(await letters()).toContain('reset');
  await told(browser(), 'We sent you a link for a new password', 'A sign-in failed');
});

test('with only the mailbox: the link in a notice puts everybody out, the owner too, and opens nothing', async () => {
  const { pedel, signIn, letters, wait } = await house();
  const owner = browser();
  await signIn(owner, '/account/recovery-codes', 'q0000001');
  wait(1);
  await owner.press('renew');
  const { password } = await pedel.stored('eva');
  const notice = (await pedel.lettersTo('eva')).find(({ template }) => template === 'recovery-codes-renewed');
  const { notMe } = JSON.parse((await pedel.opened()).open(notice?.sealedSecret ?? '', 'eva', 'letter'));
  const thief = browser();
  for (let times = 0; times < 2; times += 1) await thief.open(pedel.address + notMe);
  expect(inText(thief)).toContain('New recovery codes were made');
  expect((await pedel.stored('eva')).credentialsEpoch).toBe(1);
  await thief.press('not-me');
  await thief.open(pedel.address + notMe);
  expect(thief.page().status).toBe(410);
  for (const visitor of [thief, owner]) {
    await visitor.open(`${pedel.address}/account`);
    expect(pathOf(visitor)).toMatch(/^\/interaction\//);
  }
  const after = await pedel.stored('eva');
  expect([after.password, after.totps.map(({ id }) => id)]).toEqual([password, ['totp-eva']]);
  expect([after.recoveryCodes, after.credentialsEpoch]).toEqual([undefined, 2]);
  expect(await letters()).toContain('account-secured');
});

test('with only the password: codes are guessed in vain and then refused, and the owner hears that the password is known', async () => {
  const { pedel, signIn, isOut, told, letters } = await house();
  const owner = browser();
  await signIn(owner, '/account', 'q0000001'); // a browser that is known is not locked out with the thief
  const thief = browser();
  await thief.open(`${pedel.address}/account`);
  await thief.press('sign-in', { login: 'q0000001', password: PASSWORD });
  for (let n = 0; n < 21; n += 1) await thief.press('verify', { code: String(100000 + n) });
  const asked = thief.page().url;
  for (const action of ['pass', 'enrol', 'choose-totp', 'later', 'trust', 'send-code'])
    await postTo(thief, asked, { action, code: 'AAAA-BBBB' });
  await isOut(thief);
  expect(await letters()).toContain('password-known');
  await told(owner, 'A sign-in failed authenticator app', 'Too many wrong codes after the right password');
});

test('with only the password: who stops at the second step is in nowhere, and the owner hears of it', async () => {
  const { pedel, signIn, isOut, told, letters, wait } = await house();
  const owner = browser();
  await signIn(owner, '/account', 'q0000001');
  const thief = browser();
  await thief.open(`${pedel.address}/account`);
  const asked = thief.page().url;
  await thief.press('sign-in', { login: 'q0000001', password: PASSWORD });
  expect(inText(thief)).toContain('second step');
  // a second tab, the same form again, and a browser that keeps nothing: still one letter
  await postTo(thief, asked, { action: 'sign-in', login: 'q0000001', password: PASSWORD });
  const other = browser();
  await other.open(`${pedel.address}/account`);
  await other.press('sign-in', { login: 'q0000001', password: PASSWORD });
  const { storage } = pedel;
  const sealer = await pedel.opened();
  const job = { storage, organisations, sealer, randomBytes, holder: 'test', now: () => Date.now(), log: keepLog() };
  wait(14 * 60);
  expect(await tellOfHalfway(job)).toBe(0);
  wait(60);
  expect(await tellOfHalfway(job)).toBe(1);
  expect((await letters()).filter((template) => template === 'stopped-halfway')).toHaveLength(2); // two addresses
  await isOut(thief);
  await told(browser(), 'Someone entered the correct password in an unknown browser, but did not finish signing in');
  wait(20 * 60);
  expect(await tellOfHalfway(job)).toBe(0); // the owner's own sign-ins, in browsers old and new, left nothing
  const sent = (await pedel.lettersTo('eva')).find(({ template }) => template === 'stopped-halfway');
  const { link } = JSON.parse(sealer.open(sent?.sealedSecret ?? '', 'eva', 'letter'));
  await thief.open(pedel.address + link);
  expect(inText(thief)).toContain('Someone entered your password but did not finish signing in');
  await thief.press('not-me');
  expect((await pedel.stored('eva')).passwordExpiredAt).toBeDefined();
});

test('with only a session: nothing that counts is changed, and a guess at the password is told', async () => {
  const { pedel, wait, signIn, told } = await house();
  const owner = browser();
  await signIn(owner, '/account', 'q0000001');
  const thief = browser();
  for (const [name, value] of owner.cookies) thief.cookies.set(name, value);
  wait(301);
  const before = await pedel.stored('eva');
  for (const path of [
    '/account/factors/add',
    '/account/factors/remove?factor=totp-eva',
    '/account/recovery-codes',
    '/account/email',
  ]) {
    await thief.open(pedel.address + path);
    expect([path, pathOf(thief)]).toEqual([path, expect.stringMatching(/^\/interaction\//)]);
  }
  const acts = {
    '/account/email': { action: 'remove' },
    '/account/data': { action: 'download' },
    '/account/recovery-codes': { action: 'renew' },
    '/account/factors/remove': { action: 'remove', factor: 'totp-eva' },
    '/account/password': {
      action: 'set-password',
      current_password: 'guess',
      password: PASSWORD,
      password_again: PASSWORD,
    },
  };
  for (const [path, fields] of Object.entries(acts)) {
    const answer = await postTo(thief, pedel.address + path, fields);
    expect([path, answer.headers.get('content-disposition')]).toEqual([path, null]);
  }
  const after = await pedel.stored('eva');
  for (const member of ['password', 'totps', 'recoveryCodes', 'emails', 'personalEmail', 'credentialsEpoch'] as const)
    expect([member, after[member]]).toEqual([member, before[member]]);
  await told(owner, 'A sign-in failed password');
});

test('with only a trusted browser: the password is asked, and guesses at it are told', async () => {
  const { pedel, signIn, isOut, told } = await house();
  const owner = browser();
  await signIn(owner, '/account', 'q0000001', { trust: 'yes' });
  expect((await pedel.stored('eva')).trustedBrowsers).toHaveLength(1);
  const thief = browser();
  for (const [name, value] of owner.cookies) if (/trusted|device/.test(name)) thief.cookies.set(name, value);
  expect(thief.cookies.size).toBe(2);
  await thief.open(`${pedel.address}/account`);
  for (const password of ['guess', 'another guess', '']) {
    await thief.press('sign-in', { login: 'q0000001', password });
    expect(pathOf(thief)).toMatch(/^\/interaction\//);
  }
  await postTo(thief, thief.page().url, { action: 'verify', code: '000000' });
  await isOut(thief);
  await told(owner, 'A sign-in failed password');
});

test('with only the rights of one agent: a pass opens nothing without the password, a second and an address wait, all is told', async () => {
  const nel = neverActive('nel', 'q0000003', { emails: [] });
  const { pedel, signIn, isOut, told, letters } = await house(nel);
  const agent = browser();
  await signIn(agent, '/desk', 'q0000002');
  const act = async (id: string, name: string, fields: Record<string, string> = {}) => {
    await agent.send(`${pedel.address}/desk/people/${id}/${name}`, { reason: 'Ticket 1', ...fields });
    return agent.page();
  };
  const pass = /id="pass">([^<]+)</.exec((await act('eva', 'pass')).html)?.[1] ?? '';
  expect(pass).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
  const thief = browser();
  await thief.open(`${pedel.address}/account`);
  await thief.press('sign-in', { login: 'q0000001', password: 'guess' });
  await postTo(thief, thief.page().url, { action: 'pass', code: pass });
  await isOut(thief);
  // a second pass waits, and nobody agrees to what he asked for
  expect((await act('eva', 'pass')).html).not.toContain('id="pass"');
  const request = (await pedel.stored('eva')).desk?.requests[0]?.id ?? '';
  for (const action of ['approve', 'show-pass'])
    expect((await act('eva', `requests/${request}`, { action })).status).toBe(409);
  for (const name of ['resend', 'address', 'lift'])
    expect([name, (await act('eva', name)).status]).toEqual([name, 404]);
  // nor is an account that was never active taken over by an address of one's own
  await act('nel', 'address', { address: 'tom.himself@example.org' });
  expect((await pedel.stored('nel')).personalEmail).toBe('nel@example.org');
  await act('nel', 'resend');
  expect((await pedel.stored('nel')).tickets.map(({ sentTo }) => sentTo)).toEqual(['nel@example.org']);
  expect(await letters('nel')).toContain('activation-code');
  expect((await letters()).filter((template) => template === 'desk-acted')).toHaveLength(2);
  await told(
    browser(),
    'The service desk gave a pass',
    'The service desk asked a colleague to agree',
    'A sign-in failed password',
  );
});
