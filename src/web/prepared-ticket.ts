/** Prepares a ticket before a rule decides whether to email it: its link and code are sealed already. */
import { CONFIRM_SECONDS } from '../domain/account/change-address.ts';
import { UNDO_SECONDS } from '../domain/account/personal-address.ts';
import type { PreparedTicket } from '../domain/activation/activation.ts';
import { OPEN_MS } from '../domain/factors/slow-recovery.ts';
import { NOT_ME_SECONDS, newTicket } from '../domain/tickets/ticket.ts';
import type { Web } from './web.ts';

const paths = {
  activation: '/activate',
  reset: '/reset',
  'email-change': '/account/email/confirm',
  'email-undo': '/account/email/undo',
  'not-me': '/not-me',
  'recovery-stop': '/recovery/stop',
} as const;

/** `accountId` may belong to no account: then the ticket is made only for constant work. */
export function prepareTicket(web: Web, accountId: string, purpose: keyof typeof paths): PreparedTicket {
  const { lifetimes, sealer } = web;
  const seconds = {
    activation: lifetimes.activationCodeSeconds,
    reset: lifetimes.resetSeconds,
    'email-change': CONFIRM_SECONDS,
    'email-undo': UNDO_SECONDS,
    'not-me': NOT_ME_SECONDS,
    'recovery-stop': OPEN_MS / 1000, // the rule says when it ends (slow-recovery-steps.ts)
  };
  const { ticket, token, code } = newTicket(
    { purpose, accountId, lifetimeSeconds: seconds[purpose], withCode: purpose === 'activation' },
    sealer,
    web.now(),
    (size) => web.randomBytes(size),
  );
  const link = `${paths[purpose]}?ticket=${token}`;
  return { ticket, sealedSecret: sealer.seal(JSON.stringify({ link, code }), accountId, 'letter') };
}
