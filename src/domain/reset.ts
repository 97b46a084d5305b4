/** A forgotten password (B.6): a link to the address on file, an existing factor first, then a new password (rules 1, 8, 11, 12). */
import { type Account, hasEnded, hasSecondFactor, type Ruling } from './account.ts';
import { type Asked, askForCode, mayMail, type Offer, secretLetter, strangerAudit, withMail } from './activation.ts';
import { withNewPassword } from './change-password.ts';
import { type ActingPerson, personAudit } from './factor.ts';
import { addressesOf, letterTo, notices } from './notice.ts';
import { type Evidence, spend } from './sign-in.ts';
import { liveTicket } from './ticket.ts';

/**
 * Rule: somebody asks for a new password. Who never was active gets an activation letter instead. An ended account gets
 * nothing, for a new password would open nothing; the page names whom to call. The outcome is for tests: no page may
 * show it (rule 1). Links that are under way go on working, so that a stranger who asks again and again does not break
 * the owner's; the first that is used ends them all.
 */
export function askForReset(
  account: Account,
  asked: { number?: string; reset: Offer; activation: Offer },
  about: ActingPerson,
): Ruling<Asked | { kind: 'reset_mailed' }> {
  const { now } = about;
  const number = asked.number === undefined ? {} : { number: asked.number };
  if (account.activatedAt === undefined) return askForCode(account, { ...number, offer: asked.activation }, about);
  const to = addressesOf(account)[0];
  if (to === undefined) return { outcome: { kind: 'not_on_file' } };
  if (hasEnded(account, now)) return { outcome: { kind: 'ended' } };
  if (!mayMail(account, now)) return { outcome: { kind: 'enough_mailed' } };
  const live = account.tickets.filter(({ expiresAt }) => expiresAt > now);
  return {
    outcome: { kind: 'reset_mailed' },
    account: { ...withMail(account, now), tickets: [...live, { ...asked.reset.ticket, sentTo: to }] },
    effects: [
      secretLetter(letterTo(account, to, 'reset', number, about), asked.reset),
      strangerAudit(account, 'reset.mailed', about),
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
  about: ActingPerson,
): Ruling<ResetStage | { kind: 'proven'; epoch: number } | { kind: 'used' }> {
  const stage = resetStage(account, ticketId, undefined, about.now);
  if (stage.kind !== 'factor') return { outcome: stage };
  const spent = evidence.kind === 'none' ? undefined : spend(account, evidence, about.now);
  if (spent === undefined) return { outcome: { kind: 'used' } };
  const left = String(spent.recoveryCodes?.macs.length ?? 0);
  return {
    outcome: { kind: 'proven', epoch: account.credentialsEpoch },
    account: spent,
    effects: [
      personAudit(account, 'reset.factor-proven', { with: evidence.kind }, about),
      ...(evidence.kind === 'recovery-code' ? notices(account, 'recovery-code-used', { left }, about) : []),
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
  about: ActingPerson,
): Ruling<{ kind: 'reset'; epoch: number } | Exclude<ResetStage, { kind: 'password' }>> {
  const stage = resetStage(account, ticketId, change.proven, about.now);
  if (stage.kind !== 'password') return { outcome: stage };
  const next = withNewPassword(account, change.passwordHash, about.now);
  const { credentialsEpoch: epoch } = next;
  return {
    outcome: { kind: 'reset', epoch },
    account: next,
    effects: [
      { kind: 'end-sessions', reason: 'the password was reset', olderThanEpoch: epoch },
      ...notices(account, 'password-changed', {}, about),
      personAudit(account, 'password.reset', {}, about),
    ],
  };
}
