/** An account that says nothing of a person: as a new one begins, and what is left of one that is gone. */
import type { Account } from './account.ts';

export function emptyAccount(
  given: Pick<Account, 'id' | 'revision' | 'createdAt' | 'auditKey' | 'language' | 'credentialsEpoch'>,
): Account {
  return {
    ...given,
    givenName: '',
    familyName: '',
    userNumbers: [],
    emails: [],
    claims: {},
    affiliations: [],
    feeds: [],
    totps: [],
    passkeys: [],
    tickets: [],
    mailedAt: [],
    roles: [],
    effects: [],
  };
}
