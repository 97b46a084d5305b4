/**
 * "This was not me": the email about a new browser, its link, the page of activity, and what attackers get by any of it.
 * About 4 s with a browser.
 */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createTranslations } from '../../locales/index.ts';
import type { Account } from '../../src/domain/account/account.ts';
import { renewRecoveryCodes } from '../../src/domain/factors/factor.ts';
import { NOT_ME_SECONDS } from '../../src/domain/tickets/ticket.ts';
import { createUpdate } from '../../src/web/web.ts';
import { accessibilityFaults, describeInBrowser, visitor } from '../support/browser.ts';
import { organisations } from '../support/organisations.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';
import { atLeuven, atVives, typePassword } from './people.ts';

afterEach(closeAll);

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';

/** Pedel with a person of KU Leuven, who has no second factor, and whoever signs in as that person. */
async function house(change: Partial<Account> = {}) {
  const stub = stubSessions();
  const web = await startWeb({
    sessions: stub.sessions,
    networks: [
      { name: 'campus Kortrijk', cidrs: ['10.1.0.0/16'], limits: {} },
      { name: 'computer rooms', cidrs: ['10.2.0.0/16'], limits: {}, sharedComputers: true },
    ],
  });
  const account = atLeuven({ language: 'en', ...change });
  await web.storage.accounts.insert(account);
  const stored = async () => (await web.storage.accounts.findById(account.id)) as Account;
  const letters = async () =>
    (await stored()).effects.flatMap((effect) => (effect.kind === 'letter' ? [effect.letter] : []));
  /** The path of the link in the latest email that has one. */
  const link = async (): Promise<string> => {
    const sealed = (await letters()).findLast(({ sealedSecret }) => sealedSecret !== undefined)?.sealedSecret ?? '';
    return JSON.parse(web.sealer.open(sealed, account.id, 'letter')).link;
  };
  async function signIn(browser = browserOf(web, '10.1.2.3')) {
    const path = web.begin();
    await browser.get(path, { 'User-Agent': chrome });
    const fields = { login: 'u0000001', password: 'paperclip violin onions lamp', action: 'sign-in' };
    await browser.post(path, fields, { 'User-Agent': chrome });
    return browser;
  }
  /** A browser with a session of the account at its current epoch. */
  async function withSession() {
    const { credentialsEpoch: epoch } = await stored();
    stub.open.set('mine', { uid: 'mine', accountId: account.id, amr: ['pwd'], authTime: 1, epoch });
    const browser = browserOf(web);
    browser.cookies.set('stub', 'mine');
    return browser;
  }
  const happened = async (id: string, subject = account.id) => {
    const entry = {
      id,
      at: web.clock.now,
      action: 'sign-in',
      actor: { kind: 'person', id: subject },
      subject,
    } as const;
    await web.storage.auditLog.append({ ...entry, details: { amr: 'pwd' } });
    return `${web.clock.now}.${id}`;
  };
  return { web, stored, letters, link, signIn, withSession, happened };
}

const tokenOf = (path: string) => new URLSearchParams(path.split('?')[1]).get('ticket') ?? '';

describe('a sign-in in a new browser', () => {
  test('at a shared computer sends no email, and what happened to the account tells it', async () => {
    const { web, letters, signIn, stored } = await house();
    for (const address of ['10.2.3.4', '10.2.3.5']) await signIn(browserOf(web, address));
    expect([await letters(), (await stored()).tickets]).toEqual([[], []]);
    const entries = (await stored()).effects.flatMap((each) => (each.kind === 'audit' ? [each.entry] : []));
    expect(entries).toMatchObject([
      { action: 'sign-in', network: '10.2.3.4', details: { seen: 'no' } },
      { action: 'sign-in', network: '10.2.3.5', details: { seen: 'no' } },
    ]);
    expect((await stored()).browsers).toMatchObject([{ network: 'computer rooms' }, { network: 'computer rooms' }]);
    await signIn(browserOf(web, '10.1.2.3'));
    expect(await letters()).toHaveLength(2);
  });

  test('is told once to both addresses, with browser and network; in the same browser no more', async () => {
    const { web, letters, signIn, stored } = await house();
    const browser = await signIn();
    expect(web.logins).toHaveLength(1);
    expect(await letters()).toMatchObject([
      {
        template: 'new-browser',
        to: 'lies@example.org',
        data: { name: 'Chrome', system: 'Windows', network: 'campus Kortrijk' },
      },
      { template: 'new-browser', to: 'lies.claes@kuleuven.be' },
    ]);
    await signIn(browser);
    expect(web.logins).toHaveLength(2);
    expect(await letters()).toHaveLength(2);
    expect((await stored()).browsers).toMatchObject([
      { name: 'Chrome', system: 'Windows', network: 'campus Kortrijk' },
    ]);
    await signIn();
    expect(await letters()).toHaveLength(4);
  });

  test('a new password, and with it a new epoch, makes no browser new', async () => {
    const { web, letters, signIn, stored } = await house();
    const browser = await signIn();
    const account = await stored();
    const { revision } = account;
    await web.storage.accounts.replace({ ...account, revision: revision + 1, credentialsEpoch: 2 }, revision);
    await signIn(browser);
    expect(web.logins).toHaveLength(2);
    expect(await letters()).toHaveLength(2);
  });

  test('two tabs that sign in at once are one browser', async () => {
    const { web, letters, signIn, stored } = await house();
    const browser = browserOf(web);
    browser.cookies.set('test_browser', 'the-same');
    await Promise.all([signIn(browser), signIn(browser)]);
    expect(web.logins).toHaveLength(2);
    expect((await stored()).browsers).toHaveLength(1);
    expect(await letters()).toHaveLength(2);
  });

  test('a made-up cookie of a known browser does not silence it', async () => {
    const { web, letters, signIn } = await house();
    const browser = browserOf(web);
    browser.cookies.set('pedel_device', 'leuven-1.1.AAAAAAAAAAAAAAAA.AAAA');
    await signIn(browser);
    expect(await letters()).toHaveLength(2);
  });

  test('what a browser calls itself gets no sentence into the email', async () => {
    const { web, letters } = await house();
    const browser = browserOf(web);
    const agent = 'Call +32 900 12345 now, your account is blocked!/1.0';
    await browser.post(
      web.begin(),
      { login: 'u0000001', password: 'paperclip violin onions lamp', action: 'sign-in' },
      { 'User-Agent': agent },
    );
    expect((await letters())[0]?.data).toMatchObject({ name: '', system: '' });
  });
});

describe('the link', () => {
  test('shows what it is about and changes nothing, however often a mail scanner opens it', async () => {
    const { web, stored, signIn, link } = await house();
    await signIn();
    const before = await stored();
    for (let times = 0; times < 3; times += 1) {
      const { status, body } = await browserOf(web).get(await link());
      expect(status).toBe(200);
      expect(body).toContain('Chrome on Windows');
      expect(body).toContain('campus Kortrijk');
    }
    await browserOf(web).send(await link(), { method: 'HEAD' });
    expect(await stored()).toEqual(before);
  });

  test('puts everybody out once; clicked again, or by 10 at once, it does nothing more', async () => {
    const { web, stored, signIn, link, letters } = await house();
    await signIn();
    const path = await link();
    const fields = { action: 'not-me', ticket: tokenOf(path) };
    const answers = await Promise.all(Array.from({ length: 10 }, () => browserOf(web).post('/not-me', fields)));
    for (const { status, location } of answers) expect([303, 410]).toContain(status === 303 && location ? 303 : status);
    expect(answers.some(({ location }) => location === '/not-me?done=1')).toBe(true);
    const after = await stored();
    expect(after).toMatchObject({ credentialsEpoch: 2, tickets: [], passwordExpiredAt: web.clock.now });
    expect((await letters()).filter(({ template }) => template === 'account-secured')).toHaveLength(2);
    expect((await browserOf(web).post('/not-me', fields)).status).toBe(410);
    expect((await browserOf(web).get(path)).status).toBe(410);
    expect(await stored()).toEqual(after);
    expect((await browserOf(web).get('/not-me?done=1&lang=en')).body).toContain('Everybody is signed out');
  });

  test('of another kind, made up, or posted from another site does nothing', async () => {
    const { web, stored, signIn, link } = await house();
    await browserOf(web).post('/forgotten', { action: 'send-link', login: 'u0000001' });
    const reset = tokenOf(await link());
    await signIn();
    const before = await stored();
    for (const ticket of [reset, 'made-up', ''])
      expect((await browserOf(web).post('/not-me', { action: 'not-me', ticket })).status).toBe(410);
    const ticket = tokenOf(await link());
    const elsewhere = { Origin: 'https://evil.example' };
    expect((await browserOf(web).post('/not-me', { action: 'not-me', ticket }, elsewhere)).status).toBe(403);
    expect((await browserOf(web).post('/not-me', { action: 'other', ticket })).location).toContain('/not-me?ticket=');
    // nor does it open what a link for a new password opens
    expect((await browserOf(web).post('/reset', { action: 'continue', ticket })).status).toBe(410);
    expect(await stored()).toEqual(before);
  });

  test('who reads only the mailbox opens nothing by it where there is a second factor', async () => {
    const { web } = await house();
    const { account, code } = atVives(web, { language: 'en', credentialsEpoch: 1 });
    await web.storage.accounts.insert(account);
    const owner = browserOf(web);
    const path = web.begin();
    await typePassword(owner, path, 'r0011111');
    await owner.post(path, { action: 'verify', code: code() });
    const sealed = (await web.storage.accounts.findById('vives-1'))?.effects.flatMap((effect) =>
      effect.kind === 'letter' ? [effect.letter.sealedSecret ?? ''] : [],
    );
    const { link } = JSON.parse(web.sealer.open(sealed?.at(-1) ?? '', 'vives-1', 'letter'));
    await browserOf(web).post('/not-me', { action: 'not-me', ticket: tokenOf(link) });
    const after = await web.storage.accounts.findById('vives-1');
    expect(after?.totps).toHaveLength(1);
    // the password that may be known leads, past the factor, to a link for a new one; not to the application
    const signIns = web.logins.length;
    const next = web.begin();
    await typePassword(owner, next, 'r0011111');
    expect((await owner.get(`${next}?lang=en`)).body).toContain('name="code"');
    web.clock.now += 60_000;
    await owner.post(next, { action: 'verify', code: code() });
    expect((await owner.get(`${next}?lang=en`)).body).toContain('Choose a new password first');
    expect(web.logins).toHaveLength(signIns);
  });
});

describe('the link of a notice', () => {
  /** What the owner did just now, as a notice tells it: new recovery codes. Returns the path of its link. */
  async function noticed() {
    const { web } = await house();
    const { account, code } = atVives(web, { language: 'en' });
    await web.storage.accounts.insert(account);
    const stored = async () => (await web.storage.accounts.findById('vives-1')) as Account;
    const letters = async () =>
      (await stored()).effects.flatMap((effect) => (effect.kind === 'letter' ? [effect.letter] : []));
    const { sealer, storage } = web;
    const ports = { accounts: storage.accounts, dispatchEffects() {} };
    const update = createUpdate({ ...ports, sealer, randomBytes, now: () => web.clock.now });
    web.clock.now += 1000;
    const context = { organisations, now: web.clock.now };
    await update('vives-1', (read) => renewRecoveryCodes(read, { macs: ['m'], createdAt: web.clock.now }, context));
    const sealed = (await letters())[0]?.sealedSecret ?? '';
    const path: string = JSON.parse(web.sealer.open(sealed, 'vives-1', 'letter')).notMe;
    return { web, stored, letters, code, path, ticket: tokenOf(path) };
  }

  test.each(['en', 'nl'] as const)(
    'says what was done and when, without a session, and changes nothing (%s)',
    async (language) => {
      const { web, stored, path } = await noticed();
      const before = await stored();
      const t = createTranslations()(language);
      for (let times = 0; times < 3; times += 1) {
        const { status, body } = await browserOf(web).get(`${path}&lang=${language}`);
        expect(status).toBe(200);
        expect(body).toContain(t('activity.did_codes_renewed'));
        expect(body).toContain(t('activity.not_me_out'));
        expect(body).not.toContain(t('activity.not_me_browser'));
      }
      expect(await stored()).toEqual(before);
    },
  );

  test('ends sessions and password once, takes what was made then, and tells owner and log; used or too old it is dead', async () => {
    const { web, stored, letters, ticket, path } = await noticed();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => browserOf(web).post('/not-me', { action: 'not-me', ticket })),
    );
    expect(answers.some(({ location }) => location === '/not-me?done=1')).toBe(true);
    const after = await stored();
    expect(after).toMatchObject({ credentialsEpoch: 2, passwordExpiredAt: web.clock.now, tickets: [] });
    expect([after.totps.length, after.recoveryCodes]).toEqual([1, undefined]);
    expect((await letters()).map(({ template }) => template)).toEqual([
      ...['recovery-codes-renewed', 'recovery-codes-renewed', 'account-secured', 'account-secured'],
    ]);
    const entries = after.effects.flatMap((each) => (each.kind === 'audit' ? [each.entry] : []));
    expect(entries.filter(({ action }) => action === 'account.disowned')).toMatchObject([
      { actor: { kind: 'anonymous' }, details: { what: 'recovery-codes.renewed', by: 'email' } },
    ]);
    expect((await browserOf(web).get(path)).status).toBe(410);
    expect((await browserOf(web).post('/not-me', { action: 'not-me', ticket })).status).toBe(410);
    expect(await stored()).toEqual(after);
    const late = await noticed();
    late.web.clock.now += NOT_ME_SECONDS * 1000;
    expect((await browserOf(late.web).post('/not-me', { action: 'not-me', ticket: late.ticket })).status).toBe(410);
    expect((await late.stored()).credentialsEpoch).toBe(1);
  });

  test('opens nothing to who reads only the mailbox: no session, no new password without the second step', async () => {
    const { web, stored, letters, ticket } = await noticed();
    const thief = browserOf(web);
    await thief.post('/not-me', { action: 'not-me', ticket });
    expect((await thief.get('/account')).location).toContain('/auth?');
    await thief.post('/forgotten', { action: 'send-link', login: 'r0011111' });
    const sealed = (await letters()).at(-1)?.sealedSecret ?? '';
    const { link } = JSON.parse(web.sealer.open(sealed, 'vives-1', 'letter'));
    await thief.post('/reset', { action: 'continue', ticket: tokenOf(link) });
    expect((await thief.get('/reset?lang=en')).body).toContain('name="code"');
    const { password } = await stored();
    await thief.post('/reset', {
      action: 'set-password',
      password: 'my own one, quite long',
      password_again: 'my own one, quite long',
    });
    expect((await stored()).password).toEqual(password);
    expect(web.logins).toEqual([]);
  });
});

describe('on the page of activity', () => {
  const PAGE = '/account/activity';

  test('an own sign-in leads to a page that says what will happen; then everybody is put out', async () => {
    const { happened, withSession, stored, letters } = await house({ browsers: [{ id: 'b', firstAt: 1, lastAt: 1 }] });
    const entry = await happened('e1');
    const browser = await withSession();
    expect((await browser.get(PAGE)).body).toContain(`/account/activity/not-me?entry=${entry}`);
    expect((await browser.get(`${PAGE}/not-me?entry=${entry}`)).body).toContain('Everybody is signed out everywhere');
    expect((await stored()).credentialsEpoch).toBe(1);
    const { location } = await browser.post(PAGE, { action: 'not-me', entry });
    expect(location).toBe('/not-me?done=1');
    expect(await stored()).toMatchObject({ credentialsEpoch: 2, passwordExpiredAt: expect.any(Number) });
    expect((await letters()).map(({ template }) => template)).toEqual([
      'account-secured',
      'account-secured',
      'desk-account-disowned',
    ]);
  });

  test('entries of somebody else, made up, or too old, do nothing', async () => {
    const { web, happened, withSession, stored } = await house();
    await web.storage.accounts.insert(atLeuven({ id: 'other', userNumbers: ['u2'], emails: [] }));
    const others = await happened('theirs', 'other');
    const own = await happened('own');
    const browser = await withSession();
    const before = [await stored(), await web.storage.accounts.findById('other')];
    for (const entry of [others, `${web.clock.now}.made-up`, 'nonsense', '', `1${own}`]) {
      expect((await browser.get(`${PAGE}/not-me?${new URLSearchParams({ entry })}`)).location).toBe(PAGE);
      expect((await browser.post(PAGE, { action: 'not-me', entry })).location).toBe(PAGE);
    }
    expect((await browser.post(PAGE, { action: 'other', entry: own })).location).toBe(PAGE);
    web.clock.now += 91 * 86_400_000;
    expect((await browser.post(PAGE, { action: 'not-me', entry: own })).location).toBe(PAGE);
    expect([await stored(), await web.storage.accounts.findById('other')]).toEqual(before);
  });

  test('clicked twice at once it is done once, and a session of before does nothing', async () => {
    const { happened, withSession, stored, letters } = await house();
    const entry = await happened('e1');
    const browser = await withSession();
    await Promise.all([1, 2, 3].map(() => browser.post(PAGE, { action: 'not-me', entry })));
    expect((await stored()).credentialsEpoch).toBe(2);
    expect((await letters()).filter(({ template }) => template === 'account-secured')).toHaveLength(2);
  });

  test('who is not signed in is sent to sign in', async () => {
    const { web, happened, stored } = await house();
    const entry = await happened('e1');
    expect((await browserOf(web).post(PAGE, { action: 'not-me', entry })).location).toContain('/auth?');
    expect((await stored()).credentialsEpoch).toBe(1);
  });
});

describeInBrowser('its pages in a browser', () => {
  test('axe finds nothing, in both languages', async () => {
    const { web, signIn, link, withSession, happened } = await house();
    await signIn();
    await withSession();
    const entry = await happened('e1');
    const { page, context } = await visitor();
    await context.addCookies([{ name: 'stub', value: 'mine', url: web.url }]);
    const faults: string[] = [];
    const paths = [
      await link(),
      '/not-me?done=1',
      '/not-me?ticket=x',
      `/account/activity/not-me?entry=${entry}`,
      '/account/activity',
    ];
    for (const [index, path] of paths.entries()) {
      await page.goto(`${web.url}${path}${path.includes('?') ? '&' : '?'}lang=${index % 2 === 0 ? 'en' : 'nl'}`);
      faults.push(...(await accessibilityFaults(page)));
    }
    expect(faults).toEqual([]);
  }, 60_000);
});
