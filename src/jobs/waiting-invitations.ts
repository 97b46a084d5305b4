/** Invites people whose account was not open yet when their feed brought them, once it opens. */
import type { Account } from '../domain/account/account.ts';
import { invitationTerm } from '../domain/account/account-keys.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import { type InvitingContext, inviteWaiting } from '../domain/activation/invitation.ts';
import { type DueDeps, handleDue } from './due-accounts.ts';

export type WaitingInvitationDeps = DueDeps & Omit<InvitingContext, 'now'>;

/**
 * Somebody who is suspended, or whose first window is over, keeps waiting and is looked at again each time.
 * @returns how many were invited, as `handleDue`
 */
export async function sendWaitingInvitations(
  deps: WaitingInvitationDeps,
  goOn?: () => boolean,
): Promise<number | undefined> {
  return handleDue(
    {
      lease: 'invitations',
      term: invitationTerm,
      failed: 'an invitation could not be sent yet',
      async handle({ id }: Account) {
        const { outcome } = await updateAccount(deps.storage.accounts, id, (account) =>
          inviteWaiting(account, { ...deps, now: deps.now() }),
        );
        if (outcome.kind === 'sent') return 'done';
        return outcome.kind === 'later' ? 'waits' : 'nothing';
      },
    },
    deps,
    goOn,
  );
}
