/**
 * Nobody has the second step any more: the person waits three days, told by email each day, and sets up a new one; the desk and the
 * console see it. And the same begun by a thief with password and mailbox, whom the owner stops by the link in the email. On the
 * whole of Pedel in this process, with the emails as they are read. About 30 s.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createTranslations } from '../../locales/index.ts';
import type { Account } from '../../src/domain/account/account.ts';
import type { Email } from '../../src/domain/account/emails.ts';
import { DAY_MS } from '../../src/domain/factors/slow-recovery.ts';
import { tendRecoveries } from '../../src/jobs/slow-recoveries.ts';
import { createEmailRenderer } from '../../src/mail/render-email.ts';
import { keepLog } from '../jobs/support/quiet.ts';
import { describeInBrowser, expectAccessible, visitor } from '../support/browser.ts';
import { codeIn } from '../support/campus.ts';
import { PASSWORD, startConsole, type TestConsole } from '../support/console.ts';
import { organisations as all } from '../support/organisations.ts';
import { enrolTotp, enterCode, follow, keepCodes, press, signIn, titleOf } from '../support/steps.ts';

type Language = 'en' | 'nl';
const translations = createTranslations();
const organisations = all.map((each) => (each.id === 'vives' ? { ...each, slowRecovery: 'P3D' } : each));
const atVives: Partial<Account> = { affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }] };
let pedel: TestConsole;

beforeAll(async () => {
  pedel = await startConsole({ organisations });
  await pedel.person('Tom', [], { ...atVives, familyName: 'Claeys' });
  await pedel.grant({ kind: 'person', id: 'account-Tom' }, [{ role: 'desk', organisations: ['vives'] }]);
  await pedel.person('Bea', ['people-administrator']);
  pedel.wait(60); // from now on the clock goes on only where the story says so
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel?.close();
});

/** A person of VIVES, of whom nobody else is, and what is mailed to her since the last look. */
async function somebody(name: string, language: Language) {
  const id = `account-${name}`;
  const addresses = [`${name.toLowerCase()}@example.org`, `${name.toLowerCase()}@student.vives.be`];
  const [personalEmail = '', institution = ''] = addresses;
  await pedel.person(name, [], { ...atVives, language, personalEmail, emails: [institution] });
  const render = createEmailRenderer({
    sealer: await pedel.opened(),
    issuer: pedel.issuer,
    organisations,
    translations,
  });
  const seen = new Set<string>();
  /** Dispatched to the outbox or not yet; each once. */
  async function mailbox(): Promise<[string, Email][]> {
    const { effects } = (await pedel.storage.accounts.findById(id)) as Account;
    const waiting = effects.flatMap((each): [string, Email][] =>
      each.kind === 'letter' ? [[each.id, each.letter]] : [],
    );
    const sent = await pedel.storage.outbox.byAccount(id, 100);
    const all = new Map([
      ...sent.map((each): [string, Email] => [each.id, each.payload as unknown as Email]),
      ...waiting,
    ]);
    const fresh = [...all].filter(([entry]) => !seen.has(entry));
    for (const [entry] of fresh) seen.add(entry);
    return fresh;
  }
  /** As it is read at the personal address; to both addresses the same is sent. */
  async function letter(template: string, toBoth = true) {
    const found = (await mailbox()).filter(([, email]) => email.template === template);
    const to = found.map(([, email]) => email.to).sort();
    expect([template, to]).toEqual([template, toBoth ? addresses : [personalEmail]]);
    const [entry, email] = found.find((each) => each[1].to === personalEmail) ?? [];
    if (entry === undefined || email === undefined) throw new Error(`no ${template}`);
    return render(email, { id: entry, ownerId: id, at: Date.now() });
  }
  return { id, login: `u-${name.toLowerCase()}`, letter };
}

async function tend(): Promise<void> {
  const { storage } = pedel;
  const sealer = await pedel.opened();
  const log = keepLog();
  await tendRecoveries({ storage, organisations, sealer, holder: 'test', now: () => Date.now(), randomBytes, log });
}
const linksIn = (text: string) => text.match(/https?:\/\/\S+/g) ?? [];
const linkTo = (text: string, path: string) => linksIn(text).find((link) => link.includes(path)) ?? '';
const words = async (page: Page, selector = 'main') =>
  ((await page.locator(selector).textContent()) ?? '').replace(/\s+/g, ' ').trim();

/** At the page for who has lost the second step, after the password. */
async function atLost(page: Page, login: string, language: Language): Promise<void> {
  await page.goto(`${pedel.issuer}/account?lang=${language}`);
  await signIn(page, login, PASSWORD);
  await follow(page, '?way=lost');
  expect(await titleOf(page)).toBe(translations(language)('signIn.lost_title'));
}

async function typeRecoveryCode(page: Page, code: string): Promise<void> {
  await page.fill('#recovery_code', code);
  await press(page, 'recover-code');
}

async function begin(page: Page, person: Awaited<ReturnType<typeof somebody>>, language: Language) {
  await atLost(page, person.login, language);
  await press(page, 'recover-send');
  await typeRecoveryCode(page, codeIn(await person.letter('recovery-code', false)));
  expect(await words(page, '#recover')).toBe(translations(language)('signIn.recover_under_way'));
  return person.letter('recovery-started');
}

describeInBrowser('a second step that is lost for good', () => {
  test.each(['en', 'nl'] as const)(
    'is replaced after three days, of which the owner hears each day, and the desk and the console know (%s)',
    async (language) => {
      const t = translations(language);
      const nora = await somebody(`Nora${language}`, language);
      const { page } = await visitor({ locale: language });
      const started = await begin(page, nora, language);
      expect(started.text).toContain(t('mail.recovery_stop_link'));
      await expectAccessible(page);

      const { page: desk } = await visitor({ viewport: { width: 1280, height: 900 }, locale: language });
      await pedel.signInOn(desk, `/desk/people/${nora.id}?lang=${language}`, 'Tom');
      const waits = t('desk.now_recovery').split('{{until}}')[0] ?? '';
      expect(await words(desk, '#state')).toContain(waits);
      expect(await words(desk)).toContain(t('desk.act_recovery'));
      const { page: console } = await visitor({ viewport: { width: 1280, height: 900 }, locale: language });
      await pedel.signInOn(console, `/admin/people/${nora.id}?lang=${language}`, 'Bea');
      expect(await words(console, '#recovery')).toContain(t('consolePeople.recovery_waits').split('{{until}}')[0]);
      await expectAccessible(console);

      for (const template of ['recovery-reminder', 'recovery-reminder', 'recovery-open']) {
        pedel.wait(DAY_MS / 1000);
        await tend();
        const { text } = await nora.letter(template);
        expect(linkTo(text, '/recovery/stop')).not.toBe('');
      }

      await atLost(page, nora.login, language);
      expect(await words(page, '#recover')).toBe(t('signIn.recover_open'));
      await press(page, 'recover-send');
      await typeRecoveryCode(page, codeIn(await nora.letter('recovery-code', false)));
      const app = await enrolTotp(page);
      expect(await keepCodes(page)).toHaveLength(10);
      // the new one is all that the wait gave: the sign-in asks for it
      await enterCode(page, await app.code(), 'verify');
      expect(new URL(page.url()).pathname).toBe('/account');
      expect((await nora.letter('factor-added')).text).toContain(t('mail.not_me_link'));
      const account = (await pedel.storage.accounts.findById(nora.id)) as Account;
      expect([account.totps.length, account.slowRecovery]).toEqual([1, undefined]);
      for (const each of [page, desk, console]) await each.context().close();
    },
    120_000,
  );

  test.each(['en', 'nl'] as const)(
    'but was not: the owner stops it by the link, says “this was not me”, and the thief stands before a closed door (%s)',
    async (language) => {
      const t = translations(language);
      const olga = await somebody(`Olga${language}`, language);
      const { page: thief } = await visitor({ locale: language });
      const { text } = await begin(thief, olga, language);

      const { page: owner } = await visitor({ locale: language });
      await owner.goto(linkTo(text, '/recovery/stop'));
      expect(await titleOf(owner)).toBe(t('signIn.stop_title'));
      await expectAccessible(owner);
      await press(owner, 'stop');
      expect(await titleOf(owner)).toBe(t('signIn.stop_done_title'));
      await expectAccessible(owner);

      const stopped = await olga.letter('recovery-stopped');
      await owner.goto(linkTo(stopped.text, '/not-me'));
      expect(await words(owner)).toContain(t('activity.did_recovery_stopped'));
      await expectAccessible(owner);
      await press(owner, 'not-me');
      expect(await titleOf(owner)).toBe(t('activity.secured_title'));
      await olga.letter('account-secured');

      // neither at once nor after the wait: the password opens nothing, and no code is to be had
      for (const days of [0, 3]) {
        pedel.wait(days * 86_400);
        await tend();
        await thief.context().clearCookies();
        await atLost(thief, olga.login, language);
        expect(await thief.locator('button[value="recover-send"]').count()).toBe(0);
      }
      expect(((await pedel.storage.accounts.findById(olga.id)) as Account).totps[0]?.name).toBe('Phone');
      for (const each of [thief, owner]) await each.context().close();
    },
    120_000,
  );
});
