/** Mails and checks the code that a first factor of an active account needs besides the password (rule 7). */
import type { Account, Decision } from '../account/account.ts';
import { recoveryAddressOf } from '../account/held-addresses.ts';
import { emailTo } from '../account/notifications.ts';
import { mayMail, withMail } from '../activation/activation.ts';
import { limits } from '../rate-limits/limits.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { matchCode, type NewTicket, withTicket } from '../tickets/ticket.ts';
import { type ActingPerson, personAudit } from './factor.ts';
import type { PendingEnrolment } from './pending-enrolment.ts';

/**
 * Where the code goes: the personal address, because the institution's mailbox may need the factor itself. Undefined:
 * none is known, or a feed gave all of them lately. `now`: epoch ms.
 */
export function factorCodeAddress(account: Account, now: number): string | undefined {
  return recoveryAddressOf(account, now);
}

/** `a•••@example.org`: enough for the owner to know which mailbox to open. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `${[...address][0] ?? ''}•••${address.slice(at)}`;
}

export type FactorCodeOutcome = { kind: 'sent'; to: string } | { kind: 'no-address' } | { kind: 'too-many' };

/**
 * Rule: mails a code, which ends the one before. At most ten emails an hour to one account, five of which only its
 * owner can cause.
 */
export function mailFactorCode(
  account: Account,
  made: NewTicket,
  sealer: Sealer,
  context: ActingPerson,
): Decision<FactorCodeOutcome> {
  const to = factorCodeAddress(account, context.now);
  if (to === undefined) return { outcome: { kind: 'no-address' } };
  // the password was given, so what strangers asked for must not use up what the owner needs now
  if (!mayMail(account, context.now, limits.mailsPerAccount.tries)) return { outcome: { kind: 'too-many' } };
  return {
    outcome: { kind: 'sent', to: maskedAddress(to) },
    account: withTicket(withMail(account, context.now), { ...made.ticket, sentTo: to }, context.now),
    effects: [
      {
        kind: 'letter',
        letter: {
          ...emailTo(account, to, 'factor-code', {}, context),
          sealedSecret: sealer.seal(JSON.stringify({ code: made.code }), account.id, 'letter'),
          expiresAt: made.ticket.expiresAt,
        },
      },
      personAudit(account, 'factor-code.mailed', {}, context),
    ],
  };
}

/**
 * Rule: the person typed the code. A right one becomes the proof in `pending`; the write that adds the factor spends
 * it. `now`: epoch ms.
 */
export function typeFactorCode(
  account: Account,
  pending: PendingEnrolment,
  typed: string,
  sealer: Sealer,
  now: number,
): Decision<{ kind: 'matched'; pending: PendingEnrolment } | { kind: 'wrong' | 'exhausted' | 'none' }> {
  const { outcome, ...change } = matchCode(account, 'first-factor', typed, sealer, now);
  if (outcome.kind !== 'matched') return { outcome, ...change };
  return {
    outcome: { kind: 'matched', pending: { ...pending, proof: 'mailed-code', ticketId: outcome.ticket.id } },
    ...change,
  };
}
