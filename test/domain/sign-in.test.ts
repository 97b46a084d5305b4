/** The rules of a sign-in: which factors are still required, the value of amr, and what the accepting write checks. */
import { describe, expect, test } from '@jest/globals';
import {
  acceptSignIn,
  amrWith,
  type Evidence,
  nextStep,
  rehashed,
  spend,
  tellPasswordKnown,
  whyStepUp,
} from '../../src/domain/sign-in/sign-in.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';

const now = Date.UTC(2026, 8, 21);
const demand = { organisations, now };
const passkey = { kind: 'passkey', credentialId: 'key', signCount: 5 } as const;
const totps = [{ id: 't', name: 'Phone', sealedSeed: '', lastStep: 10, createdAt: 1 }];
const leuven = [{ organisation: 'kuleuven', role: 'staff', source: 'csv' }];
const active = anAccount({ activatedAt: 1 });

describe('the amr after a proof', () => {
  const cases: [string, string[], Evidence, string[]][] = [
    ['a password alone', ['pwd'], { kind: 'none' }, ['pwd']],
    ['a password and a code', ['pwd'], { kind: 'totp', factorId: 't', step: 1 }, ['pwd', 'otp', 'mfa']],
    ['a password and a recovery code', ['pwd'], { kind: 'recovery-code', mac: 'm' }, ['pwd', 'otp', 'mfa']],
    [
      'a password and a security key',
      ['pwd'],
      { ...passkey, keyType: 'hwk', userVerified: false },
      ['pwd', 'hwk', 'mfa'],
    ],
    [
      'a passkey that verified its user',
      [],
      { ...passkey, keyType: 'swk', userVerified: true },
      ['swk', 'user', 'mfa'],
    ],
    ['a key alone that verified nobody', [], { ...passkey, keyType: 'hwk', userVerified: false }, ['hwk']],
    [
      'a second code changes nothing',
      ['pwd', 'otp', 'mfa'],
      { kind: 'totp', factorId: 't', step: 1 },
      ['pwd', 'otp', 'mfa'],
    ],
  ];
  test.each(cases)('%s', (_name, before, evidence, after) => {
    expect(amrWith(before, evidence)).toEqual(after);
  });
});

describe('next step', () => {
  const stepOf = (...of: Parameters<typeof nextStep>) => {
    const next = nextStep(...of);
    return next.step === 'complete' ? [next.step] : [next.step, next.because];
  };

  test('nothing is revealed before a factor is proven, not even that an account has ended', () => {
    expect(stepOf(undefined, [], demand)).toEqual(['password', 'no-session']);
    expect(stepOf({ ...active, endsAt: now - 1 }, [], demand)).toEqual(['password', 'no-session']);
    expect(stepOf({ ...active, endsAt: now }, ['pwd'], demand)).toEqual(['ended', 'account-ended']);
    const later = { ...active, windows: [{ from: now + 1 }] };
    expect(stepOf(later, ['pwd'], demand)).toEqual(['ended', 'account-not-open-yet']);
    const { activatedAt: _, ...invited } = active;
    expect(stepOf(invited, ['pwd'], demand, 'max-age')).toEqual(['password', 'max-age']);
  });

  test('the factor is owed where the organisation requires it, the application demands it, or the person has one', () => {
    const atLeuven = { ...active, affiliations: leuven };
    const asks = { ...demand, factor: 'request-requires' } as const;
    const prefers = { ...demand, factor: 'application-prefers' } as const;
    expect(stepOf({ ...active, totps }, ['pwd'], demand)).toEqual(['second-factor', 'organisation-requires']);
    expect(stepOf(active, ['pwd'], demand)).toEqual(['enrol', 'organisation-requires']);
    expect(stepOf(atLeuven, ['pwd'], demand)).toEqual(['complete']);
    expect(stepOf(atLeuven, ['pwd'], asks)).toEqual(['enrol', 'request-requires']);
    expect(stepOf(atLeuven, ['pwd'], prefers)).toEqual(['complete']);
    expect(stepOf({ ...atLeuven, totps }, ['pwd'], demand)).toEqual(['second-factor', 'own-factor']);
    expect(stepOf({ ...atLeuven, totps }, ['pwd'], asks)).toEqual(['second-factor', 'request-requires']);
    expect(stepOf({ ...atLeuven, totps }, ['pwd'], prefers)).toEqual(['second-factor', 'application-prefers']);
    expect(stepOf({ ...active, totps }, ['pwd', 'otp', 'mfa'], demand)).toEqual(['complete']);
  });

  test('one requiring organisation among several is enough, and it is the reason before any application', () => {
    const affiliations = [...leuven, { organisation: 'vives', role: 'student', source: 'csv' }];
    const asks = { ...demand, factor: 'application-requires' } as const;
    expect(stepOf({ ...active, affiliations }, ['pwd'], asks)).toEqual(['enrol', 'organisation-requires']);
  });

  test.each([
    [undefined, [], false, undefined],
    ['application-requires', [], false, 'application-requires'],
    ['request-requires', totps, true, 'request-requires'],
    ['own-page-requires', totps, false, 'own-page-requires'],
    ['application-prefers', totps, false, 'application-prefers'],
    ['application-prefers', totps, true, undefined],
    ['application-prefers', [], false, undefined],
    [undefined, totps, false, undefined],
  ] as const)(
    'a session of a password is stepped up for %s, with factors %j, just signed in %s: %s',
    (factor, has, justSignedIn, because) => {
      const account = { ...active, affiliations: leuven, totps: [...has] };
      const asks = { ...demand, ...(factor === undefined ? {} : { factor }) };
      expect(whyStepUp(account, ['pwd'], asks, justSignedIn)).toBe(because);
      expect(whyStepUp(account, ['pwd', 'otp', 'mfa'], asks, justSignedIn)).toBeUndefined();
      expect(whyStepUp(active, ['pwd'], asks, justSignedIn)).toBe('organisation-requires');
    },
  );
});

describe('the write that accepts a sign-in', () => {
  const about = {
    ...demand,
    expectedEpoch: 1,
    amr: ['pwd', 'otp', 'mfa'],
    evidence: { kind: 'totp', factorId: 't', step: 11 } as Evidence,
    client: 'toledo',
    network: '192.0.2.1',
    asked: ['max-age', 'own-factor'] as const,
  };
  const account = { ...active, totps };

  test('codes that are refused leave an audit entry and tell the owner', () => {
    const { effects } = tellPasswordKnown(anAccount({ personalEmail: 'an@example.org' }), {
      ...demand,
      network: '192.0.2.1',
    });
    const audit = effects?.filter(({ kind }) => kind === 'audit');
    expect(audit).toMatchObject([{ entry: { at: now, action: 'second-factor-refused', network: '192.0.2.1' } }]);
    expect(effects).toContainEqual(
      expect.objectContaining({
        letter: expect.objectContaining({ template: 'password-known', to: 'an@example.org' }),
      }),
    );
  });

  test('a hash is renewed only where it is still the one that was checked', () => {
    const stored = { ...active, password: { hash: 'old', setAt: 1 } };
    expect(rehashed(stored, 'old', 'new').account?.password).toEqual({ hash: 'new', setAt: 1 });
    for (const changed of [{ ...active, password: { hash: 'changed meanwhile', setAt: 2 } }, anAccount()])
      expect(rehashed(changed, 'old', 'new')).toEqual({ outcome: 'changed' });
  });

  test('a passkey whose counter did not go up since is a copy, or was used a moment ago', () => {
    const key = { id: 'k', name: 'key', credentialId: 'c', publicKey: 'p', transports: [], keyType: 'hwk' as const };
    const held = (signCount: number) => ({ ...active, passkeys: [{ ...key, createdAt: 0, signCount }] });
    const used = (signCount: number): Evidence => ({
      kind: 'passkey',
      credentialId: 'c',
      signCount,
      userVerified: false,
      keyType: 'hwk',
    });
    const context = { now, password: true };
    expect(spend(held(8), used(9), context)?.passkeys[0]).toMatchObject({ signCount: 9, lastUsedAt: now });
    for (const signCount of [0, 7, 8]) expect(spend(held(8), used(signCount), context)).toBeUndefined();
    // many authenticators do not count
    expect(spend(held(0), used(0), context)).toBeDefined();
    expect(spend(active, used(9), context)).toBeUndefined();
    // its user verification counts from now on only where the password was proven as well
    const withNewPin = { ...used(9), newlyVerified: true };
    for (const password of [true, false])
      expect(spend(held(8), withNewPin, { now, password })?.passkeys[0]?.uvInitialized).toBe(password || undefined);
  });

  test('what was proven before a change of credentials signs nobody in', () => {
    expect(acceptSignIn({ ...account, credentialsEpoch: 2 }, about).outcome).toBe('changed');
    expect(acceptSignIn(account, { ...about, expectedEpoch: 2 }).outcome).toBe('changed');
  });

  test('takes the step and writes the audit', () => {
    const { outcome, account: next, effects } = acceptSignIn(account, about);
    expect(outcome).toBe('accepted');
    expect(next?.totps[0]?.lastStep).toBe(11);
    expect(effects).toMatchObject([
      { kind: 'audit', entry: { action: 'sign-in', client: 'toledo', details: { because: 'max-age own-factor' } } },
    ]);
  });

  test.each([
    ['used', { ...account, totps: [{ ...totps[0], lastStep: 11 }] as typeof totps }, {}],
    ['used', { ...account, totps: [{ ...totps[0], id: 'other' }] as typeof totps }, {}],
    ['changed', { ...account, credentialsEpoch: 2 }, {}],
    ['ended', { ...account, endsAt: now }, {}],
    ['owed', account, { amr: ['pwd'], evidence: { kind: 'none' } as Evidence }],
    [
      'used',
      { ...account, recoveryCodes: { macs: ['b'], createdAt: 1 } },
      { evidence: { kind: 'recovery-code', mac: 'a' } as Evidence },
    ],
  ])('%s: changes nothing', (expected, stored, change) => {
    const { outcome, account: next, effects } = acceptSignIn(stored, { ...about, ...change });
    expect({ outcome, next, effects }).toEqual({ outcome: expected, next: undefined, effects: undefined });
  });
});
