/**
 * Changes a password that its owner knows, after the old one was checked and the new one judged; other sessions end
 * (rule 12).
 */
import type { Account, Decision } from '../account/account.ts';
import { notices } from '../account/notifications.ts';
import { type ActingPerson, endOtherSessions, personAudit } from '../factors/factor.ts';

/** `stale`: the stored password is no longer the one that was checked. */
export type ChangePasswordOutcome = { kind: 'changed'; epoch: number } | { kind: 'stale' };

/** Names, numbers and addresses of the person, of which a password must not consist (rule 5). */
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
 * The account with this password hash: the epoch rises (rule 12), open reset and activation links go, and no new password
 * is due. `now`: epoch ms.
 */
export function withNewPassword(account: Account, hash: string, now: number): Account {
  const { passwordExpiredAt: _, ...rest } = account;
  return {
    ...rest,
    password: { hash, setAt: now },
    credentialsEpoch: account.credentialsEpoch + 1,
    tickets: account.tickets.filter(({ purpose }) => purpose !== 'reset' && purpose !== 'activation'),
  };
}

/**
 * Rule: replaces the password. Other sessions and open resets end, and both addresses are told.
 * @param change `verifiedHash`: the stored hash that the old password was checked against; `newHash`: argon2id of the
 *   new one
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
