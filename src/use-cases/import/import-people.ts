/**
 * Imports a feed: every acceptable person goes in, each refusal is reported, and the order of the rows does not matter.
 */
import type { Readable } from 'node:stream';
import type { Account } from '../../domain/account/account.ts';
import { keysOf } from '../../domain/account/account-keys.ts';
import type { Language } from '../../domain/account/languages.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { absenceOf } from '../../domain/feed/absence.ts';
import { applyStatement, type FeedContext } from '../../domain/feed/feed.ts';
import { losesAccess } from '../../domain/feed/feed-change.ts';
import { entryOf } from '../../domain/feed/feed-entries.ts';
import { type Statement, statementOf } from '../../domain/feed/feed-statement.ts';
import type { Source } from '../../domain/feed/source.ts';
import type { ForeignKind } from '../../domain/passwords/foreign-hash.ts';
import type { ImportCounts } from '../../domain/ports/imports.ts';
import type { RandomBytes } from '../../domain/random.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { BATCH, type Brought, bringIn, settle, settleAll } from './bring-in.ts';
import type { FedAccounts } from './dry-run.ts';
import { createHashAnnouncer } from './hash-announcer.ts';
import { eventOf, type ImportEvent, isHashRefused } from './import-event.ts';
import { type KeptRecord, type Spool, type SpooledPerson, spoolPeople } from './spool.ts';

/** What was said in the file and what came of it. `losses`: by organisation, open accounts that lose access. */
export type ImportResult = {
  counts: ImportCounts;
  people: Record<string, number>;
  losses: Record<string, number>;
};

export type ImportOptions = {
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
  /** hears of each refusal and each person; `brought`, where the person could be tried, in the order of the writes, with its records in the file */
  tell: (event: ImportEvent, brought?: Brought & { records: () => KeptRecord[] }) => Promise<void>;
  /**
   * called before the first hash of another system or of other work is stored, and once more when all are, so that a
   * job puts those inside argon2id, and answers to a wrong password take as long as theirs (rules 1, 5)
   */
  foreignHash: (kind: ForeignKind) => Promise<void>;
  /** whether password hashes are taken at all; what a source may say stays */
  withCredentials: boolean;
  /** gets what is to be mended, once all is known */
  quarantine?: (refused: Pick<Spool, 'kind' | 'header' | 'quarantine'>) => Promise<void>;
  /** called once the whole file was read; what follows waits for it */
  read?: () => Promise<void>;
  /** the rows done so far */
  progress: (stage: 'reading' | 'importing', done: number, total?: number) => void;
};

/**
 * Imports `input` into `accounts`.
 * @throws UnreadableFeed where nothing could be read
 */
export async function importPeople(options: ImportOptions): Promise<ImportResult> {
  const { accounts, source, organisations, sealer, tell, progress } = options;
  const hashes = createHashAnnouncer(options.foreignHash);
  const counts: ImportCounts = {
    rows: 0,
    new: 0,
    changed: 0,
    ends: 0,
    reopens: 0,
    unchanged: 0,
    refused: 0,
    losses: 0,
  };
  const result: ImportResult = { counts, people: {}, losses: {} };
  /** the events of one person or row; several faults count once */
  const report = async (events: ImportEvent[], brought?: Brought) => {
    const [first] = events;
    if (first !== undefined && first.outcome !== 'suspended') counts[first.outcome] += 1;
    if (events.some((event) => isHashRefused(event, source))) counts.hashesRefused = (counts.hashesRefused ?? 0) + 1;
    for (const event of events)
      await tell(event, brought && { ...brought, records: () => spool.recordsOf(brought.statement.key) });
  };
  const spool = await spoolPeople(
    options.input,
    { organisations, source, defaultLanguage: options.defaultLanguage, sealer },
    (refusals) => report(refusals.map((refusal) => ({ outcome: 'refused', ...refusal }))),
    (rows) => progress('reading', rows),
  );
  counts.rows = spool.rows;
  const context = (): FeedContext => ({
    source,
    sealer,
    organisations,
    now: options.now(),
    randomBytes: options.randomBytes,
    defaultLanguage: options.defaultLanguage,
    invitationSeconds: options.invitationSeconds,
  });
  const brought = async (each: Brought) => {
    countLosses(each, result, options.now());
    if (each.outcome.kind === 'refused') spool.refuse(each.statement.key, reasonOf([each.outcome]));
    await report([named(eventOf(each, source.id, options.now()))], each);
  };
  const ports = { accounts, context, brought };
  let suspended = 0;
  try {
    await options.read?.();
    progress('importing', 0, spool.rows);
    const waiting: Statement[] = [];
    let rowsDone = 0;
    for (const batch of spool.people(BATCH)) {
      const read = await Promise.all(batch.map((person) => statedBy(person)));
      const statements: Statement[] = [];
      for (const each of read) {
        if ('events' in each) await report(each.events.map(named));
        else statements.push(each.statement);
      }
      waiting.push(...(await settle(await bringIn(statements, ports), ports, false)));
      for (const { rows } of batch) rowsDone += rows.length;
      progress('importing', rowsDone, spool.rows);
    }
    await settleAll(waiting, ports);
    if (source.full) await endAbsent();
    if (suspended > 0) {
      counts.suspended = { lines: spool.unreadable, people: suspended };
      await report([{ outcome: 'suspended', ...counts.suspended }]);
    }
    await options.quarantine?.(spool);
  } finally {
    await hashes.end();
    spool.close();
  }
  return result;

  function named(event: ImportEvent): ImportEvent {
    if (event.outcome !== 'refused' || event.column === undefined) return event;
    return { ...event, column: spool.nameOf(event.column) };
  }

  /** A row of an unknown person may have been about any of them: then nobody ends, and they are only counted. */
  async function endAbsent() {
    let after: string | undefined;
    do {
      const page = await accounts.fedBy(source.id, after, BATCH);
      const absent = page.accounts.flatMap(({ feeds }) => {
        const unnamed = feeds.filter((feed) => feed.source === source.id && !spool.names(feed.key));
        return unnamed.flatMap((memory) => absenceOf(memory, source, options.now()) ?? []);
      });
      if (spool.unreadable.length > 0) suspended += absent.length;
      else await settleAll(await bringIn(absent, ports), ports);
      after = page.next;
    } while (after !== undefined);
  }

  async function statedBy(person: SpooledPerson): Promise<{ events: ImportEvent[] } | { statement: Statement }> {
    for (const id of new Set(person.rows.map(({ affiliation }) => affiliation.organisation)))
      result.people[id] = (result.people[id] ?? 0) + 1;
    const read = statementOf(person.rows, person.complete, organisations);
    if ('refusals' in read) {
      spool.refuse(person.key, reasonOf(read.refusals));
      return { events: read.refusals.map((refusal) => ({ outcome: 'refused', person: person.key, ...refusal })) };
    }
    const { statement } = read;
    if (!options.withCredentials) {
      delete statement.totp;
      delete statement.totpLeft;
    }
    if (!options.withCredentials && statement.passwordHash !== undefined) {
      delete statement.passwordHash;
      counts.hashesLeft = (counts.hashesLeft ?? 0) + 1;
    }
    await hashes.before(statement.passwordHash);
    if (!person.contested && !person.suspended) return { statement };
    const known = await accounts.findByFeedKey(source.id, person.key);
    const contest = person.contested ? contestOf(statement, known, spool, source.id) : undefined;
    if (contest !== undefined) {
      spool.refuse(person.key, reasonOf([contest]));
      return { events: [eventOf({ statement, outcome: { kind: 'refused', ...contest } }, source.id, options.now())] };
    }
    if (known !== undefined && person.suspended && wouldLose(known, statement, context())) suspended += 1;
    return { statement };
  }
}

const reasonOf = (refusals: { column?: string; reason: string }[]) =>
  refusals.map(({ column, reason }) => [column, reason].filter(Boolean).join(' ')).join('; ');

function countLosses({ before, account, outcome }: Brought, { counts, losses }: ImportResult, now: number): void {
  if (outcome.kind === 'refused' || before === undefined || account === undefined) return;
  if (!losesAccess(before, account, now)) return;
  counts.losses += 1;
  for (const field of outcome.fields) {
    if (!field.startsWith('affiliations.')) continue;
    const organisation = field.slice('affiliations.'.length);
    losses[organisation] = (losses[organisation] ?? 0) + 1;
  }
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

/** Two people of one file claim the same number or address: neither gets it, unless one has it already. */
function contestOf(
  statement: Statement,
  known: Account | undefined,
  spool: Spool,
  source: string,
): { column: string; reason: string } | undefined {
  const own = known === undefined ? [] : keysOf(known).logins;
  // merged accounts are known to the source under several keys
  const isOwnKey = (key: string) => known !== undefined && entryOf(known, source, key) !== undefined;
  for (const [column, logins] of [
    ['number', statement.numbers],
    ['email', statement.emails ?? []],
  ] as const) {
    for (const login of logins) {
      const others = spool.claimants(login).filter((key) => key !== statement.key && !isOwnKey(key));
      if (others.length > 0 && !own.includes(login)) {
        return {
          column,
          reason: `${login} is claimed by person ${others.slice(0, 3).join(', ')} of this file as well: correct one of them`,
        };
      }
    }
  }
  return undefined;
}
