/** Rule 31: whatever fails to prove somebody leaves a log line, a count and, bounded, an audit entry on the account. */
import { randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';
import { limits } from '../../src/domain/rate-limits/limits.ts';
import { isAudited, type ProofOutcome } from '../../src/domain/sign-in/proof.ts';
import { newTicket } from '../../src/domain/tickets/ticket.ts';
import { createLog } from '../../src/operation/log.ts';
import { firstChallenge } from '../../src/web/sign-in/passkey-question.ts';
import { anAccount } from '../support/account.ts';
import { localized } from '../support/localized.ts';
import { newKey } from '../support/security-key.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, countingHashing, startWeb } from '../support/web.ts';
import { atLeuven, atVives, password, typePassword } from './people.ts';

afterEach(closeAll);

const WRONG = 'a wrong password, which is in no log';
const CODE = 'WRNGCDE2';

/** Pages with somebody for each way to fail. */
async function house() {
  const { sessions, open } = stubSessions();
  const written: string[] = [];
  const log = createLog('info', { write: (line) => void written.push(line) });
  const { hashing } = countingHashing();
  const web = await startWeb({ sessions, log, hashing });
  const browser = browserOf(web);
  const withCode = (id: string, purpose: 'activation' | 'reset') =>
    newTicket(
      { purpose, accountId: id, lifetimeSeconds: 3600, withCode: purpose === 'activation' },
      web.sealer,
      web.clock.now,
      randomBytes,
    );
  const activation = withCode('new', 'activation');
  const reset = withCode('vives-1', 'reset');
  const key = newKey('passkey', 'keeper');
  const vives = atVives(web, { tickets: [reset.ticket] });
  const keeper = { id: 'keeper', userNumbers: ['u0000002'], emails: [], personalEmail: 'k@example.org' };
  const people: Account[] = [
    atLeuven(),
    vives.account,
    atLeuven({ ...keeper, passkeys: [key.factor] }),
    atLeuven({ ...keeper, id: 'ended', userNumbers: ['u0000003'], endsAt: 5 }),
    anAccount({
      id: 'new',
      userNumbers: ['r0000009'],
      emails: [],
      password: { hash: `plain$${password}`, setAt: 1 },
      tickets: [activation.ticket],
    }),
  ];
  for (const person of people) await web.storage.accounts.insert(person);
  const origin = new URL(web.issuer).origin;
  /** A sign-in whose question for a passkey is on the page. */
  async function asked(pending: Record<string, JsonValue> = {}) {
    const path = web.begin({ pending });
    await browser.get(path);
    const uid = path.split('/')[2] ?? '';
    const kept = web.open.get(uid)?.pending as { challenge?: string } | undefined;
    return { path, challenge: kept?.challenge ?? firstChallenge(web, { uid }) };
  }
  const proven = (accountId: string) => ({
    proven: { accountId, epoch: 1, amr: ['pwd'], at: web.clock.now },
  });
  const lines = () => written.map((line) => JSON.parse(line)).filter(({ event }) => event === 'sign-in-failed');
  return { web, browser, open, written, lines, asked, proven, key, origin, reset, vives, hashing };
}
type House = Awaited<ReturnType<typeof house>>;

/** Every way to fail, by outcome: a new outcome does not compile without one. Each names what its line says. */
const ways: Record<Exclude<ProofOutcome, 'right'>, Record<string, (house: House) => Promise<unknown>>> = {
  wrong: {
    'sign-in password leuven-1': ({ web, browser }) => typePassword(browser, web.begin(), 'u0000001', WRONG),
    'sign-in totp vives-1': ({ web, browser, proven }) =>
      browser.post(web.begin({ pending: proven('vives-1') }), { action: 'verify', code: '000 000' }),
    'sign-in recovery-code vives-1': ({ web, browser, proven }) =>
      browser.post(web.begin({ pending: proven('vives-1') }), { action: 'verify', code: CODE, way: 'recovery' }),
    'sign-in passkey keeper': async ({ browser, asked, key, proven }) => {
      const { path, challenge } = await asked(proven('keeper'));
      await browser.post(path, {
        action: 'passkey',
        passkey: key.answer(challenge, { origin: 'https://evil.example' }),
      });
    },
    'account password leuven-1': async ({ web, open }) => {
      open.set('s', { uid: 'u', accountId: 'leuven-1', amr: ['pwd'], authTime: 1, epoch: 1 });
      const signedIn = browserOf(web);
      signedIn.cookies.set('stub', 's');
      const fields = { current_password: WRONG, password: 'paperclip violin onions', password_again: '' };
      await signedIn.post('/account/password', { ...fields, password_again: fields.password, action: 'change' });
    },
    'reset totp vives-1': async ({ browser, reset }) => {
      await browser.get(`/reset?ticket=${reset.token}`);
      await browser.post('/reset', { action: 'continue', ticket: reset.token });
      await browser.post('/reset', { action: 'verify', code: '000000' });
    },
    'activation mailed-code new': ({ browser }) =>
      browser.post('/activate', { action: 'verify', number: 'r0000009', code: CODE }),
    'enrolment mailed-code leuven-1': async ({ web, browser }) => {
      const path = web.begin({ secondFactor: 'request-requires' });
      await typePassword(browser, path, 'u0000001');
      await browser.post(path, { action: 'send-code' });
      await browser.post(path, { action: 'verify', code: CODE });
    },
  },
  unknown: {
    'sign-in password undefined': ({ web, browser }) => typePassword(browser, web.begin(), 'u7777777', WRONG),
    'sign-in passkey undefined': async ({ browser, asked, origin }) => {
      const { path, challenge } = await asked();
      await browser.post(path, {
        action: 'passkey',
        passkey: newKey('passkey', 'nobody').answer(challenge, { origin }),
      });
    },
    'activation mailed-code undefined': ({ browser }) =>
      browser.post('/activate', { action: 'verify', number: 'r7777777', code: CODE }),
  },
  'not-active': {
    'sign-in password new': ({ web, browser }) => typePassword(browser, web.begin(), 'r0000009'),
  },
  'already-active': {
    'activation mailed-code undefined': ({ browser }) =>
      browser.post('/activate', { action: 'verify', number: 'u0000001', code: CODE }),
  },
  used: {
    'sign-in totp vives-1': async ({ web, browser, proven, vives }) => {
      for (let times = 0; times < 2; times += 1) {
        await browser.post(web.begin({ pending: proven('vives-1') }), { action: 'verify', code: vives.code() });
      }
    },
    'sign-in passkey keeper': async ({ browser, asked, key, origin, web }) => {
      const { path, challenge } = await asked();
      const passkey = key.answer(challenge, { origin });
      await browser.post(path, { action: 'passkey', passkey });
      await browser.post(web.begin({ pending: { challenge } }), { action: 'passkey', passkey });
    },
  },
  'counter-went-back': {
    'sign-in passkey keeper': async ({ browser, asked, key, origin }) => {
      for (const signCount of [9, 8]) {
        const { path, challenge } = await asked();
        await browser.post(path, { action: 'passkey', passkey: key.answer(challenge, { origin, signCount }) });
      }
    },
  },
  expired: {
    'sign-in passkey undefined': ({ web, browser, proven }) =>
      browser.post(web.begin({ pending: proven('keeper') }), { action: 'passkey', passkey: '{}' }),
  },
  exhausted: {
    'activation mailed-code new': async ({ browser }) => {
      for (let times = 0; times < 11; times += 1) {
        await browser.post('/activate', { action: 'verify', number: 'r0000009', code: CODE });
      }
    },
  },
  unverified: {
    'sign-in passkey keeper': async ({ browser, asked, key, origin }) => {
      const { path, challenge } = await asked();
      await browser.post(path, { action: 'passkey', passkey: key.answer(challenge, { origin, userVerified: false }) });
    },
  },
  'newly-verified': {
    'sign-in passkey keeper': async ({ browser, asked, key, origin, web }) => {
      const read = await web.storage.accounts.findById('keeper');
      if (read === undefined) throw new Error('no account');
      const passkeys = read.passkeys.map((each) => ({ ...each, uvInitialized: false }));
      await web.storage.accounts.replace({ ...read, passkeys, revision: read.revision + 1 }, read.revision);
      const { path, challenge } = await asked();
      await browser.post(path, { action: 'passkey', passkey: key.answer(challenge, { origin }) });
    },
  },
  limited: {
    'sign-in password leuven-1': async ({ web, browser }) => {
      for (let times = 0; times < 11; times += 1) await typePassword(browser, web.begin(), 'u0000001', WRONG);
    },
  },
  'not-open-to-person': {
    'sign-in password leuven-1': ({ web, browser }) => {
      const client = { id: 'toledo', name: localized('Toledo'), firstParty: true, openTo: { people: ['u9999999'] } };
      return typePassword(browser, web.begin({ client, secondFactor: 'application-requires' }), 'u0000001');
    },
  },
  ended: { 'sign-in password ended': ({ web, browser }) => typePassword(browser, web.begin(), 'u0000003') },
  changed: {
    'sign-in password leuven-1': async ({ web, browser, hashing }) => {
      const { verify } = hashing;
      hashing.verify = async (...asked) => {
        const read = await web.storage.accounts.findById('leuven-1');
        if (read === undefined) throw new Error('no account');
        await web.storage.accounts.replace(
          { ...read, credentialsEpoch: 2, revision: read.revision + 1 },
          read.revision,
        );
        return verify(...asked);
      };
      await typePassword(browser, web.begin(), 'u0000001');
    },
  },
  'other-account': {
    'sign-in password leuven-1': ({ web, browser }) =>
      typePassword(browser, web.begin({ idTokenHintAccountId: 'another' }), 'u0000001'),
  },
};

describe('rule 31: a failure', () => {
  const each = Object.entries(ways).flatMap(([outcome, some]) =>
    Object.entries(some).map(([what, fail]) => ({ outcome, what, fail })),
  );

  test.each(each)(
    'that is $outcome ($what) is told in one line, counted, and audited',
    async ({ outcome, what, fail }) => {
      const rooms = await house();
      const { web, lines, written } = rooms;
      await fail(rooms);
      const [place, factor, account] = what.split(' ');
      expect(lines().at(-1)).toMatchObject({
        level: 'warn',
        place,
        factor,
        outcome,
        address: '192.0.2.1',
        network: '192.0.2.1',
        ...(place === 'sign-in' ? { client: 'toledo' } : {}),
      });
      expect(String(lines().at(-1)?.account)).toBe(account);
      // one line for each failure, and a count for each judgement
      const failures = web.proofs.filter((proof) => proof.outcome !== 'right');
      expect(lines()).toHaveLength(failures.length);
      expect(web.proofs.at(-1)).toMatchObject({ place, factor, outcome });
      expect(web.audited.filter(({ subject }) => subject === undefined)).toEqual([]);
      if (account === 'undefined') expect(web.audited).toEqual([]);
      else
        expect(web.audited[0]).toMatchObject({ subject: account, network: '192.0.2.1', actor: { kind: 'anonymous' } });
      // neither logins nor what was typed
      expect(written.join('')).not.toMatch(/[ur]0000|[ur]7777|claes|WRNGCDE2|a wrong password|000000|000 000/);
    },
  );

  test('names the same login by the same value, and another installation’s cannot be compared', async () => {
    const { web, browser, lines } = await house();
    for (const login of ['u7777777', ' U7777777', 'u8888888']) await typePassword(browser, web.begin(), login, WRONG);
    const [first, second, third] = lines().map(({ loginMac }) => loginMac);
    expect([second === first, third === first]).toEqual([true, false]);
    expect(first).toBe(web.sealer.mac('login-in-log', 'u7777777'));
  });

  test('is audited with the first of a day, every tenth, and each limit that was reached', async () => {
    const { web, lines } = await house();
    // eleven tries from each of three networks: the eleventh is refused
    for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) {
      const stranger = browserOf(web, address);
      for (let times = 0; times < 12; times += 1) await typePassword(stranger, web.begin(), 'u0000001', WRONG);
    }
    expect(lines()).toHaveLength(36);
    const told = web.audited.map(({ action, details }) => ({ action, ...details }));
    const failed = (nth: string) => ({
      action: 'sign-in.failed',
      place: 'sign-in',
      factor: 'password',
      outcome: 'wrong',
      browser: 'other',
      nth,
    });
    const locked = { action: 'sign-in.locked-out', place: 'sign-in', factor: 'password', browser: 'other' };
    const here = { ...locked, limit: 'passwordPerLoginAndNetwork' };
    expect(told.slice(0, 3)).toEqual([failed('1'), failed('10'), here]);
    expect(told.filter(({ action }) => action === 'sign-in.failed')).toEqual(['1', '10', '20', '30'].map(failed));
    expect(told.filter(({ action }) => action === 'sign-in.locked-out')).toEqual([here, here, here]);
    web.clock.now += 25 * 3_600_000;
    await typePassword(browserOf(web), web.begin(), 'u0000001', WRONG);
    expect(web.audited.at(-1)?.details).toMatchObject({ nth: '1' });
  });

  test('says whether it came from a browser in which the person signed in before', async () => {
    const { web, browser, lines } = await house();
    await typePassword(browser, web.begin(), 'u0000001');
    for (const each of [browser, browserOf(web)]) await typePassword(each, web.begin(), 'u0000001', WRONG);
    expect(lines().map(({ knownBrowser }) => knownBrowser)).toEqual([true, undefined]);
    expect(web.audited.map(({ details }) => details)).toMatchObject([{ browser: 'known', nth: '1' }]);
  });

  test('does not fill the audit log, however often it comes', () => {
    const audited = Array.from({ length: 100_000 }, (_, index) => index + 1).filter(isAudited);
    expect(audited.slice(0, 3)).toEqual([1, 10, 20]);
    expect(audited.length).toBe(1 + 100 + 99);
    expect(limits.passwordPerAccountFromStrangers.tries * 24).toBeLessThan(100_000);
  });

  test('is found by the filter of examples/fail2ban.conf where nothing was proven, whoever writes the log', async () => {
    const { web, browser, written } = await house();
    await typePassword(browser, web.begin(), 'u0000001', WRONG);
    await typePassword(browserOf(web, '2001:db8::17'), web.begin(), '"address":"198.51.100.9"', WRONG);
    await typePassword(browser, web.begin({ idTokenHintAccountId: 'another' }), 'u0000001');
    const filter = readFileSync(new URL('../../examples/fail2ban.conf', import.meta.url), 'utf8');
    const [, failregex = ''] = /^failregex = (.*)$/m.exec(filter) ?? [];
    const expression = new RegExp(failregex.replace('<ADDR>', '(?<address>[0-9a-f.:]+)'));
    const lines = written.flatMap((line) => [line, `Nov 29 07:54:16 node1 pedel[4242]: ${line}`]);
    const found = lines.map((line) => expression.exec(line)?.groups?.address);
    expect(found.filter((address) => address !== undefined)).toEqual([
      '192.0.2.1',
      '192.0.2.1',
      '2001:db8::17',
      '2001:db8::17',
    ]);
    // as fail2ban reads it, which cuts out what its datepattern matched
    expect(expression.test((written[0] ?? '').replace(/"time":"[^"]*"/, ''))).toBe(true);
  });
});

test('rule 31: no page judges a password, code or passkey beside the functions that leave a trace', () => {
  const judges: Record<string, string> = {
    takePasswordGuess: 'src/web/password-guess.ts',
    'hashing\\s*\\.verify': 'src/web/password-guess.ts',
    takeFactorGuess: 'src/web/code-guess.ts',
    "'codesPerNetwork', ": 'src/web/code-guess.ts',
    verifyAuthentication: 'src/web/sign-in/passkey-question.ts',
  };
  const root = new URL('../../', import.meta.url).pathname;
  const files = globSync('src/{web,oidc}/**/*.ts', { cwd: root });
  expect(files.length).toBeGreaterThan(50);
  for (const [judge, only] of Object.entries(judges)) {
    const found = files.filter((file) => new RegExp(judge).test(readFileSync(root + file, 'utf8')));
    expect([judge, found]).toEqual([judge, [only]]);
  }
});
