/** Accounts for tests: an invited student of VIVES by default. */
import type { Account } from '../../src/domain/account/account.ts';

export function anAccount(change: Partial<Account> = {}): Account {
  return {
    id: 'account-1',
    revision: 1,
    createdAt: 0,
    auditKey: 'the key of this account in a test',
    givenName: 'Annelies',
    familyName: 'Peeters',
    userNumbers: ['r0011111'],
    emails: ['annelies.peeters@student.vives.be'],
    personalEmail: 'annelies@example.org',
    language: 'nl',
    claims: {},
    affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }],
    feeds: [],
    totps: [],
    passkeys: [],
    tickets: [],
    mailedAt: [],
    credentialsEpoch: 1,
    roles: [],
    effects: [],
    ...change,
  };
}
