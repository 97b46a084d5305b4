/** A person changes the password: the old one was checked, the new one judged, and everything else signed in before ends. */
import type { Account, Ruling } from './account.ts';
import { type ActingPerson, endOtherSessions, personAudit } from './factor.ts';
import { notices } from './notice.ts';

/** `stale`: the password is no longer the one that was checked; check again. */
export type ChangePasswordOutcome = { kind: 'changed'; epoch: number } | { kind: 'stale' };

/** Names, numbers and addresses that a password must not be made of (rule 5). */
export function ownWords(account: Account): string[] {
  return [
    account.givenName,
    account.familyName,
    ...account.userNumbers,
    ...account.emails,
    ...(account.personalEmail === undefined ? [] : [account.personalEmail]),
  ];
}

/**
 * Rule: `verifiedHash` is the stored hash that the old password was checked against, `newHash` the argon2id of the new
 * one. The epoch rises (rule 12), open resets die with the password they were to replace, both addresses are told.
 */
export function changePassword(
  account: Account,
  change: { verifiedHash: string; newHash: string },
  about: ActingPerson,
): Ruling<ChangePasswordOutcome> {
  if (account.password?.hash !== change.verifiedHash) return { outcome: { kind: 'stale' } };
  const epoch = account.credentialsEpoch + 1;
  return {
    outcome: { kind: 'changed', epoch },
    account: {
      ...account,
      password: { hash: change.newHash, setAt: about.now },
      credentialsEpoch: epoch,
      tickets: account.tickets.filter(({ purpose }) => purpose !== 'reset' && purpose !== 'activation'),
    },
    effects: [
      endOtherSessions('the password was changed', epoch, about),
      ...notices(account, 'password-changed', {}, about),
      personAudit(account, 'password.changed', {}, about),
    ],
  };
}
