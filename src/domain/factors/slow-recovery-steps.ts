/** The steps of a slow recovery (slow-recovery.ts): the mailed code, the start, the letters of each day, and the new second step. */
import type { Account, Decision, EffectInput } from '../account/account.ts';
import { recoveryAddressOf } from '../account/held-addresses.ts';
import { addressesOf, emailTo } from '../account/notifications.ts';
import { mayMail, secretEmail, withMail } from '../activation/activation.ts';
import { limits } from '../rate-limits/limits.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { withoutHalfway } from '../sign-in/halfway.ts';
import type { PreparedTicket } from '../tickets/prepared-ticket.ts';
import { matchCode, type NewTicket, withoutTicket, withTicket } from '../tickets/ticket.ts';
import { beginEnrolment } from './enrolment.ts';
import { type ActingPerson, personAudit } from './factor.ts';
import type { SlowRecovery } from './factor-records.ts';
import { maskedAddress } from './first-factor.ts';
import type { PendingEnrolment } from './pending-enrolment.ts';
import {
  type Context,
  DAY_MS,
  finishedRecovery,
  OPEN_MS,
  type RecoveryOffer,
  recoveryAudit,
  recoveryOffer,
  standing,
  stopRecovery,
} from './slow-recovery.ts';

/** A letter a day, of the longest wait. */
const MOST_LINKS = 35;

export type RecoveryCodeOutcome = { kind: 'sent'; to: string } | { kind: 'no-address' | 'too-many' | 'not-now' };

/** Rule: mails the code without which nothing begins or is finished, to the address on file. It ends the one before. */
export function mailRecoveryCode(
  account: Account,
  made: NewTicket,
  sealer: Pick<Sealer, 'seal'>,
  context: ActingPerson,
): Decision<RecoveryCodeOutcome> {
  const { kind } = recoveryOffer(account, context);
  if (kind !== 'can-start' && kind !== 'open') return { outcome: { kind: 'not-now' } };
  const to = recoveryAddressOf(account, context.now);
  if (to === undefined) return { outcome: { kind: 'no-address' } };
  if (!mayMail(account, context.now, limits.mailsPerAccount.tries)) return { outcome: { kind: 'too-many' } };
  const sealedSecret = sealer.seal(JSON.stringify({ code: made.code }), account.id, 'letter');
  return {
    outcome: { kind: 'sent', to: maskedAddress(to) },
    account: withTicket(
      withMail(account, context.now),
      { ...made.ticket, sentTo: to, epoch: account.credentialsEpoch },
      context.now,
    ),
    effects: [
      secretEmail(emailTo(account, to, 'recovery-code', {}, context), { ticket: made.ticket, sealedSecret }),
      personAudit(account, 'recovery.code-mailed', {}, context),
    ],
  };
}

export type TypedRecoveryCode =
  | { kind: 'started'; until: number }
  | { kind: 'matched'; pending: PendingEnrolment }
  | { kind: 'wrong' | 'exhausted' | 'none' | 'not-now' };

/**
 * Rule: after the password, the person typed the mailed code. It begins a recovery, and spends the code; or, once the wait
 * is over, it is what the enrolment of a new second step rests on, which spends it. One at a time: of parallel uses one
 * begins. Both addresses are told, with a link that stops it.
 * @param stop a ticket of purpose `recovery-stop`
 */
export function typeRecoveryCode(
  account: Account,
  typed: string,
  stop: PreparedTicket,
  sealer: Sealer,
  context: ActingPerson,
): Decision<TypedRecoveryCode> {
  const { now } = context;
  const offer: RecoveryOffer = recoveryOffer(account, context);
  if (offer.kind !== 'can-start' && offer.kind !== 'open') return { outcome: { kind: 'not-now' } };
  // a code from before the password changed, or the owner put everybody out, is none
  const tickets = account.tickets.filter(
    (each) => each.purpose !== 'recovery' || each.epoch === account.credentialsEpoch,
  );
  const { outcome, ...change } = matchCode({ ...account, tickets }, 'recovery', typed, sealer, now);
  if (outcome.kind !== 'matched') return { outcome, ...change };
  const { id } = outcome.ticket;
  if (offer.kind === 'open') {
    const pending: PendingEnrolment = { ...beginEnrolment(account, 'slow-recovery', now), ticketId: id };
    return { outcome: { kind: 'matched', pending } };
  }
  const until = now + offer.days * DAY_MS;
  const slowRecovery: SlowRecovery = { since: now, until, epoch: account.credentialsEpoch, tellAt: now + DAY_MS };
  return {
    outcome: { kind: 'started', until },
    account: withStopLink({ ...withoutTicket(withoutHalfway(account), id), slowRecovery }, stop, until),
    effects: [
      ...told(account, 'recovery-started', until, stop, context),
      personAudit(account, 'recovery.started', { until: new Date(until).toISOString() }, context),
    ],
  };
}

/**
 * Rule: what the clock brings: each day a letter to both addresses, one when the wait is over, and the end of one that was
 * not used or that something else ended. A node that was away sends one letter for all days that it missed.
 * @param stop a ticket of purpose `recovery-stop`
 */
export function tendRecovery(
  account: Account,
  stop: PreparedTicket,
  context: Context,
): Decision<'nothing' | 'reminded' | 'opened' | 'ended'> {
  const { now } = context;
  const { slowRecovery } = account;
  if (slowRecovery === undefined || slowRecovery.tellAt > now) return { outcome: 'nothing' };
  if (slowRecovery.stoppedAt !== undefined) return { outcome: 'ended', account: finishedRecovery(account) };
  const state = standing(account, context);
  if (state !== 'under-way' && state !== 'none') {
    const { account: next, effects } = stopRecovery(account, state, context, { kind: 'system' });
    return {
      outcome: 'ended',
      account: finishedRecovery(next ?? account),
      ...(effects === undefined ? {} : { effects }),
    };
  }
  const { until } = slowRecovery;
  if (now < until) {
    const missed = Math.floor((now - slowRecovery.tellAt) / DAY_MS) + 1;
    const tellAt = Math.min(slowRecovery.tellAt + missed * DAY_MS, until);
    return {
      outcome: 'reminded',
      account: withStopLink({ ...account, slowRecovery: { ...slowRecovery, tellAt } }, stop, until),
      effects: told(account, 'recovery-reminder', until, stop, context),
    };
  }
  return {
    outcome: 'opened',
    account: withStopLink({ ...account, slowRecovery: { ...slowRecovery, tellAt: until + OPEN_MS } }, stop, until),
    effects: [
      ...told(account, 'recovery-open', until + OPEN_MS, stop, context),
      recoveryAudit(account, undefined, context, { kind: 'system' }),
    ],
  };
}

/** Of the links that stop it, as many as letters were sent; each works until nothing is left to stop. */
function withStopLink(account: Account, { ticket }: PreparedTicket, until: number): Account {
  const stop = { ...ticket, expiresAt: until + OPEN_MS };
  const others = account.tickets.filter(({ purpose }) => purpose !== 'recovery-stop');
  const earlier = account.tickets.filter(({ purpose }) => purpose === 'recovery-stop').slice(1 - MOST_LINKS);
  return { ...account, tickets: [...others, ...earlier, stop] };
}

function told(
  account: Account,
  template: 'recovery-started' | 'recovery-reminder' | 'recovery-open',
  until: number,
  { sealedSecret }: PreparedTicket,
  context: Context,
): EffectInput[] {
  return addressesOf(account).map((to) => ({
    kind: 'letter',
    letter: { ...emailTo(account, to, template, {}, context), sealedSecret, expiresAt: until },
  }));
}
