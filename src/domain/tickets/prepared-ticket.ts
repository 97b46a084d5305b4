/**
 * A ticket made before the rule runs, with its link and code sealed for the email. The rule decides whether it is used.
 */
import type { RandomBytes } from '../random.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { newTicket } from './ticket.ts';
import type { Ticket } from './ticket-record.ts';

export type PreparedTicket = { ticket: Ticket; sealedSecret: string };

/** Where the link of each purpose leads. */
const paths = {
  activation: '/activate',
  reset: '/reset',
  'email-change': '/account/email/confirm',
  'email-undo': '/account/email/undo',
  'not-me': '/not-me',
  'recovery-stop': '/recovery/stop',
} as const;
export type LinkPurpose = keyof typeof paths;

/** The path of a link with this token. */
export const linkPath = (purpose: LinkPurpose, token: string): string => `${paths[purpose]}?ticket=${token}`;

/**
 * `accountId` may belong to no account: then the ticket is made only for constant work. `lifetimeSeconds` counts from `now` (epoch
 * ms).
 */
export function prepareTicket(
  wanted: { purpose: LinkPurpose; accountId: string; lifetimeSeconds: number; withCode: boolean; sentTo?: string },
  { sealer, now, randomBytes }: { sealer: Sealer; now: number; randomBytes: RandomBytes },
): PreparedTicket {
  const { ticket, token, code } = newTicket(wanted, sealer, now, randomBytes);
  const link = linkPath(wanted.purpose, token);
  return { ticket, sealedSecret: sealer.seal(JSON.stringify({ link, code }), wanted.accountId, 'letter') };
}
