/** What an operator waits for, each measured on a storage that is filled already, in an order that leaves it as it should be. */
import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { Temporal } from 'temporal-polyfill';
import type { Account } from '../../src/domain/account/account.ts';
import { runAccountExpiry } from '../../src/jobs/account-expiry.ts';
import { openStorage } from '../../src/storage/open.ts';
import { quantile } from '../../test/support/statistics.ts';
import { familyNameOf, fillAccounts, fillSessions, numberOf } from './fill.ts';
import type { Installation } from './installation.ts';

export type Figure = { what: string; figure: string };
export type Operation = (input: {
  installation: Installation;
  folder: string;
  /** how many the storage was filled with */
  people: number;
  tell: (figure: Figure) => void;
  /** shows progress, see showProgress */
  reach: (label: string, done: number, total?: number) => void;
}) => Promise<void>;

const STARTS = 5;
const SEARCHES = 200;
const MB = 1e6;

/** Of nanoseconds. */
const ms = (ns: number) => (ns / 1e6).toFixed(0);

export const operations: Record<string, Operation> = { start, search, calls, feed, sweep, backup, ends };

async function start({ installation, tell }: Parameters<Operation>[0]): Promise<void> {
  const seconds: number[] = [];
  for (let time = 0; time < STARTS; time += 1) {
    const node = await installation.serve();
    seconds.push(node.seconds);
    await node.end();
  }
  tell({ what: `start to first discovery, median of ${STARTS}`, figure: `${quantile(seconds, 0.5).toFixed(2)} s` });
}

async function search({ installation, people, tell }: Parameters<Operation>[0]): Promise<void> {
  const storage = await openStorage(installation.storage, { now: Date.now });
  try {
    const some = (time: number) => 1 + ((time * 7919) % people);
    const queries: [string, (n: number) => string][] = [
      ['a whole number', (n) => numberOf(n)],
      ['the start of a number', (n) => numberOf(n).slice(0, 5)],
      ['a whole name', (n) => `${familyNameOf(n)}`],
      ['the start of a family name', () => 'pee'],
      ['an address', (n) => `p${n}@student`],
    ];
    for (const [what, query] of queries) {
      const ms: number[] = [];
      for (let time = 0; time < SEARCHES; time += 1) {
        const started = performance.now();
        await storage.accounts.search(query(some(time)), undefined, 20);
        ms.push(performance.now() - started);
      }
      tell({
        what: `search by ${what}, first page of 20`,
        figure: `p50 ${quantile(ms, 0.5).toFixed(2)} ms, p95 ${quantile(ms, 0.95).toFixed(2)} ms`,
      });
    }
  } finally {
    await storage.close();
  }
}

/** What a sign-in and a token ask of the storage, one call after the other, of people from all over it. */
async function calls({ installation, people, tell }: Parameters<Operation>[0]): Promise<void> {
  const storage = await openStorage(installation.storage, { now: Date.now });
  try {
    const { accounts, protocolRecords: records, attempts } = storage;
    const run = randomUUID();
    const later = Date.now() + 3_600_000;
    const person = (time: number) => accounts.findByLogin(numberOf(1 + ((time * 7919) % people)));
    const kinds: [string, (time: number, account: Account) => Promise<unknown>][] = [
      ['an account by its number', person],
      ['an account by its id', (_, { id }) => accounts.findById(id)],
      [
        'an account written',
        (_, account) => accounts.replace({ ...account, revision: account.revision + 1 }, account.revision),
      ],
      ['a token stored', (time) => records.put('AccessToken', `${run} ${time}`, { kind: 'AccessToken' }, later)],
      ['a token found', (time) => records.find('AccessToken', `${run} ${time}`, Date.now())],
      ['a token consumed', (time) => records.consume('AccessToken', `${run} ${time}`, Date.now())],
      ['a try counted', (time) => attempts.take(`${run} ${time}`, later, Date.now())],
    ];
    for (const [what, call] of kinds) {
      const ms: number[] = [];
      for (let time = 0; time < SEARCHES; time += 1) {
        const account = await person(time);
        if (account === undefined) throw new Error(`person ${time} is missing`);
        const started = performance.now();
        await call(time, account);
        ms.push(performance.now() - started);
      }
      tell({ what, figure: `p50 ${quantile(ms, 0.5).toFixed(2)} ms, p95 ${quantile(ms, 0.95).toFixed(2)} ms` });
    }
  } finally {
    await storage.close();
  }
}

/** A fifth as many newcomers as there are people, and the same file once more, as a feed of every night. */
async function feed({ installation, folder, people, tell }: Parameters<Operation>[0]): Promise<void> {
  const rows = Math.round(people / 5);
  const file = join(folder, 'newcomers.csv');
  await pipeline(feedOf(rows, people + 1), createWriteStream(file));
  for (const what of ['newcomers fed in', 'the same feed again']) {
    const { seconds, peakBytes } = await installation.run('people', 'import', file, '--source', 'hr');
    tell({
      what: `${what}: ${rows.toLocaleString('en')} rows`,
      figure: `${seconds.toFixed(0)} s, ${Math.round(rows / seconds).toLocaleString('en')} a second, ${Math.round(peakBytes / MB)} MB`,
    });
  }
}

async function* feedOf(rows: number, from: number): AsyncGenerator<string> {
  yield 'person,number,given_name,family_name,email,personal_email,organisation,role,from\n';
  for (let n = from; n < from + rows; n += 1)
    yield `hr-${n},${numberOf(n)},Ana,Maes ${n.toString(36)},p${n}@student.kuleuven.be,p${n}@example.org,kuleuven,student,2026-09-21\n`;
}

async function sweep({ installation, tell, reach }: Parameters<Operation>[0]): Promise<void> {
  const storage = await openStorage(installation.storage, { now: Date.now });
  try {
    const started = performance.now();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    let gone = 0;
    for (;;) {
      const went = await storage.sweep(Date.now());
      gone += went;
      reach('swept', gone);
      if (went === 0) break;
    }
    const seconds = (performance.now() - started) / 1000;
    tell({
      what: `sweep of ${gone.toLocaleString('en')} expired records`,
      figure: `${seconds.toFixed(1)} s; the loop stood still for ${ms(delay.percentile(50))} ms, p99 ${ms(delay.percentile(99))}, at most ${ms(delay.max)}`,
    });
  } finally {
    await storage.close();
  }
}

async function backup({ installation, folder, tell }: Parameters<Operation>[0]): Promise<void> {
  const file = join(folder, 'backup.db');
  rmSync(file, { force: true });
  const { seconds, peakBytes } = await installation.run('storage', 'backup', file);
  const bytes = existsSync(file) ? statSync(file).size : 0;
  rmSync(file, { force: true });
  tell({
    what: 'backup, read back',
    figure: `${seconds.toFixed(0)} s, ${(bytes / 1e9).toFixed(2)} GB, ${Math.round(peakBytes / MB)} MB of memory`,
  });
}

/** A tenth as many people as there are, each with a session, who all end tonight: the jobs of the morning after. */
async function ends({ installation, people, tell, reach }: Parameters<Operation>[0]): Promise<void> {
  const storage = await openStorage(installation.storage, { now: Date.now });
  const { organisations } = installation;
  const leaving = Math.round(people / 10);
  const from = 2 * people + 1;
  const until = Temporal.Now.plainDateISO('Europe/Brussels').toString();
  const told = (count: number) => reach('people who leave, and their sessions', count);
  try {
    await fillAccounts(storage, {
      accounts: leaving,
      from,
      now: Date.now(),
      organisations,
      ending: { every: 1, until },
      told,
    });
    await fillSessions(storage, { sessions: leaving, accounts: leaving, from, now: Date.now(), told });
    const started = performance.now();
    const changed = await runAccountExpiry({
      storage,
      organisations,
      warningDays: [],
      holder: 'size',
      now: () => Date.now() + 25 * 3600 * 1000,
      log: { error: (fields: object, text: string) => console.error(text, fields), warn() {}, info() {} },
    });
    const seconds = (performance.now() - started) / 1000;
    tell({
      what: `${(changed ?? 0).toLocaleString('en')} accounts ended on one day`,
      figure: `${seconds.toFixed(0)} s, ${Math.round((changed ?? 0) / seconds).toLocaleString('en')} a second`,
    });
    const node = await installation.serve();
    const begun = performance.now();
    try {
      while ((await storage.accounts.withEffects(1)).length > 0) await new Promise((go) => setTimeout(go, 500));
    } finally {
      await node.end();
    }
    tell({
      what: '… and a node at work has ended their sessions, and audited it',
      figure: `${((performance.now() - begun) / 1000).toFixed(0)} s`,
    });
  } finally {
    await storage.close();
  }
}
