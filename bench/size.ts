/**
 * What an installation of a million people costs beside a small one: start, search, feed, sweep, backup, the end of a year.
 * How fast people are signed in there is asked by `npm run bench`. `node bench/size.ts --help`
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { showProgress } from '../src/commands/progress.ts';
import { openStorage } from '../src/storage/open.ts';
import { fillAccounts, fillRecords } from './size/fill.ts';
import { installationFor } from './size/installation.ts';
import { type Figure, operations } from './size/operations.ts';

const program = new Command('size')
  .description('Fills a storage with invented people and measures what an operator waits for.')
  .requiredOption(
    '--folder <folder>',
    'where the SQLite file, feeds and backups go; about 2 kB a person and 1.2 kB a record',
  )
  .option('--people <number>', 'how many accounts', Number, 1_000_000)
  .option('--records <number>', 'how many protocol records, one in ten a session', Number, 10_000_000)
  .option('--storage <uri>', 'another storage than a new SQLite file in the folder: an empty database of MongoDB')
  .option('--only <names>', `some of ${Object.keys(operations).join(', ')} (comma-separated)`)
  .option('--filled', 'the storage was filled by an earlier run with the same numbers')
  .option('--json <file>', 'where the figures go as JSON')
  .addHelpText(
    'after',
    '\nExample: npm exec -- node bench/size.ts --folder /var/tmp/size --people 10000 --records 100000',
  )
  .parse();
const options = program.opts<{
  folder: string;
  people: number;
  records: number;
  storage?: string;
  only?: string;
  filled?: boolean;
  json?: string;
}>();

const folder = resolve(options.folder);
mkdirSync(folder, { recursive: true, mode: 0o700 });
const { people, records } = options;
const installation = installationFor(folder, options.storage ?? `sqlite:${join(folder, 'pedel.db')}`);
const terminal = {
  interactive: process.stderr.isTTY === true,
  writeError: (text: string) => void process.stderr.write(text),
};
const progress = showProgress(terminal);
const figures: Figure[] = [];
const tell = (figure: Figure) => {
  progress.clear();
  figures.push(figure);
  console.log(`${figure.what.padEnd(58)} ${figure.figure}`);
};

if (options.filled !== true) await fill();
const wanted = options.only?.split(',') ?? Object.keys(operations);
for (const name of wanted) {
  const measure = operations[name];
  if (measure === undefined) program.error(`there is no ${name}; known: ${Object.keys(operations).join(', ')}`);
  await measure?.({ installation, folder, people, tell, reach: progress.reach });
}
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ people, records, figures }, null, 2)}\n`);

async function fill(): Promise<void> {
  const storage = await openStorage(installation.storage, { now: Date.now, folder: 'make' });
  try {
    const started = performance.now();
    const now = Date.now();
    await fillAccounts(storage, {
      accounts: people,
      now,
      organisations: installation.organisations,
      told: (count) => progress.reach('people', count, people),
    });
    await fillRecords(storage, {
      records,
      accounts: people,
      now,
      expired: 0.05,
      told: (count) => progress.reach('records', count, records),
    });
    const { bytes } = await storage.archive.state();
    tell({
      what: `filled: ${people.toLocaleString('en')} people, ${records.toLocaleString('en')} records`,
      figure: `${((performance.now() - started) / 1000).toFixed(0)} s, ${(bytes / 1e9).toFixed(2)} GB`,
    });
  } finally {
    await storage.close();
  }
}
