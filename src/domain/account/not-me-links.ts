/**
 * Gives the emails that ask "was this you?" the link by which their owner says "this was not me" (disown.ts). Of each write a
 * link of its own: it works once, and the account holds only its hash.
 */
import type { RandomBytes } from '../random.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { linkPath } from '../tickets/prepared-ticket.ts';
import { NOT_ME_SECONDS, newTicket } from '../tickets/ticket.ts';
import type { Ticket } from '../tickets/ticket-record.ts';
import type { Account, Decision, EffectInput } from './account.ts';
import type { Email, EmailTemplate } from './emails.ts';

export type NotMeDeps = { sealer: Sealer; now: () => number; randomBytes: RandomBytes };

/** How many links of one kind of act work at once. */
export const MOST_OF_AN_ACT = 5;

/** What somebody did who was signed in, could only do with the password, or had done by the service desk. */
const asking: ReadonlySet<EmailTemplate> = new Set<EmailTemplate>([
  'address-changed',
  'data-downloaded',
  'desk-acted',
  'factor-added',
  'factor-code',
  'factor-removed',
  'password-changed',
  'password-known',
  'recovery-code',
  'recovery-code-used',
  'recovery-codes-renewed',
  'recovery-stopped',
]);

/** A ticket of "this was not me" that is not in the account yet, and the path of its link. */
function newNotMeLink(accountId: string, deps: NotMeDeps): { ticket: Ticket; link: string } {
  const { sealer, now, randomBytes } = deps;
  const { ticket, token } = newTicket(
    { purpose: 'not-me', accountId, lifetimeSeconds: NOT_ME_SECONDS, withCode: false },
    sealer,
    now(),
    randomBytes,
  );
  return { ticket, link: linkPath('not-me', token) };
}

/**
 * The decision of a rule with such a link in each of its emails that asks, beside the code that it may hold. One with another
 * link, which undoes the act, stays as it is. The ticket says what the emails tell, as the audit entry beside them does.
 * @param before what the rule was given
 * @param told the act, where its entry is not of the rule
 * @throws Problem `sealed_unreadable`
 */
export function withNotMeLink<Outcome>(
  before: Account,
  decision: Decision<Outcome>,
  deps: NotMeDeps,
  told?: Ticket['tells'],
): Decision<Outcome> {
  const { effects = [], account = before } = decision;
  const entry = told ?? effects.find((effect) => effect.kind === 'audit')?.entry;
  const asks = (effect: EffectInput) => effect.kind === 'letter' && asking.has(effect.letter.template);
  if (entry === undefined || !effects.some(asks)) return decision;
  const { ticket, link } = newNotMeLink(account.id, deps);
  const withLink = (letter: Email): Email => {
    const { sealedSecret } = letter;
    const secret = sealedSecret === undefined ? {} : JSON.parse(deps.sealer.open(sealedSecret, account.id, 'letter'));
    if (secret.link !== undefined) return letter;
    const sealed = deps.sealer.seal(JSON.stringify({ ...secret, notMe: link }), account.id, 'letter');
    return { ...letter, sealedSecret: sealed };
  };
  return {
    ...decision,
    account: withLatest(account, { ...ticket, tells: { action: entry.action, at: entry.at } }),
    effects: effects.map((effect) =>
      effect.kind === 'letter' && asks(effect) ? { ...effect, letter: withLink(effect.letter) } : effect,
    ),
  };
}

/** The account with this ticket beside the latest ones. Of one kind of act, so that whoever repeats one voids no link of another. */
function withLatest(account: Account, ticket: Ticket): Account {
  const { tickets } = account;
  const same = tickets.filter(({ tells }) => tells?.action === ticket.tells?.action);
  const older = same.slice(0, 1 - MOST_OF_AN_ACT);
  return { ...account, tickets: [...tickets.filter((each) => !older.includes(each)), ticket] };
}
