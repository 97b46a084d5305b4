/** A trusted browser takes the place of the second step only where rule 10 lets it. */
import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import type { TrustedBrowser } from '../../src/domain/account/browser-records.ts';
import { factorDemands } from '../../src/domain/sign-in/reason.ts';
import { acceptSignIn, type Demand, type Evidence, nextStep, whyStepUp } from '../../src/domain/sign-in/sign-in.ts';
import { forgetTrusted, trustedBrowsersOf, withTrustedBrowser } from '../../src/domain/sign-in/trusted-browser.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';

const now = Date.UTC(2026, 8, 21);
const DAY = 86_400_000;
const days = 30;
const aBrowser = (change: Partial<TrustedBrowser> = {}): TrustedBrowser => ({
  id: 'b1',
  hash: 'h',
  epoch: 1,
  since: now - DAY,
  ...change,
});
const totps = [{ id: 't', name: 'Phone', sealedSeed: '', lastStep: 10, createdAt: 1 }];
/** of VIVES, which requires a second step */
const person = (change: Partial<Account> = {}) =>
  anAccount({ activatedAt: 1, totps, trustedBrowsers: [aBrowser()], ...change });
const demand = (change: Partial<Demand> = {}): Demand => ({
  organisations,
  now,
  trustedBrowser: { id: 'b1', days },
  ...change,
});
const next = (account: Account, amr = ['pwd'], asked = demand()) => nextStep(account, amr, asked).step;

describe('the password is enough', () => {
  test('in a trusted browser, also where the organisation requires a second step; the session goes on as it was opened', () => {
    expect(next(person())).toBe('complete');
    expect(whyStepUp(person(), ['pwd'], demand(), true)).toBeUndefined();
    expect(whyStepUp(person(), ['pwd'], demand(), false)).toBeUndefined();
  });

  const without: [string, Account, string[], Demand][] = [
    ['in a browser that says nothing of it', person(), ['pwd'], { organisations, now }],
    ['in one that was forgotten', person({ trustedBrowsers: [] }), ['pwd'], demand()],
    ['in that of another id', person(), ['pwd'], demand({ trustedBrowser: { id: 'b2', days } })],
    [
      'after an epoch: a new password, a removed factor, “this was not me”',
      person({ credentialsEpoch: 2 }),
      ['pwd'],
      demand(),
    ],
    ['after its days', person({ trustedBrowsers: [aBrowser({ since: now - days * DAY })] }), ['pwd'], demand()],
    ['after fewer days were configured', person(), ['pwd'], demand({ trustedBrowser: { id: 'b1', days: 1 } })],
    ['where it is switched off', person(), ['pwd'], demand({ trustedBrowser: { id: 'b1', days: 0 } })],
    ['for somebody with a role', person({ roles: ['auditor'] }), ['pwd'], demand()],
    ['where a reset of the password is due', person({ passwordExpiredAt: 1 }), ['pwd'], demand()],
    ['beside a security key that verified nobody, without the password', person(), ['hwk'], demand()],
    ...factorDemands.map((factor): [string, Account, string[], Demand] => [
      `where two factors are demanded (${factor})`,
      person(),
      ['pwd'],
      demand({ factor }),
    ]),
  ];
  test.each(without)('not %s', (_name, account, amr, asked) => {
    expect(next(account, amr, asked)).toBe('second-factor');
    expect(whyStepUp(account, amr, asked, false)).toBeDefined();
    const act = { expectedEpoch: account.credentialsEpoch, amr, evidence: { kind: 'none' } as const, client: 'c' };
    expect(acceptSignIn(account, { ...act, network: '192.0.2.1', asked: [], ...asked }).outcome).toBe('owed');
  });

  test('and nothing at all is without it: a cookie alone is asked for the password', () => {
    expect(next(person(), [])).toBe('password');
  });
});

describe('the write that accepts a sign-in', () => {
  const act = { expectedEpoch: 1, client: 'toledo', network: '192.0.2.1', asked: [] };
  const code: Evidence = { kind: 'totp', factorId: 't', step: 11 };
  const fresh = { browser: aBrowser({ id: 'new', since: now }), days };

  test('notes the use, says what stood in, and leaves amr at pwd', () => {
    const { account, effects } = acceptSignIn(person(), {
      ...act,
      amr: ['pwd'],
      evidence: { kind: 'none' },
      ...demand(),
    });
    expect(account?.trustedBrowsers).toEqual([aBrowser({ usedAt: now })]);
    expect(effects).toMatchObject([{ entry: { action: 'sign-in', details: { amr: 'pwd', with: 'trusted-browser' } } }]);
  });

  test('trusts a browser after a second step, and not by itself, by a recovery code, for a role, or where it is off', () => {
    const trusting = (account: Account, amr: string[], evidence: Evidence, trust = fresh) =>
      acceptSignIn(account, { ...act, amr, evidence, trust, ...demand() }).account?.trustedBrowsers?.map(
        ({ id }) => id,
      );
    const both = ['pwd', 'otp', 'mfa'];
    expect(trusting(person(), both, code)).toEqual(['new', 'b1']);
    expect(trusting(person(), ['pwd'], { kind: 'none' })).toEqual(['b1']);
    const recoveryCodes = { macs: ['m'], createdAt: 1 };
    expect(trusting(person({ recoveryCodes }), both, { kind: 'recovery-code', mac: 'm' })).toEqual(['b1']);
    expect(trusting(person({ roles: ['desk'] }), both, code)).toEqual(['b1']);
    expect(trusting(person(), both, code, { ...fresh, days: 0 })).toEqual(['b1']);
  });

  test('keeps ten, those that were used last', () => {
    let account = person({ trustedBrowsers: [] });
    for (let nth = 0; nth < 12; nth += 1)
      account = withTrustedBrowser(account, aBrowser({ id: `b${nth}`, since: now + nth }), days, now + nth);
    expect(trustedBrowsersOf(account, days, now + 12)).toHaveLength(10);
    expect(account.trustedBrowsers?.map(({ id }) => id)).not.toContain('b1');
  });
});

test('one is forgotten, or all; each leaves its entry, and once', () => {
  const context = { organisations, now };
  const two = person({ trustedBrowsers: [aBrowser(), aBrowser({ id: 'b2' })] });
  const one = forgetTrusted(two, 'b1', context);
  expect(one.account?.trustedBrowsers?.map(({ id }) => id)).toEqual(['b2']);
  expect(one.effects).toMatchObject([{ entry: { action: 'browser.forgotten' } }]);
  const all = forgetTrusted(two, undefined, context);
  expect(all.account).not.toHaveProperty('trustedBrowsers');
  expect(forgetTrusted(all.account ?? two, undefined, context)).toEqual({ outcome: { kind: 'gone' } });
  expect(forgetTrusted(two, 'b3', context)).toEqual({ outcome: { kind: 'gone' } });
});
