/** The account page as a person with a browser uses it, over HTTP and without script. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import type { Account } from '../../src/domain/account/account.ts';
import type { Email } from '../../src/domain/account/emails.ts';
import { anAccount } from '../support/account.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';

afterEach(closeAll);

const DAY = 86_400_000;
const PASSWORD = 'seven brass lanterns';
const NEW_PASSWORD = 'paperclip violin onions';

/** Pedel with one person who is signed in; `minutesAgo`: when the session began. */
async function signedIn(change: Partial<Account> = {}, session: { amr?: string[]; minutesAgo?: number } = {}) {
  const stub = stubSessions();
  const web = await startWeb({ sessions: stub.sessions });
  const now = web.clock.now;
  const account = anAccount({
    activatedAt: now - 30 * DAY,
    affiliations: [{ organisation: 'alum', role: 'alumnus', source: 'csv' }],
    password: { hash: `plain$${PASSWORD}`, setAt: now - 30 * DAY },
    language: 'en',
    ...change,
  });
  await web.storage.accounts.insert(account);
  const authTime = Math.floor(now / 1000) - 60 * (session.minutesAgo ?? 1);
  const begin = (name: string, amr = session.amr ?? ['pwd']) => {
    stub.open.set(name, { uid: `uid-${name}`, accountId: account.id, amr, authTime, epoch: account.credentialsEpoch });
    const visitor = browserOf(web);
    visitor.cookies.set('stub', name);
    return visitor;
  };
  return {
    web,
    stub,
    begin,
    browser: begin('mine'),
    stored: async () => (await web.storage.accounts.findById(account.id)) ?? account,
    letters: async () =>
      ((await web.storage.accounts.findById(account.id)) ?? account).effects.flatMap((effect) =>
        effect.kind === 'letter' ? [effect.letter] : [],
      ),
    secretOf: (letter: Email | undefined) =>
      JSON.parse(web.sealer.open(letter?.sealedSecret ?? '', account.id, 'letter')),
    key: (html: string) => /id="key">([A-Z2-7 ]+)</.exec(html)?.[1]?.replaceAll(' ', '') ?? '',
    totp: (secret: string) => generateSync({ secret, epoch: Math.floor(web.clock.now / 1000) }),
  };
}
const app = { id: 't1', name: 'My phone', sealedSeed: 's', lastStep: 0, createdAt: 0 };
const key = {
  id: 'p1',
  name: 'Key ring',
  credentialId: 'c1',
  publicKey: 'k',
  signCount: 0,
  transports: ['usb'],
  keyType: 'hwk' as const,
  createdAt: 0,
};
const strong = { amr: ['pwd', 'otp', 'mfa'] };

test('under the greeting no line ends within a user number', async () => {
  const { browser } = await signedIn({ userNumbers: ['u-hanneen'] });
  expect((await browser.get('/account')).body).toContain(' · <span class="unbroken">u-hanneen</span></p>');
});

describe('who is not signed in', () => {
  test('is sent to sign in, and comes back to the page that was asked for', async () => {
    const { web } = await signedIn();
    const { status, location } = await browserOf(web).get('/account/factors/remove?factor=t1');
    expect(status).toBe(303);
    expect(new URL(location ?? '', web.url).searchParams.get('back')).toBe('/account/factors/remove?factor=t1');
  });

  test('changes nothing: every form of the account page asks for a session first', async () => {
    const { web, stored } = await signedIn({ totps: [app] });
    const before = await stored();
    const stranger = browserOf(web);
    for (const [path, fields] of [
      ['/account', { action: 'set-language', language: 'nl' }],
      ['/account/password', { action: 'set-password', current_password: PASSWORD, password: NEW_PASSWORD }],
      ['/account/factors', { action: 'rename', factor: 't1', name: 'x' }],
      ['/account/factors/add', { action: 'choose-totp' }],
      ['/account/factors/remove', { action: 'remove', factor: 't1' }],
      ['/account/recovery-codes', { action: 'renew' }],
    ] as const) {
      const { status, location } = await stranger.post(path, fields);
      expect(status).toBe(303);
      expect(location).toContain('/auth?');
    }
    expect(await stored()).toEqual(before);
  });

  test('a form from another site is refused (rule 20)', async () => {
    const { browser, stored } = await signedIn({ totps: [app, { ...app, id: 't2' }] }, strong);
    const { status } = await browser.post(
      '/account/factors/remove',
      { action: 'remove', factor: 't1' },
      { 'Sec-Fetch-Site': 'cross-site' },
    );
    expect(status).toBe(403);
    expect((await stored()).totps).toHaveLength(2);
  });

  test('back from a sign-in, the address is the page’s own again, and an error is still looked at', async () => {
    const { browser } = await signedIn({ totps: [app] });
    const iss = encodeURIComponent('https://id.example');
    expect(await browser.get(`/account?iss=${iss}`)).toMatchObject({ status: 303, location: '/account' });
    const withQuery = await browser.get(`/account/factors/remove?factor=t1&iss=${iss}`);
    expect(withQuery.location).toBe('/account/factors/remove?factor=t1');
    expect((await browser.get(`/account/factors/add?error=access_denied&iss=${iss}`)).location).toBe('/account');
    expect((await browser.get(`/account?error=access_denied&iss=${iss}`)).status).toBe(200);
  });

  test('a sign-in that was cancelled does not go round in circles', async () => {
    const { web, browser } = await signedIn({ totps: [app] });
    expect((await browserOf(web).get('/account?error=access_denied')).location).toBe('/');
    const stepUp = await browser.get('/account/factors/add?error=unmet_authentication_requirements');
    expect(stepUp.location).toBe('/account');
  });
});

describe('who I am', () => {
  test('name, numbers, addresses, affiliations, and when and why the account ends', async () => {
    const { browser } = await signedIn({
      userNumbers: ['r0011111', 'q0123456'],
      affiliations: [
        { organisation: 'vives', role: 'student', source: 'csv', endedOn: '2026-09-25', endReason: 'studies stopped' },
      ],
      endsAt: Date.UTC(2026, 9, 2, 22),
    });
    const { body } = await browser.get('/account');
    for (const words of [
      'Annelies Peeters',
      'r0011111, q0123456',
      'annelies@<wbr>example<wbr>.org',
      'Student at VIVES',
    ]) {
      expect(body).toContain(words);
    }
    expect(body).toContain(
      'Your studies at VIVES stop on 25 September 2026. Your account ends on 2 October 2026 at midnight, in 11 days.',
    );
    expect(body).not.toContain('studies stopped'); // the reason is for the desk only
  });

  test('how many days are left, counted, and why, whatever the rules are now', async () => {
    // the rules gave four days, and have been changed to seven since
    const stopped = { organisation: 'vives', role: 'student', endedOn: '2026-09-20', endReason: '<b>stopped</b>' };
    const until = Date.UTC(2026, 8, 25, 22);
    const { browser } = await signedIn({
      affiliations: [{ ...stopped, source: 'csv' }],
      windows: [{ until, because: stopped }],
      endsAt: until,
    });
    const { body } = await browser.get('/account?lang=en');
    expect(body).toContain('Your studies at VIVES stopped on 20 September 2026.');
    expect(body).toContain('25 September 2026 at midnight, in 4 days.');
    expect((await browser.get('/account?lang=nl')).body).toContain('om middernacht, over 4 dagen.');
  });

  test('what a feed brought is text, never markup', async () => {
    const { browser } = await signedIn({ givenName: '<script>1</script>', userNumbers: ['"><b>'] });
    const { body } = await browser.get('/account');
    expect(body).not.toContain('<script>1');
    expect(body).not.toContain('"><b>');
  });

  test('the language is kept with the account, and this browser follows at once', async () => {
    const { browser, stored } = await signedIn();
    const { location } = await browser.post('/account', { action: 'set-language', language: 'nl' });
    expect((await stored()).language).toBe('nl');
    expect((await browser.get(location ?? '')).body).toContain('lang="nl"');
    expect((await browser.get('/account')).body).toContain('Dag Annelies');
  });

  test('signing out ends the session', async () => {
    const { browser, stub } = await signedIn();
    expect((await browser.post('/account', { action: 'logout' })).location).toBe('/session/end/success');
    expect(stub.ended).toEqual(['mine']);
    expect((await browser.get('/account')).location).toContain('/auth?');
  });
});

describe('changing the password', () => {
  const fields = (change: Record<string, string> = {}) => ({
    action: 'set-password',
    current_password: PASSWORD,
    password: NEW_PASSWORD,
    password_again: NEW_PASSWORD,
    ...change,
  });

  test('asks the old one, keeps this session, ends the others, tells both addresses', async () => {
    const { browser, web, stub, stored, letters } = await signedIn();
    const { status, location } = await browser.post('/account/password', fields());
    expect([status, location]).toEqual([303, '/account?done=password']);
    const account = await stored();
    expect(account.password?.hash).toBe(`plain$${NEW_PASSWORD}`);
    expect(account.credentialsEpoch).toBe(2);
    expect(account.effects).toContainEqual(
      expect.objectContaining({ kind: 'end-sessions', exceptSessionUid: 'uid-mine' }),
    );
    expect(stub.open.get('mine')?.epoch).toBe(2);
    expect((await letters()).map(({ template, to }) => `${template} ${to}`)).toEqual([
      'password-changed annelies@example.org',
      'password-changed annelies.peeters@student.vives.be',
    ]);
    expect(web.dispatched).toHaveLength(1);
    expect((await browser.get('/account?done=password')).body).toContain('Your password has been changed');
  });

  test.each([
    [{ current_password: 'wrong' }, 'current_password', 'current password is not correct'],
    [{ current_password: '' }, 'current_password', 'Enter your current password'],
    [{ password: 'short', password_again: 'short' }, 'password', 'at least 15 characters'],
    [{ password: 'annelies peeters', password_again: 'annelies peeters' }, 'password', 'too easy to guess'],
    [{ password: PASSWORD, password_again: PASSWORD }, 'password', 'your current password'],
    [{ password_again: 'something else' }, 'password_again', 'not the same'],
  ])('%p is refused beside its field, and nothing changes', async (change, field, sentence) => {
    const { browser, stored } = await signedIn();
    const { status, body } = await browser.post('/account/password', fields(change));
    expect(status).toBe(422);
    const top = /id="error"[^>]*>([^<]*)</.exec(body)?.[1] ?? '';
    const beside = new RegExp(`id="${field}-error">([^<]*)<`).exec(body)?.[1] ?? '';
    expect(top).toContain(sentence);
    expect(beside).not.toBe('');
    expect(top).not.toContain(beside);
    expect(body).not.toContain(NEW_PASSWORD);
    expect((await stored()).revision).toBe(1);
  });

  test('a refused password says why and what would help, as at activation; so does the meter when signed in', async () => {
    const { web, browser } = await signedIn();
    const weak = 'aaaaaaaaaaaaaaaaaaaa';
    const { body } = await browser.post('/account/password', fields({ password: weak, password_again: weak }));
    expect(body).toContain('Repeated characters');
    expect(body).toMatch(/<strong id="strength-word">(very )?weak</);
    expect((await browser.get('/account/password')).body).toContain('data-check="/account/password/check"');
    const check = (who: typeof browser) => who.post('/account/password/check', { password: weak });
    expect(JSON.parse((await check(browser)).body)).toMatchObject({
      error: expect.stringContaining('too easy to guess'),
      advice: expect.arrayContaining([expect.stringContaining('Repeated characters')]),
    });
    expect(await check(browserOf(web))).toMatchObject({ status: 403, body: '{}' });
  });

  test('the meter speaks the language of the page that asks, or of the account', async () => {
    const { browser } = await signedIn();
    const asked = async (more: Record<string, string>) =>
      JSON.parse(
        (await browser.post('/account/password/check', { password: 'kort', ...more }, { 'Accept-Language': 'nl' }))
          .body,
      );
    expect((await asked({ language: 'nl' })).error).toContain('te kort');
    expect((await asked({ language: 'en' })).strength.word).toBe('very weak');
    expect((await asked({})).error).toContain('too short');
    expect((await asked({ language: 'tlh' })).error).toContain('too short');
  });

  test('the meter says of the current password what the form says', async () => {
    const { browser } = await signedIn();
    const check = { password: PASSWORD, current_password: PASSWORD };
    expect(JSON.parse((await browser.post('/account/password/check', check)).body)).toMatchObject({
      error: expect.stringContaining('your current password'),
      strength: { score: 0, word: 'very weak' },
    });
  });

  test('after a refusal no strength is shown that the refused form does not have', async () => {
    const { browser } = await signedIn();
    for (const change of [
      { password: PASSWORD, password_again: PASSWORD },
      { password_again: 'something else' },
      { current_password: 'wrong' },
    ]) {
      const { body, status } = await browser.post('/account/password', fields(change));
      expect(status).toBe(422);
      expect(body).not.toMatch(/<strong id="strength-word">(very )?strong</);
    }
  });

  test('rule 33: one person has 200 passwords judged in a quarter of an hour, typed or sent, and no more', async () => {
    const { web, browser } = await signedIn();
    const { attempts } = web;
    const take = () => attempts.take('judgementsPerAccount account-1', web.clock.now + 900_000, web.clock.now);
    await Promise.all(Array.from({ length: 198 }, take));
    const check = () => browser.post('/account/password/check', { password: NEW_PASSWORD });
    expect([(await check()).status, (await check()).status]).toEqual([200, 200]);
    const refused = await check();
    expect(refused).toMatchObject({ status: 429, body: '{}' });
    expect(refused.headers.get('Retry-After')).toBe('900');
    const sent = await browser.post('/account/password', fields());
    expect(sent.status).toBe(429);
    expect(sent.body).toContain('tried many passwords');
    expect(web.judgingCalls.judged).toBe(2);
    web.clock.now += 900_000;
    expect((await check()).status).toBe(200);
  });

  test('rule 33: what is typed behind one address is judged 3000 times in a quarter of an hour, what is sent always', async () => {
    const { web, browser } = await signedIn();
    const { attempts } = web;
    const take = () => attempts.take('judgementsPerNetwork 192.0.2.1', web.clock.now + 900_000, web.clock.now);
    for (let count = 0; count < 3000; count += 500) await Promise.all(Array.from({ length: 500 }, take));
    expect((await browser.post('/account/password/check', { password: NEW_PASSWORD })).status).toBe(429);
    expect((await browser.post('/account/password', fields())).status).toBe(303);
  });

  test('a judgement that the full queue refuses costs no try', async () => {
    const { browser, web } = await signedIn();
    web.judgingCalls.busy = true;
    for (let count = 0; count < 101; count += 1) {
      expect((await browser.post('/account/password/check', { password: 'x' })).status).toBe(503);
      expect((await browser.post('/account/password', fields())).status).toBe(503);
    }
    web.judgingCalls.busy = false;
    expect((await browser.post('/account/password', fields())).status).toBe(303);
  });

  test('attempts at the old password are counted, and after twenty even the right one is refused (rule 2)', async () => {
    const { browser, stored } = await signedIn();
    for (let count = 0; count < 20; count += 1) {
      expect((await browser.post('/account/password', fields({ current_password: 'wrong' }))).status).toBe(422);
    }
    expect((await browser.post('/account/password', fields())).status).toBe(429);
    expect((await stored()).revision).toBe(1);
  });

  test('a full queue costs no try and says to come back', async () => {
    const { browser, web } = await signedIn();
    web.hashingCalls.busy = true;
    for (let count = 0; count < 21; count += 1) {
      expect((await browser.post('/account/password', fields())).status).toBe(503);
    }
    web.hashingCalls.busy = false;
    expect((await browser.post('/account/password', fields())).status).toBe(303);
  });
});

describe('the first factor', () => {
  test('of an active account: code by mail, application, recovery codes, all without script (rule 7)', async () => {
    const { browser, web, letters, secretOf, stored, key: keyOf, totp, stub } = await signedIn();
    const add = '/account/factors/add';
    expect((await browser.get(add)).body).toContain('Check that it is you');
    expect((await browser.post(add, { action: 'choose-totp' })).location).toBe(add); // steps are not skipped
    expect((await browser.get(add)).body).toContain('id="send-code"');
    await browser.post(add, { action: 'send-code' });
    expect((await browser.get(add)).body).toContain('a•••@example.org');
    expect((await browser.post(add, { action: 'verify', code: 'WRONG222' })).status).toBe(422);
    const { code } = secretOf((await letters())[0]);
    await browser.post(add, { action: 'verify', code: code.toLowerCase().replace('-', ' ') });
    expect((await browser.get(add)).body).toContain('Choose your second step');
    await browser.post(add, { action: 'choose-totp' });
    const { body } = await browser.get(add);
    expect(body).toContain('<title id="qr-title">QR code');
    const seed = keyOf(body);
    expect((await browser.post(add, { action: 'enrol', code: '000000' })).status).toBe(422);
    const proven = await browser.post(add, { action: 'enrol', code: totp(seed) });
    expect([proven.status, proven.location]).toEqual([303, '/account/recovery-codes']);

    const account = await stored();
    expect(account.totps).toMatchObject([{ name: 'Authenticator app' }]);
    expect(account.tickets.map(({ tells }) => tells?.action)).toEqual(['factor-code.mailed', 'factor.added']);
    expect(JSON.stringify(account)).not.toContain(seed);
    expect((await letters()).map(({ template }) => template)).toEqual(['factor-code', 'factor-added', 'factor-added']);
    expect(stub.open.get('mine')?.amr).toEqual(['pwd', 'otp', 'mfa']);
    expect(web.dispatched.length).toBeGreaterThanOrEqual(2);

    // shown until they are kept, whatever is reloaded
    const shown = [
      (await browser.get('/account/recovery-codes')).body,
      (await browser.get('/account/recovery-codes')).body,
    ];
    const codes = shown.map((page) => page.match(/(?:[2-9A-Z]{5}-){2}[2-9A-Z]{5}(?=<)/g));
    expect(codes[0]).toHaveLength(10);
    expect(codes[1]).toEqual(codes[0]);
    expect(decodeURIComponent(shown[0] ?? '')).toContain(`r0011111 for ${web.issuer}`); // the download
    expect(shown[0]).toContain(`Recovery codes of r0011111 for ${new URL(web.issuer).host}</p>`); // the sheet
    expect((await browser.post('/account/recovery-codes', { action: 'kept' })).location).toBe(
      '/account/factors?done=codes',
    );
    expect((await browser.get('/account/recovery-codes')).body).not.toContain(codes[0]?.[0]);
  });

  test('in the session that an activation opened needs no further code', async () => {
    const { browser, web, stub, stored, key: keyOf, totp } = await signedIn();
    const activatedAt = web.clock.now - 59_500;
    await web.storage.accounts.replace({ ...(await stored()), revision: 2, activatedAt }, 1);
    Object.assign(stub.open.get('mine') ?? {}, { activatedAt });
    await browser.post('/account/factors/add', { action: 'choose-totp' });
    const seed = keyOf((await browser.get('/account/factors/add')).body);
    await browser.post('/account/factors/add', { action: 'enrol', code: totp(seed) });
    expect((await stored()).totps).toHaveLength(1);
  });

  test('where the password was given long ago, it is asked again first', async () => {
    const { browser, web } = await signedIn({}, { minutesAgo: 6 });
    const { location } = await browser.get('/account/factors/add');
    const asked = new URL(location ?? '', web.url).searchParams;
    expect([asked.get('back'), asked.get('maxAgeSeconds')]).toEqual(['/account/factors/add', '300']);
  });

  test('what is kept in one browser opens nothing in another session or account', async () => {
    const { browser, begin, letters, secretOf } = await signedIn();
    const add = '/account/factors/add';
    await browser.post(add, { action: 'send-code' });
    await browser.post(add, { action: 'verify', code: secretOf((await letters())[0]).code });
    expect((await browser.get(add)).body).toContain('Choose your second step');
    const thief = begin('theirs');
    for (const name of ['pedel_enrolment', 'test_browser']) thief.cookies.set(name, browser.cookies.get(name) ?? '');
    expect((await thief.get(add)).body).toContain('Check that it is you');
  });

  test('codes by mail are limited, and the page says so', async () => {
    const { browser, letters } = await signedIn();
    for (let count = 0; count < 10; count += 1) await browser.post('/account/factors/add', { action: 'send-code' });
    const { status, body } = await browser.post('/account/factors/add', { action: 'send-code' });
    expect(status).toBe(429);
    expect(body).toContain('We have sent several codes');
    expect(await letters()).toHaveLength(10);
  });

  test('the same form sent twice at once adds one factor, and the codes are shown all the same', async () => {
    const { browser, stored, web, key: keyOf, totp } = await signedIn({ totps: [app] }, strong);
    const add = '/account/factors/add';
    await browser.post(add, { action: 'choose-totp' });
    const code = totp(keyOf((await browser.get(add)).body));
    const answers = await Promise.all([1, 2].map(() => browser.post(add, { action: 'enrol', code })));
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect((await stored()).totps).toHaveLength(2);
    expect(web.dispatched).toHaveLength(1);
    expect((await browser.get('/account/recovery-codes')).body).toContain('class="codes"');
  });
});

describe('further factors', () => {
  test('adding, removing and new codes ask for a factor proven within five minutes (rule 7)', async () => {
    for (const session of [{ amr: ['pwd'] }, { ...strong, minutesAgo: 6 }]) {
      const { browser, web, stored } = await signedIn({ totps: [app], passkeys: [key] }, session);
      const before = await stored();
      for (const [path, fields] of [
        ['/account/factors/add', { action: 'choose-totp' }],
        ['/account/factors/remove?factor=t1', { action: 'remove', factor: 't1' }],
        ['/account/recovery-codes', { action: 'renew' }],
      ] as const) {
        for (const { location } of [await browser.get(path), await browser.post(path.split('?')[0] ?? '', fields)]) {
          const asked = new URL(location ?? '', web.url).searchParams;
          expect(asked.get('back')).toBe(path);
          expect([asked.get('acr'), asked.get('maxAgeSeconds')]).toEqual(['https://refeds.org/profile/mfa', '300']);
        }
      }
      expect(await stored()).toEqual(before);
      await closeAll();
    }
  });

  test('an enrolment begun without a factor stops counting when another tab adds one', async () => {
    const { browser, letters, secretOf, stored, web } = await signedIn();
    const add = '/account/factors/add';
    await browser.post(add, { action: 'send-code' });
    await browser.post(add, { action: 'verify', code: secretOf((await letters())[0]).code });
    const account = await stored();
    await web.storage.accounts.replace({ ...account, totps: [app], revision: account.revision + 1 }, account.revision);
    expect((await browser.get(add)).location).toContain('acr=');
  });

  test('removing says what will happen, ends the other sessions and tells both addresses', async () => {
    const { browser, stored, letters, stub } = await signedIn({ totps: [app], passkeys: [key] }, strong);
    const { body } = await browser.get('/account/factors/remove?factor=p1');
    expect(body).toContain('Remove “Key ring”?');
    expect(body).toContain('signed out everywhere else');
    const { location } = await browser.post('/account/factors/remove', { action: 'remove', factor: 'p1' });
    expect(location).toBe('/account/factors?done=removed');
    const account = await stored();
    expect(account.passkeys).toEqual([]);
    expect(account.credentialsEpoch).toBe(2);
    expect(stub.open.get('mine')?.epoch).toBe(2);
    expect((await letters()).map(({ template, data }) => [template, data.factor])).toEqual([
      ['factor-removed', 'Key ring'],
      ['factor-removed', 'Key ring'],
    ]);
  });

  test('the last one stays where one is required, from two tabs at once too', async () => {
    const vives = { affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }] };
    const { browser, stored, stub } = await signedIn({ totps: [app], passkeys: [key], ...vives }, strong);
    // both tabs were let in before either had removed anything
    const answers = await Promise.all(
      ['t1', 'p1'].map((factor) => browser.post('/account/factors/remove', { action: 'remove', factor })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422]);
    const { totps, passkeys } = await stored();
    expect(totps.length + passkeys.length).toBe(1);
    expect(stub.open.size).toBe(1);
    const { body } = await browser.get(`/account/factors/remove?factor=${[...totps, ...passkeys][0]?.id}`);
    expect(body).toContain('Add another one first');
    expect(body).not.toContain('id="remove"');
  });

  test('a name can be changed, and is shown as text', async () => {
    const { browser, stored } = await signedIn({ totps: [app] });
    await browser.post('/account/factors', { action: 'rename', factor: 't1', name: ' <b>Work phone</b> ' });
    expect((await stored()).totps[0]?.name).toBe('<b>Work phone</b>');
    expect((await browser.get('/account/factors')).body).toContain('&lt;b&gt;Work phone');
    expect((await browser.post('/account/factors', { action: 'rename', factor: 't1', name: ' ' })).status).toBe(422);
  });

  test('new recovery codes replace the old ones at once and are shown once', async () => {
    const { browser, stored } = await signedIn(
      { totps: [app], recoveryCodes: { macs: ['old'], createdAt: 0 } },
      strong,
    );
    expect((await browser.get('/account/recovery-codes')).body).toContain('the old ones stop working at once');
    await browser.post('/account/recovery-codes', { action: 'renew' });
    expect((await stored()).recoveryCodes?.macs).not.toContain('old');
    expect(
      (await browser.get('/account/recovery-codes')).body.match(/(?:[2-9A-Z]{5}-){2}[2-9A-Z]{5}(?=<)/g),
    ).toHaveLength(10);
  });

  test('ten at most: no way to an eleventh is shown', async () => {
    const totps = Array.from({ length: 10 }, (_, index) => ({ ...app, id: `t${index}` }));
    const { browser } = await signedIn({ totps }, strong);
    expect((await browser.get('/account/factors')).body).not.toContain('href="/account/factors/add"');
    expect((await browser.get('/account/factors/add')).location).toBe('/account/factors');
  });
});
