/** When a write of an account must look at its keys. */
import { expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { keysOf, sameKeys } from '../../src/domain/account/account-keys.ts';
import { anAccount } from '../support/account.ts';

const stored = anAccount({ invitationWaits: true });
const read = (account: Account): Account => JSON.parse(JSON.stringify(account));

const changes: { [Member in keyof Account]?: unknown } = {
  id: 'account-2',
  userNumbers: ['r0022222'],
  formerNumbers: ['r0000001'],
  emails: [],
  reserved: ['a key'],
  tickets: [{ id: 'ticket-1' }],
  passkeys: [{ credentialId: 'passkey-1' }],
  feeds: [{ source: 'csv', key: 'r0011111' }],
  givenName: 'Anna',
  familyName: 'Maes',
  affiliations: [],
  desk: { requests: [{}] },
  invitationWaits: false,
  windows: [{ from: 1 }],
  merged: { before: {}, undoUntil: 1 },
  slowRecovery: { tellAt: 1 },
  halfway: [{ at: 1 }],
};

test.each(Object.entries(changes))('%s is among what keys are made of', (member, value) => {
  const changed = { ...stored, [member]: value } as Account;
  expect(keysOf(changed)).not.toEqual(keysOf(stored));
  expect(sameKeys(read(stored), changed)).toBe(false);
});

test('what else changes leaves the keys alone', () => {
  const changed = { ...stored, revision: 2, personalEmail: 'an@example.org', effects: [{}], password: {} } as Account;
  expect(sameKeys(read(stored), changed)).toBe(true);
});
