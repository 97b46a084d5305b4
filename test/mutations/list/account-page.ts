/** Rules 2, 7, 11 and 12: new browsers, and "this was not me". */
import type { Mutation } from '../mutation.ts';

const tests = ['test/domain/disown.test.ts'];
const ofBrowsers = ['test/domain/browsers.test.ts'];
const file = 'src/domain/account/disown.ts';

export const accountPage: Mutation[] = [
  {
    id: 'not-now-is-forgotten',
    rule: 7,
    tests: ['test/web/offer-factor.test.ts'],
    file: 'src/domain/factors/offer-factor.ts',
    search: ', account.factorDeclinedAt ?? 0)',
    replace: ')',
    why: 'who is asked at each sign-in learns to click it away, the mailed code of a first factor too',
  },
  {
    id: 'not-me-link-works-again',
    rule: 11,
    tests,
    file,
    search: "    tickets: account.tickets.filter(({ purpose }) => purpose === 'email-undo'),\n",
    replace: '',
    why: 'an old email puts its reader out for ever, and a thief’s link for a new password goes on working',
  },
  {
    id: 'not-me-leaves-the-password',
    rule: 12,
    tests,
    file,
    search: '    passwordExpiredAt: now,\n',
    replace: '',
    why: 'the thief, who knows the password, signs in again',
  },
  {
    id: 'not-me-of-an-earlier-session',
    rule: 12,
    tests,
    file,
    search: 'by.sessionEpoch === account.credentialsEpoch',
    replace: 'by.sessionEpoch > 0',
    why: 'a second click puts out the owner, who has signed in again',
  },
  {
    id: 'not-me-takes-the-only-factor',
    rule: 7,
    tests,
    file,
    search: '  if (!hasSecondFactor(next)) return { next: account, gone: [] };\n',
    replace: '',
    why: 'who reads the mailbox rids the account of its factor, and chooses a new password',
  },
  {
    id: 'not-me-leaves-the-thief-a-factor',
    rule: 12,
    tests,
    file,
    search: 'createdAt < since;',
    replace: 'createdAt < since || createdAt > 0;',
    why: 'a passkey that the thief added opens the account alone, whatever the password is',
  },
  {
    id: 'not-me-of-what-somebody-else-did',
    rule: 12,
    tests,
    file,
    search: ' && subject === accountId;',
    replace: ';',
    why: 'an administrator is put out by what was done to others',
  },
  {
    id: 'new-browser-is-not-told',
    rule: 2,
    tests: ofBrowsers,
    file: 'src/domain/account/browsers.ts',
    search: 'return cookieEpoch === undefined || cookieEpoch <',
    replace: 'return cookieEpoch !== undefined && cookieEpoch <',
    why: 'the owner does not hear that somebody else signed in',
  },
  {
    id: 'disowned-browser-is-known',
    rule: 2,
    tests: ofBrowsers,
    file: 'src/domain/account/browsers.ts',
    search: 'return kept.disownedAt !== undefined;',
    replace: 'return false;',
    why: 'the thief comes back and nobody hears of it',
  },
];
