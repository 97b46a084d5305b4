/**
 * Measures how long it takes to find people, and the email that a mail server sent back, on SQLite or MongoDB; run by
 * hand: `node test/storage/measure-search.ts [STORAGE] [PEOPLE] [AT_ONCE] [search]`, where STORAGE is as in the
 * configuration and empty, and `search` leaves the emails out. Nothing here is a test: seconds differ, promises do not.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '../../src/domain/account/account.ts';
import { messageIdOf } from '../../src/domain/desk/message-id.ts';
import type { OutboxEntry } from '../../src/domain/ports/outbox.ts';
import { openStorage } from '../../src/storage/open.ts';
import { quantile } from '../support/statistics.ts';
import { numbered } from './contract/numbered.ts';

const folder = mkdtempSync(join(tmpdir(), 'pedel-measure-'));
const uri = process.argv[2] ?? `sqlite:${join(folder, 'pedel.db')}`;
const people = Number(process.argv[3] ?? 100_000);
const storage = await openStorage(uri, { now: Date.now });
const AT_ONCE = Number(process.argv[4] ?? 500); // fewer where the server is slow

async function timed<Result>(name: string, act: () => Promise<Result>): Promise<Result> {
  const start = performance.now();
  const result = await act();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

const person = (n: number) => numbered(n, { givenName: `An${n % 977}`, familyName: `Van den ${n % 4999}` });

// a database that an earlier run filled is left as it is
if ((await storage.accounts.findById(person(people - 1).id)) === undefined)
  await timed(`store ${people} accounts`, async () => {
    for (let from = 0; from < people; from += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, people - from) }, (_, n) => person(from + n));
      try {
        await storage.archive.put('accounts', some);
      } catch {
        // a slow server did it, and the driver gave it once more
        for (const each of some)
          if ((await storage.accounts.findById(each.id)) === undefined) await storage.archive.put('accounts', [each]);
      }
    }
  });

/** Forty times, or for ten seconds where that is less. */
async function often(name: string, act: (round: number) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (const start = performance.now(); times.length < 40 && performance.now() - start < 10_000; ) {
    const begun = performance.now();
    await act(times.length);
    times.push(performance.now() - begun);
  }
  const [p50, p95] = [0.5, 0.95].map((q) => quantile(times, q).toFixed(1));
  console.log(`${name}: p50 ${p50} ms, p95 ${p95} ms, ${times.length} times`);
}

const some = (round: number) => (round * 7919 + 77) % people;
const digits = (n: number) => String(n).padStart(7, '0');
const queries: [what: string, query: (n: number) => string][] = [
  ['a number', (n) => `r${digits(n)}`],
  ['the start of a number', (n) => `r${digits(n).slice(0, 5)}`],
  ['an address', (n) => `person${digits(n)}@student.vives.be`],
  ['the start of a name', (n) => `an${n % 977}`],
  ['two words', (n) => `an${n % 977} van den ${String(n % 4999).slice(0, 2)}`],
  ['a family name', (n) => `van den ${n % 4999}`],
  ['nobody', (n) => `nobody ${n}`],
  ['everybody', () => ''],
  ['a name that all have', () => 'van den'],
  ['a letter that all numbers begin with', () => 'r'],
];
for (const organisation of [undefined, 'vives'])
  for (const [what, query] of queries) {
    const where = organisation === undefined ? '' : ', in an organisation of all of them';
    await often(`search: ${what}${where}`, (round) =>
      storage.accounts.search(query(some(round)), undefined, 26, organisation),
    );
  }
const written = async (round: number, change: Partial<Account>) => {
  const account = await storage.accounts.findById(person(some(round)).id);
  if (account === undefined) throw new TypeError('everybody is there');
  await storage.accounts.replace({ ...account, ...change, revision: account.revision + 1 }, account.revision);
};
await often('an account written', (round) => written(round, { mailedAt: [round] }));
await often('an account renamed', (round) => written(round, { familyName: `Maes ${round}` }));
if (process.argv[5] !== 'search') await findEmails();
await storage.close();
rmSync(folder, { recursive: true });

async function findEmails(): Promise<void> {
  const letter = (n: number): OutboxEntry => ({
    id: `id-${String(n).padStart(7, '0')}:1:0`,
    kind: 'letter',
    accountId: `id-${String(n).padStart(7, '0')}`,
    payload: { template: 'invitation', to: `person${n}@example.org`, language: 'nl', organisation: 'vives', data: {} },
    createdAt: n,
    state: 'done',
    attempts: 1,
    nextAttemptAt: n,
    finishedAt: Date.now(),
  });
  await timed(`store ${people} emails that were sent`, async () => {
    for (let from = 0; from < people; from += AT_ONCE)
      await storage.archive.put(
        'outbox',
        Array.from({ length: Math.min(AT_ONCE, people - from) }, (_, n) => letter(from + n)),
      );
  });
  for (const n of [0, Math.floor(people / 2), people - 1, people])
    await timed(`find the email of person ${n} by its Message-ID`, async () =>
      storage.outbox.sentAs(messageIdOf(letter(n).id)),
    );
}
