/** Rate limits: strangers are slowed, the owner is not (rules 2, 3); and which browsers are known to which account. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { limits } from '../../src/domain/rate-limits/limits.ts';
import { until } from '../support/campus.ts';
import { browserOf, closeAll, type RunningWeb, startWeb } from '../support/web.ts';
import { atLeuven, atVives, typePassword } from './people.ts';

afterEach(closeAll);

const guess = (web: RunningWeb, address: string, login = 'u0000001') =>
  typePassword(browserOf(web, address), web.begin(), login, 'guess');

describe('passwords', () => {
  test('rule 2: one network gets ten tries at an account, then 429 with Retry-After and no hashing; unknown logins alike', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    for (const login of ['u0000001', 'u7777777']) {
      for (let tries = 0; tries < limits.passwordPerLoginAndNetwork.tries; tries += 1) {
        expect((await guess(web, '198.51.100.7', login)).status).toBe(422);
      }
      const before = web.hashingCalls.verify;
      const refused = await guess(web, '198.51.100.7', login);
      expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '900']);
      expect(web.hashingCalls.verify).toBe(before);
      // the right password is not tried either, or the limit would be none
      expect((await typePassword(browserOf(web, '198.51.100.7'), web.begin(), login)).status).toBe(429);
    }
    expect((await typePassword(browserOf(web, '198.51.100.8'), web.begin(), 'u0000001')).status).toBe(303);
  });

  test('rule 2: addresses of one IPv6 /64 count as one network', async () => {
    const web = await startWeb();
    for (let tries = 0; tries < limits.passwordPerLoginAndNetwork.tries; tries += 1) {
      await guess(web, `2001:db8:5:6::${(tries + 1).toString(16)}`);
    }
    expect((await guess(web, '2001:db8:5:6:ffff::1')).status).toBe(429);
    expect((await guess(web, '2001:db8:5:7::1')).status).toBe(422);
  });

  test('rule 2: strangers from many addresses block strangers, and not the owner in a browser that signed in before', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    const owner = browserOf(web, '192.0.2.50');
    await typePassword(owner, web.begin(), 'u0000001');
    for (let stranger = 0; stranger < limits.passwordPerLoginFromStrangers.tries; stranger += 1) {
      await guess(web, `198.51.${stranger}.1`);
    }
    const newcomer = browserOf(web, '203.0.113.1');
    expect((await typePassword(newcomer, web.begin(), 'u0000001')).status).toBe(429);
    expect((await typePassword(owner, web.begin(), 'u0000001', 'a slip')).status).toBe(422);
    expect((await typePassword(owner, web.begin(), 'u0000001')).status).toBe(303);
  });

  test('rule 2: right passwords take nothing: a hundred sign-ins in a row are no attack', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    for (let times = 0; times < 25; times += 1) {
      expect((await typePassword(browserOf(web), web.begin(), 'u0000001')).status).toBe(303);
    }
  });

  test('rule 2: what was not judged costs nothing, and what was typed at once is judged', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    web.hashingCalls.busy = true;
    for (let tries = 0; tries < 12; tries += 1) expect((await guess(web, '198.51.100.7')).status).toBe(503);
    web.hashingCalls.busy = false;
    for (let tries = 0; tries < 9; tries += 1) expect((await guess(web, '198.51.100.7')).status).toBe(422);
    const sign = () => typePassword(browserOf(web, '198.51.100.7'), web.begin(), 'u0000001');
    expect((await sign()).status).toBe(303);
    // twice as many right ones at once as there are tries
    const together = await Promise.all(Array.from({ length: 20 }, sign));
    expect(together.map(({ status }) => status)).toEqual(Array(20).fill(303));
    // and of wrong ones no more are judged than there are tries
    const before = web.hashingCalls.verify;
    await Promise.all(Array.from({ length: 20 }, () => guess(web, '198.51.100.7')));
    expect(web.hashingCalls.verify - before).toBe(limits.passwordPerLoginAndNetwork.tries);
  });

  test('rule 2: made-up logins of one student slow the student, and close the address for nobody', async () => {
    const web = await startWeb({
      networks: [{ name: 'campus', cidrs: ['198.51.100.0/24'], limits: { loginsFailedPerNetwork: 110 } }],
    });
    await web.storage.accounts.insert(atLeuven());
    await web.storage.accounts.insert(atLeuven({ id: 'other', userNumbers: ['u0000002'], emails: [] }));
    const known = browserOf(web, '198.51.100.7');
    await typePassword(known, web.begin(), 'u0000001');
    const [student, page] = [browserOf(web, '198.51.100.7'), web.begin()];
    const madeUp = async (n: number) => (await typePassword(student, page, `x${n}`, 'guess')).status;
    for (let n = 0; n < limits.loginsFailedPerBrowser.tries; n += 1) expect(await madeUp(n)).toBe(422);
    for (let n = 100; n < 120; n += 1) expect(await madeUp(n)).toBe(429);
    // now the address is full as well: a slip is answered like that, but the right password opens
    const newcomer = browserOf(web, '198.51.100.7');
    expect((await typePassword(newcomer, web.begin(), 'u0000002', 'a slip')).status).toBe(429);
    expect((await typePassword(newcomer, web.begin(), 'u0000002')).status).toBe(303);
    expect((await typePassword(known, web.begin(), 'u0000001', 'a slip')).status).toBe(422);
    expect((await typePassword(known, web.begin(), 'u0000001')).status).toBe(303);
    expect(web.hashingCalls.lanes.slice(-3)).toEqual(['slowed', 'known', 'known']);
    const hit = { network: 'campus', from: '198.51.100.7' };
    expect(web.limitHits).toEqual([
      { limit: 'loginsFailedPerBrowser', ...hit },
      { limit: 'loginsFailedPerNetwork', ...hit },
    ]);
  });

  test('rule 2: people who mistype first and then get it right do not close a campus', async () => {
    const web = await startWeb({
      networks: [{ name: 'campus', cidrs: ['198.51.100.0/24'], limits: { accountsFailedPerNetwork: 5 } }],
    });
    for (let n = 0; n < 12; n += 1) {
      const login = `u000010${n}`;
      await web.storage.accounts.insert(atLeuven({ id: login, userNumbers: [login], emails: [] }));
      expect((await guess(web, '198.51.100.7', login)).status).toBe(422);
      expect((await typePassword(browserOf(web, '198.51.100.7'), web.begin(), login)).status).toBe(303);
    }
    expect(web.limitHits).toEqual([]);
  });

  test('rule 1: what was tried at a number is not seen at an address of the same account', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    for (let tries = 0; tries < 6; tries += 1) await guess(web, '198.51.100.7', 'u0000001');
    for (let tries = 0; tries < 10; tries += 1) {
      expect((await guess(web, '198.51.100.7', 'lies.claes@kuleuven.be')).status).toBe(422);
    }
    expect((await guess(web, '198.51.100.7', 'u0000001')).status).toBe(422);
  });

  test('rule 2: a known browser has tries of its own, and they end too', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    const owner = browserOf(web);
    await typePassword(owner, web.begin(), 'u0000001');
    for (let tries = 0; tries < limits.passwordInKnownBrowser.tries; tries += 1) {
      expect((await typePassword(owner, web.begin(), 'u0000001', 'guess')).status).toBe(422);
    }
    expect((await typePassword(owner, web.begin(), 'u0000001')).status).toBe(429);
  });
});

describe('an account at which strangers guess under all its logins', () => {
  const logins = ['u0000001', 'lies.claes@kuleuven.be', 'lies@kuleuven.be'];
  const told = async (web: RunningWeb) =>
    ((await web.storage.accounts.findById('leuven-1'))?.effects ?? []).flatMap((effect) =>
      effect.kind === 'letter' ? [`${effect.letter.template} ${effect.letter.to}`] : [],
    );
  async function closed() {
    const web = await startWeb();
    const { emails, ...rest } = atLeuven();
    await web.storage.accounts.insert({ ...rest, emails: [...emails, 'lies@kuleuven.be'] });
    for (const login of logins.slice(0, 2)) for (let n = 0; n < 50; n += 1) await guess(web, `198.51.${n}.1`, login);
    return web;
  }
  const newcomer = async (web: RunningWeb, password?: string) =>
    (await typePassword(browserOf(web, '203.0.113.1'), web.begin(), 'lies@kuleuven.be', password)).status;

  test('rule 2: it is closed to unknown browsers for an hour, its owner is told once, and the audit log has it', async () => {
    const web = await closed();
    expect(await told(web)).toEqual([]);
    for (let n = 0; n < 3; n += 1) expect(await newcomer(web)).toBe(422);
    await until(
      async () => ((await told(web)).length > 0 ? true : undefined),
      () => 'nobody was told',
    );
    expect(await told(web)).toEqual(['password-guessed lies@example.org', 'password-guessed lies.claes@kuleuven.be']);
    const lockedOut = web.audited.filter(({ action }) => action === 'sign-in.locked-out');
    expect(lockedOut.map(({ details }) => (details as { limit?: string }).limit)).toContain(
      'passwordPerAccountFromStrangers',
    );
    web.clock.now += 60 * 60_000 + 1;
    expect(await newcomer(web)).toBe(303);
  });

  test('rule 2: a reset opens it again', async () => {
    const web = await closed();
    expect(await newcomer(web)).toBe(422);
    await until(
      async () => ((await told(web)).length > 0 ? true : undefined),
      () => 'nobody was told',
    );
    const account = await web.storage.accounts.findById('leuven-1');
    if (account === undefined) throw new Error('gone');
    const { credentialsEpoch, revision } = account;
    const next = { ...account, credentialsEpoch: credentialsEpoch + 1, revision: revision + 1 };
    expect(await web.storage.accounts.replace(next, revision)).toBe(true);
    expect(await newcomer(web)).toBe(303);
  });
});

test('counters are stored under names that tell nothing of logins, people and networks', async () => {
  const web = await startWeb();
  await web.storage.accounts.insert(atLeuven());
  for (const login of ['u0000001', 'x'.repeat(100)]) await guess(web, '198.51.100.7', login);
  await typePassword(browserOf(web, '198.51.100.7'), web.begin(), 'u0000001');
  await browserOf(web).post('/forgotten', { action: 'send-link', login: 'u0000001' });
  await browserOf(web).get('/activate?number=q0123456');
  const { records } = await web.storage.archive.page('attempts', web.clock.now, undefined, 1000);
  expect(records.length).toBeGreaterThan(15);
  for (const { key } of records) expect(key).toMatch(/^[\w-]{43}$/);
});

describe('device cookie', () => {
  const deviceOf = (browser: ReturnType<typeof browserOf>) => browser.cookies.get('pedel_device');

  test('rule 2: is issued after a complete sign-in only, not after the password', async () => {
    const web = await startWeb();
    const { account, code } = atVives(web);
    await web.storage.accounts.insert(account);
    const browser = browserOf(web);
    const path = web.begin();
    await typePassword(browser, path, 'r0011111');
    expect(deviceOf(browser)).toBeUndefined();
    await browser.post(path, { code: code(), action: 'verify' });
    expect(deviceOf(browser)).toMatch(/^vives-1\.1\./);
  });

  test('rule 2: is bound to account and epoch, and a made-up one counts for nothing', async () => {
    const web = await startWeb();
    const account = atLeuven();
    await web.storage.accounts.insert(account);
    await web.storage.accounts.insert(atLeuven({ id: 'other', userNumbers: ['u0000002'], emails: [] }));
    const owner = browserOf(web, '192.0.2.50');
    await typePassword(owner, web.begin(), 'u0000001');
    const cookie = deviceOf(owner) ?? '';
    const block = async (login: string) => {
      for (let stranger = 0; stranger < limits.passwordPerLoginFromStrangers.tries; stranger += 1) {
        await guess(web, `198.51.${stranger}.9`, login);
      }
    };
    await block('u0000001');
    await block('u0000002');
    const withCookie = (value: string, login: string) => {
      const browser = browserOf(web, '203.0.113.9');
      browser.cookies.set('pedel_device', value);
      return typePassword(browser, web.begin(), login);
    };
    expect((await withCookie(cookie, 'u0000001')).status).toBe(303);
    expect((await withCookie(cookie, 'u0000002')).status).toBe(429);
    expect((await withCookie(cookie.replace('leuven-1', 'other'), 'u0000002')).status).toBe(429);
    const otherMac = cookie.replace(/.(?=.{4}$)/, (letter) => (letter === 'A' ? 'B' : 'A'));
    expect((await withCookie(otherMac, 'u0000001')).status).toBe(429);
    const stored = await web.storage.accounts.findById('leuven-1');
    if (stored === undefined) throw new Error('gone');
    await web.storage.accounts.replace(
      { ...stored, credentialsEpoch: 2, revision: stored.revision + 1 },
      stored.revision,
    );
    expect((await withCookie(cookie, 'u0000001')).status).toBe(429);
  });

  test('a family at one computer: each of them stays known', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    await web.storage.accounts.insert(atLeuven({ id: 'other', userNumbers: ['u0000002'], emails: [] }));
    const browser = browserOf(web);
    await typePassword(browser, web.begin(), 'u0000001');
    await typePassword(browser, web.begin(), 'u0000002');
    expect(deviceOf(browser)?.split('~')).toHaveLength(2);
  });
});

describe('codes', () => {
  const proven = (web: RunningWeb) => ({
    pending: { proven: { accountId: 'vives-1', epoch: 1, amr: ['pwd'], at: web.clock.now } },
  });

  test('rule 3: after 20 wrong codes from many addresses codes are refused, the owner is told once, and a known browser goes on', async () => {
    const web = await startWeb();
    const { account, code, recoveryCodes } = atVives(web);
    await web.storage.accounts.insert(account);
    const owner = browserOf(web, '192.0.2.50');
    const first = web.begin();
    await typePassword(owner, first, 'r0011111');
    await owner.post(first, { code: code(), action: 'verify' });
    web.clock.now += 60_000;

    const verify = (browser: ReturnType<typeof browserOf>, typed: string) =>
      browser.post(web.begin(proven(web)), { code: typed, action: 'verify' });
    for (let stranger = 0; stranger < limits.factorPerAccount.tries; stranger += 1) {
      expect((await verify(browserOf(web, `198.51.${stranger}.1`), '000000')).status).toBe(422);
    }
    const refused = await verify(browserOf(web, '203.0.113.1'), code());
    expect(refused.status).toBe(429);
    expect((await verify(browserOf(web, '203.0.113.2'), recoveryCodes[0] ?? '')).status).toBe(429);
    const letters = async () =>
      ((await web.storage.accounts.findById('vives-1'))?.effects ?? []).flatMap((effect) =>
        effect.kind === 'letter' ? [`${effect.letter.template} ${effect.letter.to}`] : [],
      );
    expect(await letters()).toEqual([
      'new-browser annelies@example.org',
      'new-browser annelies.peeters@student.vives.be',
      'password-known annelies@example.org',
      'password-known annelies.peeters@student.vives.be',
    ]);
    expect((await verify(owner, code())).status).toBe(303);
    expect(web.logins).toHaveLength(2);
  });

  test('rule 3: wrong codes in known browsers count together: the owner is told after 20, and strangers are refused', async () => {
    const web = await startWeb();
    const { account, code } = atVives(web);
    await web.storage.accounts.insert(account);
    const browsers = ['192.0.2.50', '192.0.2.51', '192.0.2.52'].map((address) => browserOf(web, address));
    const verify = (browser: ReturnType<typeof browserOf>, typed: string) =>
      browser.post(web.begin(proven(web)), { code: typed, action: 'verify' });
    for (const browser of browsers) {
      expect((await verify(browser, code())).status).toBe(303); // known from now on
      web.clock.now += 60_000;
    }
    const letters = async () =>
      ((await web.storage.accounts.findById('vives-1'))?.effects ?? []).filter(
        (effect) => effect.kind === 'letter' && effect.letter.template === 'password-known',
      ).length;
    const [first, second, third] = browsers;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three browsers');
    for (const browser of [first, second]) {
      for (let n = 0; n < limits.factorInKnownBrowser.tries; n += 1) {
        expect((await verify(browser, '000000')).status).toBe(422);
      }
      expect((await verify(browser, '000000')).status).toBe(429);
    }
    expect(await letters()).toBe(0);
    for (let n = 0; n < 3; n += 1) expect((await verify(third, '000000')).status).toBe(422);
    expect(await letters()).toBe(2); // one to each address
    expect((await verify(browserOf(web, '203.0.113.1'), code())).status).toBe(429);
    expect((await verify(third, code())).status).toBe(303);
  });

  test('right codes take nothing', async () => {
    const web = await startWeb();
    const { account, code } = atVives(web);
    await web.storage.accounts.insert(account);
    for (let times = 0; times < limits.factorPerAccount.tries + 3; times += 1) {
      const answer = await browserOf(web).post(web.begin(proven(web)), { code: code(), action: 'verify' });
      expect(answer.status).toBe(303);
      web.clock.now += 30_000;
    }
  });
});
