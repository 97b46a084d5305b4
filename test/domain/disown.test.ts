/** "This was not me": what ends, what stays, and what who holds only a session or only a mailbox gets by it. */
import { describe, expect, test } from '@jest/globals';
import type { Account, EffectInput } from '../../src/domain/account/account.ts';
import { disown, isDisownable } from '../../src/domain/account/disown.ts';
import type { PasskeyFactor, TotpFactor } from '../../src/domain/factors/factor-records.ts';
import type { AuditEntry } from '../../src/domain/ports/audit-log.ts';
import { nextStep } from '../../src/domain/sign-in/sign-in.ts';
import type { Ticket } from '../../src/domain/tickets/ticket-record.ts';
import { anAccount } from '../support/account.ts';
import { localized } from '../support/localized.ts';
import { organisations } from '../support/organisations.ts';

const now = Date.UTC(2026, 8, 21);
const DAY = 86_400_000;
const context = { organisations, now, network: '10.0.0.1' };
const app: TotpFactor = { id: 't1', name: 'Phone', sealedSeed: 's', lastStep: 0, createdAt: now - 30 * DAY };
const key: PasskeyFactor = {
  id: 'p1',
  name: 'Key',
  credentialId: 'c',
  publicKey: 'k',
  signCount: 0,
  transports: [],
  keyType: 'hwk',
  createdAt: now - DAY,
};
const link: Ticket = {
  id: 'link',
  purpose: 'not-me',
  createdAt: now - DAY,
  expiresAt: now + DAY,
  tries: 0,
  browser: 'b1',
};
const other: Ticket = { id: 'reset', purpose: 'reset', createdAt: now, expiresAt: now + DAY, tries: 0 };
const active = (change: Partial<Account> = {}) =>
  anAccount({
    activatedAt: 1,
    credentialsEpoch: 3,
    password: { hash: 'h', setAt: 1 },
    tickets: [link, other],
    browsers: [{ id: 'b1', firstAt: 1, lastAt: 2 }],
    ...change,
  });
const signIn = { at: now - 2 * DAY, action: 'sign-in', browser: 'b1' };
const bySession = { sessionEpoch: 3 };
const letters = (effects: EffectInput[] = []) =>
  effects.flatMap((effect) => (effect.kind === 'letter' ? [[effect.letter.template, effect.letter.to]] : []));

describe('this was not me', () => {
  test('ends sessions, links and codes, and the password opens nothing until a new one is chosen', () => {
    const { outcome, account, effects } = disown(active({ totps: [app] }), signIn, bySession, context);
    expect(outcome.kind).toBe('disowned');
    expect(account).toMatchObject({ credentialsEpoch: 4, tickets: [], passwordExpiredAt: now, totps: [app] });
    expect(account?.browsers?.[0]?.disownedAt).toBe(now);
    expect(effects?.[0]).toEqual({ kind: 'end-sessions', reason: 'this was not me', olderThanEpoch: 4 });
    const demand = { organisations, now };
    expect(nextStep(account, ['pwd'], demand).step).toBe('second-factor');
    expect(nextStep(account, ['pwd', 'otp', 'mfa'], demand).step).toBe('new-password');
  });

  test('both addresses and the service desk are told, and the audit log says what and by which way', () => {
    const contacts = [
      { label: localized('x', 'x'), phone: '1' },
      { label: localized('x', 'x'), email: 'desk@vives.be' },
    ];
    const withDesk = { ...context, organisations: organisations.map((each) => ({ ...each, contacts })) };
    const { effects } = disown(active(), signIn, bySession, withDesk);
    expect(letters(effects)).toEqual([
      ['account-secured', 'annelies@example.org'],
      ['account-secured', 'annelies.peeters@student.vives.be'],
      ['desk-account-disowned', 'desk@vives.be'],
    ]);
    const entry = (by: Parameters<typeof disown>[2]) =>
      (disown(active(), signIn, by, context).effects ?? []).find(({ kind }) => kind === 'audit');
    const details = { what: 'sign-in', at: new Date(signIn.at).toISOString() };
    expect(entry(bySession)).toMatchObject({
      entry: { actor: { kind: 'person' }, details: { ...details, by: 'page' } },
    });
    expect(entry({ ticketId: 'link' })).toMatchObject({
      entry: { actor: { kind: 'anonymous' }, details: { ...details, by: 'email' } },
    });
  });

  test('a link works once, not after its time, and no other link does it', () => {
    const { account } = disown(active(), signIn, { ticketId: 'link' }, context);
    expect(disown(account as Account, signIn, { ticketId: 'link' }, context).outcome.kind).toBe('gone');
    for (const [ticketId, at] of [
      ['reset', now],
      ['made-up', now],
      ['link', now + DAY],
    ] as const)
      expect(disown(active(), signIn, { ticketId }, { ...context, now: at }).outcome.kind).toBe('gone');
  });

  test('a session of an earlier epoch does nothing, so a second click does nothing more', () => {
    expect(disown(active(), signIn, { sessionEpoch: 2 }, context)).toEqual({ outcome: { kind: 'gone' } });
    const { account } = disown(active(), signIn, bySession, context);
    expect(disown(account as Account, signIn, bySession, context).account).toBeUndefined();
  });

  test('a factor and codes that a thief added since go, if an older factor stays', () => {
    const recoveryCodes = { macs: ['m'], createdAt: now - DAY };
    const { outcome, account } = disown(
      active({ totps: [app], passkeys: [key], recoveryCodes }),
      signIn,
      bySession,
      context,
    );
    expect(outcome).toEqual({ kind: 'disowned', factorsGone: ['Key'] });
    expect([account?.totps, account?.passkeys, account?.recoveryCodes]).toEqual([[app], [], undefined]);
  });

  test('the link by which an earlier address takes a change back goes on working', () => {
    const undo: Ticket = { ...other, id: 'undo', purpose: 'email-undo' };
    expect(disown(active({ tickets: [undo, other] }), signIn, bySession, context).account?.tickets).toEqual([undo]);
  });

  test('older codes stay', () => {
    const recoveryCodes = { macs: ['m'], createdAt: now - 30 * DAY };
    const { account } = disown(active({ totps: [app], recoveryCodes }), signIn, bySession, context);
    expect(account?.recoveryCodes).toEqual(recoveryCodes);
  });

  test('who reads only the mailbox, or holds only a session, never leaves the account without its factor', () => {
    for (const by of [bySession, { ticketId: 'link' }]) {
      const { account } = disown(active({ passkeys: [key] }), signIn, by, context);
      expect(account?.passkeys).toEqual([key]);
      expect(nextStep(account, ['pwd'], { organisations, now }).step).toBe('second-factor');
    }
  });
});

test('only acts of the person, in this account, of the last 90 days', () => {
  const entry: AuditEntry = {
    id: 'e',
    at: now - DAY,
    action: 'sign-in',
    actor: { kind: 'person', id: 'a' },
    subject: 'a',
  };
  const cases: [Partial<AuditEntry>, boolean][] = [
    [{}, true],
    [{ action: 'factor.added' }, true],
    [{ action: 'sign-in.failed' }, false],
    [{ action: 'account.disowned' }, false],
    [{ subject: 'b' }, false],
    [{ actor: { kind: 'person', id: 'b' } }, false],
    [{ actor: { kind: 'command', id: 'a' } }, false],
    [{ at: now - 91 * DAY }, false],
  ];
  for (const [change, expected] of cases) expect(isDisownable({ ...entry, ...change }, 'a', now)).toBe(expected);
});
