/** An account that opens again after 180 days asks for the whole sign-in once; before that it just goes on. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import type { Affiliation } from '../../src/domain/feed/fed-records.ts';
import { applyStatement } from '../../src/domain/feed/feed.ts';
import { withWindows } from '../../src/domain/lifecycle/access.ts';
import { carryOutEnd } from '../../src/domain/lifecycle/expiry-warnings.ts';
import { liftSuspension, suspend } from '../../src/domain/lifecycle/suspension.ts';
import { acceptSignIn, nextStep } from '../../src/domain/sign-in/sign-in.ts';
import { standsIn } from '../../src/domain/sign-in/trusted-browser.ts';
import { recomputeAccess } from '../../src/use-cases/lifecycle/recompute.ts';
import { anAccount } from '../support/account.ts';
import { organisations as configured, csvSource } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const DAY = 86_400_000;
const at = (time: string) => Date.parse(time);
const END = at('2026-11-01T00:00:00+01:00');
const organisations = configured.map((each) => ({ ...each, secondFactor: 'offered' as const }));
const totps = [{ id: 't', name: 'Phone', sealedSeed: '', lastStep: 10, createdAt: 1 }];
const passkeys = [
  {
    id: 'k',
    name: 'Key',
    credentialId: 'c',
    publicKey: '',
    signCount: 0,
    transports: [],
    keyType: 'swk' as const,
    createdAt: 1,
  },
];
const student = (change: Partial<Affiliation> = {}): Affiliation => ({
  organisation: 'vives',
  role: 'student',
  source: 'csv',
  until: '2026-10-31',
  ...change,
});
const context = (now: number) => ({
  source: csvSource,
  organisations,
  defaultLanguage: 'nl' as const,
  sealer: sealerUnder('a secret of more than thirty-two characters'),
  now,
  randomBytes,
  invitationSeconds: 60,
});
function studied(change: Partial<Account> = {}, affiliations = [student()]): Account {
  const account = {
    activatedAt: 1,
    totps,
    passkeys,
    password: { hash: 'h', setAt: 1 },
    affiliations,
    feeds: [{ source: 'csv', key: 'p1', fields: {} }],
    ...change,
  };
  return withWindows(anAccount(account), organisations, END - DAY);
}
const ended = (account = studied()) => carryOutEnd(account, { organisations, now: END }).account ?? account;
function fed(account: Account, now: number): Account {
  const statement = {
    key: 'p1',
    lines: [2],
    complete: true,
    numbers: account.userNumbers,
    mainNumber: account.userNumbers[0] ?? '',
    values: {},
    affiliations: [{ organisation: 'vives', role: 'student', until: '2028-10-31' }],
  };
  return applyStatement(account, statement, context(now)).account ?? account;
}
const asked = (account: Account, amr: string[], now: number) => nextStep(account, amr, { organisations, now });
const byPasskey = ['swk', 'user', 'mfa'];
const accepted = (account: Account, amr: string[], now: number) =>
  acceptSignIn(account, {
    expectedEpoch: account.credentialsEpoch,
    amr,
    evidence: { kind: 'none' },
    client: 'toledo',
    network: '192.0.2.1',
    asked: [],
    organisations,
    now,
  });

describe('an account that a feed opens again', () => {
  test('before 180 days is as it was: the same sub and factors, and a passkey alone opens it', () => {
    const again = fed(ended(), END + 179 * DAY);
    expect(again).toMatchObject({ id: 'account-1', totps, passkeys, password: { hash: 'h' } });
    expect(again.wholeSignIn).toBeUndefined();
    expect(asked(again, byPasskey, END + 179 * DAY).step).toBe('complete');
  });

  test('after 180 days asks for the password and the factor, once: no passkey alone, no trusted browser', () => {
    const now = END + 181 * DAY;
    const again = fed(ended(), now);
    expect(again).toMatchObject({ id: 'account-1', totps, passkeys, password: { hash: 'h' } });
    expect(asked(again, byPasskey, now)).toEqual({ step: 'password', because: 'closed-long' });
    expect(accepted(again, byPasskey, now).outcome).toBe('owed');
    const browser = { id: 'b', hash: '', epoch: again.credentialsEpoch, since: now - DAY };
    const trusting = { ...again, trustedBrowsers: [browser] };
    const claim = { trustedBrowser: { id: 'b', days: 999 }, now };
    expect(standsIn(trusting, ['pwd'], claim)).toBe(false);
    expect(asked(again, ['pwd'], now)).toEqual({ step: 'second-factor', because: 'own-factor' });

    const { outcome, account = again } = accepted(again, ['pwd', 'otp', 'mfa'], now);
    expect([outcome, account.wholeSignIn]).toEqual(['accepted', undefined]);
    expect(asked(account, byPasskey, now).step).toBe('complete');
    expect(standsIn({ ...account, trustedBrowsers: [browser] }, ['pwd'], claim)).toBe(true);
  });
});

test('so does one that opens by itself after so long, by changed rules, or because a suspension is lifted', () => {
  const gap = (from: string) => ended(studied({}, [student(), student({ from, until: '2028-10-31' })]));
  expect(gap('2027-02-01').wholeSignIn).toBeUndefined();
  expect(gap('2027-09-21').wholeSignIn).toBe(true);

  const now = END + 200 * DAY;
  const longer = organisations.map((each) => ({ ...each, access: { default: { expired: 'P365D' } } }));
  expect(recomputeAccess(ended(), { organisations: longer, now }).account?.wholeSignIn).toBe(true);

  const going = studied({}, [student({ until: '2028-10-31' })]);
  const reason = { kind: 'administrative', reason: 'x' } as const;
  const shut = suspend(going, reason, { organisations, now: END }).account ?? going;
  const lifted = (time: number) => liftSuspension(shut, { organisations, now: time }).account?.wholeSignIn;
  expect([lifted(END + 10 * DAY), lifted(now)]).toEqual([undefined, true]);
});

test('who was never active, or never had a password, is asked nothing more', () => {
  const { activatedAt: _, ...never } = ended();
  expect(fed(never, END + 200 * DAY).wholeSignIn).toBeUndefined();
  const { password: __, ...keyOnly } = fed(ended(), END + 200 * DAY);
  expect(asked(keyOnly, byPasskey, END + 200 * DAY).step).toBe('complete');
});
