/**
 * Brings what a source states into accounts, whatever order people come in: a number or address that another account has
 * may be free later, or joins two, or refuses the person.
 */
import type { Account } from '../../domain/account/account.ts';
import { updateAccount } from '../../domain/account/update-account.ts';
import { accountFromStatement, applyStatement, type FeedContext, type FeedOutcome } from '../../domain/feed/feed.ts';
import { type FeedRefusal, formerNumberRefusal, joinRefusal, ownerIn } from '../../domain/feed/feed-refusal.ts';
import type { Statement } from '../../domain/feed/feed-statement.ts';
import { withReservedNames } from '../../domain/lifecycle/reserved-names.ts';
import { Problem } from '../../domain/problem.ts';
import { randomId } from '../../domain/random.ts';
import type { FedAccounts } from './dry-run.ts';

/** What came of one person. `before` is absent of a new one; `account` of a refused one. */
export type Brought = { statement: Statement; outcome: FeedOutcome; before?: Account; account?: Account };

/** People handled at once: their writes share commits, and memory does not grow with the file. */
export const BATCH = 200;
/** Numbers may move along a chain of people; each round frees the numbers that the next one needs. */
const ROUNDS = 20;

type Ports = {
  accounts: FedAccounts;
  context: () => FeedContext;
  /** hears of each person once, after everybody on whom the person waited */
  brought: (result: Brought) => Promise<void>;
};

/** Tries each person of a batch once. Returns those whose number or address another account has. */
export async function bringIn(batch: Statement[], ports: Ports): Promise<Statement[]> {
  const taken: Statement[] = [];
  const results = await Promise.all(batch.map((statement) => once(statement, ports)));
  for (const [index, result] of results.entries()) {
    const statement = batch[index];
    if (result !== undefined) await ports.brought(result);
    else if (statement !== undefined) taken.push(statement);
  }
  return taken;
}

async function once(statement: Statement, { accounts: anyAccounts, context }: Ports): Promise<Brought | undefined> {
  const { source, sealer } = context();
  try {
    const known = await anyAccounts.findByFeedKey(source.id, statement.key);
    // nearly everybody has the names of before, which nobody asks about
    const accounts = hasAll(known, statement) ? anyAccounts : withReservedNames(anyAccounts, sealer);
    if (known !== undefined) return await update(known, statement, accounts, context());
    return await insert(statement, accounts, context());
  } catch (error) {
    if (error instanceof Problem && ['login_taken', 'name_reserved'].includes(error.code)) return undefined;
    throw error;
  }
}

function hasAll(known: Account | undefined, { numbers, emails = [] }: Statement): boolean {
  const held = [...(known?.userNumbers ?? []), ...(known?.emails ?? [])];
  return [...numbers, ...emails].every((name) => held.includes(name));
}

/** Tries these people until no round helps, and refuses whoever is left. */
export async function settleAll(waiting: Statement[], ports: Ports): Promise<void> {
  let rest = waiting;
  for (let round = 0; rest.length > 0; round += 1) {
    const left = await settle(rest, ports, round === ROUNDS);
    if (left.length === rest.length) {
      await settle(left, ports, true);
      return;
    }
    rest = left;
  }
}

/**
 * Handles people whose number or address another account has. By now it may be free, or the person joins that account,
 * or is refused. People who want the same account come one after the other, by key, so that the same file always joins
 * the same ones.
 * @param last in the last round everybody who still cannot go in is refused
 * @returns the people to try again in another round
 */
export async function settle(waiting: Statement[], ports: Ports, last: boolean): Promise<Statement[]> {
  const { accounts, context, brought } = ports;
  const left: Statement[] = [];
  for (let start = 0; start < waiting.length; start += BATCH) {
    const batch = waiting.slice(start, start + BATCH);
    const holders = await Promise.all(batch.map((statement) => holdersOf(statement, accounts, context().source.id)));
    const queues = new Map<string, Promise<void>>();
    const settleOne = async (statement: Statement) => {
      const result = await join(statement, accounts, context(), last);
      if (result === undefined) left.push(statement);
      else await brought(result);
    };
    for (const [index, statement] of batch.entries()) {
      const target = holders[index]?.[0]?.id ?? statement.key;
      queues.set(
        target,
        (queues.get(target) ?? Promise.resolve()).then(() => settleOne(statement)),
      );
    }
    await Promise.all(queues.values());
  }
  return left.sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function join(
  statement: Statement,
  anyAccounts: FedAccounts,
  context: FeedContext,
  last: boolean,
): Promise<Brought | undefined> {
  const accounts = withReservedNames(anyAccounts, context.sealer);
  const known = await accounts.findByFeedKey(context.source.id, statement.key);
  const holders = await holdersOf(statement, accounts, context.source.id);
  try {
    if (known !== undefined) return await update(known, statement, accounts, context);
    const [holder, other] = holders;
    if (holder === undefined) return await insert(statement, accounts, context);
    const refusal: FeedRefusal | undefined =
      other !== undefined
        ? {
            kind: 'refused',
            column: 'number',
            reason: `numbers and addresses of this person belong to ${ownerIn(holder)}, and others to ${ownerIn(other)}: an administrator may join them`,
          }
        : joinRefusal(holder, statement, context.source.id);
    if (refusal === undefined) return await update(holder, statement, accounts, context);
    return last ? { statement, outcome: refusal } : undefined;
  } catch (error) {
    if (error instanceof Problem && error.code === 'name_reserved')
      return { statement, outcome: { kind: 'refused', column: 'number', reason: error.message } };
    if (!(error instanceof Problem && error.code === 'login_taken')) throw error;
    if (!last) return undefined;
    const former = holders.map((holder) => formerNumberRefusal(holder, statement)).find((each) => each !== undefined);
    const [holder] = holders;
    const owner = holder === undefined ? 'another account' : ownerIn(holder);
    const reason = `a number or address of this person belongs to ${owner}: an administrator may join them`;
    return { statement, outcome: former ?? { kind: 'refused', column: 'number', reason } };
  }
}

async function insert(statement: Statement, accounts: FedAccounts, context: FeedContext): Promise<Brought> {
  const { outcome, account } = accountFromStatement(statement, context, randomId(context.randomBytes));
  if (account === undefined) return { statement, outcome };
  await accounts.insert(account);
  return { statement, outcome, account };
}

async function update(
  known: Account,
  statement: Statement,
  accounts: FedAccounts,
  context: FeedContext,
): Promise<Brought> {
  const first = applyStatement(known, statement, context);
  if (first.account === undefined) return { statement, outcome: first.outcome, before: known, account: known };
  let before = known;
  const { outcome, account } = await updateAccount(accounts, known.id, (read) => {
    before = read;
    return applyStatement(read, statement, context);
  });
  return { statement, outcome, before, account };
}

/** The accounts that hold a number or address of this person, its own account excepted. */
async function holdersOf(statement: Statement, accounts: FedAccounts, source: string): Promise<Account[]> {
  const found = await Promise.all(
    [...statement.numbers, ...(statement.emails ?? [])].map((login) => accounts.findHolder(login)),
  );
  const others = new Map<string, Account>();
  for (const account of found) {
    const own = account?.feeds.some((feed) => feed.source === source && feed.key === statement.key);
    if (account !== undefined && !own) others.set(account.id, account);
  }
  return [...others.values()];
}
