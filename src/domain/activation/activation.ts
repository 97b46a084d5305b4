/** Activation: from a user number or an invitation to an account that works, in one write at the end (rules 1, 4, 6, 8, 11). */
import {
  type Account,
  type Decision,
  type EffectInput,
  hasEnded,
  type PendingEnrolment,
  type RecoveryCodes,
  type Ticket,
} from '../account/account.ts';
import { dayAt } from '../account/affiliation.ts';
import { addressesOf, emailTo } from '../account/notifications.ts';
import { secondFactorRequired } from '../account/organisation.ts';
import { beginEnrolment } from '../factors/enrolment.ts';
import {
  type ActingPerson,
  factorAddedEffects,
  type NewFactor,
  personAudit,
  withFactor,
  withRecoveryCodes,
} from '../factors/factor.ts';
import { limits } from '../rate-limits/rate-limits.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { liveTicket, matchCode, withTicket } from '../tickets/ticket.ts';

/** A ticket made before the rule is asked, with its link and code sealed for the letter. Whether it is used, the rule decides. */
export type PreparedTicket = { ticket: Ticket; sealedSecret: string };

/** how long a number says that a code may be under way, and a letter counts among those that were mailed */
export const REMEMBERED_MS = 48 * 60 * 60 * 1000;
const MAILS_WINDOW_MS = limits.mailsPerAccount.windowSeconds * 1000;
/** links under way that go on working beside the newest one */
const OLDER_LINKS = 10;

/** Which page a known number leads to (journey A.2). That an account has ended is nobody's business here: it looks like the others. */
export function stateOfNumber(account: Account, now: number): 'active' | 'code' | 'email' {
  if (account.activatedAt !== undefined) return 'active';
  return (account.codeMayBeUnderWayUntil ?? 0) > now ? 'code' : 'email';
}

export type Asked = { kind: 'mailed' | 'not-on-file' | 'enough-mailed' | 'already-active' | 'ended' };

/**
 * Rule: somebody asks for an activation code. `number`: the user number that was named; it says "a code may be under
 * way" from then on, whatever address was typed, so that neither page nor work confirms a guess (rule 1); absent where
 * none was named, for then the change would confirm whose address was typed. `email`: the address typed; absent where
 * the asker need not know it (`/forgotten`). The outcome is for tests: no page may show it.
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
  // the personal address comes first: it is read without signing in
  const to = addressesOf(account)[0];
  if (to === undefined || (asked.email !== undefined && !isOnFile(account, asked.email))) {
    return { outcome: { kind: 'not-on-file' }, account: moved };
  }
  if (hasEnded(account, now)) return { outcome: { kind: 'ended' }, account: moved };
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
  // only the newest code counts; a stranger who asks again and again must not break the link that its owner has open
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
 * At most five letters an hour to one person, from however many networks they are asked for. Who has five has the
 * newest code; nobody is told, for it would confirm the address. `more`: letters beyond those that strangers may cause.
 */
export function mayMail(account: Account, now: number, more = 0): boolean {
  return account.mailedAt.filter((at) => at > now - MAILS_WINDOW_MS).length < limits.mailsPerAccount.tries + more;
}

export function withMail(account: Account, now: number): Account {
  return { ...account, mailedAt: [...account.mailedAt.filter((at) => at > now - REMEMBERED_MS), now] };
}

export type Tried = { kind: 'matched'; ticketId: string } | { kind: 'refused' } | { kind: 'already-active' };

/** Rule: somebody typed an activation code. Wrong, used up, expired and never sent are one answer (rules 1, 4). */
export function tryActivationCode(account: Account, typed: string, sealer: Sealer, now: number): Decision<Tried> {
  if (account.activatedAt !== undefined) return { outcome: { kind: 'already-active' } };
  if (hasEnded(account, now)) return { outcome: { kind: 'refused' } };
  const { outcome, ...change } = matchCode(account, 'activation', typed, sealer, now);
  if (outcome.kind === 'matched') return { outcome: { kind: 'matched', ticketId: outcome.ticket.id } };
  return { outcome: { kind: 'refused' }, ...change };
}

export type ActivationStage =
  | { kind: 'password'; secondFactorRequired: boolean }
  /** the password waits in the ticket, and beside it an enrolment under way (rule 6) */
  | { kind: 'factor'; enrolment: PendingEnrolment }
  | { kind: 'already-active' | 'ended' | 'expired' };

/** What the holder of this ticket is to do next: a function of what is stored, so that reload, back and a second tab agree. */
export function activationStage(account: Account, ticketId: string, context: ActingPerson): ActivationStage {
  const { now, organisations } = context;
  if (account.activatedAt !== undefined) return { kind: 'already-active' };
  if (hasEnded(account, now)) return { kind: 'ended' };
  const ticket = liveTicket(account, ticketId, ['activation'], now);
  if (ticket === undefined) return { kind: 'expired' };
  const required = secondFactorRequired(account, organisations, dayAt(now));
  const { passwordHash, enrolment } = ticket.pending ?? {};
  if (required && passwordHash !== undefined && enrolment !== undefined) return { kind: 'factor', enrolment };
  return { kind: 'password', secondFactorRequired: required };
}

/**
 * Rule: a password was chosen where a second factor is owed. It waits in the ticket together with the enrolment, so
 * that closing the page, another device or a crash lose nothing.
 */
export function keepPassword(
  account: Account,
  ticketId: string,
  passwordHash: string,
  context: ActingPerson,
): Decision<ActivationStage> {
  const stage = activationStage(account, ticketId, context);
  if (stage.kind !== 'password' && stage.kind !== 'factor') return { outcome: stage };
  // an enrolment under way stays: its seed may be in the person's telephone already
  const enrolment = stage.kind === 'factor' ? stage.enrolment : beginEnrolment(account, 'activation', context.now);
  return {
    outcome: { kind: 'factor', enrolment },
    account: withPending(account, ticketId, { passwordHash, enrolment, since: context.now }),
  };
}

/** Rule: a step of the enrolment was taken (a kind chosen, a challenge asked) and is kept where the password waits. */
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
    account: withPending(account, ticketId, { passwordHash, enrolment, since: context.now }),
  };
}

function withPending(account: Account, ticketId: string, pending: NonNullable<Ticket['pending']>): Account {
  const tickets = account.tickets.map((ticket) => (ticket.id === ticketId ? { ...ticket, pending } : ticket));
  return { ...account, tickets };
}

export type Activated =
  | { kind: 'activated' }
  /** nothing was written: a factor has to be proven first, or what was proven is no longer what is stored */
  | { kind: 'factor-owed' }
  | { kind: 'password-owed' }
  | { kind: 'already-active' | 'ended' | 'expired' };

/**
 * Rule: the final act, one write (rule 6): the ticket is spent, the password set, the factor and its recovery codes are
 * in, the account is active. Of parallel final acts one wins; the others find the account active. Where no factor is
 * required `passwordHash` is what was just chosen; where one is, the password is what waits in the ticket.
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
    return activated(account, final.passwordHash, [], context);
  }
  const passwordHash = liveTicket(account, ticketId, ['activation'], context.now)?.pending?.passwordHash;
  if (stage.kind !== 'factor' || passwordHash === undefined) return { outcome: { kind: 'password-owed' } };
  const { factor, recoveryCodes } = final;
  // what was proven must be what waits in the ticket
  const { factorId, sealedSeed } = stage.enrolment;
  const stands = factor.factor.id === factorId && (factor.kind !== 'totp' || factor.factor.sealedSeed === sealedSeed);
  const equipped = stands ? withFactor(account, factor) : undefined;
  if (equipped === undefined) return { outcome: { kind: 'factor-owed' } };
  const effects = factorAddedEffects(account, factor, context);
  return activated(withRecoveryCodes(equipped, recoveryCodes), passwordHash, effects, context);
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
  const address = typed.trim().toLowerCase();
  return [account.personalEmail, ...account.emails].some((known) => known?.toLowerCase() === address);
}

/** A letter that carries what was sealed for it, and is of no use once that expired. */
export function secretEmail(letter: ReturnType<typeof emailTo>, { sealedSecret, ticket }: PreparedTicket): EffectInput {
  return { kind: 'letter', letter: { ...letter, sealedSecret, expiresAt: ticket.expiresAt } };
}

/** An audit entry for what somebody who proved nothing yet had done to an account. */
export function strangerAudit(account: Account, action: string, context: ActingPerson): EffectInput {
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
