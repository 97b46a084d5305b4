/**
 * Imports a feed: every acceptable person goes in, each refusal is reported, and the order of the rows does not matter.
 */
import type { Readable } from 'node:stream';
import type { Account } from '../../domain/account/account.ts';
import { keysOf } from '../../domain/account/account-keys.ts';
import type { Language } from '../../domain/account/languages.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { updateAccount } from '../../domain/account/update-account.ts';
import { accountFromStatement, applyStatement, type FeedContext, type FeedOutcome } from '../../domain/feed/feed.ts';
import { type FeedRefusal, formerNumberRefusal, joinRefusal } from '../../domain/feed/feed-refusal.ts';
import type { Refusal } from '../../domain/feed/feed-row.ts';
import { type Statement, statementOf } from '../../domain/feed/feed-statement.ts';
import type { Source } from '../../domain/feed/source.ts';
import type { ForeignKind } from '../../domain/passwords/foreign-hash.ts';
import { isForeignHash, OWN_WORK, workOf } from '../../domain/passwords/stored-hash.ts';
import { Problem } from '../../domain/problem.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import type { FedAccounts } from './dry-run.ts';
import { type Spool, type SpooledPerson, spoolPeople } from './spool.ts';

/**
 * The outcome for one person, or for one refused row. `suspended`: something would have been taken away from so many
 * people, but for lines that do not say of whom they are, and may have been about any of them.
 */
export type ImportEvent =
  | ({ outcome: 'suspended' } & Suspended)
  | ({ outcome: 'refused'; person?: string } & Refusal)
  | {
      outcome: 'new' | 'changed' | 'ended' | 'unchanged';
      person: string;
      lines: number[];
      account?: string;
      fields: string[];
      notes: string[];
    };

export type Suspended = { lines: number[]; people: number };
export type ImportCounts = {
  rows: number;
  new: number;
  changed: number;
  ended: number;
  unchanged: number;
  refused: number;
  suspended?: Suspended;
};

/** People handled at once: their writes share commits, and memory does not grow with the file. */
const BATCH = 200;
/** Numbers may move along a chain of people; each round frees the numbers that the next one needs. */
const ROUNDS = 20;

/**
 * Imports `input` (CSV in UTF-8) into `accounts` and returns the counts. `tell` gets each refusal and each person,
 * `progress` the rows done so far.
 * @throws UnreadableFeed where nothing could be read
 */
export async function importPeople(options: {
  input: Readable;
  source: Source;
  organisations: Organisation[];
  /** of a person of whom the feed does not say it */
  defaultLanguage: Language;
  /** how long the link of an invitation works */
  invitationSeconds: number;
  accounts: FedAccounts;
  sealer: Sealer;
  now: () => number;
  randomBytes: RandomBytes;
  tell: (event: ImportEvent) => Promise<void>;
  /**
   * called before the first hash of another system or of other work is stored, and once more when all are, so that a
   * job puts those inside argon2id, and answers to a wrong password take as long as theirs (rules 1, 5)
   */
  foreignHash: (kind: ForeignKind) => Promise<void>;
  progress: (stage: 'reading' | 'importing', done: number, total?: number) => void;
}): Promise<ImportCounts> {
  const { accounts, source, organisations, sealer, tell, progress } = options;
  const announced = new Map<string, { kind: ForeignKind; done: Promise<void> }>();
  const announceForeignHash = (hash: string) => {
    const kind = { wrap: isForeignHash(hash), work: workOf(hash) };
    if (!kind.wrap && kind.work === OWN_WORK) return undefined;
    const key = JSON.stringify(kind);
    const before = announced.get(key) ?? { kind, done: options.foreignHash(kind) };
    announced.set(key, before);
    return before.done;
  };
  const counts: ImportCounts = { rows: 0, new: 0, changed: 0, ended: 0, unchanged: 0, refused: 0 };
  /** the events of one person or row; several faults count once */
  const report = async (events: ImportEvent[]) => {
    const [first] = events;
    if (first !== undefined && first.outcome !== 'suspended') counts[first.outcome] += 1;
    for (const event of events) await tell(event);
  };
  const spool = await spoolPeople(
    options.input,
    { organisations, source, defaultLanguage: options.defaultLanguage },
    (refusals) => report(refusals.map((refusal) => ({ outcome: 'refused', ...refusal }))),
    (rows) => progress('reading', rows),
  );
  counts.rows = spool.rows;
  let suspended = 0;
  try {
    const context = (): FeedContext => ({
      source,
      sealer,
      organisations,
      now: options.now(),
      randomBytes: options.randomBytes,
      defaultLanguage: options.defaultLanguage,
      invitationSeconds: options.invitationSeconds,
    });
    let waiting: Statement[] = [];
    let rowsDone = 0;
    for (const batch of spool.people(BATCH)) {
      const results = await Promise.all(batch.map((person) => bringIn(person)));
      const taken: Statement[] = [];
      for (const [index, result] of results.entries()) {
        if ('taken' in result) taken.push(result.taken);
        else await report(result.events);
        rowsDone += batch[index]?.rows.length ?? 0;
      }
      waiting.push(...(await settle(taken, accounts, context, report, false)));
      progress('importing', rowsDone, spool.rows);
    }
    for (let round = 0; waiting.length > 0; round += 1) {
      const left = await settle(waiting, accounts, context, report, round === ROUNDS);
      if (left.length === waiting.length) await settle(left, accounts, context, report, true);
      waiting = left.length === waiting.length ? [] : left;
    }
    if (suspended > 0) {
      counts.suspended = { lines: spool.unreadable, people: suspended };
      await report([{ outcome: 'suspended', ...counts.suspended }]);
    }

    async function bringIn(person: SpooledPerson): Promise<{ events: ImportEvent[] } | { taken: Statement }> {
      const read = statementOf(person.rows, person.complete, organisations);
      if ('refusals' in read)
        return { events: read.refusals.map((refusal) => ({ outcome: 'refused', person: person.key, ...refusal })) };
      const { statement } = read;
      if (statement.passwordHash !== undefined) await announceForeignHash(statement.passwordHash);
      const known = await accounts.findByFeedKey(source.id, person.key);
      const contest = person.contested ? contestOf(statement, known, spool) : undefined;
      if (contest !== undefined) return { events: [refusedEvent(statement, contest)] };
      if (known !== undefined && person.suspended && wouldLose(known, statement, context())) suspended += 1;
      try {
        if (known !== undefined) return { events: [await update(known, statement, accounts, context())] };
        return { events: [await insert(statement, accounts, context())] };
      } catch (error) {
        if (error instanceof Problem && error.code === 'login_taken') return { taken: statement };
        throw error;
      }
    }
  } finally {
    // a round of the job may have gone through the accounts before the last of them were stored
    for (const { kind } of announced.values()) await options.foreignHash(kind);
    spool.close();
  }
  return counts;
}

/** Whether this statement takes something away from a person once every line of the file can be read. */
function wouldLose(known: Account, statement: Statement, context: FeedContext): boolean {
  const [withheld, whole] = [false, true].map((complete) => {
    const { account = known } = applyStatement(known, { ...statement, complete }, context);
    const { userNumbers, emails, affiliations, groups, entitlements } = account;
    return JSON.stringify([userNumbers, emails, affiliations, groups, entitlements]);
  });
  return withheld !== whole;
}

async function insert(statement: Statement, accounts: FedAccounts, context: FeedContext): Promise<ImportEvent> {
  const { outcome, account } = accountFromStatement(statement, context, randomId(context.randomBytes));
  if (account !== undefined) await accounts.insert(account);
  return eventOf(statement, outcome, account);
}

async function update(
  known: Account,
  statement: Statement,
  accounts: FedAccounts,
  context: FeedContext,
): Promise<ImportEvent> {
  const { outcome: first, account: change } = applyStatement(known, statement, context);
  if (change === undefined) return eventOf(statement, first, known);
  const { outcome, account } = await updateAccount(accounts, known.id, (read) =>
    applyStatement(read, statement, context),
  );
  return eventOf(statement, outcome, account);
}

/**
 * Handles people whose number or address another account has. By now it may be free, or the person joins that account,
 * or is refused. People who want the same account come one after the other, by key, so that the same file always joins
 * the same ones.
 * @param last in the last round everybody who still cannot go in is refused
 * @returns the people to try again in another round
 */
async function settle(
  waiting: Statement[],
  accounts: FedAccounts,
  context: () => FeedContext,
  report: (events: ImportEvent[]) => Promise<void>,
  last: boolean,
): Promise<Statement[]> {
  const left: Statement[] = [];
  for (let start = 0; start < waiting.length; start += BATCH) {
    const batch = waiting.slice(start, start + BATCH);
    const holders = await Promise.all(batch.map((statement) => holdersOf(statement, accounts, context().source.id)));
    const queues = new Map<string, Promise<void>>();
    const settleOne = async (statement: Statement) => {
      const event = await join(statement, accounts, context(), last);
      if (event === undefined) left.push(statement);
      else await report([event]);
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
  accounts: FedAccounts,
  context: FeedContext,
  last: boolean,
): Promise<ImportEvent | undefined> {
  const known = await accounts.findByFeedKey(context.source.id, statement.key);
  const holders = await holdersOf(statement, accounts, context.source.id);
  try {
    if (known !== undefined) return await update(known, statement, accounts, context);
    const [holder, ...others] = holders;
    if (holder === undefined) return await insert(statement, accounts, context);
    const refusal: FeedRefusal | undefined =
      others.length > 0
        ? {
            kind: 'refused',
            column: 'number',
            reason: 'numbers and addresses of this person belong to several accounts: an administrator may join them',
          }
        : joinRefusal(holder, statement, context.source.id);
    if (refusal === undefined) return await update(holder, statement, accounts, context);
    return last ? refusedEvent(statement, refusal) : undefined;
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'login_taken')) throw error;
    if (!last) return undefined;
    const former = holders.map((holder) => formerNumberRefusal(holder, statement)).find((each) => each !== undefined);
    const taken = { column: 'number', reason: 'a number or address of this person belongs to another account' };
    return refusedEvent(statement, former ?? taken);
  }
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

/** Two people of one file claim the same number or address: neither gets it, unless one has it already. */
function contestOf(
  statement: Statement,
  known: Account | undefined,
  spool: Spool,
): { column: string; reason: string } | undefined {
  const own = known === undefined ? [] : keysOf(known).logins;
  for (const [column, logins] of [
    ['number', statement.numbers],
    ['email', statement.emails ?? []],
  ] as const) {
    for (const login of logins) {
      const others = spool.claimants(login).filter((key) => key !== statement.key);
      if (others.length > 0 && !own.includes(login)) {
        return {
          column,
          reason: `${login} is claimed by person ${others.slice(0, 3).join(', ')} of this file as well`,
        };
      }
    }
  }
  return undefined;
}

function eventOf(statement: Statement, outcome: FeedOutcome, account: Account | undefined): ImportEvent {
  if (outcome.kind === 'refused') return refusedEvent(statement, outcome);
  const { kind, fields, notes } = outcome;
  return {
    outcome: kind,
    person: statement.key,
    lines: statement.lines,
    ...(account === undefined ? {} : { account: account.id }),
    fields,
    notes,
  };
}

function refusedEvent({ key, lines }: Statement, { column, reason }: { column?: string; reason: string }): ImportEvent {
  return { outcome: 'refused', person: key, line: lines[0] ?? 0, ...(column === undefined ? {} : { column }), reason };
}
