/**
 * Whoever types the right password in a new browser and then stops, at whichever page comes next: the owner is told (rule 31),
 * and nobody is who goes on. Under 2 s.
 */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { HALFWAY_MS } from '../../src/domain/sign-in/halfway.ts';
import { tellOfHalfway } from '../../src/jobs/halfway-sign-ins.ts';
import { keepLog } from '../jobs/support/quiet.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { browserOf, closeAll, type RunningWeb, startWeb } from '../support/web.ts';
import { atLeuven, atVives, password, textOf, typePassword } from './people.ts';

afterEach(closeAll);

const offering = organisations.map((each) => ({ ...each, offerFactorDays: 30 }));
const withPassword = { activatedAt: 1, password: { hash: `plain$${password}`, setAt: 1 } };

const places: [string, string, (web: RunningWeb) => Account][] = [
  ['a second step is asked', 'Enter the code from your authenticator app', (web) => atVives(web).account],
  ['a second step has to be set up', 'Check that it is you', () => anAccount({ id: 'vives-1', ...withPassword })],
  ['a second step is offered', 'Add a second step?', () => atLeuven()],
  ['a new password is due', 'Choose a new password first', () => atLeuven({ passwordExpiredAt: 2 })],
];

async function house(person: (web: RunningWeb) => Account) {
  const web = await startWeb({ organisations: offering });
  const { id, userNumbers } = person(web);
  await web.storage.accounts.insert({ ...person(web), language: 'en' });
  const stored = async () => (await web.storage.accounts.findById(id)) as Account;
  const tell = async () => {
    const { storage, sealer } = web;
    const log = keepLog();
    await tellOfHalfway({ storage, organisations, sealer, randomBytes, holder: 'one', now: () => web.clock.now, log });
    const effects = (await stored()).effects;
    return effects.flatMap((each) => (each.kind === 'letter' ? [each.letter.template] : []));
  };
  const type = async () => {
    const [browser, path] = [browserOf(web), web.begin()];
    browser.cookies.set('test_browser', 'mine'); // the protocol gives it before a page is there
    await typePassword(browser, path, userNumbers[0] ?? '');
    return { browser, path, page: (await browser.get(`${path}?lang=en`)).body };
  };
  return { web, stored, tell, type };
}

describe.each(places)('where %s', (_, title, person) => {
  test('it is noted before the page is there, and told a quarter of an hour later at both addresses', async () => {
    const { web, stored, tell, type } = await house(person);
    const { page } = await type();
    expect(textOf(page, 'title')).toBe(title);
    expect(web.logins).toEqual([]);
    expect((await stored()).halfway).toHaveLength(1);
    expect(await tell()).toEqual([]);
    web.clock.now += HALFWAY_MS;
    expect(await tell()).toEqual(['stopped-halfway', 'stopped-halfway']);
    const entries = (await stored()).effects.flatMap((each) => (each.kind === 'audit' ? [each.entry.action] : []));
    expect(entries).toContain('sign-in.stopped-halfway');
  });
});

test('who says "not now" to the second step that was offered has signed in, which is told as such', async () => {
  const { web, stored, tell, type } = await house(() => atLeuven());
  const { browser, path } = await type();
  await browser.post(path, { action: 'later' });
  expect(web.logins).toHaveLength(1);
  expect((await stored()).halfway).toBeUndefined();
  web.clock.now += HALFWAY_MS;
  expect(await tell()).toEqual(['new-browser', 'new-browser']);
});

test('who has chosen the new password by the mailed link is told that it was changed, and no more', async () => {
  const { web, tell, type, stored } = await house(() => atLeuven({ passwordExpiredAt: 2 }));
  const { browser, path } = await type();
  await browser.post(path, { action: 'send-link' });
  const { effects } = await stored();
  const [sealed = ''] = effects.flatMap((each) => (each.kind === 'letter' ? [each.letter.sealedSecret ?? ''] : []));
  const { link } = JSON.parse(web.sealer.open(sealed, 'leuven-1', 'letter'));
  await browser.get(link);
  await browser.post('/reset', {
    action: 'continue',
    ticket: new URLSearchParams(link.split('?')[1]).get('ticket') ?? '',
  });
  const fresh = 'seventeen quiet lamps near winter';
  web.clock.now += 60_000;
  await browser.post('/reset', { action: 'set-password', password: fresh, password_again: fresh });
  expect((await stored()).password?.hash).toBe(`plain$${fresh}`);
  web.clock.now += HALFWAY_MS;
  expect(await tell()).toEqual(['reset', 'password-changed', 'password-changed']);
});
