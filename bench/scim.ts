/**
 * `node bench/scim.ts`: how long it takes to count and to list what a large source said over SCIM (`--help` says how). Nothing
 * here is a test: milliseconds are those of a machine and an hour.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { scimOrderTerm } from '../src/domain/feed/scim-entry.ts';
import { openStorage } from '../src/storage/open.ts';
import { listUsers } from '../src/use-cases/scim/list-users.ts';
import { numbered } from '../test/storage/contract/numbered.ts';
import { newDatabaseUri, startMongodb, stopMongodb } from '../test/support/mongodb-server.ts';
import needs from '../test/support/needs.cjs';
import { whole } from '../test/support/runner.ts';
import { quantile } from '../test/support/statistics.ts';

const program = new Command('node bench/scim.ts')
  .description('Times counts and lists of a source with many people over SCIM.')
  .addArgument(
    new Argument('[storage]', 'SQLite, the MongoDB that the tests find, or the one in memory')
      .choices(['sqlite', 'mongodb', 'memory'])
      .default('sqlite'),
  )
  .argument('[people]', 'of the source', whole(1, 10_000_000), 20_000)
  .parse();
const [kind, people] = program.processedArgs as ['sqlite' | 'mongodb' | 'memory', number];

const SOURCE = 'hr';
const PAGE = 200;
const AT_ONCE = 500;
const LAST = 10 ** 15 - 1;
/** Of src/api/scim/list.ts. */
const FURTHEST = 9999;

const folder = mkdtempSync(join(tmpdir(), 'pedel-scim-'));
const found = kind === 'memory' ? needs.quickMongodb : needs.mongodb;
const server = kind === 'sqlite' ? undefined : await startMongodb(undefined, found);
const end = async () => {
  if (server !== undefined) await stopMongodb(server);
  rmSync(folder, { recursive: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void end().then(() => process.exit(130)));
const uri = server === undefined ? `sqlite:${join(folder, 'pedel.db')}` : newDatabaseUri(server.uri);
const storage = await openStorage(uri, { now: Date.now });
const { accounts, archive } = storage;
const began = Date.now() - people;

const person = (n: number) => {
  const key = `k${n}`;
  const user = { userName: key, externalId: key, emails: [{ value: `${key}@student.vives.be`, type: 'work' }] };
  const scim = { id: `s${n}`, createdAt: began + n, modifiedAt: began + n, user };
  return numbered(n, { feeds: [{ source: SOURCE, key, fields: {}, scim }] });
};

/** So often, or for ten seconds where that is less. */
async function timed(name: string, times: number, act: (round: number) => Promise<unknown>): Promise<void> {
  const took: number[] = [];
  let result: unknown;
  const until = performance.now() + 10_000;
  for (let round = 0; round < times && (round === 0 || performance.now() < until); round += 1) {
    const start = performance.now();
    result = await act(round);
    took.push(performance.now() - start);
  }
  const [p50, p95] = [0.5, 0.95].map((q) => quantile(took, q).toFixed(1));
  console.log(
    `${name}: p50 ${p50} ms, p95 ${p95} ms, ${took.length} times${typeof result === 'number' ? `, ${result}` : ''}`,
  );
}

try {
  await timed(`store ${people} people`, 1, async () => {
    for (let from = 0; from < people; from += AT_ONCE)
      await archive.put(
        'accounts',
        Array.from({ length: Math.min(AT_ONCE, people - from) }, (_, n) => person(from + n)),
      );
  });
  const [from, to] = [scimOrderTerm(SOURCE, 0), scimOrderTerm(SOURCE, LAST)];
  const list = (query: object, page: object) => listUsers({ accounts }, SOURCE, query, { limit: PAGE, ...page });
  await timed('count of all', 10, () => accounts.countTerms(from, to));
  await timed('count of the later half', 10, () => accounts.countTerms(scimOrderTerm(SOURCE, began + people / 2), to));
  await timed('first page by cursor', 10, () => list({}, {}));
  await timed('a page by cursor in the middle', 10, (round) =>
    list({}, { after: scimOrderTerm(SOURCE, began + Math.floor(people / 2) + round) }),
  );
  await timed('first page with its total', 10, () => list({}, { skip: 0 }));
  await timed('the furthest page by startIndex, with its total', 3, () =>
    list({}, { skip: Math.min(Math.floor(people / 2), FURTHEST) }),
  );
  await timed('one by userName', 40, (round) => list({ userName: `k${(round * 7919) % people}` }, { skip: 0 }));
  await timed('one by address', 10, (round) =>
    list({ email: `k${(round * 7919) % people}@student.vives.be` }, { skip: 0 }),
  );
} finally {
  await storage.close();
  await end();
}
