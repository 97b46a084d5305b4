/**
 * Taking accounts apart: a merge that was a mistake is undone, and entries of feeds that are another person's become an account
 * of their own. One write takes everything out, and holds it back until the other account has it in a second one.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Account, Decision } from '../account/account.ts';
import { notices } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import type { FedValue, FeedMemory } from '../feed/fed-records.ts';
import { accountFromStatement, type FeedContext } from '../feed/feed.ts';
import { affiliationsSaid, isSameEntry, listSaid, withWithdrawal } from '../feed/feed-entries.ts';
import { numbersSaid } from '../feed/feed-fields.ts';
import type { Statement } from '../feed/feed-statement.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { withWindows } from './access.ts';
import { nameOf, received } from './merge.ts';
import { movingKeysOf } from './reserved-names.ts';

type Context = { organisations: Organisation[]; sealer: Pick<Sealer, 'mac'>; now: number };

/**
 * `not-merged`: they are two accounts; `too-late`: what was kept for it is gone, or the other account was erased or is part of
 * another one; `role`: the account has one.
 */
export type UndoRefusal = 'not-merged' | 'too-late' | 'role';

/** Undefined: the merge can be undone. */
export function undoRefusal(keep: Account, gone: Account, now: number): UndoRefusal | undefined {
  const { merged } = gone;
  if (merged?.into !== keep.id) return 'not-merged';
  if (merged.before === undefined || now >= merged.undoUntil || keep.erased !== undefined || keep.merged !== undefined)
    return 'too-late';
  if (keep.mergedFrom?.includes(gone.id) !== true) return 'not-merged';
  return keep.roles.length > 0 ? 'role' : undefined;
}

/**
 * Rule: the account gives back what the other one was, with what its sources have said since; its own credentials stay, those
 * of the other open again. All sessions end, and both are told.
 */
export function giveBack(
  keep: Account,
  gone: Account,
  context: Context,
): Decision<{ kind: 'parted' } | { kind: 'refused'; because: UndoRefusal }> {
  const because = undoRefusal(keep, gone, context.now);
  if (because !== undefined) return { outcome: { kind: 'refused', because } };
  const before = gone.merged?.before as Account;
  const moved = keep.feeds.filter((feed) => before.feeds.some((each) => isSameResource(each, feed)));
  const { rest, numbers, emails, former } = takenOut(keep, moved, before, context);
  const epoch = gone.credentialsEpoch + 1;
  const said = saidBy(moved, keep);
  const back = withWindows(
    {
      ...without(before, 'formerNumbers', 'groups', 'entitlements'),
      ...said,
      affiliations: distinct([...said.affiliations, ...ownOf(before)]),
      credentialsEpoch: epoch,
      userNumbers: inOrder(numbers, before.userNumbers),
      emails: inOrder(emails, before.emails),
      ...(former.length === 0 ? {} : { formerNumbers: former }),
      feeds: moved,
    },
    context.organisations,
    context.now,
  );
  const mergedFrom = (keep.mergedFrom ?? []).filter((id) => id !== gone.id && !gone.mergedFrom?.includes(id));
  const next = { ...without(rest, 'mergedFrom'), ...(mergedFrom.length === 0 ? {} : { mergedFrom }) };
  const letter = notices(back, 'account-back', { number: nameOf(back), other: nameOf(keep) }, context);
  const at = gone.merged?.at;
  const effect = { account: back, ...(at === undefined ? {} : { mergedAt: at }) };
  return parting(keep, next, effect, letter, { kind: 'parted' }, context);
}

/** `all`: nothing would be left; `unknown`: the account has no such entry; `faulty`: what the entry says makes no account. */
export type SplitRefusal = 'gone' | 'role' | 'unknown' | 'all' | 'faulty';
/** `kept`: numbers that stay, because applications know the account by them. */
export type SplitOutcome = { kind: 'parted'; kept: string[] } | { kind: 'refused'; because: SplitRefusal };

/** How the source of an entry is configured; one that is no more is known by what it said. */
export type SplitContext = Omit<FeedContext, 'source'> & { sourceOf: (id: string) => FeedContext['source'] };

/**
 * Rule: these entries are another person's, whose account they become: with the numbers, addresses and affiliations that they
 * alone gave. That person is invited. A number by which applications know the account in use stays (rule 27).
 * @param id of the new account
 */
export function split(
  account: Account,
  entries: { source: string; key: string }[],
  id: string,
  context: SplitContext,
): Decision<SplitOutcome> {
  const refused = (because: SplitRefusal) => ({ outcome: { kind: 'refused', because } as const });
  if (account.erased !== undefined || account.merged !== undefined) return refused('gone');
  if (account.roles.length > 0) return refused('role');
  if (!entries.every((entry) => account.feeds.some((feed) => isSameEntry(feed, entry)))) return refused('unknown');
  const moved = account.feeds.filter((feed) => entries.some((entry) => isSameEntry(feed, entry)));
  if (moved.length === 0) return refused('unknown');
  if (moved.length === account.feeds.length) return refused('all');
  const said = { userNumbers: moved.flatMap(numbersSaid), emails: moved.flatMap(emailsSaid) };
  const [shown] = account.userNumbers;
  const kept = account.activatedAt !== undefined && shown !== undefined ? [shown] : [];
  const { rest, numbers, emails } = takenOut(account, moved, said, context, kept);
  const fresh = accountOf(moved, { numbers, emails }, account, id, context);
  if (fresh === undefined) return refused('faulty');
  const stays = kept.filter((each) => said.userNumbers.includes(each));
  return parting(account, rest, { account: fresh }, [], { kind: 'parted', kept: stays }, context);
}

/** What both acts have in common: sessions end, the owner is told, and the other account follows. */
function parting<Outcome>(
  before: Account,
  rest: Account,
  part: { account: Account; mergedAt?: number },
  letters: ReturnType<typeof notices>,
  outcome: Outcome,
  context: Context,
): Decision<Outcome> {
  const { account: other } = part;
  const epoch = before.credentialsEpoch + 1;
  const reserved = [...new Set([...(rest.reserved ?? []), ...movingKeysOf(other, context.sealer)])].sort();
  return {
    outcome,
    account: { ...rest, credentialsEpoch: epoch, reserved },
    handsOver: [...other.userNumbers, ...(other.formerNumbers ?? [])],
    effects: [
      { kind: 'end-sessions', reason: 'account parted', olderThanEpoch: epoch },
      ...notices(before, 'account-parted', { number: nameOf(rest), other: nameOf(other) }, context),
      ...letters,
      { kind: 'part', ...part },
    ],
  };
}

type Names = Pick<Account, 'userNumbers' | 'emails'> & Partial<Pick<Account, 'formerNumbers'>>;

/**
 * The account without these entries and what they alone gave, and which of these names go. What an entry that stays says as
 * well stays.
 */
function takenOut(account: Account, moved: FeedMemory[], names: Names, context: Context, kept: string[] = []) {
  const feeds = account.feeds.filter((feed) => !moved.includes(feed));
  const staying = { numbers: [...feeds.flatMap(numbersSaid), ...kept], emails: feeds.flatMap(emailsSaid) };
  const wanted = [...names.userNumbers, ...moved.flatMap(numbersSaid)];
  const numbers = account.userNumbers.filter((each) => wanted.includes(each) && !staying.numbers.includes(each));
  const emails = account.emails.filter(
    (each) => [...names.emails, ...moved.flatMap(emailsSaid)].includes(each) && !staying.emails.includes(each),
  );
  const former = [...(account.formerNumbers ?? [])].filter((each) =>
    [...names.userNumbers, ...(names.formerNumbers ?? [])].includes(each),
  );
  const gone = saidBy(moved, account);
  const left = saidBy(feeds, account);
  const remains = <Value>(own: Value[], taken: Value[] = [], stays: Value[] = []) =>
    own.filter(
      (each) => !taken.some((one) => isDeepStrictEqual(one, each)) || stays.some((one) => isDeepStrictEqual(one, each)),
    );
  const affiliations = remains(account.affiliations, gone.affiliations, left.affiliations);
  const lists = { groups: remains(account.groups ?? [], gone.groups, left.groups), entitlements: remains(account.entitlements ?? [], gone.entitlements, left.entitlements) }; // biome-ignore format: alike
  const taken = evidenceOf(account, moved, context);
  const evidence = (account.evidence ?? []).filter((each) => !taken.includes(each));
  const formerLeft = (account.formerNumbers ?? []).filter((each) => !former.includes(each));
  const rest: Account = {
    ...without(account, 'groups', 'entitlements', 'evidence', 'formerNumbers', 'heldAddresses'),
    userNumbers: account.userNumbers.filter((each) => !numbers.includes(each)),
    emails: account.emails.filter((each) => !emails.includes(each)),
    affiliations,
    feeds,
    ...(lists.groups.length === 0 ? {} : { groups: lists.groups }),
    ...(lists.entitlements.length === 0 ? {} : { entitlements: lists.entitlements }),
    ...(evidence.length === 0 ? {} : { evidence }),
    ...(formerLeft.length === 0 ? {} : { formerNumbers: formerLeft }),
    ...(account.heldAddresses === undefined
      ? {}
      : { heldAddresses: account.heldAddresses.filter(({ address }) => !emails.includes(address)) }),
  };
  const opened = withWindows(rest, context.organisations, context.now);
  // without any affiliation nothing would say that it ends
  const closed = affiliations.length === 0 && account.affiliations.length > 0 ? { ...opened, windows: [] } : opened;
  return { rest: closed, numbers, emails, former };
}

/** What is known of who the person of these entries is. */
function evidenceOf({ evidence = [] }: Account, moved: FeedMemory[], { sealer }: Pick<Context, 'sealer'>) {
  const macs = moved.map(({ source, key }) => sealer.mac('evidence', source, key));
  return evidence.filter(({ mac }) => mac !== undefined && macs.includes(mac));
}

/**
 * The account that these entries make, as if their source had said all that now; but what was withdrawn was withdrawn when it was,
 * and what is known of who the person is has been known since then.
 */
function accountOf(
  moved: FeedMemory[],
  names: { numbers: string[]; emails: string[] },
  from: Account,
  id: string,
  context: SplitContext,
): Account | undefined {
  let made: Account | undefined;
  for (const memory of moved) {
    const source = context.sourceOf(memory.source);
    const statement = statementOf(memory, names);
    const { account } = accountFromStatement(statement, { ...context, source: { ...source, credentials: false } }, id);
    if (account === undefined) return undefined;
    const known = evidenceOf(from, [memory], context);
    const asSaid = withWindows(
      {
        ...account,
        feeds: [memory],
        affiliations: account.affiliations.map((each) => withWithdrawal(each, from.affiliations)),
        ...(known.length === 0 ? {} : { evidence: known }),
      },
      context.organisations,
      context.now,
    );
    made = made === undefined ? asSaid : { ...received(made, asSaid, context), effects: [...made.effects] };
  }
  return made;
}

/** What an entry said last, of those names that go with it. */
function statementOf(memory: FeedMemory, names: { numbers: string[]; emails: string[] }): Statement {
  const { fields, key } = memory;
  const numbers = numbersSaid(memory).filter((each) => names.numbers.includes(each));
  const main = fields.number ?? '';
  const isValue = (column: string) =>
    !['number', 'numbers', 'email'].includes(column) && !/^(?:affiliations|groups|entitlements)\./.test(column);
  const { affiliations, groups, entitlements } = saidBy([memory], { affiliations: [] });
  const unsourced = <Value extends { source: string }>(values: Value[]) => values.map(({ source: _, ...each }) => each);
  return {
    key,
    lines: [],
    complete: true,
    numbers: numbers.includes(main) ? [main, ...numbers.filter((each) => each !== main)] : numbers,
    mainNumber: numbers.includes(main) ? main : (numbers[0] ?? ''),
    emails: emailsSaid(memory).filter((each) => names.emails.includes(each)),
    values: Object.fromEntries(Object.entries(fields).filter(([column]) => isValue(column))),
    affiliations: unsourced(affiliations),
    ...(groups === undefined ? {} : { groups: unsourced(groups) }),
    ...(entitlements === undefined ? {} : { entitlements: unsourced(entitlements) }),
  };
}

/** Affiliations of which no entry speaks: those of the first owner, and of earlier versions. */
function ownOf(account: Account): Account['affiliations'] {
  const said = saidBy(account.feeds, account).affiliations;
  return account.affiliations.filter((each) => !said.some((other) => isDeepStrictEqual(each, other)));
}

/** What entries of an account give together, each once. */
function saidBy(
  entries: FeedMemory[],
  account: Pick<Account, 'affiliations'>,
): Pick<Account, 'affiliations' | 'groups' | 'entitlements'> {
  const lists = (column: string) =>
    distinct(
      entries.flatMap((memory) =>
        Object.keys(memory.fields)
          .filter((each) => each.startsWith(`${column}.`))
          .flatMap((each) => listSaid<Omit<FedValue, 'source'>>(memory, each))
          .map((each) => ({ ...each, source: memory.source })),
      ),
    );
  const [groups, entitlements] = [lists('groups'), lists('entitlements')];
  return {
    affiliations: distinct(entries.flatMap((memory) => affiliationsSaid(memory, account))),
    ...(groups.length === 0 ? {} : { groups }),
    ...(entitlements.length === 0 ? {} : { entitlements }),
  };
}

/** By key, or over SCIM, where a source may change the key, by the id of its resource. */
const isSameResource = (one: FeedMemory, other: FeedMemory): boolean =>
  isSameEntry(one, other) || (one.source === other.source && one.scim !== undefined && one.scim.id === other.scim?.id);

const emailsSaid = ({ fields }: FeedMemory): string[] => (fields.email ?? '').split(' ').filter((each) => each !== '');

function without<Member extends keyof Account>(account: Account, ...members: Member[]): Omit<Account, Member> {
  const rest: Partial<Account> = { ...account };
  for (const member of members) delete rest[member];
  return rest as Omit<Account, Member>;
}

function distinct<Value>(values: Value[]): Value[] {
  return values.filter((value, index) => values.findIndex((each) => isDeepStrictEqual(each, value)) === index);
}

const inOrder = (names: string[], order: string[]): string[] =>
  [...names].sort((one, other) => place(one, order) - place(other, order));
const place = (name: string, order: string[]) => (order.includes(name) ? order.indexOf(name) : order.length);
