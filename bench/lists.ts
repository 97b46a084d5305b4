/**
 * How long the lists of the console and of the API take where there is much to list. `node bench/lists.ts --help`
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { showProgress } from '../src/commands/progress.ts';
import type { Storage } from '../src/domain/ports/storage.ts';
import { openStorage } from '../src/storage/open.ts';
import { fillAccounts } from './size/fill.ts';
import { fillClients, fillEntries } from './size/fill-lists.ts';
import { installationFor } from './size/installation.ts';
import { measureLists } from './size/lists.ts';

const program = new Command('lists')
  .description(
    'Fills a storage with invented applications, people and entries of the audit log, and measures its lists.',
  )
  .requiredOption('--folder <folder>', 'where the SQLite file goes; about 1 kB an entry')
  .option('--clients <number>', 'how many applications', Number, 5000)
  .option('--people <number>', 'how many accounts', Number, 100_000)
  .option('--entries <number>', 'how many entries the audit log has', Number, 10_000_000)
  .option('--rounds <number>', 'how often each list is asked for', Number, 60)
  .option('--storage <uri>', 'another storage than a new SQLite file in the folder: an empty database of MongoDB')
  .option('--filled', 'the storage was filled by an earlier run with the same numbers')
  .option('--json <file>', 'where the figures go as JSON')
  .addHelpText('after', '\nExample: npm exec -- node bench/lists.ts --folder /var/tmp/lists --entries 100000')
  .parse();
const options = program.opts<{
  folder: string;
  clients: number;
  people: number;
  entries: number;
  rounds: number;
  storage?: string;
  filled?: boolean;
  json?: string;
}>();

const folder = resolve(options.folder);
mkdirSync(folder, { recursive: true, mode: 0o700 });
const file = join(folder, 'pedel.db');
const installation = installationFor(folder, options.storage ?? `sqlite:${file}`);
const storage = await openStorage(installation.storage, { now: Date.now, folder: 'make' });
const progress = showProgress({
  interactive: process.stderr.isTTY === true,
  writeError: (text: string) => void process.stderr.write(text),
});
if (options.filled !== true) await fill(storage);
const figures = await measureLists(installation, storage, { people: options.people, rounds: options.rounds });
for (const { what, p50, p95, cpu } of figures)
  console.log(
    `${what.padEnd(62)} p50 ${p50.toFixed(1).padStart(7)}  p95 ${p95.toFixed(1).padStart(7)}  cpu ${cpu.toFixed(1).padStart(7)} ms`,
  );
console.log(
  `load ${loadavg()
    .map((each) => each.toFixed(1))
    .join(' ')}`,
);
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ ...options, load: loadavg(), figures }, null, 2)}\n`);
await storage.close();

async function fill(empty: Storage): Promise<void> {
  const started = performance.now();
  const now = Date.now();
  const { clients, people, entries } = options;
  await fillClients(empty, clients, now);
  await fillAccounts(empty, {
    accounts: people,
    now,
    organisations: installation.organisations,
    told: (count) => progress.reach('people', count, people),
  });
  await fillEntries(empty, {
    ...(options.storage === undefined ? { file } : {}),
    entries,
    people: await idsOf(empty),
    clients,
    now,
    told: (count) => progress.reach('entries', count, entries),
  });
  progress.clear();
  const { bytes } = await empty.archive.state();
  console.log(`filled in ${((performance.now() - started) / 1000).toFixed(0)} s, ${(bytes / 1e9).toFixed(2)} GB`);
}

async function idsOf({ accounts }: Pick<Storage, 'accounts'>): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await accounts.search('', after, 1000);
    ids.push(...page.map(({ id }) => id));
    after = page.at(-1)?.id;
    if (page.length < 1000) return ids;
  }
}
