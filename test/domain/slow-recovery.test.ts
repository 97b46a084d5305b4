/** Slow recovery: for whom it is, who begins, who stops it, what the clock brings, and what each thief gets by it. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Account, Decision, EffectInput } from '../../src/domain/account/account.ts';
import { disown } from '../../src/domain/account/disown.ts';
import { endSessionsOf } from '../../src/domain/desk/credential-acts.ts';
import { addFactor } from '../../src/domain/factors/enrolment.ts';
import type { TotpFactor } from '../../src/domain/factors/factor-records.ts';
import type { PendingEnrolment } from '../../src/domain/factors/pending-enrolment.ts';
import {
  DAY_MS,
  OPEN_MS,
  PAUSE_MS,
  recoveryOf,
  recoveryOffer,
  slowRecoveryMs,
  stopRecovery,
} from '../../src/domain/factors/slow-recovery.ts';
import { mailRecoveryCode, tendRecovery, typeRecoveryCode } from '../../src/domain/factors/slow-recovery-steps.ts';
import { suspend } from '../../src/domain/lifecycle/suspension.ts';
import { changePassword } from '../../src/domain/passwords/change-password.ts';
import { acceptSignIn } from '../../src/domain/sign-in/sign-in.ts';
import { newTicket } from '../../src/domain/tickets/ticket.ts';
import { anAccount } from '../support/account.ts';
import { organisations as all } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const START = Date.UTC(2026, 8, 21, 9);
const sealer = sealerUnder('a secret for tests that is long enough');
const organisations = all.map((each) => (each.id === 'vives' ? { ...each, slowRecovery: 'P3D' } : each));
const at = (now: number) => ({ organisations, now, network: '10.0.0.1' });
const app: TotpFactor = { id: 't1', name: 'Phone', sealedSeed: 's', lastStep: 0, createdAt: 1 };
const person = (change: Partial<Account> = {}): Account =>
  anAccount({
    activatedAt: 1,
    password: { hash: 'h', setAt: 1 },
    totps: [app],
    recoveryCodes: { macs: ['m'], createdAt: 1 },
    ...change,
  });
const ticket = (purpose: 'recovery' | 'recovery-stop', now = START) =>
  newTicket(
    { purpose, accountId: 'account-1', lifetimeSeconds: 3600, withCode: purpose === 'recovery' },
    sealer,
    now,
    randomBytes,
  );
const stopLink = () => {
  const { ticket: made, token } = ticket('recovery-stop');
  return { ticket: made, sealedSecret: sealer.seal(JSON.stringify({ link: token }), 'account-1', 'letter') };
};
const applied = <Outcome>(account: Account, decision: Decision<Outcome>): Account =>
  decision.account === undefined ? account : { ...decision.account, revision: account.revision + 1 };
const letters = (effects: EffectInput[] = []) =>
  effects.flatMap((effect) => (effect.kind === 'letter' ? [`${effect.letter.template} ${effect.letter.to}`] : []));
const entries = (effects: EffectInput[] = []) =>
  effects.flatMap((effect) => (effect.kind === 'audit' ? [effect.entry.action] : []));

/** The account, and the code that went to the mailbox. */
function mailed(account: Account, now = START) {
  const made = ticket('recovery', now);
  const decision = mailRecoveryCode(account, made, sealer, at(now));
  return { account: applied(account, decision), code: made.code ?? '', outcome: decision.outcome };
}
function started(account = person(), now = START): Account {
  const { account: next, code } = mailed(account, now);
  const decision = typeRecoveryCode(next, code, stopLink(), sealer, at(now));
  expect(decision.outcome.kind).toBe('started');
  return applied(next, decision);
}
const RIPE = START + 3 * DAY_MS;
const offered = (account: Account, now = START) => recoveryOffer(account, { organisations, now }).kind;

describe('it is offered', () => {
  test('only where each organisation of the person allows it, and the longest wait counts', () => {
    const both = [
      { organisation: 'vives', role: 'student', source: 'csv' },
      { organisation: 'kuleuven', role: 'student', source: 'csv' },
    ];
    const wider = organisations.map((each) => (each.id === 'kuleuven' ? { ...each, slowRecovery: 'P10D' } : each));
    expect(slowRecoveryMs(person(), { organisations: all, now: START })).toBeUndefined();
    expect(slowRecoveryMs(person(), { organisations, now: START })).toBe(3 * DAY_MS);
    expect(slowRecoveryMs(person({ affiliations: both }), { organisations, now: START })).toBeUndefined();
    expect(slowRecoveryMs(person({ affiliations: both }), { organisations: wider, now: START })).toBe(10 * DAY_MS);
    expect(slowRecoveryMs(person({ affiliations: [] }), { organisations, now: START })).toBeUndefined();
  });

  test('never to somebody with a role, without a second step, with an expired password, or whose account is closed', () => {
    expect(offered(person())).toBe('can-start');
    expect(offered(person({ roles: ['desk'] }))).toBe('off');
    expect(offered(person({ totps: [] }))).toBe('off');
    expect(offered(person({ passwordExpiredAt: 1 }))).toBe('off');
    expect(offered(person({ endsAt: START }))).toBe('off');
    expect(offered(person({ suspension: { kind: 'administrative', reason: '', at: 1 } }))).toBe('off');
    for (const change of [{ roles: ['owner' as const] }, { passwordExpiredAt: 1 }, { endsAt: START }])
      expect(mailed(person(change)).outcome).toEqual({ kind: 'not-now' });
  });
});

describe('it begins', () => {
  test('with a code that came to the address on file: both addresses hear, with a link, and nothing else changes', () => {
    const { account, code, outcome } = mailed(person());
    expect(outcome).toEqual({ kind: 'sent', to: 'a•••@example.org' });
    const { account: next, effects } = typeRecoveryCode(account, code, stopLink(), sealer, at(START));
    expect(next).toMatchObject({
      slowRecovery: { since: START, until: RIPE, epoch: 1, tellAt: START + DAY_MS },
      totps: [app],
      credentialsEpoch: 1,
      tickets: [{ purpose: 'recovery-stop', expiresAt: RIPE + OPEN_MS }],
    });
    expect(letters(effects)).toEqual([
      'recovery-started annelies@example.org',
      'recovery-started annelies.peeters@student.vives.be',
    ]);
    expect(entries(effects)).toEqual(['recovery.started']);
    expect(JSON.stringify(effects)).not.toContain(code);
  });

  test('by no wrong, old or foreign code, of which ten end it; and a spent one begins no second', () => {
    let { account, code } = mailed(person());
    const type = (typed: string, now = START) => typeRecoveryCode(account, typed, stopLink(), sealer, at(now));
    expect(type(code, START + 3_600_001).outcome.kind).toBe('none');
    for (const [index, typed] of [
      '',
      '\u0000',
      '🌱'.repeat(99),
      ...Array.from({ length: 7 }, () => 'WRON-G234'),
    ].entries()) {
      const decision = type(typed);
      expect([index, decision.outcome.kind]).toEqual([index, 'wrong']);
      account = applied(account, decision);
    }
    expect(type(code).outcome.kind).toBe('exhausted');
    ({ account, code } = mailed(person()));
    account = applied(account, type(code));
    expect(type(code).outcome.kind).toBe('not-now');
  });

  test('once at a time, and not within a day after one that was stopped', () => {
    const account = started();
    expect(offered(account)).toBe('waits');
    expect(mailed(account).outcome).toEqual({ kind: 'not-now' });
    const stopped = applied(account, stopRecovery(account, 'email', at(START + 1)));
    expect(offered(stopped, START + 1)).toBe('paused');
    expect(mailed(stopped, START + PAUSE_MS).outcome).toEqual({ kind: 'not-now' });
    expect(offered(stopped, START + 1 + PAUSE_MS)).toBe('can-start');
  });
});

describe('the owner stops it', () => {
  test('by the link, a session or the desk: once, with letters to both addresses, and the links are gone', () => {
    const account = started();
    for (const because of ['email', 'session', 'desk'] as const) {
      const decision = stopRecovery(account, because, at(START + 1));
      const next = applied(account, decision);
      expect(next.tickets).toEqual([]);
      expect(recoveryOf(next, at(START + 1))).toBeUndefined();
      expect(letters(decision.effects)).toHaveLength(2);
      // an act of the desk has its own entry
      expect(entries(decision.effects)).toEqual(because === 'desk' ? [] : ['recovery.stopped']);
      expect(stopRecovery(next, because, at(START + 2)).outcome).toEqual({ kind: 'none' });
    }
  });

  test('by a second step that is taken, not by the password alone', () => {
    const account = started();
    const sign = (evidence: Parameters<typeof acceptSignIn>[1]['evidence'], amr: string[]) =>
      acceptSignIn(account, {
        expectedEpoch: 1,
        amr,
        evidence,
        client: 'toledo',
        asked: [],
        ...at(START + 1),
      });
    const decision = sign({ kind: 'totp', factorId: 't1', step: 9 }, ['pwd', 'otp', 'mfa']);
    expect(decision.outcome).toBe('accepted');
    expect(recoveryOf(decision.account ?? account, at(START + 1))).toBeUndefined();
    expect(letters(decision.effects)).toEqual(expect.arrayContaining(['recovery-stopped annelies@example.org']));
    expect(entries(decision.effects)).toContain('recovery.stopped');
    expect(sign({ kind: 'recovery-code', mac: 'm' }, ['pwd', 'otp', 'mfa']).account?.slowRecovery).toMatchObject({
      stoppedAt: START + 1,
    });
    expect(sign({ kind: 'none' }, ['pwd']).outcome).toBe('owed');
  });

  test.each<[string, (account: Account) => Decision<unknown>]>([
    ['a new password', (account) => changePassword(account, { verifiedHash: 'h', newHash: 'n' }, at(START + 1))],
    [
      '“this was not me”',
      (account) => disown(account, { at: 1, action: 'sign-in' }, { sessionEpoch: 1 }, at(START + 1)),
    ],
    ['a suspension', (account) => suspend(account, { kind: 'administrative', reason: 'x' }, at(START + 1))],
    ['the desk that ends the sessions', (account) => endSessionsOf(account, at(START + 1))],
    ['the end of the account', (account) => ({ outcome: 0, account: { ...account, endsAt: START + 1 } })],
    ['a role', (account) => ({ outcome: 0, account: { ...account, roles: ['auditor'] } })],
  ])('by %s: nothing can be set up with it, and the clock clears it', (_, act) => {
    const account = started();
    const { account: armed, code } = mailed({
      ...account,
      slowRecovery: { ...account.slowRecovery, until: START } as never,
    });
    const acted = applied(armed, act(armed));
    expect(recoveryOf(acted, at(RIPE))).toBeUndefined();
    expect(['none', 'not-now']).toContain(
      typeRecoveryCode(acted, code, stopLink(), sealer, at(START + 2)).outcome.kind,
    );
    const tended = tendRecovery(acted, stopLink(), at(START + DAY_MS));
    expect(tended.outcome).toBe('ended');
    expect(tended.account?.slowRecovery).toBeUndefined();
    expect(tended.account?.tickets.filter(({ purpose }) => purpose.startsWith('recovery'))).toEqual([]);
    expect(entries(tended.effects)).toEqual(['recovery.stopped']);
  });

  test('where an organisation switches it off, nothing goes on', () => {
    const account = started();
    const off = { organisations: all, now: RIPE };
    expect(recoveryOf(account, off)).toBeUndefined();
    expect(tendRecovery(account, stopLink(), off).outcome).toBe('ended');
  });
});

describe('the clock', () => {
  test('brings a letter a day to both addresses, one at the end of the wait, and the end of what nobody used', () => {
    let account = started();
    const seen: string[] = [];
    for (let hour = 1; hour <= 24 * 12; hour += 1) {
      const now = START + hour * 3_600_000;
      const decision = tendRecovery(account, stopLink(), at(now));
      if (decision.outcome === 'nothing') continue;
      account = applied(account, decision);
      seen.push(`${hour / 24} ${decision.outcome} ${letters(decision.effects).length}`);
    }
    expect(seen).toEqual(['1 reminded 2', '2 reminded 2', '3 opened 2', '10 ended 2']);
    expect(account.slowRecovery).toBeUndefined();
  });

  test('sends one letter for the days that all nodes were away, and the wait is no longer for it', () => {
    const account = started(person());
    const late = tendRecovery(account, stopLink(), at(START + 2.5 * DAY_MS));
    expect([late.outcome, letters(late.effects).length]).toEqual(['reminded', 2]);
    expect(tendRecovery(applied(account, late), stopLink(), at(RIPE)).outcome).toBe('opened');
    const later = tendRecovery(account, stopLink(), at(RIPE + DAY_MS));
    expect(later.outcome).toBe('opened');
    expect(later.account?.slowRecovery?.tellAt).toBe(RIPE + OPEN_MS);
  });
});

describe('the new second step', () => {
  const fresh = { kind: 'totp', factor: { ...app, id: 't2', name: 'New' } } as const;
  const codes = { stored: { macs: ['n'], createdAt: RIPE } };
  /** What the enrolment rests on, at that time. */
  function entitled(now: number): { account: Account; pending: PendingEnrolment } | undefined {
    const { account, code } = mailed(started(), now);
    const { outcome } = typeRecoveryCode(account, code, stopLink(), sealer, at(now));
    return outcome.kind === 'matched' ? { account, pending: outcome.pending } : undefined;
  }

  test('takes the place of all that was lost, with the epoch, once, and only after the wait', () => {
    expect(entitled(RIPE - 1)).toBeUndefined();
    expect(entitled(RIPE + OPEN_MS)).toBeUndefined();
    const { account, pending } = entitled(RIPE) ?? { account: person(), pending: {} as PendingEnrolment };
    const decision = addFactor(account, fresh, pending, codes, at(RIPE));
    expect(decision).toMatchObject({
      outcome: { kind: 'added' },
      account: { credentialsEpoch: 2, totps: [{ id: 't2' }], recoveryCodes: { macs: ['n'] }, tickets: [] },
    });
    expect(decision.account?.slowRecovery).toBeUndefined();
    expect(decision.effects?.[0]).toMatchObject({ kind: 'end-sessions', olderThanEpoch: 2 });
    expect(letters(decision.effects)).toEqual(expect.arrayContaining(['factor-added annelies@example.org']));
    const again = { ...pending, epoch: 2 };
    const other = { ...fresh, factor: { ...fresh.factor, id: 't3' } };
    expect(addFactor(decision.account ?? account, other, again, codes, at(RIPE)).outcome.kind).toBe('refused');
  });

  test('is refused in the very write where the owner stopped it meanwhile, or the code was spent', () => {
    const { account, pending } = entitled(RIPE) ?? { account: person(), pending: {} as PendingEnrolment };
    const stopped = applied(account, stopRecovery(account, 'email', at(RIPE)));
    expect(addFactor(stopped, fresh, pending, codes, at(RIPE)).outcome).toEqual({
      kind: 'refused',
      reason: 'proof-needed',
    });
    expect(addFactor({ ...account, roles: ['auditor'] }, fresh, pending, codes, at(RIPE)).outcome.kind).toBe('refused');
    const { ticketId: _, ...without } = pending;
    expect(addFactor(account, fresh, without, codes, at(RIPE)).outcome.kind).toBe('refused');
    const waiting = { ...account, slowRecovery: { ...account.slowRecovery, until: RIPE + 1 } as never };
    expect(addFactor(waiting, fresh, pending, codes, at(RIPE)).outcome.kind).toBe('refused');
  });
});
