/** Prepares a ticket before a rule decides whether to email it: its link and code are sealed already. */
import type { PreparedTicket } from '../domain/activation/activation.ts';
import { newTicket } from '../domain/tickets/ticket.ts';
import type { Web } from './web.ts';

/** `accountId` may belong to no account: then the ticket is made only for constant work. */
export function prepareTicket(web: Web, accountId: string, purpose: 'activation' | 'reset'): PreparedTicket {
  const { lifetimes, sealer } = web;
  const { ticket, token, code } = newTicket(
    {
      purpose,
      accountId,
      lifetimeSeconds: purpose === 'reset' ? lifetimes.resetSeconds : lifetimes.activationCodeSeconds,
      withCode: purpose === 'activation',
    },
    sealer,
    web.now(),
    (size) => web.randomBytes(size),
  );
  const link = `${purpose === 'reset' ? '/reset' : '/activate'}?ticket=${token}`;
  return { ticket, sealedSecret: sealer.seal(JSON.stringify({ link, code }), accountId, 'letter') };
}
