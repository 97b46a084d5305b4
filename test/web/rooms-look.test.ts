/**
 * Every page of the service desk and of the account, in Chromium on the whole of Pedel: axe finds nothing in light and dark,
 * nothing scrolls sideways on 320 px (which is 1280 px at a zoom of 400 %), and in forced colours what is a button or the
 * current page can be told. `PEDEL_PICTURES=FOLDER` keeps pictures of each. About 40 s.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { newTicket } from '../../src/domain/tickets/ticket.ts';
import { describeInBrowser, visitor } from '../support/browser.ts';
import { startConsole, type TestConsole } from '../support/console.ts';
import { faultsOf } from '../support/looks.ts';
import { sealerUnder } from '../support/sealer.ts';

const DAY = 86_400_000;
const now = Date.now();
let pedel: TestConsole;
const tickets: Record<string, string> = {};

beforeAll(async () => {
  pedel = await startConsole();
  await people();
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel?.close();
});

const atVives: Partial<Account> = {
  affiliations: [{ organisation: 'vives', role: 'student', source: 'csv', from: '2025-09-15' }],
};
const noSecond = { totps: [], recoveryCodes: undefined } as unknown as Partial<Account>;

function ticket(accountId: string, purpose: 'email-change' | 'email-undo' | 'not-me', sentTo = '') {
  const made = newTicket(
    { purpose, accountId, lifetimeSeconds: 600_000, withCode: false, sentTo },
    sealerUnder('x'.repeat(40)),
    now,
    randomBytes,
  );
  tickets[`${purpose} ${accountId}`] = made.token;
  return { ...made.ticket, epoch: 1 };
}

async function people(): Promise<void> {
  for (const name of ['Tom', 'Ann']) {
    await pedel.person(name, [], { ...atVives, familyName: 'Claeys' });
    await pedel.grant({ kind: 'person', id: `account-${name}` }, [{ role: 'desk', organisations: ['vives'] }]);
  }
  const birthdate = {
    birthdate: '2004-02-11',
    address: { street_address: 'Doorniksesteenweg 145', postal_code: '8500' },
  };
  await pedel.person('Hanne', [], {
    ...atVives,
    familyName: 'Goossens',
    emails: ['hanne.goossens@student.vives.be'],
    claims: birthdate,
    desk: {
      acts: [{ kind: 'pass', at: now - 1000 }],
      requests: [{ id: 'r1', kind: 'pass', by: 'account-Ann', at: now - 60_000, reason: 'Ticket 4711: student card' }],
      notes: [{ at: now - DAY, by: 'account-Ann', text: 'Called twice about the new telephone.' }],
    },
  });
  await pedel.person('Lea', [], {
    ...atVives,
    familyName: 'Van den Broeck-Vandenberghe',
    activatedAt: undefined,
    password: undefined,
    totps: [],
    mailedAt: [now - DAY],
  } as unknown as Partial<Account>);
  await pedel.person('Sam', [], {
    ...atVives,
    suspension: { kind: 'security', reason: 'Ticket 12: letters from another country', at: now - DAY },
  });
  await pedel.person('Eva', [], { ...atVives, windows: [{ until: now - DAY }] } as Partial<Account>);
  await pedel.person('Nina', [], {
    ...atVives,
    familyName: 'El Amrani',
    emails: ['nina.elamrani@student.vives.be'],
    claims: birthdate,
    recoveryCodes: { macs: ['a', 'b', 'c'], createdAt: now - DAY },
    proposedAddress: { address: 'nina.from.the.administration@example.org', source: 'csv', at: now - DAY },
    tickets: [
      ticket('account-Nina', 'email-change', 'nina.new@example.org'),
      {
        ...ticket('account-Nina', 'email-undo', 'nina.old@example.org'),
        undoes: { to: 'annelies@example.org', from: 'nina.old@example.org' },
      },
      { ...ticket('account-Nina', 'not-me'), tells: { action: 'password.changed', at: now } },
    ],
  });
  await pedel.person('Bare', [], { ...noSecond, userNumbers: ['u-bare'] });
}

describeInBrowser('looks', () => {
  test.each(['en', 'nl'] as const)(
    'the service desk (%s)',
    async (language) => {
      const { page } = await visitor({ viewport: { width: 1280, height: 900 }, locale: language });
      await pedel.signInOn(page, '/desk', 'Tom');
      const at = (path: string) => `${pedel.issuer}${path}${path.includes('?') ? '&' : '?'}lang=${language}`;
      const faults: string[] = [];
      const paths = {
        find: '/desk',
        none: '/desk?q=nobody',
        found: '/desk?q=u-',
        approvals: '/desk/approvals',
        person: '/desk/people/account-Hanne',
        invited: '/desk/people/account-Lea',
        suspended: '/desk/people/account-Sam',
        ended: '/desk/people/account-Eva',
        pass: '/desk/people/account-Hanne/pass',
        sessions: '/desk/people/account-Hanne/sessions',
        suspend: '/desk/people/account-Hanne/suspend',
        resend: '/desk/people/account-Lea/resend',
        address: '/desk/people/account-Lea/address',
        lift: '/desk/people/account-Sam/lift',
        missing: '/desk/people/nobody',
      };
      for (const [name, path] of Object.entries(paths)) {
        await page.goto(at(path));
        faults.push(...(await faultsOf(page, `desk-${language}-${name}`, language)));
      }
      await page.goto(at('/desk/people/account-Hanne'));
      await page.fill('#said-birth-date', '11/2/2004');
      await page.click('form:has(#said-birth-date) button');
      faults.push(...(await faultsOf(page, `desk-${language}-right`, language)));
      await page.fill('#said-birth-date', '12/2/2004');
      await page.click('form:has(#said-birth-date) button');
      faults.push(...(await faultsOf(page, `desk-${language}-wrong`, language)));
      await page.goto(at('/desk/people/account-Hanne/suspend'));
      await page.click('button[value=suspend]');
      faults.push(...(await faultsOf(page, `desk-${language}-no-reason`, language)));
      await page.goto(at('/desk/people/account-Hanne/sessions'));
      await page.fill('#reason', 'Ticket 4712: lost laptop');
      await page.click('button[value=sessions]');
      faults.push(...(await faultsOf(page, `desk-${language}-done`, language)));
      await pedel.person(`Pia${language}`, [], { ...atVives, password: { hash: 'plain$x', setAt: 1 } });
      await page.goto(at(`/desk/people/account-Pia${language}/pass`));
      await page.fill('#reason', 'Ticket 4713');
      await page.click('button[value=pass]');
      await page.waitForSelector('#pass');
      faults.push(...(await faultsOf(page, `desk-${language}-pass-shown`, language)));
      expect(faults).toEqual([]);
    },
    240_000,
  );

  test.each(['en', 'nl'] as const)(
    'the account (%s)',
    async (language) => {
      const { page } = await visitor({ viewport: { width: 1280, height: 900 }, locale: language });
      await pedel.signInOn(page, '/account/email', 'Nina');
      const at = (path: string) => `${pedel.issuer}${path}${path.includes('?') ? '&' : '?'}lang=${language}`;
      const faults: string[] = [];
      const [entry] = await pedel.storage.auditLog.page({ subject: 'account-Nina', action: 'sign-in' }, undefined, 1);
      const paths = {
        overview: '/account',
        password: '/account/password',
        factors: '/account/factors',
        add: '/account/factors/add',
        remove: '/account/factors/remove?factor=totp-Nina',
        codes: '/account/recovery-codes',
        sessions: '/account/sessions',
        activity: '/account/activity',
        'not-me': `/account/activity/not-me?entry=${entry?.at}.${entry?.id}`,
        data: '/account/data',
        email: '/account/email',
        applications: '/account/applications',
        'email-confirm': `/account/email/confirm?ticket=${tickets['email-change account-Nina']}`,
        'email-dead': '/account/email/confirm?ticket=x',
        undo: `/account/email/undo?ticket=${tickets['email-undo account-Nina']}`,
        'undo-dead': '/account/email/undo?ticket=x',
        undone: '/account/email/undo?done=undone',
        'not-me-email': `/not-me?ticket=${tickets['not-me account-Nina']}`,
        'not-me-dead': '/not-me?ticket=x',
        'not-me-done': '/not-me?done=1',
      };
      for (const [name, path] of Object.entries(paths)) {
        await page.goto(at(path));
        faults.push(...(await faultsOf(page, `account-${language}-${name}`, language)));
      }
      expect(faults).toEqual([]);
    },
    240_000,
  );

  test.each(['en', 'nl'] as const)(
    'merging people in the console (%s)',
    async (language) => {
      const { page } = await visitor({ viewport: { width: 1280, height: 900 }, locale: language });
      const name = `Olga${language}`;
      await pedel.person(name);
      await pedel.grant({ kind: 'person', id: `account-${name}` }, [
        { role: 'people-administrator', organisations: ['vives'] },
      ]);
      const said = { family_name: 'De Smet', given_name: 'Joke', 'affiliations.vives': '[]' };
      for (const [
        who,
        number,
      ] of [[`Joke${language}`, `r-${language}-1`], [`Joke-${language}`, `r-${language}-2`]] as const) // biome-ignore format: pairs
        await pedel.person(who, [], {
          ...atVives,
          familyName: 'De Smet',
          userNumbers: [number],
          emails: [`${who.toLowerCase()}@student.vives.be`],
          feeds: [{ source: 'csv', key: `0001234-${number}`, fields: { ...said, number, numbers: number } }],
        });
      await pedel.signInOn(page, '/admin', name);
      const one = `/admin/people/account-Joke${language}`;
      const at = (path: string) => `${pedel.issuer}${path}${path.includes('?') ? '&' : '?'}lang=${language}`;
      const faults: string[] = [];
      const look = async (what: string, path?: string) => {
        if (path !== undefined) await page.goto(at(path));
        faults.push(...(await faultsOf(page, `people-${language}-${what}`, language)));
      };
      await look('merge', `${one}/merge`);
      await look('merge-nobody', `${one}/merge?other=nobody`);
      await look('split-one', `${one}/split`);
      await look('merge-plan', `${one}/merge?other=r-${language}-2`);
      await page.fill('#reason', 'enrolled twice');
      await page.click('button[value=merge]');
      await page.waitForSelector('.notice');
      await look('merged');
      await look('unmerge', `${one}/unmerge/account-Joke-${language}`);
      await look('split', `${one}/split`);
      await page.click('button[value=show] >> nth=1');
      await look('split-plan');
      expect(faults).toEqual([]);
    },
    240_000,
  );
});
