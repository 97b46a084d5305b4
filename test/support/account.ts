/** Accounts for tests: an invited student of VIVES by default. */
import type { Account } from '../../src/domain/account/account.ts';
import { emptyAccount } from '../../src/domain/account/empty-account.ts';

export function anAccount(change: Partial<Account> = {}): Account {
  return {
    ...emptyAccount({
      id: 'account-1',
      revision: 1,
      createdAt: 0,
      auditKey: 'the key of this account in a test',
      language: 'nl',
      credentialsEpoch: 1,
    }),
    givenName: 'Annelies',
    familyName: 'Peeters',
    userNumbers: ['r0011111'],
    emails: ['annelies.peeters@student.vives.be'],
    personalEmail: 'annelies@example.org',
    affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }],
    ...change,
  };
}
