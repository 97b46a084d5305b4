/**
 * Measures how long it takes to find people, and the email that a mail server sent back, on SQLite or MongoDB; run by hand:
 * `node test/storage/measure-search.ts [STORAGE] [PEOPLE] [AT_ONCE]`, where STORAGE is as in the configuration and empty. Nothing here
 * is a test: seconds differ, promises do not.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sentEmail } from '../../src/commands/mail.ts';
import type { OutboxEntry } from '../../src/domain/ports/outbox.ts';
import { openStorage } from '../../src/storage/open.ts';
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

async function search(query: string, organisation?: string) {
  const times: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    const start = performance.now();
    await storage.accounts.search(query, undefined, 26, organisation);
    times.push(performance.now() - start);
  }
  times.sort((one, other) => one - other);
  const where = organisation === undefined ? 'association' : 'organisation of all of them';
  console.log(
    `search "${query}" (${where}): p50 ${times[19]?.toFixed(1)} ms, p95 ${times[37]?.toFixed(1)} ms, worst ${times[39]?.toFixed(1)} ms`,
  );
}
for (const organisation of [undefined, 'vives'])
  for (const query of ['r0077777', 'r00777', 'an12 van', 'van den', 'an', 'r', 'nobody', ''])
    await search(query, organisation);

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
    sentEmail(storage.outbox, `${createHash('sha256').update(letter(n).id).digest('hex')}@x`, () => {}),
  );
await storage.close();
rmSync(folder, { recursive: true });
