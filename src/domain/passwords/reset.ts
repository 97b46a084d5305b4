/**
 * Replaces a forgotten password (journey B.6): a link to the address on file, an existing factor, then the new password
 * (rules 1, 8, 11, 12).
 */
import { type Account, type Decision, hasSecondFactor } from '../account/account.ts';
import { isClosed } from '../account/account-access.ts';
import { type SigningBrowser, withBrowser } from '../account/browsers.ts';
import { recoveryAddressOf } from '../account/held-addresses.ts';
import { emailTo, notices } from '../account/notifications.ts';
import { withProvenAddress } from '../account/proven-addresses.ts';
import { type Asked, askForCode, mayMail, secretEmail, strangerAudit, withMail } from '../activation/activation.ts';
import { type ActingPerson, personAudit } from '../factors/factor.ts';
import { type Evidence, spend } from '../sign-in/sign-in.ts';
import type { PreparedTicket } from '../tickets/prepared-ticket.ts';
import { liveTicket } from '../tickets/ticket.ts';
import { withNewPassword } from './change-password.ts';

/**
 * Rule: somebody asks for a new password. A person who was never active gets an activation email instead. An ended
 * account gets nothing, because a new password would not open it; the page names whom to ask. No page may show the
 * outcome (rule 1); it is for tests. Earlier links go on working, so that a stranger who asks again and again does not
 * break the owner's; the first one used ends them all.
 */
export function askForReset(
  account: Account,
  asked: { number?: string; reset: PreparedTicket; activation: PreparedTicket },
  context: ActingPerson,
): Decision<Asked | { kind: 'reset-mailed' }> {
  const { now } = context;
  const number = asked.number === undefined ? {} : { number: asked.number };
  if (account.activatedAt === undefined) return askForCode(account, { ...number, prepared: asked.activation }, context);
  const to = recoveryAddressOf(account, now);
  if (to === undefined) return { outcome: { kind: 'not-on-file' } };
  if (isClosed(account, now)) return { outcome: { kind: 'ended' } };
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

/**
 * The factor that this browser has proven. It is kept in the browser's sealed cookie, so that it does not help another
 * holder of the link.
 */
export type FactorProven = { amr: string[]; epoch: number };

export type ResetStage =
  | { kind: 'factor' }
  | { kind: 'password' }
  /** `ended`: the account, or it is not open yet; `expired`: the link is too old, or it or another was used */
  | { kind: 'ended' }
  | { kind: 'expired' };

/**
 * What the holder of this ticket must do next: prove a factor, if there is one, before the password is replaced (rule
 * 8). `now`: epoch ms.
 */
export function resetStage(
  account: Account,
  ticketId: string,
  proven: FactorProven | undefined,
  now: number,
): ResetStage {
  if (account.activatedAt === undefined) return { kind: 'expired' };
  if (isClosed(account, now)) return { kind: 'ended' };
  if (liveTicket(account, ticketId, ['reset'], now) === undefined) return { kind: 'expired' };
  const owed = hasSecondFactor(account) && proven?.epoch !== account.credentialsEpoch;
  return { kind: owed ? 'factor' : 'password' };
}

/**
 * Rule: spends the factor or recovery code that was verified for this reset, so that of parallel uses one wins (rule
 * 4). `used`: spent before.
 */
export function proveFactor(
  account: Account,
  ticketId: string,
  evidence: Evidence,
  context: ActingPerson,
): Decision<ResetStage | { kind: 'proven'; epoch: number } | { kind: 'used' }> {
  const stage = resetStage(account, ticketId, undefined, context.now);
  if (stage.kind !== 'factor') return { outcome: stage };
  const spent = evidence.kind === 'none' ? undefined : spend(account, evidence, { now: context.now, password: false });
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
 * Rule: replaces the password and spends every ticket that could replace it again, in one write. The epoch rises (rule
 * 12), all sessions end, and both addresses are told. Of parallel uses one wins. A session begins in this browser, so the
 * account keeps it as one that its owner knows of, also where all were disowned before.
 * @param change `passwordHash`: argon2id of the new password
 */
export function resetPassword(
  account: Account,
  ticketId: string,
  change: { passwordHash: string; proven: FactorProven | undefined; browser: SigningBrowser },
  context: ActingPerson,
): Decision<{ kind: 'reset'; epoch: number } | Exclude<ResetStage, { kind: 'password' }>> {
  const stage = resetStage(account, ticketId, change.proven, context.now);
  if (stage.kind !== 'password') return { outcome: stage };
  const proven = withBrowser(withProvenAddress(account, ticketId), change.browser, context.now);
  const next = withNewPassword(proven, change.passwordHash, context.now);
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
