/** Rule 9 on the account itself: when an act of the desk needs a second agent, what a pass opens, what a caller's answer tells. */

import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import {
  approveAct,
  askDesk,
  collectPass,
  declineAct,
  needsColleague,
  PASS_SECONDS,
} from '../../src/domain/desk/credential-acts.ts';
import { typeDeskPass } from '../../src/domain/desk/desk-pass.ts';
import { deskRecordOf, withNote } from '../../src/domain/desk/desk-record.ts';
import { checkIdentity, factsOf } from '../../src/domain/desk/identity-check.ts';
import { addFactor } from '../../src/domain/factors/enrolment.ts';
import { newTicket } from '../../src/domain/tickets/ticket.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = 100 * DAY;
const sealer = sealerUnder('a secret of more than thirty-two characters');
const context = { organisations, now: NOW };
const at = (now: number) => ({ organisations, now });
const made = (purpose: 'desk-pass' | 'activation', now = NOW) =>
  newTicket(
    { purpose, accountId: 'account-1', lifetimeSeconds: PASS_SECONDS, withCode: true },
    sealer,
    now,
    randomBytes,
  );
const prepared = (now = NOW) => ({
  pass: made('desk-pass', now),
  activation: { ticket: made('activation', now).ticket, sealedSecret: 'sealed' },
});
const asked = (by = 'tom') => ({ id: `request of ${by}`, by, reason: 'lost the telephone' });
const active = (change: Partial<Account> = {}) =>
  anAccount({
    activatedAt: 1,
    password: { hash: 'x', setAt: 1 },
    totps: [{ id: 't', name: 'Phone', sealedSeed: 's', lastStep: 0, createdAt: 0 }],
    recoveryCodes: { macs: ['m'], createdAt: 0 },
    ...change,
  });
const lettersOf = (effects: { kind: string }[] = []) => effects.filter(({ kind }) => kind === 'letter').length;

describe('a pass', () => {
  test('is given at once, and both addresses are told', () => {
    const given = askDesk(active(), { kind: 'pass' }, asked(), prepared(), context);
    expect(given.outcome).toEqual({ kind: 'done', act: 'pass' });
    expect(given.account?.tickets).toMatchObject([{ purpose: 'desk-pass', expiresAt: NOW + 3_600_000 }]);
    expect(given.account?.tickets[0]).not.toHaveProperty('sentTo');
    expect(lettersOf(given.effects)).toBe(2);
  });

  test.each([
    ['an account that was never active', anAccount(), 'never-active'],
    ['somebody with a role', active({ roles: ['desk'] }), 'has-role'],
    ['an ended account', active({ endsAt: 5 }), 'closed'],
    ['a suspended account', active({ suspension: { kind: 'security', reason: 'x', at: 1 } }), 'closed'],
  ])('is refused for %s', (_, account, because) => {
    const given = askDesk(account, { kind: 'pass' }, asked(), prepared(), context);
    expect(given).toEqual({ outcome: { kind: 'refused', because } });
  });

  const withPass = (account = active()) => {
    const { pass, activation } = prepared();
    const given = askDesk(account, { kind: 'pass' }, asked(), { pass, activation }, context).account as Account;
    return { given, code: pass.code ?? '' };
  };
  const factor = {
    kind: 'totp' as const,
    factor: { id: 'new', name: 'New', sealedSeed: 'n', lastStep: 1, createdAt: NOW },
  };
  const codes = { stored: { macs: ['n'], createdAt: NOW } };

  test('opens the enrolment, whose factor takes the place of all earlier ones and raises the epoch', () => {
    const { given, code } = withPass();
    const typed = typeDeskPass(given, ` ${code.toLowerCase()} `, sealer, NOW).outcome;
    if (typed.kind !== 'matched') throw new Error(typed.kind);
    const added = addFactor(given, factor, typed.pending, codes, context);
    expect(added.outcome).toEqual({ kind: 'added', codesStored: true });
    expect(added.account).toMatchObject({
      credentialsEpoch: 2,
      tickets: [],
      totps: [{ id: 'new' }],
      passkeys: [],
      recoveryCodes: { macs: ['n'] },
    });
    expect(added.effects?.map(({ kind }) => kind)).toContain('end-sessions');
    // a second tab with the same pass
    expect(
      addFactor(
        added.account as Account,
        { ...factor, factor: { ...factor.factor, id: 'two' } },
        typed.pending,
        codes,
        context,
      ).outcome,
    ).toEqual({
      kind: 'refused',
      reason: 'proof-needed',
    });
    expect(typeDeskPass(added.account as Account, code, sealer, NOW).outcome).toEqual({ kind: 'none' });
  });

  test('ends after an hour and after ten wrong tries, and is of its person only', () => {
    const { given, code } = withPass();
    expect(typeDeskPass(given, code, sealer, NOW + PASS_SECONDS * 1000).outcome).toEqual({ kind: 'none' });
    expect(typeDeskPass({ ...given, id: 'account-2' }, code, sealer, NOW).outcome).toEqual({ kind: 'wrong' });
    let account = given;
    for (let n = 0; n < 10; n += 1) {
      const tried = typeDeskPass(account, 'WRONG234', sealer, NOW);
      expect(tried.outcome).toEqual({ kind: 'wrong' });
      account = tried.account as Account;
    }
    expect(typeDeskPass(account, code, sealer, NOW).outcome).toEqual({ kind: 'exhausted' });
  });

  test('that was typed before it ended adds nothing after it', () => {
    const { given, code } = withPass();
    // the enrolment itself may take an hour from when the pass was typed
    const typed = typeDeskPass(given, code, sealer, NOW + 1_800_000).outcome;
    if (typed.kind !== 'matched') throw new Error(typed.kind);
    const late = addFactor(given, factor, typed.pending, codes, at(NOW + PASS_SECONDS * 1000));
    expect(late.outcome).toEqual({ kind: 'refused', reason: 'proof-needed' });
  });
});

describe('a second agent', () => {
  test.each([
    ['a pass within a day of another', active({ desk: record('pass', NOW - DAY + 1) }), { kind: 'pass' }, true],
    ['a pass a day after another', active({ desk: record('pass', NOW - DAY) }), { kind: 'pass' }, false],
    ['a pass within a day of a resent activation', active({ desk: record('resend', NOW - 1) }), { kind: 'pass' }, true],
    [
      'a pass within a day of a new password',
      active({ password: { hash: 'x', setAt: NOW - DAY + 1 } }),
      { kind: 'pass' },
      true,
    ],
    [
      'a pass while a link for a new password is under way',
      active({ tickets: [{ id: 'r', purpose: 'reset', createdAt: NOW - 1, expiresAt: NOW + 1, tries: 0 }] }),
      { kind: 'pass' },
      true,
    ],
    ['a first resend', anAccount(), { kind: 'resend' }, false],
    ['a second resend', anAccount({ desk: record('resend', NOW - 1) }), { kind: 'resend' }, true],
    ['each correction of an address', anAccount(), { kind: 'correct-address', address: 'a@example.org' }, true],
  ] as const)('is needed, or not, for %s', (_, account, act, expected) => {
    expect(needsColleague(account, act, NOW)).toBe(expected);
    expect(askDesk(account, act, asked(), prepared(), context).outcome.kind).toBe(expected ? 'waits' : 'done');
  });

  const waiting = askDesk(active({ desk: record('pass', NOW - 1) }), { kind: 'pass' }, asked(), prepared(), context)
    .account as Account;

  test('is another one than the first, who alone gets the pass, once', () => {
    const own = approveAct(waiting, 'request of tom', 'tom', prepared(), context);
    expect(own).toEqual({ outcome: { kind: 'refused', because: 'same-agent' } });
    expect(collectPass(waiting, 'request of tom', 'tom', prepared(), context).outcome).toMatchObject({
      because: 'gone',
    });
    const approved = approveAct(waiting, 'request of tom', 'ann', prepared(), context).account as Account;
    expect(approved.tickets).toEqual([]);
    expect(collectPass(approved, 'request of tom', 'ann', prepared(), context).outcome).toMatchObject({
      because: 'gone',
    });
    const collected = collectPass(approved, 'request of tom', 'tom', prepared(), context);
    expect(collected.account).toMatchObject({ tickets: [{ purpose: 'desk-pass' }], desk: { requests: [] } });
    expect(lettersOf(collected.effects)).toBe(2);
    expect(
      collectPass(collected.account as Account, 'request of tom', 'tom', prepared(), context).outcome,
    ).toMatchObject({ because: 'gone' });
  });

  test('answers within a day, and a declined act is gone', () => {
    const late = approveAct(waiting, 'request of tom', 'ann', prepared(), at(NOW + DAY));
    expect(late.outcome).toEqual({ kind: 'refused', because: 'gone' });
    const declined = declineAct(waiting, 'request of tom', NOW).account as Account;
    expect(approveAct(declined, 'request of tom', 'ann', prepared(), context).outcome).toMatchObject({
      because: 'gone',
    });
    expect(askDesk(waiting, { kind: 'pass' }, asked('ann'), prepared(), context).outcome).toMatchObject({
      because: 'asked',
    });
  });

  test('agrees to a new address: the activation goes there, what went to the old one ends, and the old one is told', () => {
    const old = {
      id: 'old',
      purpose: 'activation' as const,
      createdAt: 1,
      expiresAt: NOW + 1,
      tries: 0,
      sentTo: 'annelies@example.org',
    };
    const act = { kind: 'correct-address' as const, address: 'an@example.net' };
    const account = askDesk(anAccount({ tickets: [old] }), act, asked(), prepared(), context).account as Account;
    expect(account.personalEmail).toBe('annelies@example.org');
    const done = approveAct(account, 'request of tom', 'ann', prepared(), context);
    expect(done.account).toMatchObject({ personalEmail: 'an@example.net', tickets: [{ sentTo: 'an@example.net' }] });
    const letters = (done.effects ?? []).flatMap((each) =>
      each.kind === 'letter' ? [[each.letter.template, each.letter.to]] : [],
    );
    expect(letters).toEqual([
      ['activation-code', 'an@example.net'],
      ['desk-acted', 'annelies@example.org'],
      ['desk-acted', 'annelies.peeters@student.vives.be'],
    ]);
    expect(done.effects?.filter(({ kind }) => kind === 'audit')).toEqual([]);
  });
});

function record(kind: 'pass' | 'resend', when: number) {
  return { acts: [{ kind, at: when }], requests: [], notes: [] };
}

test('of the notes the last fifty stay', () => {
  let desk = deskRecordOf({}, NOW);
  for (let n = 0; n < 60; n += 1) desk = withNote(desk, { at: n, by: 'tom', text: String(n) });
  expect([desk.notes.length, desk.notes[0]?.text]).toEqual([50, '10']);
});

describe('an identity check', () => {
  const account = anAccount({
    claims: {
      birthdate: '2001-09-03',
      address: { street_address: 'Naamsestraat 22 bus 5', postal_code: '3000', locality: 'Leuven' },
    },
  });
  test.each([
    ['birth-date', '2001-09-03', 'right'],
    ['birth-date', ' 3/9/2001 ', 'right'],
    ['birth-date', '03.09.2001', 'right'],
    ['birth-date', '9/3/2001', 'wrong'],
    ['birth-date', '2001', 'unreadable'],
    ['address', '3000 Leuven, naamsestraat 22, bus 5', 'right'],
    ['address', 'Naamsestraat 22, 3000 Leuven', 'wrong'],
    ['address', '3000', 'wrong'],
    ['address', '', 'wrong'],
  ] as const)('of the %s: "%s" is %s', (fact, typed, verdict) => {
    expect(checkIdentity(account, fact, typed)).toBe(verdict);
  });

  test('asks only what is known', () => {
    expect(factsOf(account)).toEqual(['birth-date', 'address']);
    expect(factsOf(anAccount({ claims: { address: 'x', birthdate: '0000' } }))).toEqual([]);
  });
});
