/**
 * "This was not me": a person disowns something that happened in the account. Whoever did it is put out, and comes back
 * with none of what may be known: password, session, links, or a second step added since.
 */
import type { AuditEntry } from '../audit/audit-entry.ts';
import type { ActingPerson } from '../factors/factor.ts';
import { liveTicket } from '../tickets/ticket.ts';
import { type Account, type Decision, type EffectInput, hasSecondFactor } from './account.ts';
import { dayAt } from './affiliation.ts';
import { withFactorEvidence } from './assurance.ts';
import { withBrowserDisowned } from './browsers.ts';
import type { Email } from './emails.ts';
import { addressesOf, emailTo, notices } from './notifications.ts';
import { homeOrganisation } from './organisation.ts';

/** Acts of whoever was signed in; others, such as failures, need no undoing. */
const disownable: ReadonlySet<string> = new Set([
  'access.withdrawn',
  'address.change-asked',
  'address.changed',
  'address.confirmed',
  'consent.given',
  'data.downloaded',
  'factor.added',
  'factor.removed',
  'factor.renamed',
  'password.changed',
  'password.reset',
  'recovery-codes.renewed',
  'sign-in',
]);

const DAYS_MS = 90 * 24 * 60 * 60 * 1000;

/** Whether the person may say of this entry that somebody else did it. `now`: epoch ms. */
export function isDisownable({ action, actor, subject, at }: AuditEntry, accountId: string, now: number): boolean {
  const asOwner = actor.kind === 'person' && actor.id === accountId && subject === accountId;
  return asOwner && disownable.has(action) && at > now - DAYS_MS;
}

/** What is disowned. `at`: epoch ms when it happened; `browser`: an id, where it is known which it was. */
export type Disowned = { at: number; action: string; browser?: string };

export type DisownOutcome =
  /** `factorsGone`: names of second steps that were added since, and removed */
  | { kind: 'disowned'; factorsGone: string[] }
  /** the link was used or is too old; the session is not of the current epoch */
  | { kind: 'gone' };

/**
 * Rule: ends all sessions and trusted browsers, this one too, because a thief may hold it (the epoch rises); drops links
 * and codes under way, but the one that undoes a change of address; the password opens nothing until a reset has replaced it, which asks for the second factor (rule
 * 8). Second factors and recovery codes that were made since go, where an older factor stays: nothing that proves only a
 * session or a mailbox leaves an account without its factor (rule 7). Both addresses and the service desk are told.
 * @param by the mailed link, which this spends, or the session of the person, which this ends; of parallel uses one wins
 */
export function disown(
  account: Account,
  what: Disowned,
  by: { ticketId: string } | { sessionEpoch: number },
  context: ActingPerson,
): Decision<DisownOutcome> {
  const { now } = context;
  const mailed = 'ticketId' in by;
  const holds = mailed
    ? liveTicket(account, by.ticketId, ['not-me'], now) !== undefined
    : by.sessionEpoch === account.credentialsEpoch;
  if (account.activatedAt === undefined || !holds) return { outcome: { kind: 'gone' } };
  const epoch = account.credentialsEpoch + 1;
  const { next: kept, gone } = withoutNewFactors(account, what.at);
  const secured: Account = {
    ...withBrowserDisowned(kept, what.browser, epoch, now),
    tickets: account.tickets.filter(({ purpose }) => purpose === 'email-undo'),
    credentialsEpoch: epoch,
    passwordExpiredAt: now,
  };
  const factors = gone.join(', ');
  return {
    outcome: { kind: 'disowned', factorsGone: gone },
    account: secured,
    effects: [
      { kind: 'end-sessions', reason: 'this was not me', olderThanEpoch: epoch },
      ...notices(account, 'account-secured', { factors }, context),
      ...toDesk(account, context),
      {
        kind: 'audit',
        entry: {
          at: now,
          action: 'account.disowned',
          // who reads the mailbox need not be the person
          actor: mailed ? { kind: 'anonymous' } : { kind: 'person', id: account.id },
          subject: account.id,
          ...(context.network === undefined ? {} : { network: context.network }),
          details: { what: what.action, at: new Date(what.at).toISOString(), by: mailed ? 'email' : 'page' },
        },
      },
    ],
  };
}

/** Without the factors and codes that were made at or after `since`, if an older factor stays. */
function withoutNewFactors(account: Account, since: number): { next: Account; gone: string[] } {
  const isOlder = ({ createdAt }: { createdAt: number }) => createdAt < since;
  const { recoveryCodes, ...rest } = account;
  const next = { ...rest, totps: account.totps.filter(isOlder), passkeys: account.passkeys.filter(isOlder) };
  if (!hasSecondFactor(next)) return { next: account, gone: [] };
  const gone = [...account.totps, ...account.passkeys].filter((each) => !isOlder(each)).map(({ name }) => name);
  const codes = recoveryCodes !== undefined && isOlder(recoveryCodes) ? { recoveryCodes } : {};
  return { next: withFactorEvidence({ ...next, ...codes }), gone };
}

/** A letter to the first contact of the organisation that has an address. */
function toDesk(account: Account, context: ActingPerson): EffectInput[] {
  const home = homeOrganisation(account, context.organisations, dayAt(context.now));
  const to = home.contacts.find(({ email }) => email !== undefined)?.email;
  if (to === undefined || addressesOf(account).includes(to)) return [];
  const letter: Email = emailTo(account, to, 'desk-account-disowned', {}, context);
  return [{ kind: 'letter', letter: { ...letter, givenName: '' } }];
}
