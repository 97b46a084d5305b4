/** A ticket with its link and code sealed for the letter, made before a rule is asked whether it may go out. */
import type { PreparedTicket } from '../domain/activation/activation.ts';
import { newTicket } from '../domain/tickets/ticket.ts';
import type { Web } from './web.ts';

/** `accountId` may be of nobody: then it is made for the sake of the same work only. */
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
