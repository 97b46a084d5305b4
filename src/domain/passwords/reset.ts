/** A forgotten password (B.6): a link to the address on file, an existing factor first, then a new password (rules 1, 8, 11, 12). */
import { type Account, type Decision, hasEnded, hasSecondFactor } from '../account/account.ts';
import { addressesOf, emailTo, notices } from '../account/notifications.ts';
import {
  type Asked,
  askForCode,
  mayMail,
  type PreparedTicket,
  secretEmail,
  strangerAudit,
  withMail,
} from '../activation/activation.ts';
import { type ActingPerson, personAudit } from '../factors/factor.ts';
import { type Evidence, spend } from '../sign-in/sign-in.ts';
import { liveTicket } from '../tickets/ticket.ts';
import { withNewPassword } from './change-password.ts';

/**
 * Rule: somebody asks for a new password. Who never was active gets an activation letter instead. An ended account gets
 * nothing, for a new password would open nothing; the page names whom to call. The outcome is for tests: no page may
 * show it (rule 1). Links that are under way go on working, so that a stranger who asks again and again does not break
 * the owner's; the first that is used ends them all.
 */
export function askForReset(
  account: Account,
  asked: { number?: string; reset: PreparedTicket; activation: PreparedTicket },
  context: ActingPerson,
): Decision<Asked | { kind: 'reset-mailed' }> {
  const { now } = context;
  const number = asked.number === undefined ? {} : { number: asked.number };
  if (account.activatedAt === undefined) return askForCode(account, { ...number, prepared: asked.activation }, context);
  const to = addressesOf(account)[0];
  if (to === undefined) return { outcome: { kind: 'not-on-file' } };
  if (hasEnded(account, now)) return { outcome: { kind: 'ended' } };
  if (!mayMail(account, now)) return { outcome: { kind: 'enough-mailed' } };
  const live = account.tickets.filter(({ expiresAt }) => expiresAt > now);
  return {
    outcome: { kind: 'reset-mailed' },
    account: { ...withMail(account, now), tickets: [...live, { ...asked.reset.ticket, sentTo: to }] },
    effects: [
      secretEmail(emailTo(account, to, 'reset', number, context), asked.reset),
      strangerAudit(account, 'reset.mailed', context),
    ],
  };
}

/** What this browser has proven of the factors; kept in its sealed cookie, so that another holder of the link has nothing of it. */
export type FactorProven = { amr: string[]; epoch: number };

export type ResetStage =
  | { kind: 'factor' }
  | { kind: 'password' }
  /** the account has ended, or the link was used, replaced by its use elsewhere, or is too old */
  | { kind: 'ended' }
  | { kind: 'expired' };

/** What the holder of this ticket is to do next (rule 8: a factor, where there is one, before the password is replaced). */
export function resetStage(
  account: Account,
  ticketId: string,
  proven: FactorProven | undefined,
  now: number,
): ResetStage {
  if (account.activatedAt === undefined) return { kind: 'expired' };
  if (hasEnded(account, now)) return { kind: 'ended' };
  if (liveTicket(account, ticketId, ['reset'], now) === undefined) return { kind: 'expired' };
  const owed = hasSecondFactor(account) && proven?.epoch !== account.credentialsEpoch;
  return { kind: owed ? 'factor' : 'password' };
}

/** Rule: an existing factor or recovery code was verified for this reset; it is spent at once, so of parallel uses one wins (rule 4). */
export function proveFactor(
  account: Account,
  ticketId: string,
  evidence: Evidence,
  context: ActingPerson,
): Decision<ResetStage | { kind: 'proven'; epoch: number } | { kind: 'used' }> {
  const stage = resetStage(account, ticketId, undefined, context.now);
  if (stage.kind !== 'factor') return { outcome: stage };
  const spent = evidence.kind === 'none' ? undefined : spend(account, evidence, context.now);
  if (spent === undefined) return { outcome: { kind: 'used' } };
  const left = String(spent.recoveryCodes?.macs.length ?? 0);
  return {
    outcome: { kind: 'proven', epoch: account.credentialsEpoch },
    account: spent,
    effects: [
      personAudit(account, 'reset.factor-proven', { with: evidence.kind }, context),
      ...(evidence.kind === 'recovery-code' ? notices(account, 'recovery-code-used', { left }, context) : []),
    ],
  };
}

/**
 * Rule: the password is replaced, in one write with the spending of every open ticket that could replace it again; the
 * epoch rises (rule 12), everything signed in before ends, both addresses are told. Of parallel uses one wins.
 */
export function resetPassword(
  account: Account,
  ticketId: string,
  change: { passwordHash: string; proven: FactorProven | undefined },
  context: ActingPerson,
): Decision<{ kind: 'reset'; epoch: number } | Exclude<ResetStage, { kind: 'password' }>> {
  const stage = resetStage(account, ticketId, change.proven, context.now);
  if (stage.kind !== 'password') return { outcome: stage };
  const next = withNewPassword(account, change.passwordHash, context.now);
  const { credentialsEpoch: epoch } = next;
  return {
    outcome: { kind: 'reset', epoch },
    account: next,
    effects: [
      { kind: 'end-sessions', reason: 'the password was reset', olderThanEpoch: epoch },
      ...notices(account, 'password-changed', {}, context),
      personAudit(account, 'password.reset', {}, context),
    ],
  };
}
