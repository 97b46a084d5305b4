/** Suspension and legal hold: they close, open and keep an account whatever its affiliations and feeds say (rule 12). */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { accessOf, isOpen } from '../../src/domain/account/account-access.ts';
import { applyStatement } from '../../src/domain/feed/feed.ts';
import { carryOutEnd } from '../../src/domain/lifecycle/expiry-warnings.ts';
import { holdAccount, liftSuspension, releaseHold, suspend } from '../../src/domain/lifecycle/suspension.ts';
import { changePassword } from '../../src/domain/passwords/change-password.ts';
import { resetPassword } from '../../src/domain/passwords/reset.ts';
import { nextStep } from '../../src/domain/sign-in/sign-in.ts';
import { anAccount } from '../support/account.ts';
import { csvSource, organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const now = Date.UTC(2026, 10, 30, 9);
const DAY = 86_400_000;
const context = { organisations, now };
const active = (change: Partial<Account> = {}) =>
  anAccount({ activatedAt: 1, password: { hash: 'h', setAt: 1 }, ...change });
const closed = (account: Account, kind: 'security' | 'administrative' = 'administrative', until?: number) => {
  const { account: next } = suspend(account, { kind, reason: 'x', ...(until === undefined ? {} : { until }) }, context);
  if (next === undefined) throw new TypeError('it is suspended');
  return next;
};
const templates = (effects: unknown[] = []) =>
  effects.flatMap((effect) => (effect as { letter?: { template: string } }).letter?.template ?? []);

describe('a suspension', () => {
  test('closes at once, ends every session of before, and tells both addresses without the reason', () => {
    const { account = anAccount(), effects = [] } = suspend(
      active(),
      { kind: 'administrative', reason: 'unpaid fees', until: now + 30 * DAY },
      context,
    );
    expect(accessOf(account, now)).toEqual({ kind: 'suspended', until: now + 30 * DAY });
    expect(account.credentialsEpoch).toBe(2);
    expect(effects[0]).toEqual({ kind: 'end-sessions', reason: 'account suspended', olderThanEpoch: 2 });
    expect(effects.slice(1)).toMatchObject([
      { letter: { template: 'account-suspended', to: 'annelies@example.org', data: { lastDay: '2026-12-30' } } },
      { letter: { template: 'account-suspended', to: 'annelies.peeters@student.vives.be' } },
    ]);
    expect(JSON.stringify(effects)).not.toContain('unpaid');
    const demand = { organisations, now };
    expect(nextStep(account, ['pwd', 'otp', 'mfa'], demand)).toEqual({ step: 'ended', because: 'account-suspended' });
  });

  test('ends by itself at the end of its last day, to the millisecond', () => {
    const account = closed(active(), 'administrative', now + DAY);
    expect(isOpen(account, now + DAY - 1)).toBe(false);
    expect(isOpen(account, now + DAY)).toBe(true);
    expect(suspend(active(), { kind: 'security', reason: 'x', until: now }, context).outcome.kind).toBe('over');
  });

  test('is set and lifted by no feed: a new enrolment does not open the account, nor does an end close it anew', () => {
    const says = (affiliation: object) => ({
      key: 'p1',
      lines: [2],
      complete: true,
      numbers: ['r0011111'],
      mainNumber: 'r0011111',
      values: {},
      affiliations: [{ organisation: 'vives', role: 'student', ...affiliation }],
    });
    const feeds = [{ source: 'csv', key: 'p1', fields: {} }];
    const feed = {
      ...context,
      source: csvSource,
      defaultLanguage: 'nl' as const,
      sealer: sealerUnder('a secret of more than thirty-two characters'),
      randomBytes,
      invitationSeconds: 1000,
    };
    const suspended = closed(active({ feeds }), 'security');
    const { account: again = suspended } = applyStatement(suspended, says({ until: '2028-10-31' }), feed);
    expect([again.suspension, again.passwordExpiredAt, isOpen(again, now)]).toEqual([suspended.suspension, now, false]);
    const { account: ended = suspended } = applyStatement(again, says({ endedOn: '2026-01-31' }), feed);
    expect(ended.suspension).toEqual(suspended.suspension);
    // who was not suspended is not by a feed either
    const { account: other } = applyStatement(active({ feeds }), says({ until: '2028-10-31' }), feed);
    expect(other?.suspension).toBeUndefined();
  });

  test('does not put off the end of the account, which is carried out meanwhile and stays', () => {
    const account = closed(active({ windows: [{ until: now + DAY }], endsAt: now + DAY }));
    const { outcome, account: ended = account } = carryOutEnd(account, { organisations, now: now + DAY });
    expect(outcome.kind).toBe('carried-out');
    const { account: lifted = ended, effects } = liftSuspension(ended, { organisations, now: now + 2 * DAY });
    expect(isOpen(lifted, now + 2 * DAY)).toBe(false);
    expect(effects).toEqual([]); // there is nothing to be glad of
  });

  test('lifted, both addresses hear that the account is open again; a second time there is nothing to lift', () => {
    const { account: lifted = anAccount(), effects } = liftSuspension(closed(active()), context);
    expect(isOpen(lifted, now)).toBe(true);
    expect(templates(effects)).toEqual(['account-open-again', 'account-open-again']);
    expect(liftSuspension(lifted, context).outcome.kind).toBe('not-suspended');
  });
});

describe('a suspension for security', () => {
  const factor = { id: 't', name: 'app', sealedSeed: 's', lastStep: 0, createdAt: 1 };
  const ticket = { id: 'r', purpose: 'reset' as const, createdAt: now, expiresAt: now + DAY, tries: 0 };

  test('however it ends, the password opens nothing, with a factor or by passkey alone, until it is replaced', () => {
    const account = closed(active({ totps: [factor] }), 'security', now + DAY);
    const { account: lifted = account } = liftSuspension(account, context);
    const over = { organisations, now: now + DAY };
    for (const [each, demand] of [
      [lifted, context],
      [account, over],
    ] as const) {
      expect(nextStep(each, ['pwd'], demand).step).toBe('second-factor');
      for (const amr of [
        ['pwd', 'otp', 'mfa'],
        ['hwk', 'user', 'mfa'],
      ])
        expect(nextStep(each, amr, demand)).toEqual({ step: 'new-password', because: 'password-expired' });
    }
    const bare = closed(
      active({ affiliations: [{ organisation: 'kuleuven', role: 'staff', source: 'csv' }] }),
      'security',
    );
    const { account: opened = bare } = liftSuspension(bare, context);
    expect(nextStep(opened, ['pwd'], context).step).toBe('new-password');
  });

  test('links and codes from before are worth nothing, while a suspension for other reasons leaves them', () => {
    expect(closed(active({ tickets: [ticket] }), 'security').tickets).toEqual([]);
    expect(closed(active({ tickets: [ticket] })).tickets).toEqual([ticket]);
  });

  test('a reset, which asks for the factor, opens the account again', () => {
    const { account: lifted = active() } = liftSuspension(closed(active({ totps: [factor] }), 'security'), context);
    const asked = { ...lifted, tickets: [ticket] };
    const change = { passwordHash: 'new', proven: undefined, browser: { id: 'b1' } };
    expect(resetPassword(asked, 'r', change, context).outcome.kind).toBe('factor');
    const proven = { amr: ['otp'], epoch: asked.credentialsEpoch };
    const { account: next = asked } = resetPassword(asked, 'r', { ...change, proven }, context);
    expect(nextStep(next, ['pwd', 'otp', 'mfa'], context)).toEqual({ step: 'complete' });
  });

  test('stays one when it is followed by one for other reasons', () => {
    const account = closed(closed(active(), 'security'), 'administrative');
    expect(account.passwordExpiredAt).toBe(now);
    const changed = changePassword(account, { verifiedHash: 'h', newHash: 'n' }, context);
    expect(changed.account?.passwordExpiredAt).toBeUndefined();
  });

  test('of somebody who was never active demands no new password, because there is none', () => {
    const { account, effects } = suspend(anAccount(), { kind: 'security', reason: 'x' }, context);
    expect([account?.passwordExpiredAt, effects]).toEqual([undefined, []]);
    expect(accessOf(account ?? anAccount(), now).kind).toBe('suspended');
  });
});

test('a legal hold opens and closes nothing, and is released once', () => {
  const { account: held = anAccount() } = holdAccount(active(), 'court case', now);
  expect([held.legalHold, isOpen(held, now), held.credentialsEpoch]).toEqual([
    { reason: 'court case', at: now },
    true,
    1,
  ]);
  const { outcome, account } = releaseHold(held);
  expect([outcome.kind, account?.legalHold]).toEqual(['released', undefined]);
  expect(releaseHold(active()).outcome.kind).toBe('not-held');
});
