/** Journey A: an alumna with a q-number, page by page, in a browser without script. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { translations } from '@zxcvbn-ts/language-en';
import { messagesOf } from '../../locales/index.ts';
import {
  alumna,
  codesOn,
  errorOf,
  expectPage,
  GOOD,
  lastLetter,
  lettersTo,
  startActivation,
  stored,
  totpCode,
  visitor,
  wordsOf,
} from '../support/activation.ts';
import { closeAll } from '../support/web.ts';

afterEach(closeAll);

async function withAlumna(
  ...[change, deps]: [change?: Parameters<typeof alumna>[0], deps?: Parameters<typeof startActivation>[0]]
) {
  const web = await startActivation(deps);
  await web.storage.accounts.insert(alumna(change));
  return web;
}

describe('an alumna activates with number, e-mail and code', () => {
  test('from the first page to «your account is active», leaving the second step for later', async () => {
    const web = await withAlumna();
    const her = visitor(web);
    expectPage(await her.at('/activate'), 'Activate your account');
    expectPage(await her.press('send', { number: ' Q012 3456 ' }), 'Enter your email address');
    expectPage(await her.press('send-code', { email: 'an.peeters@EXAMPLE.org' }), 'Enter your activation code');

    const letter = await lastLetter(web, 'alumna');
    expect(letter).toMatchObject({ template: 'activation-code', to: 'An.Peeters@example.org', language: 'nl' });
    expect(letter.data.number).toBe('q0123456');
    expect(letter.code).toMatch(/^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$/);

    expectPage(await her.press('verify', { code: letter.code.toLowerCase().replace('-', ' ') }), 'Kies je wachtwoord');
    const active = await her.press('set-password', { password: GOOD, password_again: GOOD });
    expect(active.status).toBe(200);
    expect(active.html).toContain('id="later"');
    expect(wordsOf(active)).toContain('Stap 2 van 3');
    expectPage(await her.press('later'), 'Je account is actief');
    expect(wordsOf(her.page())).toContain('q0123456');

    expect(web.started).toEqual([{ accountId: 'alumna', amr: ['pwd'], epoch: 1, activatedAt: web.clock.now }]);
    const account = await stored(web, 'alumna');
    expect(account).toMatchObject({ activatedAt: web.clock.now, password: { hash: `plain$${GOOD}` }, tickets: [] });
    // back and reload
    expectPage(await her.at('/activate'), 'Je account is actief');
  });

  test('the offered second step follows in the new session, which then has both factors; the codes are shown until kept', async () => {
    const web = await withAlumna();
    const her = visitor(web);
    await her.at('/activate?number=q0123456&lang=en');
    await her.press('send-code', { email: 'an.peeters@example.org' });
    await her.press('verify', { code: (await lastLetter(web, 'alumna')).code });
    await her.press('set-password', { password: GOOD, password_again: GOOD });
    const key = await her.press('choose-totp');
    expect((await stored(web, 'alumna')).totps).toEqual([]);
    expect((await her.press('enrol', { code: '000000' })).status).toBe(422);
    const codes = await her.press('enrol', { code: totpCode(web, key) });
    expect(codesOn(codes)).toHaveLength(10);
    expect(codesOn(await her.at('/activate'))).toEqual(codesOn(codes));
    expectPage(await her.press('kept'), 'Your account is active');
    expect(web.started.map(({ amr }) => amr)).toEqual([['pwd']]);
    expect([...web.openSessions.values()]).toMatchObject([{ amr: ['pwd', 'otp', 'mfa'], epoch: 2 }]);
    expect(await stored(web, 'alumna')).toMatchObject({ totps: [{}], recoveryCodes: { macs: expect.any(Array) } });
  });

  test('closing the tab loses nothing: the code works until the password is set', async () => {
    const web = await withAlumna();
    const first = visitor(web);
    await first.at('/activate?number=q0123456&lang=en');
    await first.press('send-code', { email: 'an.peeters@example.org' });
    const { code } = await lastLetter(web, 'alumna');
    await first.press('verify', { code });
    web.clock.now += 40 * 3_600_000;
    const second = visitor(web);
    expectPage(await second.at('/activate?number=q0123456&lang=en'), 'Enter your activation code');
    expectPage(await second.press('verify', { code }), 'Choose your password');
    await second.press('set-password', { password: GOOD, password_again: GOOD });
    // the window that stayed open says what happened, and the way on
    const late = await first.press('set-password', { password: GOOD, password_again: GOOD });
    expectPage(late, 'This link or code no longer works', 410);
    expect(wordsOf(late)).toContain('open for more than an hour');
    expectPage(await first.at('/activate?lang=en'), 'Activate your account');
    expectPage(await visitor(web).at('/activate?number=q0123456&lang=en'), 'This account is already active');
  });

  test('a request that an application left waiting goes on afterwards, once', async () => {
    const web = await withAlumna();
    web.state.waiting = `${web.url}/auth/waiting`;
    const her = visitor(web);
    await her.at('/activate?number=q0123456&lang=en');
    await her.press('send-code', { email: 'an.peeters@example.org' });
    await her.press('verify', { code: (await lastLetter(web, 'alumna')).code });
    const offered = await her.press('set-password', { password: GOOD, password_again: GOOD });
    expect(offered.headers.get('content-security-policy')).not.toContain('form-action');
    const leaving = await her.press('later');
    expect(leaving.url).toBe(`${web.url}/auth/waiting`);
    // back: not sent away again
    expectPage(await her.at('/activate'), 'Your account is active');
  });

  test('whoever is no longer signed in here sees nothing of what was left to show', async () => {
    const web = await withAlumna();
    const her = visitor(web);
    await her.at('/activate?number=q0123456&lang=en');
    await her.press('send-code', { email: 'an.peeters@example.org' });
    await her.press('verify', { code: (await lastLetter(web, 'alumna')).code });
    await her.press('set-password', { password: GOOD, password_again: GOOD });
    web.openSessions.clear();
    expectPage(await her.at('/activate'), 'This account is already active');
  });
});

describe('journey A.2: what a number leads to', () => {
  test('a deep link skips the first page and sets the language; old printed addresses lead there', async () => {
    const web = await withAlumna({}, { oldActivationPaths: ['/activate.html', '/persdb-bin/aw'] });
    expectPage(await visitor(web).at('/activate?number=q0123456&lang=en'), 'Enter your email address');
    const old = visitor(web);
    const page = await old.at('/persdb-bin/aw?lang=N&scherm=001&inet=q0123456');
    expectPage(page, 'Vul je e-\u2060mailadres in');
    expect(page.url).toBe(`${web.url}/activate?number=q0123456&lang=nl`);
    expect((await visitor(web).at('/activate.html')).url).toBe(`${web.url}/activate`);
    const moved = await fetch(`${web.url}/activate.html?number=q0123456&lang=E`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([303, '/activate?number=q0123456&lang=en']);
  });

  test('an empty number, and an institution’s address in its place, are asked for again or not known', async () => {
    const web = await withAlumna({ emails: ['an@alum.kuleuven.be'] });
    const her = visitor(web);
    await her.at('/activate?lang=en');
    const empty = await her.press('send', { number: '  ' });
    expectPage(empty, 'Activate your account', 422);
    expect(errorOf(empty)).toBe('Enter your user number.');
    expectPage(await her.press('send', { number: 'an4@alum.kuleuven.be' }), 'We do not know this user number');
  });

  test.each([false, true])(
    'what cannot be a number is told the form of one, whoever asks (hidden: %s)',
    async (hidden) => {
      const web = await startActivation({ hideUnknownNumbers: hidden });
      for (const number of ['hello', 'an@alum.kuleuven.be']) {
        const page = await visitor(web).at(`/activate?number=${number}&lang=en`);
        expectPage(page, 'Activate your account', 422);
        expect(errorOf(page)).toContain('a letter and 7 digits, for example q0123456');
        expect(page.html).toContain(`value="${number}"`);
      }
    },
  );

  test('unknown: says so, whom to write to, and that tomorrow may be different', async () => {
    const web = await withAlumna();
    const page = await visitor(web).at('/activate?number=q9999999&lang=en');
    expectPage(page, 'We do not know this user number');
    expect(wordsOf(page)).toContain('info@alum.kuleuven.be');
    expect(wordsOf(page)).toContain('tomorrow');
    expect(wordsOf(page)).toContain('a letter and 7 digits');
  });

  test('already active: says so, offers a new code (a reset) and changing the password', async () => {
    const web = await withAlumna({ activatedAt: 1, password: { hash: 'plain$old', setAt: 1 } });
    const her = visitor(web);
    const page = await her.at('/activate?number=q0123456&lang=en');
    expectPage(page, 'This account is already active');
    expect(page.html).toContain('href="/account/password"');
    expectPage(await her.press('send-link'), 'Check your mailbox');
    expect((await lastLetter(web, 'alumna')).template).toBe('reset');
    expect((await lastLetter(web, 'alumna')).link).toMatch(/^\/reset\?ticket=/);
  });

  test('a code under way: straight to the code, from where a new one can be asked', async () => {
    const web = await withAlumna();
    const her = visitor(web);
    await her.at('/activate?number=q0123456&lang=en');
    await her.press('send-code', { email: 'an.peeters@example.org' });
    const other = visitor(web);
    expectPage(await other.at('/activate?number=q0123456&lang=en'), 'Enter your activation code');
    expectPage(await other.at('/activate?number=q0123456&again=1'), 'Enter your email address');
    const before = await lastLetter(web, 'alumna');
    await other.press('send-code', { email: 'an.peeters@example.org' });
    const after = await lastLetter(web, 'alumna');
    expect(errorOf(await other.press('verify', { code: before.code }))).toContain('not correct, or it no longer works');
    expectPage(await other.press('verify', { code: after.code }), 'Choose your password');
    web.clock.now += 48 * 3_600_000;
    expectPage(await visitor(web).at('/activate?number=q0123456&lang=en'), 'Enter your email address');
  });

  test('an account that ended looks like any other until it is opened, and is mailed nothing', async () => {
    const web = await withAlumna({ endsAt: 1 });
    const her = visitor(web);
    expectPage(await her.at('/activate?number=q0123456&lang=en'), 'Enter your email address');
    expectPage(await her.press('send-code', { email: 'an.peeters@example.org' }), 'Enter your activation code');
    expect(await lettersTo(web, 'alumna')).toEqual([]);
  });
});

describe('rule 5: a refused password says why and what would help', () => {
  async function atPassword(language: 'nl' | 'en') {
    const web = await withAlumna();
    const her = visitor(web);
    await her.at(`/activate?number=q0123456&lang=${language}`);
    await her.press('send-code', { email: 'an.peeters@example.org' });
    await her.press('verify', { code: (await lastLetter(web, 'alumna')).code });
    return her;
  }
  const tried = (password: string, password_again = password) => ({ password, password_again });

  test('in English and in Dutch, with its strength in words, and never the password itself', async () => {
    for (const [language, short, weak, own] of [
      ['en', 'too short: use at least 15', 'Repeated characters', 'relies on your own name'],
      ['nl', 'te kort: gebruik minstens 15', 'Herhaalde tekens', 'steunt op je eigen naam'],
    ] as const) {
      const her = await atPassword(language);
      const first = await her.press('set-password', tried('kort wachtw'));
      expect([first.status, errorOf(first).includes(short)]).toEqual([422, true]);
      expect(first.html).not.toContain('kort wachtw');
      expect(wordsOf(await her.press('set-password', tried('aaaaaaaaaaaaaaaaaa')))).toContain(weak);
      expect(wordsOf(await her.press('set-password', tried('Annelies Peeters 1')))).toContain(own);
    }
  });

  test('every warning and suggestion that the judge knows has its sentence', () => {
    const known = Object.keys(messagesOf('en'));
    const { warnings, suggestions } = translations;
    expect(known).toContain('activation.warning_commonWords');
    for (const name of Object.keys(warnings)) expect(known).toContain(`activation.warning_${name}`);
    for (const name of Object.keys(suggestions)) expect(known).toContain(`activation.suggestion_${name}`);
  });

  test('two that differ are asked for once more; 128 characters is the most', async () => {
    const her = await atPassword('en');
    expect(errorOf(await her.press('set-password', tried(GOOD, `${GOOD}.`)))).toContain('not the same');
    expect(errorOf(await her.press('set-password', tried('x'.repeat(129))))).toContain('at most 128');
    expect(errorOf(await her.press('set-password', tried('')))).toBe('Enter a password.');
  });

  test('the meter answers while typing, only to who holds a ticket', async () => {
    const web = await withAlumna();
    const her = visitor(web);
    await her.at('/activate?number=q0123456&lang=en');
    await her.press('send-code', { email: 'an.peeters@example.org' });
    await her.press('verify', { code: (await lastLetter(web, 'alumna')).code });
    const cookie = [...her.cookies].map(([name, value]) => `${name.split(' ')[1]}=${value}`).join('; ');
    const ask = (headers: Record<string, string>) =>
      fetch(`${web.url}/activate/check`, {
        method: 'POST',
        body: new URLSearchParams({ password: 'aaaa' }),
        headers: { 'sec-fetch-site': 'same-origin', ...headers },
      });
    expect(await (await ask({ cookie })).json()).toMatchObject({
      error: expect.stringContaining('too short'),
      strength: { score: 0, word: 'very weak' },
      advice: expect.arrayContaining([expect.stringContaining('Repeated characters')]),
    });
    expect((await ask({})).status).toBe(403);
  });

  test('the meter speaks the language of the person, as the page does, whatever the browser prefers', async () => {
    const web = await withAlumna({ language: 'nl' });
    const her = visitor(web);
    await her.at('/activate?number=q0123456');
    await her.press('send-code', { email: 'an.peeters@example.org' });
    await her.press('verify', { code: (await lastLetter(web, 'alumna')).code });
    const cookie = [...her.cookies].map(([name, value]) => `${name.split(' ')[1]}=${value}`).join('; ');
    const headers = { 'sec-fetch-site': 'same-origin', 'accept-language': 'en', cookie };
    const answer = await fetch(`${web.url}/activate/check`, {
      method: 'POST',
      body: new URLSearchParams({ password: 'aaaa' }),
      headers,
    });
    expect(await answer.json()).toMatchObject({ error: expect.stringContaining('te kort') });
  });
});
