/** Prepares a ticket before a rule decides whether to email it, with the lifetime that its purpose has. */
import { CONFIRM_SECONDS } from '../domain/account/change-address.ts';
import { UNDO_SECONDS } from '../domain/account/personal-address.ts';
import { OPEN_MS } from '../domain/factors/slow-recovery.ts';
import { type LinkPurpose, type PreparedTicket, prepareTicket as prepare } from '../domain/tickets/prepared-ticket.ts';
import { NOT_ME_SECONDS } from '../domain/tickets/ticket.ts';
import type { Web } from './web.ts';

/** `accountId` may belong to no account: then the ticket is made only for constant work. */
export function prepareTicket(web: Web, accountId: string, purpose: LinkPurpose): PreparedTicket {
  const { lifetimes, sealer } = web;
  const seconds = {
    activation: lifetimes.activationCodeSeconds,
    reset: lifetimes.resetSeconds,
    'email-change': CONFIRM_SECONDS,
    'email-undo': UNDO_SECONDS,
    'not-me': NOT_ME_SECONDS,
    'recovery-stop': OPEN_MS / 1000, // the rule says when it ends (slow-recovery-steps.ts)
  };
  return prepare(
    { purpose, accountId, lifetimeSeconds: seconds[purpose], withCode: purpose === 'activation' },
    { sealer, now: web.now(), randomBytes: (size) => web.randomBytes(size) },
  );
}
