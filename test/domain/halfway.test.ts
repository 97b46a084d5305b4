/** Sign-ins that stop after the password: what the account notes of them, what clears it, and what its owner is told. */
import { describe, expect, test } from '@jest/globals';
import type { Account, Decision } from '../../src/domain/account/account.ts';
import { keysOf } from '../../src/domain/account/account-keys.ts';
import { withBrowser, withBrowserDisowned } from '../../src/domain/account/browsers.ts';
import { disown } from '../../src/domain/account/disown.ts';
import {
  HALFWAY_MS,
  isToNote,
  MOST_HALFWAY,
  noteHalfway,
  tellHalfway,
  withoutHalfway,
} from '../../src/domain/sign-in/halfway.ts';
import { acceptSignIn, tellPasswordKnown } from '../../src/domain/sign-in/sign-in.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';

const now = Date.UTC(2026, 8, 21);
const HOUR = 3_600_000;
const active = anAccount({
  activatedAt: 1,
  affiliations: [{ organisation: 'kuleuven', role: 'staff', source: 'csv' }],
  password: { hash: 'h', setAt: 1 },
  totps: [{ id: 't', name: 'Phone', sealedSeed: 's', lastStep: 0, createdAt: 1 }],
});
const thief = { id: 'b1', name: 'Chrome', system: 'Windows' };

const note = (account: Account, browser: { id: string } = thief, at = now) =>
  noteHalfway(account, browser, { address: '192.0.2.9', now: at }).account ?? account;
let links = 0;
function tell(account: Account, at: number) {
  links += 1;
  const ticket = { id: `t${links}`, purpose: 'not-me' as const, createdAt: at, expiresAt: at + 48 * HOUR, tries: 0 };
  const decision = tellHalfway(account, { ticket, sealedSecret: 'sealed' }, { organisations, now: at });
  return { ...decision, ...effectsOf(decision), account: decision.account ?? account };
}
const effectsOf = ({ effects = [] }: Decision<unknown>) => ({
  letters: effects.flatMap((each) => (each.kind === 'letter' ? [each.letter] : [])),
  entries: effects.flatMap((each) => (each.kind === 'audit' ? [each.entry] : [])),
});

describe('the note', () => {
  test('is of a new browser only, and one that was disowned is new', () => {
    expect(note(active).halfway).toEqual([
      { browser: 'b1', name: 'Chrome', system: 'Windows', address: '192.0.2.9', at: now },
    ]);
    const known = withBrowser(active, thief, now);
    expect([isToNote(known, thief), note(known).halfway]).toEqual([false, undefined]);
    expect(isToNote(active, { ...thief, cookieEpoch: 1 })).toBe(false);
    expect(isToNote(withBrowserDisowned(known, 'b1', 2, now), thief)).toBe(true);
  });

  test('stays as it is when the same browser tries again, so that nobody puts off the letter, and is of five at most', () => {
    let account = note(active);
    expect(isToNote(account, thief)).toBe(false);
    expect(note(account, thief, now + 14 * 60_000).halfway?.[0]?.at).toBe(now);
    for (let n = 0; n < 9; n += 1) account = note(account, { id: `other${n}` }, now + n);
    expect(account.halfway).toHaveLength(MOST_HALFWAY);
    expect(account.halfway?.[0]).toMatchObject({ browser: 'b1', at: now });
  });

  const about = {
    ...{ expectedEpoch: 1, client: 'toledo', network: '192.0.2.1', asked: ['no-session'] as const, organisations, now },
    amr: ['pwd', 'otp', 'mfa'],
    evidence: { kind: 'totp', factorId: 't', step: 11 } as const,
  };

  test('goes with the whole sign-in of its browser, and stays when another browser signs in', () => {
    const account = note(note(active), { id: 'b2' });
    const own = acceptSignIn(account, { ...about, browser: { signing: { id: 'b2' } } });
    expect(own.account?.halfway).toMatchObject([{ browser: 'b1' }]);
    const both = acceptSignIn(
      { ...(own.account as Account), totps: active.totps },
      { ...about, browser: { signing: thief } },
    );
    expect([both.outcome, both.account && 'halfway' in both.account]).toEqual(['accepted', false]);
    expect(acceptSignIn(account, { ...about, browser: { signing: { id: 'b9' } } }).account?.halfway).toHaveLength(2);
    expect(
      acceptSignIn(account, { ...about, amr: ['pwd'], evidence: { kind: 'none' }, browser: { signing: thief } }),
    ).toEqual({
      outcome: 'owed',
    });
  });

  test('goes when its owner is told that codes were guessed', () => {
    const told = tellPasswordKnown(note(active), { organisations, network: '192.0.2.9', now });
    expect(told.account?.halfway).toBeUndefined();
    expect(withoutHalfway(active)).toBe(active);
  });

  test('is found by a term that no search reaches', () => {
    const terms = keysOf(note(active)).searchTerms.filter((term) => term.startsWith('Halfway '));
    expect(terms).toEqual([`Halfway ${String(now).padStart(15, '0')}`]);
    expect(keysOf(active).searchTerms.some((term) => term.startsWith('Halfway'))).toBe(false);
  });
});

describe('a quarter of an hour later', () => {
  test('it is told once: an entry, and a letter to both addresses with a link', () => {
    const account = note(active);
    expect(tell(account, now + HALFWAY_MS - 1)).toMatchObject({ outcome: 'nothing', letters: [], entries: [] });
    const told = tell(account, now + HALFWAY_MS);
    expect(told.entries).toMatchObject([
      {
        ...{
          action: 'sign-in.stopped-halfway',
          actor: { kind: 'anonymous' },
          subject: active.id,
          network: '192.0.2.9',
        },
        ...{
          at: now + HALFWAY_MS,
          details: { browser: 'b1', agent: 'Chrome/Windows', at: '2026-09-21T00:00:00.000Z' },
        },
      },
    ]);
    expect(told.letters.map(({ template, to, sealedSecret }) => [template, to, sealedSecret])).toEqual([
      ['stopped-halfway', 'annelies@example.org', 'sealed'],
      ['stopped-halfway', 'annelies.peeters@student.vives.be', 'sealed'],
    ]);
    expect('halfway' in told.account).toBe(false);
    expect(tell(told.account, now + HOUR)).toMatchObject({ outcome: 'nothing', letters: [], entries: [] });
  });

  test('of several in a day each has an entry, and one letter goes; those that are not due wait', () => {
    const two = note(note(active), { id: 'b2' }, now + 1);
    const first = tell(note(two, { id: 'b3' }, now + HOUR), now + HOUR);
    expect([first.entries.length, first.letters.length]).toEqual([2, 2]);
    expect(first.account.halfway).toMatchObject([{ browser: 'b3' }]);
    const second = tell(first.account, now + 2 * HOUR);
    expect([second.entries.length, second.letters.length]).toEqual([1, 0]);
    const nextDay = tell(note(second.account, { id: 'b4' }, now + 25 * HOUR), now + 26 * HOUR);
    expect([nextDay.entries.length, nextDay.letters.length]).toEqual([1, 2]);
  });

  test('nothing is told of a password that was replaced since, or that its owner ended', () => {
    const account = note(active);
    for (const since of [{ password: { hash: 'new', setAt: now + 1 } }, { passwordExpiredAt: now + 1 }]) {
      const told = tell({ ...account, ...since }, now + HOUR);
      expect([told.outcome, 'halfway' in told.account, told.letters]).toEqual(['nothing', false, []]);
    }
  });

  test('its link ends the password and all sessions, and the browsers of the owner stay known', () => {
    const owner = withBrowser(active, { id: 'owner' }, now - 5);
    const { account } = tell(note(owner), now + HOUR);
    const [ticket] = account.tickets;
    expect(ticket).toMatchObject({ purpose: 'not-me', browser: 'b1', halfway: { at: now } });
    const what = { at: now, action: 'sign-in.stopped-halfway', browser: 'b1' };
    const done = disown(account, what, { ticketId: ticket?.id ?? '' }, { organisations, now: now + 2 * HOUR });
    expect(done.outcome.kind).toBe('disowned');
    expect(done.account).toMatchObject({
      credentialsEpoch: 2,
      passwordExpiredAt: now + 2 * HOUR,
      totps: [{ id: 't' }],
    });
    expect(done.account?.browsers?.[0]).not.toHaveProperty('disownedAt');
  });
});
