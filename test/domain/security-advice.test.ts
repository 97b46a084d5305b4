/** What a person is told to do next for the safety of the account. */
import { expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { securityAdvice } from '../../src/domain/account/security-advice.ts';
import type { PasskeyFactor, TotpFactor } from '../../src/domain/factors/factor-records.ts';
import { anAccount } from '../support/account.ts';

const app: TotpFactor = { id: 't', name: 'Phone', sealedSeed: 's', lastStep: 0, createdAt: 0 };
const key: PasskeyFactor = {
  id: 'p',
  name: 'Key',
  credentialId: 'c',
  publicKey: 'k',
  signCount: 0,
  transports: [],
  keyType: 'hwk',
  createdAt: 0,
};
const codes = (left: number) => ({ macs: Array.from({ length: left }, String), createdAt: 0 });

const cases: [words: string, change: Partial<Account>, expected: unknown][] = [
  ['without a factor, to set one up, whatever else is missing', {}, { kind: 'set-up-factor', urgent: true }],
  ['codes do not make up for a factor', { recoveryCodes: codes(10) }, { kind: 'set-up-factor', urgent: true }],
  ['a factor without codes', { totps: [app], passkeys: [key] }, { kind: 'make-codes', urgent: true }],
  ['all codes used', { totps: [app], recoveryCodes: codes(0) }, { kind: 'make-codes', urgent: true }],
  ['three codes left', { totps: [app], recoveryCodes: codes(3) }, { kind: 'few-codes', urgent: true, left: 3 }],
  [
    'one factor, an app',
    { totps: [app], recoveryCodes: codes(4) },
    { kind: 'add-factor', urgent: false, only: 'totp' },
  ],
  [
    'one factor, a passkey',
    { passkeys: [key], recoveryCodes: codes(4) },
    { kind: 'add-factor', urgent: false, only: 'passkey' },
  ],
  ['two factors and enough codes: nothing', { totps: [app], passkeys: [key], recoveryCodes: codes(4) }, undefined],
];

test.each(cases)('%s', (_words, change, expected) => {
  expect(securityAdvice(anAccount(change))).toEqual(expected);
});

test('no personal address, where all else is in order', () => {
  const { personalEmail: _, ...account } = anAccount({ totps: [app], passkeys: [key], recoveryCodes: codes(10) });
  expect(securityAdvice(account)).toEqual({ kind: 'add-address', urgent: true });
});
