/**
 * Activation: leads from a user number or an invitation to a usable account, with one write at the end (rules 1, 4, 6,
 * 8, 11).
 */
import type { Account, Decision, EffectInput } from '../account/account.ts';
import { isClosed } from '../account/account-access.ts';
import { dayAt } from '../account/affiliation.ts';
import { withAsciiDomain } from '../account/email-address.ts';
import { recoveryAddressOf } from '../account/held-addresses.ts';
import { emailTo } from '../account/notifications.ts';
import { secondFactorRequired } from '../account/organisation.ts';
import { withProvenAddress } from '../account/proven-addresses.ts';
import { beginEnrolment } from '../factors/enrolment.ts';
import {
  type ActingPerson,
  factorAddedEffects,
  type NewFactor,
  personAudit,
  withFactor,
  withRecoveryCodes,
} from '../factors/factor.ts';
import type { RecoveryCodes } from '../factors/factor-records.ts';
import type { PendingEnrolment } from '../factors/pending-enrolment.ts';
import { limits } from '../rate-limits/limits.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { PreparedTicket } from '../tickets/prepared-ticket.ts';
import { liveTicket, matchCode, withTicket } from '../tickets/ticket.ts';

/** how long `/activate` says that a code may be under way, and how long a mail is remembered */
export const REMEMBERED_MS = 48 * 60 * 60 * 1000;
const MAILS_WINDOW_MS = limits.mailsPerAccount.windowSeconds * 1000;
/** how many earlier links go on working beside the newest one */
const OLDER_LINKS = 10;

/**
 * Which page a known number leads to (journey A.2). An account that has ended looks like any other, because the asker
 * proved nothing.
 */
export function stateOfNumber(account: Account, now: number): 'active' | 'code' | 'email' {
  if (account.activatedAt !== undefined) return 'active';
  return (account.codeMayBeUnderWayUntil ?? 0) > now ? 'code' : 'email';
}

export type Asked = { kind: 'mailed' | 'not-on-file' | 'enough-mailed' | 'already-active' | 'ended' };

/**
 * Rule: somebody asks for an activation code. No page may show the outcome (rule 1); it is for tests.
 * @param asked `number`: the user number that was typed. From then on the number says "a code may be under way",
 *   whatever address was typed, so that neither page nor work confirms a guess. Absent: an address was typed, and the
 *   same change would confirm whose it is. `email`: the address that was typed; absent where it need not be known
 *   (`/forgotten`).
 */
export function askForCode(
  account: Account,
  asked: { number?: string; email?: string; prepared: PreparedTicket },
  context: ActingPerson,
): Decision<Asked> {
  const { now } = context;
  const active = account.activatedAt !== undefined;
  const moved =
    active || asked.number === undefined ? account : { ...account, codeMayBeUnderWayUntil: now + REMEMBERED_MS };
  // the personal address comes first, because it can be read without signing in
  const to = recoveryAddressOf(account, now);
  if (to === undefined || (asked.email !== undefined && !isOnFile(account, asked.email))) {
    return { outcome: { kind: 'not-on-file' }, account: moved };
  }
  if (isClosed(account, now)) return { outcome: { kind: 'ended' }, account: moved };
  if (!mayMail(account, now)) return { outcome: { kind: 'enough-mailed' }, account: moved };
  const data = asked.number === undefined ? {} : { number: asked.number };
  if (active) {
    return {
      outcome: { kind: 'already-active' },
      account: withMail(moved, now),
      effects: [
        { kind: 'letter', letter: emailTo(account, to, 'already-active', data, context) },
        strangerAudit(account, 'activation-code.asked-when-active', context),
      ],
    };
  }
  const mailed = withTicket(withMail(moved, now), { ...asked.prepared.ticket, sentTo: to }, now);
  // only the newest code counts, but earlier links go on: a stranger who asks again and again must not break the owner's
  const underWay = account.tickets
    .filter(({ purpose, sentTo, expiresAt }) => purpose === 'activation' && sentTo === to && expiresAt > now)
    .slice(-OLDER_LINKS)
    .map(({ codeMac: _, ...link }) => link);
  return {
    outcome: { kind: 'mailed' },
    account: { ...mailed, tickets: [...underWay, ...mailed.tickets] },
    effects: [
      secretEmail(emailTo(account, to, 'activation-code', data, context), asked.prepared),
      strangerAudit(account, 'activation-code.mailed', context),
    ],
  };
}

/**
 * Whether one more email may go to this person: at most five an hour, from however many networks they are asked for. A
 * page must not say that the limit was reached, because it would confirm the address.
 * @param more how many to allow beyond those that strangers can cause
 */
export function mayMail(account: Account, now: number, more = 0): boolean {
  return account.mailedAt.filter((at) => at > now - MAILS_WINDOW_MS).length < limits.mailsPerAccount.tries + more;
}

/** The account with one more email counted at `now` (epoch ms). */
/** The account with one more email counted at `now` (epoch ms). */
export function withMail(account: Account, now: number): Account {
  return { ...account, mailedAt: [...account.mailedAt.filter((at) => at > now - REMEMBERED_MS), now] };
}

/** `because` is for the trace alone: every refusal gets the same answer. */
export type Tried =
  | { kind: 'matched'; ticketId: string }
  | { kind: 'refused'; because: 'wrong' | 'exhausted' | 'expired' | 'ended' }
  | { kind: 'already-active' };

/**
 * Rule: somebody typed an activation code. Wrong, used up, expired and never sent get the same outcome (rules 1, 4).
 */
export function tryActivationCode(account: Account, typed: string, sealer: Sealer, now: number): Decision<Tried> {
  if (account.activatedAt !== undefined) return { outcome: { kind: 'already-active' } };
  if (isClosed(account, now)) return { outcome: { kind: 'refused', because: 'ended' } };
  const { outcome, ...change } = matchCode(account, 'activation', typed, sealer, now);
  if (outcome.kind === 'matched') return { outcome: { kind: 'matched', ticketId: outcome.ticket.id } };
  const because = outcome.kind === 'none' ? 'expired' : outcome.kind;
  return { outcome: { kind: 'refused', because }, ...change };
}

/** `ended`: no affiliation grants access now, be it no longer or not yet. */
export type ActivationStage =
  /** `elsewhere`: a password waits already that another browser typed; one that is typed here replaces it */
  | { kind: 'password'; secondFactorRequired: boolean; elsewhere?: true }
  /** the password waits in the ticket, and beside it an enrolment under way (rule 6) */
  | { kind: 'factor'; enrolment: PendingEnrolment }
  | { kind: 'already-active' | 'ended' | 'expired' };

/**
 * What the holder of this ticket must do next. It follows from what is stored alone, so that reload, back and a second
 * tab agree. A password that waits, and the factor that is being set up beside it, belong to the browser in which the
 * password was typed: two people may have one link, and their halves must not become one account (rule 6).
 */
export function activationStage(account: Account, ticketId: string, context: ActingPerson): ActivationStage {
  const { now, organisations } = context;
  if (account.activatedAt !== undefined) return { kind: 'already-active' };
  if (isClosed(account, now)) return { kind: 'ended' };
  const ticket = liveTicket(account, ticketId, ['activation'], now);
  if (ticket === undefined) return { kind: 'expired' };
  // the console asks it of everybody with a role
  const required = account.roles.length > 0 || secondFactorRequired(account, organisations, dayAt(now));
  const { passwordHash, enrolment, browser } = ticket.pending ?? {};
  if (!required || passwordHash === undefined || enrolment === undefined) {
    return { kind: 'password', secondFactorRequired: required };
  }
  if (browser !== context.browser) return { kind: 'password', secondFactorRequired: true, elsewhere: true };
  return { kind: 'factor', enrolment };
}

/**
 * Rule: a password was chosen and a second factor is required. Its hash waits in the ticket with the enrolment, so that
 * closing the page or a crash loses nothing; another browser starts again with a password of its own (rule 6).
 */
export function keepPassword(
  account: Account,
  ticketId: string,
  passwordHash: string,
  context: ActingPerson,
): Decision<ActivationStage> {
  const stage = activationStage(account, ticketId, context);
  if (stage.kind !== 'password' && stage.kind !== 'factor') return { outcome: stage };
  // an enrolment under way stays, because its seed may be in the person's telephone already
  const enrolment = stage.kind === 'factor' ? stage.enrolment : beginEnrolment(account, 'activation', context.now);
  return {
    outcome: { kind: 'factor', enrolment },
    account: withPending(account, ticketId, { passwordHash, enrolment }, context),
  };
}

/** Rule: a step of the enrolment (a kind chosen, a challenge sent) is kept in the ticket beside the password. */
export function keepEnrolment(
  account: Account,
  ticketId: string,
  enrolment: PendingEnrolment,
  context: ActingPerson,
): Decision<ActivationStage> {
  const stage = activationStage(account, ticketId, context);
  if (stage.kind !== 'factor') return { outcome: stage };
  const passwordHash = liveTicket(account, ticketId, ['activation'], context.now)?.pending?.passwordHash;
  if (passwordHash === undefined) return { outcome: stage };
  return {
    outcome: { kind: 'factor', enrolment },
    account: withPending(account, ticketId, { passwordHash, enrolment }, context),
  };
}

function withPending(
  account: Account,
  ticketId: string,
  waiting: { passwordHash: string; enrolment: PendingEnrolment },
  { now, browser }: ActingPerson,
): Account {
  const pending = { ...waiting, ...(browser === undefined ? {} : { browser }), since: now };
  const tickets = account.tickets.map((ticket) => (ticket.id === ticketId ? { ...ticket, pending } : ticket));
  return { ...account, tickets };
}

export type Activated =
  | { kind: 'activated' }
  /** nothing was written: a factor must be proven first, or the proven one is not the stored one */
  | { kind: 'factor-owed' }
  | { kind: 'password-owed' }
  | { kind: 'already-active' | 'ended' | 'expired' };

/**
 * Rule: activates the account in one write (rule 6): spends the ticket, sets the password, adds the factor and its
 * recovery codes. Of parallel calls one wins; the others find the account active.
 * @param final `passwordHash`, the password just chosen, where no factor is required; otherwise the proven factor, and
 *   the password that waits in the ticket is used
 */
export function activate(
  account: Account,
  ticketId: string,
  final: { passwordHash: string } | { factor: NewFactor; recoveryCodes: RecoveryCodes },
  context: ActingPerson,
): Decision<Activated> {
  const stage = activationStage(account, ticketId, context);
  if (stage.kind !== 'password' && stage.kind !== 'factor') return { outcome: stage };
  if ('passwordHash' in final) {
    if (stage.kind === 'factor' || stage.secondFactorRequired) return { outcome: { kind: 'factor-owed' } };
    return activated(withProvenAddress(account, ticketId), final.passwordHash, [], context);
  }
  const passwordHash = liveTicket(account, ticketId, ['activation'], context.now)?.pending?.passwordHash;
  if (stage.kind !== 'factor' || passwordHash === undefined) return { outcome: { kind: 'password-owed' } };
  const { factor, recoveryCodes } = final;
  // the proven factor must be the one that waits in the ticket
  const { factorId, sealedSeed } = stage.enrolment;
  const stands = factor.factor.id === factorId && (factor.kind !== 'totp' || factor.factor.sealedSeed === sealedSeed);
  const equipped = stands ? withFactor(account, factor) : undefined;
  if (equipped === undefined) return { outcome: { kind: 'factor-owed' } };
  const effects = factorAddedEffects(account, factor, context);
  const proven = withProvenAddress(withRecoveryCodes(equipped, recoveryCodes), ticketId);
  return activated(proven, passwordHash, effects, context);
}

function activated(account: Account, hash: string, more: EffectInput[], context: ActingPerson): Decision<Activated> {
  const { codeMayBeUnderWayUntil: _, ...rest } = account;
  return {
    outcome: { kind: 'activated' },
    account: {
      ...rest,
      activatedAt: context.now,
      password: { hash, setAt: context.now },
      tickets: account.tickets.filter(({ purpose }) => purpose !== 'activation'),
    },
    effects: [personAudit(account, 'account.activated', {}, context), ...more],
  };
}

function isOnFile(account: Account, typed: string): boolean {
  const address = withAsciiDomain(typed.trim()).toLowerCase();
  return [account.personalEmail, ...account.emails].some((known) => known?.toLowerCase() === address);
}

/** An email with its sealed link or code; it is not sent once they have expired. */
export function secretEmail(letter: ReturnType<typeof emailTo>, { sealedSecret, ticket }: PreparedTicket): EffectInput {
  return { kind: 'letter', letter: { ...letter, sealedSecret, expiresAt: ticket.expiresAt } };
}

type StrangersAction = 'activation-code.mailed' | 'activation-code.asked-when-active' | 'reset.mailed';

/** An audit entry for something caused by a person who has proven nothing yet. */
export function strangerAudit(account: Account, action: StrangersAction, context: ActingPerson): EffectInput {
  const { now, network } = context;
  return {
    kind: 'audit',
    entry: {
      at: now,
      action,
      actor: { kind: 'anonymous' },
      subject: account.id,
      ...(network === undefined ? {} : { network }),
    },
  };
}
