/** Invites people whose account was not open yet when their feed brought them, once it opens; on one node at a time. */
import type { Account } from '../domain/account/account.ts';
import { invitationTerm } from '../domain/account/account-keys.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import { type InvitingContext, inviteWaiting } from '../domain/activation/invitation.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { Leases } from '../domain/ports/leases.ts';
import type { JobLog } from './log.ts';

const PAGE = 100;
const LEASE_MS = 60_000;

export type WaitingInvitationDeps = Omit<InvitingContext, 'now'> & {
  storage: { accounts: Pick<Accounts, 'byTerm' | 'findById' | 'replace'>; leases: Pick<Leases, 'acquire' | 'release'> };
  holder: string;
  now: () => number;
  log: JobLog;
};

/**
 * Each invitation is one compare-and-set write with its email. Somebody who is suspended, or whose first window is over, keeps
 * waiting and is looked at again each time.
 * @returns how many were invited; undefined: another node does it
 * @throws what the storage throws, except for single accounts: those are logged
 */
export async function sendWaitingInvitations(
  deps: WaitingInvitationDeps,
  goOn: () => boolean = () => true,
): Promise<number | undefined> {
  const { holder, now } = deps;
  const { accounts, leases } = deps.storage;
  const hold = () => leases.acquire('invitations', holder, now() + LEASE_MS, now());
  if ((await hold()) === undefined) return undefined;
  let invited = 0;
  let waiting = 0;
  try {
    for (;;) {
      const page = await accounts.byTerm(invitationTerm(0), invitationTerm(now() + 1), PAGE, waiting);
      const went = await Promise.all(page.map(({ account }) => invite(account, deps))); // so that writes share a commit
      invited += went.filter((each) => each === 'sent').length;
      waiting += went.filter((each) => each === 'waits').length;
      if (page.length < PAGE || !goOn() || (await hold()) === undefined) return invited;
    }
  } finally {
    await leases.release('invitations', holder);
  }
}

async function invite({ id }: Account, deps: WaitingInvitationDeps): Promise<'sent' | 'waits' | 'gone'> {
  try {
    const { outcome } = await updateAccount(deps.storage.accounts, id, (account) =>
      inviteWaiting(account, { ...deps, now: deps.now() }),
    );
    if (outcome.kind === 'sent') return 'sent';
    return outcome.kind === 'later' ? 'waits' : 'gone';
  } catch (error) {
    deps.log.error({ err: error, accountId: id }, 'an invitation could not be sent yet');
    return 'waits';
  }
}
