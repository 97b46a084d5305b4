/**
 * Applies what a source says over SCIM to an account, by the rule of every feed (`applyStatement`), and keeps it as it was
 * said. A deleted resource, and an inactive one, take away what their source gave, at once.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Account, Decision, EffectInput } from '../account/account.ts';
import type { FeedMemory } from './fed-records.ts';
import { accountFromStatement, applyStatement, type FeedContext, feedAudit } from './feed.ts';
import { losesAccess } from './feed-change.ts';
import { entryOf, isSameEntry, siblingsOf } from './feed-entries.ts';
import { foldScim, type ScimEntry, type ScimSaid, type ScimUser } from './scim-entry.ts';
import { type ScimFault, type ScimStated, statementOfUser } from './scim-statement.ts';

/** `said` absent: it is deleted. `id`: of the resource, or of the one to make where the source knows the person without SCIM. */
export type ScimWrite = { said: ScimSaid | undefined; id: string; mayClose: boolean };

/**
 * `id`: of the resource. `closes`: it would end the access of an open account, now or soon (`losesAccess`), and may not without having been counted. `taken`: something is another
 * person's. `protected`: the account has a role.
 */
export type ScimOutcome =
  | { kind: 'written' | 'unchanged'; closed: boolean; id: string }
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
  const stated = statementOfUser(user, user.externalId ?? id, user.active !== false, context);
  if ('faults' in stated) return { outcome: { kind: 'invalid', faults: stated.faults } };
  const { outcome, account } = accountFromStatement(stated.statement, context, accountId);
  if (account === undefined) return { outcome: refusal(outcome) };
  const entry = resourceOf({ id, createdAt: now, modifiedAt: now }, said, stated.notes);
  const key = stated.statement.key;
  return {
    outcome: { kind: 'written', closed: false, id },
    account: withScim(account, { source: context.source.id, key }, entry),
  };
}

/** To an account that the source fed before, or joins now (`joinRefusal`). */
export function applyScim(
  account: Account,
  { said, id, mayClose }: ScimWrite,
  context: FeedContext,
): Decision<ScimOutcome> {
  const { source, now } = context;
  const memory = memoryOf(account, { said, id }, source.id);
  const before = memory?.scim;
  const user = said?.user;
  const last = user ?? before?.user;
  if (last === undefined) return { outcome: { kind: 'unchanged', closed: false, id: before?.id ?? id } };
  const key = user?.externalId ?? memory?.key ?? id;
  const active = user !== undefined && user.active !== false;
  const stated: ScimStated = statementOfUser(last, key, active, context);
  if ('faults' in stated) return { outcome: { kind: 'invalid', faults: stated.faults } };
  if (isOfSibling(account, { source: source.id, key, memory }, user)) return { outcome: { kind: 'taken' } };
  // the source says under which key it knows the person, and may say another one
  const known = memory === undefined ? account : withMemory(account, memory, { ...memory, key });
  const { outcome, account: changed, effects = [] } = applyStatement(known, stated.statement, context);
  if (changed === undefined && isDeepStrictEqual(before?.user, user))
    return { outcome: { kind: 'unchanged', closed: false, id: before?.id ?? id } };
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
  const entry = said === undefined ? kept : resourceOf(kept, said, stated.notes);
  const told: EffectInput[] =
    changed === undefined ? [feedAudit('person.changed', account, next, ['scim'], context)] : effects;
  return {
    outcome: { kind: 'written', closed, id: kept.id },
    account: withScim(next, { source: source.id, key }, entry),
    effects: told,
  };
}

function resourceOf(
  kept: Pick<ScimEntry, 'id' | 'createdAt' | 'modifiedAt'>,
  { user, ignored }: ScimSaid,
  noted: string[],
): ScimEntry {
  const notes = [...noted, ...(ignored.length === 0 ? [] : [`ignored: ${ignored.join(', ')}`])];
  return {
    ...kept,
    user,
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function refusal({ kind }: { kind: string }): ScimOutcome {
  if (kind !== 'refused') throw new TypeError('a statement that is taken makes an account');
  return { kind: 'taken' };
}

/** What the source remembers of this resource; of one that it makes now, of the person whom it knows by the same key. */
function memoryOf(account: Account, { said, id }: Pick<ScimWrite, 'said' | 'id'>, source: string) {
  const resource = account.feeds.find((feed) => feed.source === source && feed.scim?.id === id);
  return resource ?? entryOf(account, source, said?.user.externalId ?? id);
}

/** Whether another entry of the source in this account has that key or name: merged accounts stay two people of it. */
function isOfSibling(
  account: Account,
  { source, key, memory }: { source: string; key: string; memory: FeedMemory | undefined },
  user: ScimUser | undefined,
): boolean {
  if (memory === undefined) return false; // applyStatement refuses a further person
  const others = siblingsOf(account, source, memory.key);
  const name = user?.userName;
  return others.some(
    (other) =>
      other.key === key || (name !== undefined && foldScim(other.scim?.user?.userName ?? '') === foldScim(name)),
  );
}

function withMemory(account: Account, before: FeedMemory, memory: FeedMemory): Account {
  return { ...account, feeds: account.feeds.map((feed) => (isSameEntry(feed, before) ? memory : feed)) };
}

function withScim(account: Account, entry: Pick<FeedMemory, 'source' | 'key'>, scim: ScimEntry): Account {
  return { ...account, feeds: account.feeds.map((feed) => (isSameEntry(feed, entry) ? { ...feed, scim } : feed)) };
}
