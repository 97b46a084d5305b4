/**
 * Slow recovery: who has the password and the mailbox, and nothing else any more, waits some days, in which the owner hears of
 * it at both addresses and can stop it; then a new second step takes the place of what was lost (rules 7, 11). Never mail
 * alone. Its steps: slow-recovery-steps.ts.
 */
import { type Account, type Decision, type EffectInput, hasSecondFactor } from '../account/account.ts';
import { isOpen } from '../account/account-access.ts';
import { dayAt, isCurrent } from '../account/affiliation.ts';
import { notices } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import type { AuditInput } from '../audit/audit-entry.ts';
import type { SlowRecovery } from './factor-records.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
/** For how long after the wait a new second step can be set up. */
export const OPEN_MS = 7 * DAY_MS;
/** After one that was stopped none begins for so long: who stopped it changes the password meanwhile, or asks the desk. */
export const PAUSE_MS = DAY_MS;

export type Context = { organisations: Organisation[]; now: number };

/** Why one that was under way goes on no more. */
export type StopReason =
  | 'second-step'
  | 'session'
  | 'email'
  | 'desk'
  | 'credentials-changed'
  | 'account-closed'
  | 'role'
  | 'switched-off'
  | 'not-used';

/**
 * How long this person has to wait, in ms. Undefined: it is switched off for somebody who may be this person: each
 * organisation where an affiliation holds has to allow it, and the longest wait counts; who has a role has no such way.
 */
export function slowRecoveryMs(account: Account, { organisations, now }: Context): number | undefined {
  const today = dayAt(now);
  const current = account.affiliations.filter((each) => isCurrent(each, today));
  if (current.length === 0 || account.roles.length > 0) return undefined;
  const waits = current.map(({ organisation }) => organisations.find(({ id }) => id === organisation)?.slowRecovery);
  // `P3D`, as the configuration checks it
  const days = waits.map((each) => Number(/^P(\d+)D$/.exec(each ?? '')?.[1] ?? Number.NaN));
  return days.every((each) => each > 0) ? Math.max(...days) * DAY_MS : undefined;
}

/**
 * The recovery that is under way. Every change of credentials ends it, because the epoch rises with each: a new password,
 * "this was not me", "sign out everywhere", a suspension, the end of the account, a pass of the desk.
 */
export function recoveryOf(account: Account, context: Context): SlowRecovery | undefined {
  return standing(account, context) === 'under-way' ? account.slowRecovery : undefined;
}

/** Where one stands that is stored. */
export function standing(account: Account, context: Context): 'none' | 'under-way' | StopReason {
  const { slowRecovery } = account;
  if (slowRecovery === undefined || slowRecovery.stoppedAt !== undefined) return 'none';
  if (account.roles.length > 0) return 'role';
  if (!isOpen(account, context.now)) return 'account-closed';
  if (slowRecovery.epoch !== account.credentialsEpoch || account.passwordExpiredAt !== undefined)
    return 'credentials-changed';
  if (context.now >= slowRecovery.until + OPEN_MS) return 'not-used';
  return slowRecoveryMs(account, context) === undefined ? 'switched-off' : 'under-way';
}

/** Whether the wait is over, so that a new second step can be set up. */
export const isRipe = ({ until }: SlowRecovery, now: number): boolean => now >= until;

/** What those who help the person see of it: it waits until `until`, or, `open`, a new second step can be set up until then. */
export function recoveryShown(account: Account, context: Context): { open: boolean; until: number } | undefined {
  const found = recoveryOf(account, context);
  if (found === undefined) return undefined;
  const open = isRipe(found, context.now);
  return { open, until: open ? found.until + OPEN_MS : found.until };
}

/** What the page of who lost the second step offers. `waits`: until `until`; `open`: set up a new one, until `until`. */
export type RecoveryOffer =
  | { kind: 'off' }
  | { kind: 'can-start'; days: number }
  | { kind: 'paused'; until: number }
  | { kind: 'waits'; until: number }
  | { kind: 'open'; until: number };

export function recoveryOffer(account: Account, context: Context): RecoveryOffer {
  const wait = slowRecoveryMs(account, context);
  if (wait === undefined || !hasSecondFactor(account) || !isOpen(account, context.now)) return { kind: 'off' };
  if (account.passwordExpiredAt !== undefined) return { kind: 'off' };
  const found = recoveryOf(account, context);
  if (found !== undefined) {
    const ripe = isRipe(found, context.now);
    return ripe ? { kind: 'open', until: found.until + OPEN_MS } : { kind: 'waits', until: found.until };
  }
  const pauseEnds = (account.slowRecovery?.stoppedAt ?? Number.NEGATIVE_INFINITY) + PAUSE_MS;
  if (pauseEnds > context.now) return { kind: 'paused', until: pauseEnds };
  return { kind: 'can-start', days: Math.round(wait / DAY_MS) };
}

/**
 * Rule: stops it. Nothing is spent twice: of parallel uses one stops it, the others find it stopped. Both addresses are told.
 * @param by `actor` of the audit entry
 */
export function stopRecovery(
  account: Account,
  because: StopReason,
  context: Context & { network?: string },
  actor: AuditInput['actor'] = { kind: 'person', id: account.id },
): Decision<{ kind: 'stopped' } | { kind: 'none' }> {
  if (account.slowRecovery === undefined || account.slowRecovery.stoppedAt !== undefined)
    return { outcome: { kind: 'none' } };
  return {
    outcome: { kind: 'stopped' },
    account: withoutRecovery(account, context.now),
    effects: [
      ...(because === 'account-closed' ? [] : notices(account, 'recovery-stopped', { because }, context)),
      ...(because === 'desk' ? [] : [recoveryAudit(account, because, context, actor)]),
    ],
  };
}

/** Rule: a second step that was taken says that it is not lost. */
export function stopByFactor(account: Account, context: Context & { network?: string }): Decision<unknown> {
  return recoveryOf(account, context) === undefined
    ? { outcome: undefined }
    : stopRecovery(account, 'second-step', context);
}

/** The account after a new second step was set up by it: nothing of it is left. */
export function finishedRecovery(account: Account): Account {
  const { slowRecovery: _, ...rest } = account;
  return { ...rest, tickets: withoutStopLinks(account) };
}

const withoutStopLinks = ({ tickets }: Account) =>
  tickets.filter(({ purpose }) => purpose !== 'recovery-stop' && purpose !== 'recovery');

/** What is left says only that one was stopped lately. */
function withoutRecovery(account: Account, now: number): Account {
  const { slowRecovery, ...rest } = account;
  if (slowRecovery === undefined) return account;
  return {
    ...rest,
    tickets: withoutStopLinks(account),
    slowRecovery: { ...slowRecovery, stoppedAt: now, tellAt: now + PAUSE_MS },
  };
}

export function recoveryAudit(
  account: Account,
  because: StopReason | undefined,
  { now, network }: Context & { network?: string },
  actor: AuditInput['actor'],
): EffectInput {
  const frame = { at: now, actor, subject: account.id, ...(network === undefined ? {} : { network }) };
  return {
    kind: 'audit',
    entry:
      because === undefined
        ? { ...frame, action: 'recovery.opened', details: {} }
        : { ...frame, action: 'recovery.stopped', details: { because } },
  };
}
