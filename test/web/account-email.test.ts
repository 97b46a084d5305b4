/** Changing the personal address in a browser, without script: asked, confirmed, undone. Under 2 s. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { recoveryAddressOf } from '../../src/domain/account/held-addresses.ts';
import { anAccount } from '../support/account.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';

afterEach(closeAll);

const PAGE = '/account/email';
const app = { id: 't1', name: 'My phone', sealedSeed: 's', lastStep: 0, createdAt: 0 };

async function signedIn(change: Partial<Account> = {}) {
  const stub = stubSessions();
  const web = await startWeb({ sessions: stub.sessions });
  const person = (more: Partial<Account>) => anAccount({ activatedAt: 1, language: 'en', ...more });
  const account = person(change);
  await web.storage.accounts.insert(account);
  await web.storage.accounts.insert(person({ id: 'account-2', userNumbers: ['r0022222'], emails: [] }));
  const begin = (accountId: string, minutesAgo = 1, amr = ['pwd']) => {
    const name = `${accountId} ${minutesAgo}`.replace(' ', '-');
    const authTime = Math.floor(web.clock.now / 1000) - 60 * minutesAgo;
    stub.open.set(name, { uid: name, accountId, amr, authTime, epoch: 1 });
    const browser = browserOf(web);
    browser.cookies.set('stub', name);
    return browser;
  };
  const stored = async () => (await web.storage.accounts.findById(account.id)) ?? account;
  return {
    web,
    begin,
    stored,
    stranger: browserOf(web),
    browser: begin(account.id),
    ask: (browser: ReturnType<typeof begin>, email: string) => browser.post(PAGE, { action: 'change', email }),
    /** the link in the newest email of that template, as its reader opens it */
    async link(template: string) {
      const letters = (await stored()).effects.flatMap((each) => (each.kind === 'letter' ? [each.letter] : []));
      const secrets = letters.flatMap(({ template: of, sealedSecret }) =>
        of === template && sealedSecret !== undefined
          ? [JSON.parse(web.sealer.open(sealedSecret, account.id, 'letter')) as { link?: string }]
          : [],
      );
      const path = secrets.findLast(({ link }) => link !== undefined)?.link ?? '';
      return { path, ticket: new URL(path, web.url).searchParams.get('ticket') ?? '' };
    },
  };
}

describe('another personal address', () => {
  test('is asked for, confirmed by the link in a session of the same person, and undone by the old mailbox without one', async () => {
    const { web, browser, stranger, stored, ask, link } = await signedIn();
    expect((await ask(browser, 'An@Bücher.Example')).location).toBe(`${PAGE}?done=address-asked`);
    const waiting = await browser.get(`${PAGE}?done=address-asked`);
    expect(waiting.body).toContain('We have sent you a link');
    expect(waiting.body).toContain('We sent a link to An@xn--bcher-kva.example');

    const confirm = await link('address-confirm');
    for (let times = 0; times < 2; times += 1) {
      expect((await browser.get(confirm.path)).body).toContain('An@xn--bcher-kva.example becomes');
      expect((await stored()).personalEmail).toBe('annelies@example.org'); // a scanner that opens it changes nothing
    }
    expect((await browser.get(`${confirm.path}&lang=nl`)).body).toContain('Dit adres gebruiken?');
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => browser.post(confirm.path, { action: 'confirm', ticket: confirm.ticket })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 410, 410, 410, 410]);
    expect((await stored()).personalEmail).toBe('An@xn--bcher-kva.example');
    expect((await browser.get('/account?done=address-changed&lang=en')).body).toContain('has been changed');

    const undo = await link('address-changed');
    const page = await stranger.get(`${undo.path}&lang=en`);
    expect(page.body).toContain('annelies@example.org becomes the address again');
    expect((await stored()).personalEmail).toBe('An@xn--bcher-kva.example');
    const done = await stranger.post('/account/email/undo', { action: 'undo', ticket: undo.ticket });
    expect([done.status, done.location]).toEqual([303, '/account/email/undo?done=undone']);
    expect((await stranger.get(done.location ?? '')).body).toContain('href="/forgotten"');
    expect(await stored()).toMatchObject({ personalEmail: 'annelies@example.org', credentialsEpoch: 2 });
    expect(recoveryAddressOf(await stored(), web.clock.now)).toBe('annelies@example.org');
    const again = await stranger.post('/account/email/undo', { action: 'undo', ticket: undo.ticket });
    expect([again.status, (await stranger.get(undo.path)).status]).toEqual([410, 410]);
  });

  test('is removed by its owner after a sign-in of late, and brought back by the old mailbox', async () => {
    const { begin, browser, stranger, stored, link } = await signedIn();
    const late = begin('account-1', 6);
    expect((await late.post(PAGE, { action: 'remove' })).location).toContain('/auth?');
    expect((await stored()).personalEmail).toBe('annelies@example.org');
    expect((await browser.get(`${PAGE}?lang=en`)).body).toContain('then go to annelies.peeters@student.vives.be');
    const answers = await Promise.all(Array.from({ length: 5 }, () => browser.post(PAGE, { action: 'remove' })));
    expect(answers.map(({ location }) => location).sort()).toEqual([
      PAGE,
      PAGE,
      PAGE,
      PAGE,
      `${PAGE}?done=address-removed`,
    ]);
    expect((await stored()).personalEmail).toBeUndefined();
    const page = (await browser.get(`${PAGE}?done=address-removed&lang=nl`)).body;
    expect([page.includes('is verwijderd'), page.includes('id="remove"')]).toEqual([true, false]);
    const undo = await link('address-changed');
    expect((await stranger.get(`${undo.path}&lang=en`)).body).toContain(
      'annelies@example.org becomes the address again',
    );
    await stranger.post('/account/email/undo', { action: 'undo', ticket: undo.ticket });
    expect(await stored()).toMatchObject({ personalEmail: 'annelies@example.org', credentialsEpoch: 2 });
  });

  test('stays where there is no other one', async () => {
    const { browser, stored } = await signedIn({ emails: [] });
    expect((await browser.get(PAGE)).body).not.toContain('id="remove"');
    const answer = await browser.post(PAGE, { action: 'remove' });
    expect([answer.status, answer.body.includes('We have no other address of yours')]).toEqual([409, true]);
    expect((await stored()).personalEmail).toBe('annelies@example.org');
  });

  test('is not confirmed without a session, nor in that of somebody else', async () => {
    const { begin, browser, stranger, stored, ask, link } = await signedIn();
    await ask(browser, 'new@example.org');
    const { path, ticket } = await link('address-confirm');
    const form = { action: 'confirm', ticket };
    expect((await stranger.get(path)).location).toContain('/auth?');
    expect((await stranger.post('/account/email/confirm', form)).location).toContain('/auth?');
    const other = begin('account-2');
    const page = await other.get(path);
    expect([page.status, page.body.includes('You are signed in here as r0022222')]).toEqual([403, true]);
    expect((await other.post('/account/email/confirm', form)).status).toBe(403);
    expect((await stored()).personalEmail).toBe('annelies@example.org');
  });

  test('asks for a sign-in of the last five minutes, with the second step, and keeps what was typed', async () => {
    const { begin, stored, ask } = await signedIn({ totps: [app] });
    const owner = { late: begin('account-1', 6, ['pwd', 'otp', 'mfa']), weak: begin('account-1', 2) };
    for (const browser of Object.values(owner)) {
      for (const { location } of [await browser.get(PAGE), await ask(browser, 'new@example.org')]) {
        const asked = new URL(location ?? '', 'https://id.example').searchParams;
        expect([asked.get('back'), asked.get('maxAgeSeconds'), asked.get('acr')]).toEqual([
          PAGE,
          '300',
          'https://refeds.org/profile/mfa',
        ]);
      }
    }
    expect((await stored()).revision).toBe(1);
    const cookies = owner.late.cookies;
    const back = begin('account-1', 0, ['pwd', 'otp', 'mfa']);
    for (const [name, value] of cookies) if (name !== 'stub') back.cookies.set(name, value);
    expect((await back.get(PAGE)).body).toContain('value="new@example.org"');
  });

  test.each([
    ['', 'Enter your new email address'],
    ['an@example', 'This is not an email address'],
    ['x@student.vives.be', 'an address of your institution'],
    ['annelies@example.org', 'your address already'],
  ])('%j is refused beside its field, and stays typed', async (email, sentence) => {
    const { browser, stored, ask } = await signedIn();
    const { status, body } = await ask(browser, email);
    expect([status, body.includes(sentence)]).toEqual([422, true]);
    expect(body).toContain(`value="${email}"`);
    expect(/id="email-error">([^<]+)</.exec(body)?.[1]).toBeTruthy();
    expect((await stored()).revision).toBe(1);
  });

  test('two at once: the newer one counts, and the older link says so; a third is called off', async () => {
    const { browser, stored, ask, link } = await signedIn();
    await ask(browser, 'first@example.org');
    const first = await link('address-confirm');
    await ask(browser, 'second@example.org');
    const dead = await browser.get(first.path);
    expect([dead.status, dead.body.includes('replaced by a newer one')]).toEqual([410, true]);
    expect((await browser.post('/account/email/confirm', { action: 'confirm', ticket: first.ticket })).status).toBe(
      410,
    );
    expect((await browser.post(PAGE, { action: 'cancel' })).location).toBe(`${PAGE}?done=address-cancelled`);
    expect((await browser.post(PAGE, { action: 'cancel' })).location).toBe(PAGE);
    const second = await link('address-confirm');
    expect((await browser.get(second.path)).status).toBe(410);
    expect((await stored()).personalEmail).toBe('annelies@example.org');
  });

  test('emails are limited, and the page says how to go on', async () => {
    const { web, browser, ask } = await signedIn({
      mailedAt: Array.from({ length: 10 }, () => Date.UTC(2026, 8, 21, 8)),
    });
    web.clock.now = Date.UTC(2026, 8, 21, 8, 4);
    const { status, body } = await ask(browser, 'new@example.org');
    expect([status, body.includes('wait an hour')]).toEqual([429, true]);
  });
});

describe('an address that a feed gave', () => {
  const proposedAddress = { address: '<new>@example.org', source: 'csv', at: 0 };

  test('counts once its owner confirms it, and opens nothing for seven days', async () => {
    const { browser, stored, web } = await signedIn({ proposedAddress });
    expect((await browser.get('/account')).body).toContain('Is this your email address?');
    expect((await browser.get(PAGE)).body).toContain('your personal email address is &lt;new&gt;@example.org');
    const confirm = (email: string) => browser.post(PAGE, { action: 'confirm', email });
    await confirm('other@example.org'); // another tab: it was asked about another one
    expect((await stored()).personalEmail).toBe('annelies@example.org');
    expect((await confirm('<new>@example.org')).location).toBe(`${PAGE}?done=address-confirmed`);
    const after = await stored();
    expect([after.personalEmail, after.proposedAddress]).toEqual(['<new>@example.org', undefined]);
    expect(recoveryAddressOf(after, web.clock.now)).toBe('annelies.peeters@student.vives.be');
    expect(recoveryAddressOf(after, web.clock.now + 7 * 86_400_000)).toBe('<new>@example.org');
    expect((await confirm('<new>@example.org')).location).toBe(PAGE); // sent twice: the hold stays
    expect((await stored()).heldAddresses).toHaveLength(1);
    expect((await browser.get('/account')).body).not.toContain('Is this your email address?');
  });

  test('and not where its owner refuses it, or has not proven recently to be the owner', async () => {
    const { browser, stored } = await signedIn({ proposedAddress, totps: [app] }); // with the password alone
    for (const action of ['confirm', 'decline']) {
      expect((await browser.post(PAGE, { action, email: proposedAddress.address })).location).toContain('/auth?');
      expect((await stored()).proposedAddress).toBeDefined();
    }
    const second = await signedIn({ proposedAddress });
    const { location } = await second.browser.post(PAGE, { action: 'decline', email: proposedAddress.address });
    expect(location).toBe(`${PAGE}?done=address-declined`);
    const after = await second.stored();
    expect([after.personalEmail, after.proposedAddress]).toEqual(['annelies@example.org', undefined]);
  });
});
