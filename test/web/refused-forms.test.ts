/** A refused form: the top says what to do, the field says what is wrong, and all input but secrets stays (journey E). */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import type Koa from 'koa';
import { newRecoveryCodes } from '../../src/domain/factors/recovery-code.ts';
import { newTotpSeed } from '../../src/domain/factors/totp.ts';
import { readableAddress } from '../../src/http/readable-address.ts';
import { alumna, errorOf, GOOD, lastLetter, startActivation, student, visitor } from '../support/activation.ts';
import { textOf, type Visit } from '../support/http-visitor.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';
import { atVives, password } from './people.ts';

afterEach(closeAll);

const besideOf = (html: string, field: string) =>
  textOf(new RegExp(`id="${field}-error">([\\s\\S]*?)</p>`).exec(html)?.[1] ?? '');
const typedIn = (html: string, field: string) =>
  new RegExp(`<input id="${field}"[^>]*? value="([^"]*)"`).exec(html)?.[1] ?? '';

/** The field is at fault, says so in other and fewer words than the top, and holds this. */
function expectFault(page: Pick<Visit, 'status' | 'html'>, field: string, typed: string) {
  const [top, beside] = [errorOf(page as Visit), besideOf(page.html, field)];
  expect({ status: page.status, typed: typedIn(page.html, field) }).toEqual({ status: 422, typed });
  expect(beside).not.toBe('');
  expect(top).not.toContain(beside);
  expect(top.length).toBeGreaterThan(beside.length);
}

describe.each(['nl', 'en'] as const)('a refused form (%s)', (language) => {
  const twice = (typed: string, again = typed) => ({ password: typed, password_again: again });

  test('of activation: number, address and code stay, passwords go', async () => {
    const web = await startActivation();
    await web.storage.accounts.insert(alumna({ language }));
    const her = visitor(web);
    await her.at(`/activate?lang=${language}`);
    expectFault(await her.press('send', { number: ' ' }), 'number', '');
    await her.at('/activate?number=q0123456');
    expectFault(await her.press('send-code', { email: 'an.peeters' }), 'email', 'an.peeters');
    await her.press('send-code', { email: 'an.peeters@example.org' });
    expectFault(await her.press('verify', { code: '' }), 'code', '');
    expectFault(await her.press('verify', { code: 'wrng cde"2' }), 'code', 'wrng cde&#34;2');
    await her.press('verify', { code: (await lastLetter(web, 'alumna')).code });
    for (const fields of [twice(''), twice('kort'), twice('x'.repeat(129)), twice('Annelies Peeters 1')]) {
      expectFault(await her.press('set-password', fields), 'password', '');
    }
    expectFault(await her.press('set-password', twice(GOOD, `${GOOD}.`)), 'password_again', '');
  });

  test('of a second step on the way: the mailed code stays, the one of the application is dead and goes', async () => {
    const web = await startActivation();
    await web.storage.accounts.insert(alumna({ language }));
    const her = visitor(web);
    await her.at(`/activate?number=q0123456&lang=${language}`);
    await her.press('send-code', { email: 'an.peeters@example.org' });
    await her.press('verify', { code: (await lastLetter(web, 'alumna')).code });
    await her.press('set-password', twice(GOOD));
    await her.press('choose-totp');
    expectFault(await her.press('enrol', { code: '000000' }), 'code', '');

    const stub = stubSessions();
    const account = { language, activatedAt: web.clock.now - 86_400_000, password: { hash: 'plain$x', setAt: 1 } };
    const other = await startWeb({ sessions: stub.sessions });
    await other.storage.accounts.insert(student({ ...account, affiliations: [] }));
    const authTime = Math.floor(other.clock.now / 1000) - 60;
    stub.open.set('mine', { uid: 'uid', accountId: 'student', amr: ['pwd'], authTime, epoch: 1 });
    const him = browserOf(other);
    him.cookies.set('stub', 'mine');
    await him.post('/account/factors/add', { action: 'send-code' });
    const refused = await him.post('/account/factors/add', { action: 'verify', code: 'WRNG-CDE2' });
    expectFault({ ...refused, html: refused.body }, 'code', 'WRNG-CDE2');
  });

  test('of a sign-in: a recovery code stays, one of the application goes', async () => {
    const web = await startWeb();
    const { account } = atVives(web, { language });
    await web.storage.accounts.insert(account);
    const path = web.begin({ uiLocales: [language] });
    const browser = browserOf(web);
    await browser.post(path, { action: 'sign-in', login: 'r0011111', password });
    const verify = async (way: string, code: string) =>
      (await browser.post(path, { action: 'verify', way, code })).body;
    expect(typedIn(await verify('recovery', 'ABCDE-WRONG'), 'code')).toBe('ABCDE-WRONG');
    expect(typedIn(await verify('code', '000000'), 'code')).toBe('');
  });

  test('of a forgotten password: what was typed stays, and a recovery code does', async () => {
    const web = await startActivation();
    const seed = web.sealer.seal(newTotpSeed(randomBytes), 'student', 'totp');
    const totps = [{ id: 't', name: 'app', sealedSeed: seed, lastStep: 0, createdAt: 1 }];
    const { stored: recoveryCodes } = newRecoveryCodes(web.sealer, 'student', 1, randomBytes);
    const own = { hash: 'plain$old', setAt: 1 };
    await web.storage.accounts.insert(student({ language, activatedAt: 1, password: own, totps, recoveryCodes }));
    const him = visitor(web);
    await him.at(`/forgotten?lang=${language}`);
    expectFault(await him.press('send-link', { login: '' }), 'login', '');
    await him.press('send-link', { login: 'r0011111' });
    await him.at((await lastLetter(web, 'student')).link);
    await him.press('continue');
    await him.at('/reset?way=recovery');
    expect(typedIn((await him.press('verify', { code: 'ABCDE-WRONG' })).html, 'code')).toBe('ABCDE-WRONG');
  });
});

test('what no form of ours sends is refused: too large, compressed, too long, with null bytes', async () => {
  const web = await startWeb();
  const browser = browserOf(web);
  const post = async (body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}) =>
    (
      await browser.send('/forgotten', {
        method: 'POST',
        body,
        headers: {
          Origin: new URL(web.issuer).origin,
          'Content-Type': 'application/x-www-form-urlencoded',
          ...headers,
        },
      })
    ).status;
  expect(await post('login=r0000001')).toBe(303);
  expect(await post(`login=r0000001&more=${'x'.repeat(64 * 1024)}`)).toBe(413);
  expect(await post(gzipSync('login=r0000001'), { 'Content-Encoding': 'gzip' })).toBe(400);
  expect(await post(`login=${'x'.repeat(321)}`)).toBe(400);
  expect(await post(`login=r0000001&action=${'x'.repeat(41)}`)).toBe(400);
  expect(await post('login=r0000001%00')).toBe(400);
  expect(await post('login=a&login=b')).toBe(400);
});

test('an address that cannot be read is refused with 400 before anything looks at it', async () => {
  let passed = 0;
  const next = async () => {
    passed += 1;
  };
  const unreadable = Object.defineProperty({} as Koa.Context, 'path', {
    get: () => {
      throw new TypeError('Invalid URL');
    },
  });
  await readableAddress(unreadable, next);
  expect([unreadable.status, passed]).toEqual([400, 0]);
  await readableAddress({ path: '/' } as Koa.Context, next);
  expect(passed).toBe(1);
});
