/** People who are made from a number. */
import type { Account } from '../../../src/domain/account/account.ts';
import { anAccount } from '../../support/account.ts';

/** An account that shares no key with another of a different number. */
export function numbered(number: number, change: Partial<Account> = {}): Account {
  const digits = String(number).padStart(7, '0');
  return anAccount({
    id: `id-${digits}`,
    userNumbers: [`r${digits}`],
    emails: [`person${digits}@student.vives.be`],
    personalEmail: `person${digits}@example.org`,
    ...change,
  });
}
