/**
 * Applies what a source says over SCIM to an account, by the rule of every feed (`applyStatement`), and keeps it as it was
 * said. A deleted resource, and an inactive one, take away what their source gave, at once.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Account, Decision, EffectInput, FeedMemory } from '../account/account.ts';
import { dayAt } from '../account/affiliation.ts';
import { accountFromStatement, applyStatement, type FeedContext, feedAudit } from './feed.ts';
import { losesAccess } from './feed-change.ts';
import type { ScimEntry, ScimSaid, ScimUser } from './scim-entry.ts';
import { type ScimFault, type ScimStated, statementOfUser } from './scim-statement.ts';

/** `said` absent: it is deleted. `id`: of the resource, where the source never spoke of the person over SCIM. */
export type ScimWrite = { said: ScimSaid | undefined; id: string; mayClose: boolean };

/**
 * `closes`: it would end the access of an open account, now or soon (`losesAccess`), and may not without having been counted. `taken`: something is another
 * person's. `protected`: the account has a role.
 */
export type ScimOutcome =
  | { kind: 'written' | 'unchanged'; closed: boolean }
  | { kind: 'closes' | 'taken' | 'protected' }
  | { kind: 'invalid'; faults: ScimFault[] };

/** The account to insert (revision 1) of a person whom no account fits. */
export function accountFromScim(
  { said, id }: { said: ScimSaid; id: string },
  context: FeedContext,
  accountId: string,
): Decision<ScimOutcome> {
  const { now } = context;
  const { user } = said;
  const withdrawnOn = withdrawal(user, undefined, now);
  const stated = statementOfUser(user, user.externalId ?? id, withdrawnOn, context);
  if ('faults' in stated) return { outcome: { kind: 'invalid', faults: stated.faults } };
  const { outcome, account } = accountFromStatement(stated.statement, context, accountId);
  if (account === undefined) return { outcome: refusal(outcome) };
  const entry = entryOf({ id, createdAt: now, modifiedAt: now }, said, withdrawnOn, stated.notes);
  return { outcome: { kind: 'written', closed: false }, account: withEntry(account, context, entry) };
}

/** To an account that the source fed before, or joins now (`joinRefusal`). */
export function applyScim(
  account: Account,
  { said, id, mayClose }: ScimWrite,
  context: FeedContext,
): Decision<ScimOutcome> {
  const { source, now } = context;
  const memory = account.feeds.find((feed) => feed.source === source.id);
  const before = memory?.scim;
  const user = said?.user;
  const last = user ?? before?.user;
  if (last === undefined) return { outcome: { kind: 'unchanged', closed: false } };
  const key = user?.externalId ?? memory?.key ?? id;
  const withdrawnOn = user === undefined ? (before?.withdrawnOn ?? dayAt(now)) : withdrawal(user, before, now);
  const stated: ScimStated = statementOfUser(last, key, withdrawnOn, context);
  if ('faults' in stated) return { outcome: { kind: 'invalid', faults: stated.faults } };
  // the source says under which key it knows the person, and may say another one
  const known = memory === undefined ? account : withMemory(account, { ...memory, key });
  const { outcome, account: changed, effects = [] } = applyStatement(known, stated.statement, context);
  if (changed === undefined && isDeepStrictEqual(before?.user, user))
    return { outcome: { kind: 'unchanged', closed: false } };
  if (account.roles.length > 0 && memory !== undefined) return { outcome: { kind: 'protected' } };
  if (outcome.kind === 'refused') return { outcome: refusal(outcome) };
  const next = changed ?? known;
  const closed = losesAccess(account, next, now);
  if (closed && !mayClose) return { outcome: { kind: 'closes' } };
  const kept = {
    id: before?.id ?? id,
    createdAt: before?.user === undefined ? now : before.createdAt,
    modifiedAt: now,
  };
  const entry = said === undefined ? kept : entryOf(kept, said, withdrawnOn, stated.notes);
  const told: EffectInput[] =
    changed === undefined ? [feedAudit('person.changed', account, next, ['scim'], context)] : effects;
  return { outcome: { kind: 'written', closed }, account: withEntry(next, context, entry), effects: told };
}

/** Since which day the source says that the person is not active; undefined: it does not say so. */
function withdrawal(user: ScimUser, before: ScimEntry | undefined, now: number): string | undefined {
  if (user.active !== false) return undefined;
  return before?.user?.active === false ? (before.withdrawnOn ?? dayAt(now)) : dayAt(now);
}

function entryOf(
  kept: Pick<ScimEntry, 'id' | 'createdAt' | 'modifiedAt'>,
  { user, ignored }: ScimSaid,
  withdrawnOn: string | undefined,
  noted: string[],
): ScimEntry {
  const notes = [...noted, ...(ignored.length === 0 ? [] : [`ignored: ${ignored.join(', ')}`])];
  return {
    ...kept,
    user,
    ...(withdrawnOn === undefined ? {} : { withdrawnOn }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function refusal({ kind }: { kind: string }): ScimOutcome {
  if (kind !== 'refused') throw new TypeError('a statement that is taken makes an account');
  return { kind: 'taken' };
}

function withMemory(account: Account, memory: FeedMemory): Account {
  return { ...account, feeds: account.feeds.map((feed) => (feed.source === memory.source ? memory : feed)) };
}

function withEntry(account: Account, { source }: FeedContext, scim: ScimEntry): Account {
  return { ...account, feeds: account.feeds.map((feed) => (feed.source === source.id ? { ...feed, scim } : feed)) };
}
