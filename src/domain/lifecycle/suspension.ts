/**
 * Suspension and legal hold: people close an account, or keep it from being erased, whatever its affiliations say. No
 * feed sets or lifts either.
 */
import type { Account, Decision, EffectInput } from '../account/account.ts';
import { accessOf, isOpen } from '../account/account-access.ts';
import { dayAt } from '../account/affiliation.ts';
import { notices } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import type { Suspension, SuspensionKind } from './lifecycle-records.ts';

import { withWholeSignIn } from './reopening.ts';

type Context = { organisations: Organisation[]; now: number };

/** The suspension that closes the account at `now` (epoch ms). Undefined: none does. */
export function suspensionOf(account: Account, now: number): Suspension | undefined {
  return accessOf(account, now).kind === 'suspended' ? account.suspension : undefined;
}

/**
 * Rule: closes the account at once; sessions, codes and tokens end with the epoch (rule 12), and both addresses are
 * told. `security`: somebody else may be able to sign in. So links and codes under way end as well, and the password
 * opens nothing any more, however the suspension ends: only a reset, which asks for the second factor, opens the account
 * again (rule 8). A second suspension takes the place of the first.
 * @param suspending `until` (epoch ms): when it ends by itself; `reason`: for the desk, not for the person
 */
export function suspend(
  account: Account,
  suspending: { kind: SuspensionKind; reason: string; until?: number },
  context: Context,
): Decision<{ kind: 'suspended' } | { kind: 'over' }> {
  const { now } = context;
  const { kind, until } = suspending;
  if (until !== undefined && until <= now) return { outcome: { kind: 'over' } };
  const wasActivated = account.activatedAt !== undefined;
  const forSecurity = kind === 'security';
  const epoch = account.credentialsEpoch + 1;
  const next: Account = {
    ...account,
    suspension: { ...suspending, at: now },
    credentialsEpoch: epoch,
    ...(forSecurity ? { tickets: [] } : {}),
    ...(forSecurity && wasActivated ? { passwordExpiredAt: now } : {}),
  };
  const effects: EffectInput[] = [
    { kind: 'end-sessions', reason: 'account suspended', olderThanEpoch: epoch },
    ...notices(next, 'account-suspended', { lastDay: until === undefined ? '' : dayAt(until - 1) }, context),
  ];
  return { outcome: { kind: 'suspended' }, account: next, effects: wasActivated ? effects : [] };
}

/** Rule: takes the suspension away. Both addresses are told where that opens the account. */
export function liftSuspension(
  account: Account,
  context: Context,
): Decision<{ kind: 'lifted'; suspension: Suspension } | { kind: 'not-suspended' }> {
  const suspension = suspensionOf(account, context.now);
  if (suspension === undefined) return { outcome: { kind: 'not-suspended' } };
  const { suspension: _, ...without } = account;
  const lifted = withWholeSignIn(account, without, context.now);
  const newPassword = lifted.passwordExpiredAt === undefined ? '' : 'due';
  return {
    outcome: { kind: 'lifted', suspension },
    account: lifted,
    effects: isOpen(lifted, context.now) ? notices(lifted, 'account-open-again', { newPassword }, context) : [],
  };
}

/** Rule: nothing erases the account until the hold is released. It opens and closes nothing. A second one replaces the first. */
export function holdAccount(account: Account, reason: string, now: number): Decision<{ kind: 'held' }> {
  return { outcome: { kind: 'held' }, account: { ...account, legalHold: { reason, at: now } } };
}

/** Rule: the account may be erased again when it is due. */
export function releaseHold(account: Account): Decision<{ kind: 'released' } | { kind: 'not-held' }> {
  if (account.legalHold === undefined) return { outcome: { kind: 'not-held' } };
  const { legalHold: _, ...released } = account;
  return { outcome: { kind: 'released' }, account: released };
}
