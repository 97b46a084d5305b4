/** Signing in over HTTP: the password, the second factor, required factors, and messages. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { messagesOf } from '../../locales/index.ts';
import { personalClaims } from '../../src/domain/clients/release/scopes.ts';
import { localized } from '../support/localized.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';
import { asRead, atLeuven, atVives, password, textOf, typePassword } from './people.ts';

afterEach(closeAll);

describe('password', () => {
  test('number or address, in any case and with spaces, and the password open the way to the application', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    for (const login of ['u0000001', ' U 0000001 ', 'Lies.Claes@KULEUVEN.be', 'ｕ0000001']) {
      const path = web.begin();
      const browser = browserOf(web);
      const page = await browser.get(path);
      expect(page.status).toBe(200);
      expect(textOf(page.body, 'title')).toContain('Toledo');
      const answer = await typePassword(browser, path, login);
      expect(answer.status).toBe(303);
      expect(answer.location).toMatch(/^https:\/\/toledo\.example\/callback/);
    }
    expect(web.logins).toHaveLength(4);
    expect(web.logins[0]).toMatchObject({ accountId: 'leuven-1', amr: ['pwd'], epoch: 1 });
  });

  test('rule 1: unknown login, wrong password, never activated and ended account get the same answer and the same work', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    const { activatedAt: _, ...never } = atLeuven({ id: 'never', userNumbers: ['r0000002'], emails: [] });
    await web.storage.accounts.insert(never);
    const ended = atLeuven({ id: 'ended', userNumbers: ['r0000003'], emails: [], endsAt: web.clock.now - 1 });
    await web.storage.accounts.insert(ended);
    const { password: _none, ...bare } = atLeuven({ id: 'bare', userNumbers: ['r0000004'], emails: [] });
    await web.storage.accounts.insert(bare);

    let counted: number[] = [];
    const { attempts } = web.storage;
    const { takeAll } = attempts;
    attempts.takeAll = (counters, now) => {
      counted.push(counters.length);
      return takeAll(counters, now);
    };
    const tries = [
      ['u0000001', 'wrong'],
      ['u9999999', password],
      ['r0000002', password],
      ['r0000003', 'wrong'],
      ['r0000004', password],
    ] as const;
    const seen = [];
    for (const [login, typed] of tries) {
      const before = web.hashingCalls.verify;
      counted = [];
      const answer = await typePassword(browserOf(web), web.begin(), login, typed);
      const headers = Object.fromEntries(answer.headers);
      seen.push({
        status: answer.status,
        body: asRead(answer.body).replaceAll(login, '<login>'),
        headers: Object.keys(headers).sort(),
        verified: web.hashingCalls.verify - before,
        counted,
      });
    }
    expect(seen[0]).toMatchObject({ status: 422, verified: 1, counted: [expect.any(Number), expect.any(Number)] });
    for (const each of seen) expect(each).toEqual(seen[0]);
    expect(web.logins).toEqual([]);
  });

  test('a refused password says so once at the top and once beside the field, keeps the login and drops the password', async () => {
    const web = await startWeb();
    const answer = await typePassword(browserOf(web), web.begin(), 'r1234567', 'my secret');
    expect(answer.body).toMatch(/<p id="error" role="alert" tabindex="-1" autofocus>/);
    expect(answer.body).toContain('id="password-error"');
    expect(answer.body).toContain('value="r1234567"');
    expect(answer.body).not.toContain('my secret');
    expect(answer.body.match(/ autofocus/g)).toHaveLength(1);
  });

  test('an ended account is told so after the right password, with the date and whom to call', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven({ endsAt: Date.UTC(2026, 7, 31) }));
    const browser = browserOf(web);
    const path = web.begin();
    const answer = await typePassword(browser, path, 'u0000001');
    expect([answer.status, answer.location]).toEqual([303, path]);
    const page = await browser.get(`${path}?lang=en`);
    expect(textOf(page.body, 'title')).toBe('Your account has ended');
    expect(page.body).toContain('31 August 2026');
    expect(page.body).toContain('helpdesk@icts.kuleuven.be');
    const back = await browser.post(path, { action: 'cancel' });
    expect(back.location).toMatch(/^https:\/\/toledo/);
    expect(web.ends).toEqual([{ uid: path.split('/')[2], error: 'access_denied' }]);
    expect(web.logins).toEqual([]);
  });

  test('a suspended account is told so after the right password, with the day on which it opens again', async () => {
    const web = await startWeb();
    const suspension = { kind: 'administrative', reason: 'unpaid fees', at: 0 } as const;
    await web.storage.accounts.insert(atLeuven({ suspension: { ...suspension, until: Date.UTC(2027, 1, 28, 23) } }));
    const browser = browserOf(web);
    const path = web.begin();
    expect((await typePassword(browser, path, 'u0000001')).location).toBe(path);
    const page = await browser.get(`${path}?lang=en`);
    expect(textOf(page.body, 'title')).toBe('Your account is closed for now');
    expect(page.body).toContain('closed your account until the end of 28 February 2027.');
    expect(page.body).not.toContain('unpaid fees');
    expect(web.logins).toEqual([]);
  });

  test('a password that may be known is replaced by a mailed link before anything opens', async () => {
    const web = await startWeb();
    const { account, code } = atVives(web, { passwordExpiredAt: 1 });
    await web.storage.accounts.insert(account);
    const browser = browserOf(web);
    const path = web.begin();
    await typePassword(browser, path, 'r0011111');
    expect((await browser.post(path, { action: 'send-link' })).location).toBe(path); // not before the factor
    expect((await browser.post(path, { code: code(), action: 'verify' })).location).toBe(path);
    const page = await browser.get(`${path}?lang=en`);
    expect(textOf(page.body, 'title')).toBe('Choose a new password first');
    expect(web.logins).toEqual([]);
    const sent = await browser.post(path, { action: 'send-link' });
    expect(sent.location).toBe(`${path}?sent=yes`);
    expect(textOf((await browser.get(`${path}?sent=yes&lang=en`)).body, 'title')).toBe('Check your mailbox');
    const stored = await web.storage.accounts.findById('vives-1');
    expect(stored?.tickets.map(({ purpose }) => purpose)).toEqual(['reset']);
  });

  test('a hash of yesterday is renewed with the right password, and only where it is still the one that was checked', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven({ password: { hash: `old$${password}`, setAt: 7 } }));
    await typePassword(browserOf(web), web.begin(), 'u0000001', 'wrong');
    expect((await web.storage.accounts.findById('leuven-1'))?.password?.hash).toBe(`old$${password}`);
    await typePassword(browserOf(web), web.begin(), 'u0000001');
    const after = await web.storage.accounts.findById('leuven-1');
    expect(after?.password).toEqual({ hash: `plain$${password}`, setAt: 7 });
  });

  test('a full hashing queue is 503 with Retry-After, and the sign-in is still under way', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    web.hashingCalls.busy = true;
    const path = web.begin();
    const answer = await typePassword(browserOf(web), path, 'u0000001');
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '5']);
    // one line a minute, without a stack: under overload there are thousands
    await typePassword(browserOf(web), path, 'u0000001');
    expect(web.logged.map(({ message }) => message)).toEqual([
      'too many passwords wait to be judged: sign-ins are asked to come back',
    ]);
    web.clock.now += 61_000;
    await typePassword(browserOf(web), path, 'u0000001');
    expect(web.logged).toHaveLength(2);
    expect(JSON.stringify(web.logged)).not.toContain('stack');
    web.hashingCalls.busy = false;
    expect((await typePassword(browserOf(web), path, 'u0000001')).status).toBe(303);
  });

  test('a complete sign-in is in the audit, with factors and network, in the same write', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    await typePassword(browserOf(web, '2001:db8:1:2:3::4'), web.begin(), 'u0000001');
    const [account] = web.dispatched;
    expect(account?.effects.filter(({ kind }) => kind === 'audit')).toMatchObject([
      {
        kind: 'audit',
        entry: {
          action: 'sign-in',
          subject: 'leuven-1',
          client: 'toledo',
          network: '2001:db8:1:2:3::4',
          details: { amr: 'pwd' },
        },
      },
    ]);
  });
});

describe('second factor', () => {
  test('password, then the code of the application: amr pwd, otp, mfa', async () => {
    const web = await startWeb();
    const { account, code } = atVives(web);
    await web.storage.accounts.insert(account);
    const browser = browserOf(web);
    const path = web.begin();
    const first = await typePassword(browser, path, 'r0011111');
    expect([first.status, first.location]).toEqual([303, path]);
    expect(web.logins).toEqual([]);
    const page = await browser.get(path);
    expect(page.body).toMatch(/<input id="code" name="code"/);
    expect(page.body).toContain('autocomplete="one-time-code"');
    const spaced = code().replace(/(...)/, '$1 ');
    const done = await browser.post(path, { code: spaced, action: 'verify' });
    expect(done.status).toBe(303);
    expect(web.logins).toMatchObject([{ accountId: 'vives-1', amr: ['pwd', 'otp', 'mfa'], epoch: 1 }]);
    const stored = await web.storage.accounts.findById('vives-1');
    expect(stored?.totps[0]?.lastUsedAt).toBe(web.clock.now);
  });

  test('a second factor that was set up is asked for, required or not', async () => {
    const web = await startWeb();
    const { account } = atVives(web, { affiliations: [{ organisation: 'alum', role: 'alumnus', source: 'csv' }] });
    await web.storage.accounts.insert(account);
    expect((await typePassword(browserOf(web), web.begin(), 'r0011111')).location).toMatch(/^\/interaction/);
    expect(web.logins).toEqual([]);
  });

  test('no way round: a code posted without a password, or the password page skipped, signs nobody in', async () => {
    const web = await startWeb();
    const { account, code } = atVives(web);
    await web.storage.accounts.insert(account);
    const browser = browserOf(web);
    const path = web.begin();
    const answer = await browser.post(path, { code: code(), action: 'verify', login: 'r0011111' });
    expect([answer.status, answer.location]).toEqual([303, path]);
    expect(web.logins).toEqual([]);
  });

  test('rule 4: of 20 parallel uses of one TOTP code exactly one signs in, and it never works again', async () => {
    const web = await startWeb();
    const { account, code } = atVives(web);
    await web.storage.accounts.insert(account);
    const one = code();
    const pending = { proven: { accountId: 'vives-1', epoch: 1, amr: ['pwd'], at: web.clock.now } };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => browserOf(web).post(web.begin({ pending }), { code: one, action: 'verify' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array(19).fill(422)]);
    expect(web.logins).toHaveLength(1);
  });

  test('the same code sent twice at once by one browser, or again: each answer leads on, and one signs in', async () => {
    const web = await startWeb();
    const { account, code, recoveryCodes } = atVives(web);
    await web.storage.accounts.insert(account);
    const pending = { proven: { accountId: 'vives-1', epoch: 1, amr: ['pwd'], at: web.clock.now } };
    for (const fields of [{ code: code() }, { code: recoveryCodes[0] ?? '', way: 'recovery' }]) {
      web.logins.splice(0);
      const path = web.begin({ pending });
      const browser = browserOf(web);
      const send = () => browser.post(path, { ...fields, action: 'verify' });
      const answers = [...(await Promise.all([send(), send()])), await send(), await browser.get(path)];
      const on = `https://toledo.example/callback?uid=${path.split('/')[2]}`;
      expect(answers.map(({ status, location }) => [status, location])).toEqual(Array(4).fill([303, on]));
      expect(web.logins).toHaveLength(1);
    }
  });

  test('rule 4: a step only ever increases: a used code stays used while it would still be in time', async () => {
    const web = await startWeb();
    const { account, code } = atVives(web);
    await web.storage.accounts.insert(account);
    const pending = { proven: { accountId: 'vives-1', epoch: 1, amr: ['pwd'], at: web.clock.now } };
    const verify = (typed: string) => browserOf(web).post(web.begin({ pending }), { code: typed, action: 'verify' });
    const [one, older] = [code(), code(-30)];
    expect((await verify(one)).status).toBe(303);
    const again = await verify(one);
    expect(again.status).toBe(422);
    expect(again.body).toMatch(/al gebruikt|used already/);
    expect((await verify(older)).status).toBe(422);
    web.clock.now += 30_000;
    expect((await verify(one)).status).toBe(422);
    expect((await verify(code())).status).toBe(303);
  });

  test('of 20 parallel uses of one recovery code exactly one signs in; it is gone and both addresses are told', async () => {
    const web = await startWeb();
    const { account, recoveryCodes } = atVives(web);
    await web.storage.accounts.insert(account);
    const typed = (recoveryCodes[3] ?? '').toLowerCase().replace('-', ' ');
    const pending = { proven: { accountId: 'vives-1', epoch: 1, amr: ['pwd'], at: web.clock.now } };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        browserOf(web).post(web.begin({ pending }), { code: typed, way: 'recovery', action: 'verify' }),
      ),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(web.logins).toMatchObject([{ amr: ['pwd', 'otp', 'mfa'] }]);
    const stored = await web.storage.accounts.findById('vives-1');
    expect(stored?.recoveryCodes?.macs).toHaveLength(9);
    const letters = (stored?.effects ?? []).flatMap((effect) => (effect.kind === 'letter' ? [effect.letter] : []));
    expect(letters.map(({ template, to, data }) => [template, to, data.left])).toEqual([
      ['new-browser', 'annelies@example.org', undefined],
      ['new-browser', 'annelies.peeters@student.vives.be', undefined],
      ['recovery-code-used', 'annelies@example.org', '9'],
      ['recovery-code-used', 'annelies.peeters@student.vives.be', '9'],
    ]);
  });

  test('"use another way" leads to the other ways and back, each under the same URL', async () => {
    const web = await startWeb();
    const { account } = atVives(web);
    await web.storage.accounts.insert(account);
    const path = web.begin({
      pending: { proven: { accountId: 'vives-1', epoch: 1, amr: ['pwd'], at: web.clock.now } },
    });
    const browser = browserOf(web);
    const page = await browser.get(path);
    expect(page.body).toContain('href="?way=recovery"');
    const other = await browser.get(`${path}?way=recovery&lang=en`);
    expect(textOf(other.body, 'title')).toBe('Enter a recovery code');
    expect(other.body).toContain('href="?way=code"');
  });

  test('a proven password is void once the credentials changed, and after half an hour', async () => {
    const web = await startWeb();
    const { account, code } = atVives(web);
    await web.storage.accounts.insert(account);
    const pending = { proven: { accountId: 'vives-1', epoch: 1, amr: ['pwd'], at: web.clock.now } };
    const [slow, stale] = [web.begin({ pending }), web.begin({ pending })];
    web.clock.now += 31 * 60_000;
    await browserOf(web).post(slow, { code: code(), action: 'verify' });
    web.clock.now -= 31 * 60_000;
    await web.storage.accounts.replace({ ...account, revision: 2, credentialsEpoch: 2 }, 1);
    await browserOf(web).post(stale, { code: code(), action: 'verify' });
    expect(web.logins).toEqual([]);
    expect((await browserOf(web).get(stale)).body).toContain('name="password"');
  });
});

describe('what the application asks', () => {
  test('a session with a password only is stepped up: the code alone is asked, and auth_time stays', async () => {
    const web = await startWeb();
    const { account, code } = atVives(web, {
      affiliations: [{ organisation: 'kuleuven', role: 'staff', source: 'csv' }],
    });
    await web.storage.accounts.insert(account);
    const path = web.begin({
      secondFactor: 'request-requires',
      asked: { step: 'second-factor', because: 'request-requires' },
      session: { accountId: 'vives-1', amr: ['pwd'], authTime: 1_700_000_000 },
    });
    const browser = browserOf(web);
    const page = await browser.get(`${path}?lang=en`);
    expect(page.body).toContain('already signed in as r0011111. To continue to Toledo you also need your second step');
    expect(page.body).toContain('name="code"');
    expect(page.body).not.toContain('name="password"');
    await browser.post(path, { code: code(), action: 'verify' });
    expect(web.logins).toMatchObject([{ amr: ['pwd', 'otp', 'mfa'], authTime: 1_700_000_000 }]);
  });

  test('prompt=login and max_age ask the password again, whatever the session has', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    const session = { accountId: 'leuven-1', amr: ['pwd', 'otp', 'mfa'], authTime: 1_700_000_000 };
    for (const because of ['prompt-login', 'max-age'] as const) {
      const path = web.begin({ reauthenticate: true, session, asked: { step: 'password', because } });
      const browser = browserOf(web);
      const asked = (await browser.get(`${path}?lang=en`)).body;
      expect(asked).toContain('Before you continue to Toledo we ask once more');
      expect(asked).toContain('name="password"');
      await typePassword(browser, path, 'u0000001');
      expect(web.logins.at(-1)?.authTime).toBeUndefined();
    }
  });

  test('whoever is not the person of the session starts over', async () => {
    const web = await startWeb();
    const { account } = atVives(web);
    await web.storage.accounts.insert(account);
    const session = { accountId: 'vives-1', amr: ['pwd'], authTime: 1 };
    const path = web.begin({ secondFactor: 'request-requires', session });
    const browser = browserOf(web);
    expect((await browser.get(path)).body).toContain('id="start-over"');
    await browser.post(path, { action: 'start-over' });
    expect((await browser.get(path)).body).toContain('name="password"');
  });

  test('login_hint fills in the login; an id_token_hint for another account is refused with a sentence, not a loop', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    const hinted = await browserOf(web).get(web.begin({ loginHint: 'u0000001"><b>' }));
    expect(hinted.body).toContain('value="u0000001&#34;&gt;&lt;b&gt;"');
    const answer = await typePassword(browserOf(web), web.begin({ idTokenHintAccountId: 'another' }), 'u0000001');
    expect(answer.status).toBe(422);
    expect(web.logins).toEqual([]);
  });

  test('rule 7: without a factor where one is demanded, a code mailed to the address on file comes before enrolling', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    const browser = browserOf(web);
    const path = web.begin({ secondFactor: 'request-requires' });
    await typePassword(browser, path, 'u0000001');
    const page = await browser.get(`${path}?lang=en`);
    expect(textOf(page.body, 'because')).toContain('You need a second step to continue to Toledo');
    expect(page.body).toContain('value="send-code"');
    expect(page.body).toContain('l•••@example.org');
    // neither the choice nor the factor itself can be had without it
    await browser.post(path, { action: 'choose-totp' });
    await browser.post(path, { action: 'enrol', code: '123456' });
    expect((await browser.get(path)).body).toContain('value="send-code"');
    expect(web.logins).toEqual([]);
  });

  test('a demanded second factor that is declined ends in unmet_authentication_requirements', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    const browser = browserOf(web);
    const path = web.begin({ secondFactor: 'request-requires' });
    await typePassword(browser, path, 'u0000001');
    await browser.post(path, { action: 'cancel' });
    expect(web.ends.map(({ error }) => error)).toEqual(['unmet_authentication_requirements']);
  });

  test('a first factor is set up on the way: mailed code, application, recovery codes, and on with amr mfa', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    const browser = browserOf(web);
    const path = web.begin({ secondFactor: 'request-requires' });
    await typePassword(browser, path, 'u0000001');
    await browser.post(path, { action: 'send-code' });
    const mailed = web.dispatched.at(-1)?.effects.find((effect) => effect.kind === 'letter');
    if (mailed?.kind !== 'letter') throw new Error('no letter');
    const secret = JSON.parse(web.sealer.open(mailed.letter.sealedSecret ?? '', 'leuven-1', 'letter')) as {
      code: string;
    };
    await browser.post(path, { action: 'verify', code: secret.code });
    await browser.post(path, { action: 'choose-totp' });
    const page = await browser.get(path);
    const key = /[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}/.exec(page.body)?.[0].replaceAll(' ', '') ?? '';
    const { generateSync } = await import('otplib');
    const code = generateSync({ secret: key, epoch: Math.floor(web.clock.now / 1000) });
    const enrolled = await browser.post(path, { action: 'enrol', code });
    expect(enrolled.status).toBe(303);
    expect(web.logins).toEqual([]);
    expect((await browser.get(path)).body).toContain('value="kept"');
    await browser.post(path, { action: 'kept' });
    expect(web.logins).toMatchObject([{ accountId: 'leuven-1', amr: ['pwd', 'otp', 'mfa'] }]);
  });

  test('consent names what is asked, and yes and no both go back', async () => {
    const web = await startWeb();
    const consent = {
      scopes: ['openid', 'profile', 'email'],
      claims: ['birthdate', 'schac_home_organization'],
      resourceScopes: { 'urn:library': ['loans:read'] },
      shown: ['name', 'email', 'birthdate', 'schac_home_organization'],
    };
    const what = localized('zien wat je geleend hebt', 'see what you have on <loan>');
    const resources = [{ resource: localized('Bibliotheek', 'Library'), what }];
    const client = { id: 'cookbook', name: localized('Kookboek', 'Cookbook'), firstParty: false };
    await web.storage.accounts.insert(atLeuven());
    const session = { accountId: 'leuven-1', amr: ['pwd'], authTime: 1 };
    for (const action of ['consent', 'cancel']) {
      const path = web.begin({ prompt: 'consent', client, consent, resources, session });
      const browser = browserOf(web);
      const page = await browser.get(`${path}?lang=en`);
      expect(textOf(page.body, 'title')).toBe('Allow Cookbook access to your details?');
      expect(page.body).toContain('You are signed in as Annelies Peeters (u0000001).');
      expect(page.body).toContain('your email address');
      expect(page.body).toContain('your date of birth');
      expect(page.body).toContain('which institution you belong to');
      expect(page.body).toContain('access to Library: see what you have on &lt;loan&gt;');
      expect((await browser.post(path, { action })).status).toBe(303);
    }
    expect(web.ends.map(({ error }) => error)).toEqual(['consent', 'cancel']);
  });

  test('consent is about what the page named: where it became more meanwhile, the page is shown once more', async () => {
    const web = await startWeb();
    const consent = { scopes: ['profile'], claims: [], resourceScopes: {}, shown: ['name'] };
    const client = { id: 'cookbook', name: localized('Kookboek', 'Cookbook'), firstParty: false };
    const path = web.begin({ prompt: 'consent', client, consent });
    const browser = browserOf(web);
    const shownBy = (page: { body: string }) => /name="shown" value="([^"]*)"/.exec(page.body)?.[1] ?? '';
    const before = shownBy(await browser.get(path));
    consent.shown.push('birthdate'); // a feed told it, or the registration may have it since
    const answer = await browser.post(path, { action: 'consent', shown: before });
    expect([answer.status, answer.headers.get('location'), web.ends]).toEqual([303, path, []]);
    const page = await browser.get(`${path}?lang=en`);
    expect(page.body).toContain('your date of birth');
    await browser.post(path, { action: 'consent', shown: shownBy(page) });
    expect(web.ends.map(({ error }) => error)).toEqual(['consent']);
    // to refuse needs no second look, and what became less neither
    const other = web.begin({ prompt: 'consent', client, consent });
    await browser.post(other, { action: 'cancel', shown: before });
    consent.shown.pop();
    const third = web.begin({ prompt: 'consent', client, consent });
    await browser.post(third, { action: 'consent', shown: shownBy(page) });
    expect(web.ends.map(({ error }) => error)).toEqual(['consent', 'cancel', 'consent']);
  });

  test('consent names what the application would get of the person, for what, and nothing else', async () => {
    const web = await startWeb();
    const consent = {
      scopes: ['openid', 'profile', 'eduperson', 'offline_access'],
      claims: [],
      resourceScopes: {},
      shown: ['eduperson_scoped_affiliation', 'eduperson_assurance'],
    };
    const purpose = { nl: 'Om je <korting> te geven.' };
    const client = { id: 'cookbook', name: localized('Kookboek', 'Cookbook'), firstParty: false, purpose };
    const path = web.begin({ prompt: 'consent', client, consent });
    const { body } = await browserOf(web).get(`${path}?lang=en`);
    expect(body.match(/<li>your [^<]*|<li>access [^<]*/g)).toEqual([
      '<li>your role at your institution',
      '<li>access that continues after you close the application',
    ]);
    expect(body).toContain('<li>how well your identity was checked');
    expect(body).toContain('Cookbook says why: <q lang="nl">Om je &lt;korting&gt; te geven.</q>');
  });

  test('every claim that consent may ask about has its words', () => {
    const known = messagesOf('en');
    expect(personalClaims.filter((claim) => !(`signIn.claim_${claim}` in known))).toEqual([]);
  });

  test('an interaction that is over, or another browser’s, is a page with a way on', async () => {
    const web = await startWeb();
    const browser = browserOf(web);
    const page = await browser.get((await browser.get('/interaction/gone?lang=en')).location ?? '');
    expect([page.status, textOf(page.body, 'title')]).toEqual([400, 'This sign-in is over']);
    expect(page.body).toMatch(/href="\/auth[^"]*" *>|id="go-on"/);
  });

  test('“no cookies” is said only to a browser that was given one and did not send it back', async () => {
    const web = await startWeb();
    const get = (path: string) => fetch(`${web.url}${path}`, { redirect: 'manual' });
    const first = await get('/interaction/gone/toledo?lang=en');
    expect([first.status, first.headers.get('location')]).toEqual([
      303,
      '/interaction/gone/toledo?lang=en&cookies=tested',
    ]);
    expect(first.headers.getSetCookie()).not.toEqual([]);
    const second = await get(first.headers.get('location') ?? '');
    expect([second.status, textOf(await second.text(), 'title')]).toEqual([
      400,
      'Your browser does not accept cookies',
    ]);
  });
});
