/**
 * Rule 9: an agent of the service desk gives a one-time pass, sends the activation again or corrects an address. A second such
 * act within a day, and every correction, waits for another agent; the account's own write decides it.
 */
import type { Account, Decision, EffectInput } from '../account/account.ts';
import { isClosed } from '../account/account-access.ts';
import { notices } from '../account/notifications.ts';
import { askForCode } from '../activation/activation.ts';
import type { ActingPerson } from '../factors/factor.ts';
import type { PreparedTicket } from '../tickets/prepared-ticket.ts';
import { type NewTicket, withTicket } from '../tickets/ticket.ts';
import { type CredentialAct, type DeskRequest, deskRecordOf, withAct, withoutRequest } from './desk-record.ts';

export const PASS_SECONDS = 60 * 60;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Made before the rule runs, which decides which of them is used. */
export type PreparedAct = { pass: NewTicket; activation: PreparedTicket };

/**
 * `never-active`, `active`, `closed`: the account is not one for which this can be done. `asked`: the same waits for a colleague
 * already. `gone`: what was to be approved waits no more. `same-agent`: nobody approves what he asked for.
 */
export type Unfit =
  | 'has-role'
  | 'never-active'
  | 'active'
  | 'closed'
  | 'no-address'
  | 'enough-mailed'
  | 'unchanged'
  | 'asked'
  | 'gone'
  | 'same-agent';
export type DeskOutcome =
  | { kind: 'done'; act: CredentialAct['kind'] }
  /** for another agent; `approved`: for the first, who shows the pass */
  | { kind: 'waits' | 'approved'; act: CredentialAct['kind'] }
  | { kind: 'refused'; because: Unfit };
type Context = Pick<ActingPerson, 'organisations' | 'now'>;

const refused = (because: Unfit): Decision<DeskOutcome> => ({ outcome: { kind: 'refused', because } });

/** Rule: the agent asks for an act, with a reason; it is done, or it waits. @param asked `by`: the agent's account id */
export function askDesk(
  account: Account,
  act: CredentialAct,
  asked: { id: string; by: string; reason: string },
  prepared: PreparedAct,
  context: Context,
): Decision<DeskOutcome> {
  const unfit = whyUnfit(account, act, context.now);
  if (unfit !== undefined) return refused(unfit);
  if (!needsColleague(account, act, context.now)) return carriedOut(account, act, prepared, context);
  const record = deskRecordOf(account, context.now);
  if (record.requests.some(({ kind }) => kind === act.kind)) return refused('asked');
  const request: DeskRequest = { ...asked, ...act, at: context.now };
  return {
    outcome: { kind: 'waits', act: act.kind },
    account: { ...account, desk: { ...record, requests: [...record.requests, request] } },
  };
}

/**
 * Rule: another agent agrees. What is mailed goes out with this write; a pass waits for the agent who asked for it, who is with
 * the person.
 */
export function approveAct(
  account: Account,
  requestId: string,
  by: string,
  prepared: PreparedAct,
  context: Context,
): Decision<DeskOutcome> {
  const record = deskRecordOf(account, context.now);
  const request = record.requests.find(({ id }) => id === requestId);
  if (request === undefined || request.approvedBy !== undefined) return refused('gone');
  if (request.by === by) return refused('same-agent');
  const unfit = whyUnfit(account, request, context.now);
  if (unfit !== undefined) return refused(unfit);
  if (request.kind !== 'pass') return carriedOut(withoutAsked(account, requestId, context), request, prepared, context);
  const requests = record.requests.map((each) => (each.id === requestId ? { ...each, approvedBy: by } : each));
  return { outcome: { kind: 'approved', act: 'pass' }, account: { ...account, desk: { ...record, requests } } };
}

/** Rule: the agent who asked for a pass gets it once another has approved; the request goes with the same write. */
export function collectPass(
  account: Account,
  requestId: string,
  by: string,
  prepared: PreparedAct,
  context: Context,
): Decision<DeskOutcome> {
  const request = deskRecordOf(account, context.now).requests.find(({ id }) => id === requestId);
  if (request?.kind !== 'pass' || request.approvedBy === undefined || request.by !== by) return refused('gone');
  const unfit = whyUnfit(account, request, context.now);
  if (unfit !== undefined) return refused(unfit);
  return carriedOut(withoutAsked(account, requestId, context), request, prepared, context);
}

/** Rule: another agent says no, or the one who asked takes it back. */
export function declineAct(account: Account, requestId: string, now: number): Decision<DeskOutcome> {
  const record = deskRecordOf(account, now);
  const request = record.requests.find(({ id }) => id === requestId);
  if (request === undefined) return refused('gone');
  return {
    outcome: { kind: 'done', act: request.kind },
    account: { ...account, desk: withoutRequest(record, requestId) },
  };
}

/**
 * Whether another agent must agree: to each correction of an address, and to a second act within a day. Beside a pass a password
 * that was set in that time counts, and a link to set one: who holds the mailbox alone could have both.
 */
export function needsColleague(account: Account, act: CredentialAct, now: number): boolean {
  if (act.kind === 'correct-address') return true;
  if (deskRecordOf(account, now).acts.length > 0) return true;
  if (act.kind !== 'pass') return false;
  const lately = (at: number | undefined) => at !== undefined && at > now - DAY_MS;
  const link = account.tickets.some(({ purpose, createdAt }) => purpose === 'reset' && lately(createdAt));
  return link || lately(account.password?.setAt);
}

function whyUnfit(account: Account, act: CredentialAct, now: number): Unfit | undefined {
  if (account.roles.length > 0) return 'has-role';
  if (isClosed(account, now)) return 'closed';
  const wasActive = account.activatedAt !== undefined;
  if (act.kind === 'pass') return wasActive && account.password !== undefined ? undefined : 'never-active';
  if (wasActive) return 'active';
  return act.kind === 'correct-address' && act.address === account.personalEmail ? 'unchanged' : undefined;
}

function withoutAsked(account: Account, requestId: string, { now }: Context): Account {
  return { ...account, desk: withoutRequest(deskRecordOf(account, now), requestId) };
}

function carriedOut(
  account: Account,
  act: CredentialAct,
  { pass, activation }: PreparedAct,
  context: Context,
): Decision<DeskOutcome> {
  const { now } = context;
  const outcome = { kind: 'done', act: act.kind } as const;
  const acted = { ...account, desk: withAct(deskRecordOf(account, now), act.kind, now) };
  if (act.kind === 'pass')
    return {
      outcome,
      account: withTicket(acted, pass.ticket, now),
      effects: notices(account, 'desk-acted', { act: act.kind }, context),
    };
  const corrected = act.kind === 'correct-address' ? withAddress(acted, act.address) : acted;
  const asked = askForCode(corrected, { prepared: activation }, context);
  if (asked.outcome.kind !== 'mailed')
    return refused(asked.outcome.kind === 'enough-mailed' ? 'enough-mailed' : 'no-address');
  const mailedTo = asked.account?.tickets.at(-1)?.sentTo;
  const told = notices(account, 'desk-acted', { act: act.kind }, context);
  // the entry of the desk stands for that of a stranger who asks at /activate
  const mails = (asked.effects ?? []).filter(({ kind }) => kind === 'letter');
  return { outcome, account: asked.account ?? corrected, effects: [...mails, ...told.filter(isNotTo(mailedTo))] };
}

/** Links and codes that went to the address of before end with it. */
function withAddress(account: Account, personalEmail: string): Account {
  const { proposedAddress: _, ...rest } = account;
  return { ...rest, personalEmail, tickets: account.tickets.filter(({ purpose }) => purpose !== 'activation') };
}

const isNotTo = (address: string | undefined) => (effect: EffectInput) =>
  effect.kind !== 'letter' || effect.letter.to !== address;

/** Rule: an agent ends all sessions, and with them what applications hold (rule 12). Both addresses are told. */
export function endSessionsOf(account: Account, context: Context): Decision<{ kind: 'ended' }> {
  const epoch = account.credentialsEpoch + 1;
  return {
    outcome: { kind: 'ended' },
    account: { ...account, credentialsEpoch: epoch },
    effects: [
      { kind: 'end-sessions', reason: 'the service desk ended them', olderThanEpoch: epoch },
      ...notices(account, 'desk-acted', { act: 'end-sessions' }, context),
    ],
  };
}
