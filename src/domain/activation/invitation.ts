/** Decides who is invited: a person who is not active yet and is new at an organisation that activates by link. */
import type { Account, Decision, EffectInput } from '../account/account.ts';
import { accessOf } from '../account/account-access.ts';
import { dayAt, goesOn } from '../account/affiliation.ts';
import { emailTo } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import type { RandomBytes } from '../random.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { prepareTicket } from '../tickets/prepared-ticket.ts';
import { withTicket } from '../tickets/ticket.ts';
import type { Ticket } from '../tickets/ticket-record.ts';

export type Invitation =
  | { kind: 'sent'; tickets: Ticket[]; effect: EffectInput }
  | { kind: 'no-address' }
  /** it is due from `from` (epoch ms) on, when the account opens; absent: once the suspension is lifted */
  | { kind: 'later'; from?: number }
  | { kind: 'none' };

/** `now` in epoch ms */
export type InvitingContext = {
  organisations: Organisation[];
  sealer: Sealer;
  now: number;
  randomBytes: RandomBytes;
  /** how long the link of an invitation works */
  invitationSeconds: number;
};

/**
 * The invitation for the change from `before` to `next`: the person is new at an organisation that invites by link, or
 * the personal address was corrected before activation, or an invitation waits because the account was not open.
 * @returns `sent`: `next`'s tickets with the new one, and the email; `no-address`: an invitation is due, but there is
 *   no personal address; `later`: the account does not open yet; `none`: none is due
 */
export function invitationTo(before: Account, next: Account, context: InvitingContext): Invitation {
  const { organisations, now } = context;
  const access = accessOf(next, now);
  if (next.activatedAt !== undefined || access.kind === 'ended') return { kind: 'none' };
  const today = dayAt(now);
  const inviting = organisations.filter(
    ({ id, activation }) =>
      activation === 'link' &&
      next.affiliations.some((affiliation) => affiliation.organisation === id && goesOn(affiliation, today)),
  );
  const newAt = inviting.find(({ id }) => !before.affiliations.some(({ organisation }) => organisation === id));
  const corrected = before.personalEmail !== next.personalEmail ? inviting[0] : undefined;
  const organisation = newAt ?? corrected ?? (before.invitationWaits === true ? inviting[0] : undefined);
  if (organisation === undefined) return { kind: 'none' };
  if (access.kind === 'suspended') return { kind: 'later' };
  if (access.kind === 'later') return { kind: 'later', from: access.from };
  if (next.personalEmail === undefined) return { kind: 'no-address' };

  const { ticket, sealedSecret } = prepareTicket(
    {
      purpose: 'activation',
      accountId: next.id,
      lifetimeSeconds: context.invitationSeconds,
      withCode: false,
      sentTo: next.personalEmail,
    },
    context,
  );
  const letter = emailTo(
    next,
    next.personalEmail,
    'invitation',
    { organisation: organisation.id },
    { organisations, now },
  );
  return {
    kind: 'sent',
    tickets: withTicket(next, ticket, now).tickets,
    effect: {
      kind: 'letter',
      letter: {
        ...letter,
        organisation: organisation.id,
        sealedSecret,
        expiresAt: ticket.expiresAt,
      },
    },
  };
}

/**
 * Rule: an invitation that waited until the account opened is sent, once. It waits no more either where nobody is to be
 * invited now: the person is active, has left, or has no address, and a feed that brings one invites.
 */
export function inviteWaiting(account: Account, context: InvitingContext): Decision<Invitation> {
  if (account.invitationWaits !== true) return { outcome: { kind: 'none' } };
  const invitation = invitationTo(account, account, context);
  if (invitation.kind === 'later') return { outcome: invitation };
  const { invitationWaits: _, ...next } = account;
  if (invitation.kind !== 'sent') return { outcome: invitation, account: next };
  return {
    outcome: invitation,
    account: { ...next, tickets: invitation.tickets, mailedAt: [...next.mailedAt, context.now] },
    effects: [invitation.effect],
  };
}
