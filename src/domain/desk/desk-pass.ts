/** Types a desk pass at a sign-in: after the password, and for setting up a new second factor alone (rule 9). */
import type { Account, Decision } from '../account/account.ts';
import { beginEnrolment } from '../factors/enrolment.ts';
import type { PendingEnrolment } from '../factors/pending-enrolment.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { matchCode } from '../tickets/ticket.ts';

export type TypedPass = { kind: 'matched'; pending: PendingEnrolment } | { kind: 'wrong' | 'exhausted' | 'none' };

/** Rule: ten wrong tries end a pass (rule 4); a right one is spent by the write that adds the factor. `now`: epoch ms. */
export function typeDeskPass(account: Account, typed: string, sealer: Sealer, now: number): Decision<TypedPass> {
  const { outcome, ...change } = matchCode(account, 'desk-pass', typed, sealer, now);
  if (outcome.kind !== 'matched') return { outcome, ...change };
  const pending = { ...beginEnrolment(account, 'desk-pass', now), ticketId: outcome.ticket.id };
  return { outcome: { kind: 'matched', pending }, ...change };
}
