/** A person changes the password: the old one was checked, the new one judged, and everything else signed in before ends. */
import type { Account, Decision } from '../account/account.ts';
import { notices } from '../account/notifications.ts';
import { type ActingPerson, endOtherSessions, personAudit } from '../factors/factor.ts';

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

/** However it is replaced: the epoch rises (rule 12), and no link that is open can replace it again. */
export function withNewPassword(account: Account, hash: string, now: number): Account {
  return {
    ...account,
    password: { hash, setAt: now },
    credentialsEpoch: account.credentialsEpoch + 1,
    tickets: account.tickets.filter(({ purpose }) => purpose !== 'reset' && purpose !== 'activation'),
  };
}

/**
 * Rule: `verifiedHash` is the stored hash that the old password was checked against, `newHash` the argon2id of the new
 * one. Other sessions end, open resets die with the password they were to replace, both addresses are told.
 */
export function changePassword(
  account: Account,
  change: { verifiedHash: string; newHash: string },
  context: ActingPerson,
): Decision<ChangePasswordOutcome> {
  if (account.password?.hash !== change.verifiedHash) return { outcome: { kind: 'stale' } };
  const next = withNewPassword(account, change.newHash, context.now);
  const { credentialsEpoch: epoch } = next;
  return {
    outcome: { kind: 'changed', epoch },
    account: next,
    effects: [
      endOtherSessions('the password was changed', epoch, context),
      ...notices(account, 'password-changed', {}, context),
      personAudit(account, 'password.changed', {}, context),
    ],
  };
}
