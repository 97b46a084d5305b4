/** People as one source says them over SCIM: made, changed, deleted, each as one write of one account, the first wins. */
import type { Account } from '../../domain/account/account.ts';
import { updateAccount } from '../../domain/account/update-account.ts';
import type { FeedMemory } from '../../domain/feed/fed-records.ts';
import type { FeedContext } from '../../domain/feed/feed.ts';
import { joinRefusal } from '../../domain/feed/feed-refusal.ts';
import type { Statement } from '../../domain/feed/feed-statement.ts';
import {
  foldScim,
  type ScimEntry,
  type ScimSaid,
  type ScimUser,
  scimIdKey,
  scimUserNameKey,
} from '../../domain/feed/scim-entry.ts';
import { accountFromScim, applyScim, type ScimOutcome } from '../../domain/feed/scim-feed.ts';
import { type ScimFault, statementOfUser } from '../../domain/feed/scim-statement.ts';
import { withReservedNames } from '../../domain/lifecycle/reserved-names.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import { Problem } from '../../domain/problem.ts';
import { randomId } from '../../domain/random.ts';
import type { Safeguard } from './safeguard.ts';

export type ScimPorts = {
  accounts: Pick<
    Accounts,
    'findById' | 'findHolder' | 'findByFeedKey' | 'findByScimKey' | 'insert' | 'replace' | 'byTerm' | 'countTerms'
  >;
  safeguard: Safeguard;
};

/** A resource that was not deleted, all that its source said of the person, and the account that came of it. */
export type Stored = { entry: ScimEntry & { user: ScimUser }; feed: FeedMemory; account: Account };

/** `held`: the safeguard lets no more people of this source lose access now. */
export type WriteOutcome =
  | ({ kind: 'written' | 'unchanged' } & Stored)
  | { kind: 'deleted' | 'missing' | 'stale' | 'taken' | 'protected' | 'held' }
  | { kind: 'invalid'; faults: ScimFault[] };

/** The resources of a source in an account: several where accounts were merged. */
export function allStoredIn(account: Account | undefined, source: string): Stored[] {
  return (account?.feeds ?? []).flatMap((feed) => {
    const { scim } = feed;
    if (account === undefined || feed.source !== source || scim?.user === undefined) return [];
    return [{ entry: { ...scim, user: scim.user }, feed, account }];
  });
}

const storedById = (account: Account | undefined, source: string, id: string): Stored | undefined =>
  allStoredIn(account, source).find(({ entry }) => entry.id === id);

export function storedByKey(account: Account | undefined, source: string, key: string): Stored | undefined {
  return allStoredIn(account, source).find(({ feed }) => feed.key === key);
}

export async function findUser({ accounts }: Pick<ScimPorts, 'accounts'>, source: string, id: string) {
  return storedById(await accounts.findByScimKey(scimIdKey(source, id)), source, id);
}

export async function findByUserName({ accounts }: Pick<ScimPorts, 'accounts'>, source: string, userName: string) {
  const account = await accounts.findByScimKey(scimUserNameKey(source, userName));
  return allStoredIn(account, source).find(({ entry }) => foldScim(entry.user.userName ?? '') === foldScim(userName));
}

/**
 * Makes a resource: of a new person, of one whom the source knows by this key without SCIM, or once did, or of one whom another
 * source knows, where both confirm a number (rule 26).
 */
export async function createUser(ports: ScimPorts, said: ScimSaid, context: FeedContext): Promise<WriteOutcome> {
  const accounts = withReservedNames(ports.accounts, context.sealer);
  const { source } = context;
  const { user } = said;
  const id = randomId(context.randomBytes);
  const key = user.externalId ?? id;
  const known = await accounts.findByFeedKey(source.id, key);
  if (storedByKey(known, source.id, key) !== undefined || (await isTaken(ports, source.id, user)))
    return { kind: 'taken' };
  const make = (account: Account) => (storedByKey(account, source.id, key) === undefined ? said : 'taken');
  if (known !== undefined) return write(ports, known.id, context, id, make);
  const { outcome, account } = accountFromScim({ said, id }, context, randomId(context.randomBytes));
  if (account === undefined) return failed(outcome);
  try {
    await accounts.insert(account);
    const stored = storedById(account, source.id, id);
    if (stored === undefined) throw new TypeError('what was written is there');
    return { kind: 'written', ...stored };
  } catch (error) {
    if (isReserved(error)) return { kind: 'taken' };
    if (!isLoginTaken(error)) throw error;
  }
  const stated = statementOfUser(user, key, user.active !== false, context);
  if ('faults' in stated) return { kind: 'invalid', faults: stated.faults };
  const [holder, ...others] = await holdersOf(stated.statement, accounts);
  if (holder === undefined || others.length > 0 || joinRefusal(holder, stated.statement, source.id) !== undefined)
    return { kind: 'taken' };
  return write(ports, holder.id, context, id, make);
}

/**
 * Changes a resource. `change` is given what the source said last, perhaps several times, and returns what it says now, or
 * undefined to delete it. `matches`: whether it is the version that is meant.
 */
export async function changeUser(
  ports: ScimPorts,
  id: string,
  context: FeedContext,
  matches: (stored: Stored) => boolean,
  change: (user: ScimUser) => ScimSaid | undefined,
): Promise<WriteOutcome> {
  const found = await findUser(ports, context.source.id, id);
  if (found === undefined) return { kind: 'missing' };
  return write(ports, found.account.id, context, id, (account) => {
    const stored = storedById(account, context.source.id, id);
    if (stored === undefined) return 'missing';
    return matches(stored) ? change(stored.entry.user) : 'stale';
  });
}

/** What the source says next, or why the write does not take place. */
type Decide = (account: Account) => ScimSaid | undefined | 'taken' | 'missing' | 'stale';

async function write(
  { accounts: anyAccounts, safeguard }: ScimPorts,
  accountId: string,
  context: FeedContext,
  id: string,
  decide: Decide,
): Promise<WriteOutcome> {
  const { source, now } = context;
  const accounts = withReservedNames(anyAccounts, context.sealer);
  const attempt = (mayClose: boolean) =>
    updateAccount<WriteOutcome | ScimOutcome>(accounts, accountId, (account) => {
      const said = decide(account);
      if (typeof said === 'string') return { outcome: { kind: said } };
      return applyScim(account, { said, id, mayClose }, context);
    });
  try {
    let { outcome, account } = await attempt(false);
    if (outcome.kind === 'closes') {
      if (!(await safeguard.take(source, now))) return { kind: 'held' };
      ({ outcome, account } = await attempt(true));
      if (!('closed' in outcome && outcome.closed)) await safeguard.giveBack(source, now);
    }
    if (outcome.kind !== 'written' && outcome.kind !== 'unchanged') return failed(outcome);
    if (!('id' in outcome)) throw new TypeError('what was written has an id');
    const stored = storedById(account, source.id, outcome.id);
    return stored === undefined ? { kind: 'deleted' } : { kind: outcome.kind, ...stored };
  } catch (error) {
    if (isLoginTaken(error) || isReserved(error)) return { kind: 'taken' };
    if (error instanceof Problem && error.code === 'account_missing') return { kind: 'missing' };
    throw error;
  }
}

function failed(outcome: ScimOutcome | WriteOutcome): WriteOutcome {
  if ('faults' in outcome) return outcome;
  const { kind } = outcome;
  if (kind === 'closes' || kind === 'written' || kind === 'unchanged') throw new TypeError(`${kind} is no refusal`);
  return { kind };
}

async function isTaken({ accounts }: ScimPorts, source: string, { userName }: ScimUser): Promise<boolean> {
  return userName !== undefined && (await accounts.findByScimKey(scimUserNameKey(source, userName))) !== undefined;
}

/** The accounts that hold a number or address of this person. */
async function holdersOf({ numbers, emails = [] }: Statement, accounts: ScimPorts['accounts']): Promise<Account[]> {
  const found = await Promise.all([...numbers, ...emails].map((login) => accounts.findHolder(login)));
  return [...new Map(found.flatMap((each) => (each === undefined ? [] : [[each.id, each]]))).values()];
}

const isLoginTaken = (error: unknown) => error instanceof Problem && error.code === 'login_taken';
const isReserved = (error: unknown) => error instanceof Problem && error.code === 'name_reserved';
