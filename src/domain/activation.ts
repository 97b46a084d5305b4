/** Activation: from a user number or an invitation to an account that works, in one write at the end (rules 1, 4, 6, 8, 11). */
import {
  type Account,
  type EffectInput,
  hasEnded,
  type PendingEnrolment,
  type RecoveryCodes,
  type Ruling,
  type Ticket,
} from './account.ts';
import { dayAt } from './affiliation.ts';
import { beginEnrolment } from './enrolment.ts';
import {
  type ActingPerson,
  factorAddedEffects,
  type NewFactor,
  personAudit,
  withFactor,
  withRecoveryCodes,
} from './factor.ts';
import { limits } from './guessing.ts';
import { addressesOf, letterTo } from './notice.ts';
import { secondFactorRequired } from './organisation.ts';
import type { Sealer } from './sealed.ts';
import { liveTicket, matchCode, withTicket } from './ticket.ts';

/** A ticket made before the rule is asked, with its link and code sealed for the letter. Whether it is used, the rule decides. */
export type Offer = { ticket: Ticket; sealedSecret: string };

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

export type Asked = { kind: 'mailed' | 'not_on_file' | 'enough_mailed' | 'already_active' | 'ended' };

/**
 * Rule: somebody asks for an activation code. `number`: the user number that was named; it says "a code may be under
 * way" from then on, whatever address was typed, so that neither page nor work confirms a guess (rule 1); absent where
 * none was named, for then the change would confirm whose address was typed. `email`: the address typed; absent where
 * the asker need not know it (`/forgotten`). The outcome is for tests: no page may show it.
 */
export function askForCode(
  account: Account,
  asked: { number?: string; email?: string; offer: Offer },
  about: ActingPerson,
): Ruling<Asked> {
  const { now } = about;
  const active = account.activatedAt !== undefined;
  const moved =
    active || asked.number === undefined ? account : { ...account, codeMayBeUnderWayUntil: now + REMEMBERED_MS };
  // the personal address comes first: it is read without signing in
  const to = addressesOf(account)[0];
  if (to === undefined || (asked.email !== undefined && !isOnFile(account, asked.email))) {
    return { outcome: { kind: 'not_on_file' }, account: moved };
  }
  if (hasEnded(account, now)) return { outcome: { kind: 'ended' }, account: moved };
  if (!mayMail(account, now)) return { outcome: { kind: 'enough_mailed' }, account: moved };
  const data = asked.number === undefined ? {} : { number: asked.number };
  if (active) {
    return {
      outcome: { kind: 'already_active' },
      account: withMail(moved, now),
      effects: [
        { kind: 'letter', letter: letterTo(account, to, 'already-active', data, about) },
        strangerAudit(account, 'activation-code.asked-when-active', about),
      ],
    };
  }
  const mailed = withTicket(withMail(moved, now), { ...asked.offer.ticket, sentTo: to }, now);
  // only the newest code counts; a stranger who asks again and again must not break the link that its owner has open
  const underWay = account.tickets
    .filter(({ purpose, sentTo, expiresAt }) => purpose === 'activation' && sentTo === to && expiresAt > now)
    .slice(-OLDER_LINKS)
    .map(({ codeMac: _, ...link }) => link);
  return {
    outcome: { kind: 'mailed' },
    account: { ...mailed, tickets: [...underWay, ...mailed.tickets] },
    effects: [
      secretLetter(letterTo(account, to, 'activation-code', data, about), asked.offer),
      strangerAudit(account, 'activation-code.mailed', about),
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

export type Tried = { kind: 'matched'; ticketId: string } | { kind: 'refused' } | { kind: 'already_active' };

/** Rule: somebody typed an activation code. Wrong, used up, expired and never sent are one answer (rules 1, 4). */
export function tryActivationCode(account: Account, typed: string, sealer: Sealer, now: number): Ruling<Tried> {
  if (account.activatedAt !== undefined) return { outcome: { kind: 'already_active' } };
  if (hasEnded(account, now)) return { outcome: { kind: 'refused' } };
  const { outcome, ...change } = matchCode(account, 'activation', typed, sealer, now);
  if (outcome.kind === 'matched') return { outcome: { kind: 'matched', ticketId: outcome.ticket.id } };
  return { outcome: { kind: 'refused' }, ...change };
}

export type ActivationStage =
  | { kind: 'password'; secondFactorRequired: boolean }
  /** the password waits in the ticket, and beside it an enrolment under way (rule 6) */
  | { kind: 'factor'; enrolment: PendingEnrolment }
  | { kind: 'already_active' | 'ended' | 'expired' };

/** What the holder of this ticket is to do next: a function of what is stored, so that reload, back and a second tab agree. */
export function activationStage(account: Account, ticketId: string, about: ActingPerson): ActivationStage {
  const { now, organisations } = about;
  if (account.activatedAt !== undefined) return { kind: 'already_active' };
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
  about: ActingPerson,
): Ruling<ActivationStage> {
  const stage = activationStage(account, ticketId, about);
  if (stage.kind !== 'password' && stage.kind !== 'factor') return { outcome: stage };
  // an enrolment under way stays: its seed may be in the person's telephone already
  const enrolment = stage.kind === 'factor' ? stage.enrolment : beginEnrolment(account, 'activation', about.now);
  return {
    outcome: { kind: 'factor', enrolment },
    account: withPending(account, ticketId, { passwordHash, enrolment, since: about.now }),
  };
}

/** Rule: a step of the enrolment was taken (a kind chosen, a challenge asked) and is kept where the password waits. */
export function keepEnrolment(
  account: Account,
  ticketId: string,
  enrolment: PendingEnrolment,
  about: ActingPerson,
): Ruling<ActivationStage> {
  const stage = activationStage(account, ticketId, about);
  if (stage.kind !== 'factor') return { outcome: stage };
  const passwordHash = liveTicket(account, ticketId, ['activation'], about.now)?.pending?.passwordHash;
  if (passwordHash === undefined) return { outcome: stage };
  return {
    outcome: { kind: 'factor', enrolment },
    account: withPending(account, ticketId, { passwordHash, enrolment, since: about.now }),
  };
}

function withPending(account: Account, ticketId: string, pending: NonNullable<Ticket['pending']>): Account {
  const tickets = account.tickets.map((ticket) => (ticket.id === ticketId ? { ...ticket, pending } : ticket));
  return { ...account, tickets };
}

export type Activated =
  | { kind: 'activated' }
  /** nothing was written: a factor has to be proven first, or what was proven is no longer what is stored */
  | { kind: 'factor_owed' }
  | { kind: 'password_owed' }
  | { kind: 'already_active' | 'ended' | 'expired' };

/**
 * Rule: the final act, one write (rule 6): the ticket is spent, the password set, the factor and its recovery codes are
 * in, the account is active. Of parallel final acts one wins; the others find the account active. Where no factor is
 * required `passwordHash` is what was just chosen; where one is, the password is what waits in the ticket.
 */
export function activate(
  account: Account,
  ticketId: string,
  final: { passwordHash: string } | { factor: NewFactor; recoveryCodes: RecoveryCodes },
  about: ActingPerson,
): Ruling<Activated> {
  const stage = activationStage(account, ticketId, about);
  if (stage.kind !== 'password' && stage.kind !== 'factor') return { outcome: stage };
  if ('passwordHash' in final) {
    if (stage.kind === 'factor' || stage.secondFactorRequired) return { outcome: { kind: 'factor_owed' } };
    return activated(account, final.passwordHash, [], about);
  }
  const passwordHash = liveTicket(account, ticketId, ['activation'], about.now)?.pending?.passwordHash;
  if (stage.kind !== 'factor' || passwordHash === undefined) return { outcome: { kind: 'password_owed' } };
  const { factor, recoveryCodes } = final;
  // what was proven must be what waits in the ticket
  const { factorId, sealedSeed } = stage.enrolment;
  const stands = factor.factor.id === factorId && (factor.kind !== 'totp' || factor.factor.sealedSeed === sealedSeed);
  const equipped = stands ? withFactor(account, factor) : undefined;
  if (equipped === undefined) return { outcome: { kind: 'factor_owed' } };
  const effects = factorAddedEffects(account, factor, about);
  return activated(withRecoveryCodes(equipped, recoveryCodes), passwordHash, effects, about);
}

function activated(account: Account, hash: string, more: EffectInput[], about: ActingPerson): Ruling<Activated> {
  const { codeMayBeUnderWayUntil: _, ...rest } = account;
  return {
    outcome: { kind: 'activated' },
    account: {
      ...rest,
      activatedAt: about.now,
      password: { hash, setAt: about.now },
      tickets: account.tickets.filter(({ purpose }) => purpose !== 'activation'),
    },
    effects: [personAudit(account, 'account.activated', {}, about), ...more],
  };
}

function isOnFile(account: Account, typed: string): boolean {
  const address = typed.trim().toLowerCase();
  return [account.personalEmail, ...account.emails].some((known) => known?.toLowerCase() === address);
}

/** A letter that carries what was sealed for it, and is of no use once that expired. */
export function secretLetter(letter: ReturnType<typeof letterTo>, { sealedSecret, ticket }: Offer): EffectInput {
  return { kind: 'letter', letter: { ...letter, sealedSecret, expiresAt: ticket.expiresAt } };
}

/** An audit entry for what somebody who proved nothing yet had done to an account. */
export function strangerAudit(account: Account, action: string, about: ActingPerson): EffectInput {
  const { now, network } = about;
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
