/**
 * `npm run bench:counts`: counts what each act asks of either database, exactly (`--help` says how); how long acts take is for
 * `npm run bench` (run.ts). The numbers of operations are the same in every run; bytes differ by a few, because identifiers do.
 * What `--save` writes belongs into the commit that means the change.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { startMongodb, stopMongodb } from '../test/support/mongodb-server.ts';
import needs from '../test/support/needs.cjs';
import { runner, whole } from '../test/support/runner.ts';
import { allActs, withJobs } from './acts.ts';
import type { Tally } from './counting.ts';
import { changesOf, countsOf, type Database, readCounts, writeCounts } from './counts.ts';
import { startInstallation } from './installation.ts';

const program = runner(
  'bench:counts',
  'Counts what each act asks of the database, exactly: on SQLite, and on MongoDB where one is named or started.',
)
  .argument('[uri]', 'of a MongoDB for its own use: the database pedel-measure in it is dropped')
  .option('--mongodb', 'start the MongoDB of the tests')
  .option('--check', 'end with 1 where an act asks more than bench/counts.json or counts-mongodb.json says')
  .option('--save', 'write these files anew')
  .option('--detail', 'list what each act asks')
  .option('--keep', 'write bench/measured.json, which bench/morning.ts reads')
  .option('--idle <seconds>', 'how long a node is watched with nobody there', whole(0, 86_400), 20)
  .parse();
type Given = { mongodb?: true; check?: true; save?: true; detail?: true; keep?: true; idle: number };
const { mongodb, check: checking, save: saving, detail, keep: keeping, idle } = program.opts<Given>();
const [given] = program.args;

const kept: Record<string, object> = {};
const folder = mkdtempSync(join(tmpdir(), 'pedel-measure-'));
try {
  await measure('SQLite', `sqlite:${join(folder, 'pedel.db')}`, {
    reads: ({ reads }) => reads,
    'changing statements': ({ writes }) => writes,
    'of them idle': ({ idleWrites }) => idleWrites,
    commits: ({ commits }) => commits,
    'log pages': ({ pages }) => pages,
    'log KB': ({ pages }) => kilobytes(pages * 4120),
  });
} finally {
  rmSync(folder, { recursive: true });
}
if (mongodb) {
  const own = await startMongodb(undefined, needs.quickMongodb ?? needs.mongodb);
  try {
    await measureMongodb(own.uri);
  } finally {
    await stopMongodb(own);
  }
} else if (given !== undefined) await measureMongodb(given);
if (keeping) writeFileSync(new URL('measured.json', import.meta.url), `${JSON.stringify(kept, null, 2)}\n`);

async function measureMongodb(given: string): Promise<void> {
  const uri = new URL(given);
  uri.pathname = '/pedel-measure';
  const server = await new MongoClient(uri.href).connect();
  try {
    await server.db().dropDatabase();
    await measure('MongoDB', uri.href, {
      commands: ({ reads, writes }) => reads + writes,
      reads: ({ reads }) => reads,
      writes: ({ writes }) => writes,
      'of them idle': ({ idleWrites }) => idleWrites,
      'KB sent': ({ sentBytes }) => kilobytes(sentBytes),
      'KB received': ({ receivedBytes }) => kilobytes(receivedBytes),
      'KB stored': ({ storedBytes }) => kilobytes(storedBytes),
      'index entries': ({ indexEntries }) => indexEntries,
    });
  } finally {
    await server.db().dropDatabase();
    await server.close();
  }
}

async function measure(name: Database, uri: string, columns: Record<string, (tally: Tally) => number | string>) {
  const pedel = await startInstallation(uri);
  try {
    const costs = await allActs(pedel);
    console.log(`\n### ${name}\n\n${row(['act', ...Object.keys(columns)])}`);
    console.log(row(['---', ...Object.keys(columns).map(() => '--:')]));
    for (const [act, tally] of costs) console.log(row([act, ...Object.values(columns).map((of) => of(tally))]));
    const kinds = [...pedel.counted.kinds()].sort(([one], [other]) => (one < other ? -1 : 1));
    if (kinds.length > 0)
      console.log(`\n${row(['kind of document', 'bytes', 'index entries'])}\n${row(['---', '--:', '--:'])}`);
    for (const [kind, { largestBytes, indexEntries }] of kinds) console.log(row([kind, largestBytes, indexEntries]));
    kept[name] = {
      acts: Object.fromEntries(
        [...costs].map(([act, tally]) => [act, { ...tally, asked: Object.fromEntries(tally.asked) }]),
      ),
      kinds: Object.fromEntries(kinds),
    };
    check(name, countsOf(costs, withJobs));
    if (detail) for (const [act, { asked }] of costs) console.log(`\n${act}:\n${list(asked)}`);
    const { asked } = await pedel.idle(idle);
    console.log(`\nOne node with nobody there, in ${idle} seconds:\n${list(asked)}`);
  } finally {
    await pedel.stop();
  }
}

function check(database: Database, counts: ReturnType<typeof countsOf>): void {
  if (saving) writeCounts(database, counts);
  if (!checking) return;
  const changes = changesOf(readCounts(database), counts);
  for (const { act, kind, before, now } of changes) console.log(`${database}, ${act}: ${kind} ${before} → ${now}`);
  if (changes.length > 0) console.log('If that is meant: npm run bench:counts -- --save');
  if (changes.some(({ before, now }) => now > before)) process.exitCode = 1;
}

function row(cells: (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}

function list(asked: Map<string, number>): string {
  return [...asked]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, times]) => `- ${name}: ${times}`)
    .join('\n');
}
