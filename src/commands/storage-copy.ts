/** `pedel storage copy`: moves an installation from one database to another. */

import { Command } from 'commander';
import { nameOfStorage } from '../domain/installation/storage-name.ts';
import { type CopiedKind, type CopyOptions, copyStorage, difference } from '../use-cases/storage/copy-storage.ts';
import { configOption, storageOf } from './configuration.ts';
import { storages } from './installation.ts';
import { showProgress } from './progress.ts';
import { CommandFault, count, type Setting, type Terminal } from './terminal.ts';

type Options = { from?: string; to?: string; startOver?: boolean; json?: boolean; config?: string };

export function copyCommand({ terminal, exit }: Setting): Command {
  return new Command('copy')
    .description('copy everything into an empty storage, to move to another database')
    .option('--from <uri>', 'source: sqlite:FILE or mongodb://… (default: the configured storage)')
    .option('--to <uri>', 'destination, empty: sqlite:FILE or mongodb://… (default: the configured storage)')
    .option('--start-over', 'first delete what an unfinished copy left in the destination')
    .option('--json', 'each kind with its count and content hash as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ from, to, startOver = false, json = false, config }: Options) => {
      if (from === undefined && to === undefined) throw new CommandFault('give --from, --to, or both');
      const source = from ?? storageOf(terminal, config);
      const target = to ?? storageOf(terminal, config);
      exit(await runCopy(terminal, { from: source, to: target, purpose: 'move', startOver }, json));
    });
}

/** Copies, prints the result, and returns the exit status. */
export async function runCopy(
  terminal: Terminal,
  given: Pick<CopyOptions, 'from' | 'to' | 'purpose' | 'startOver'>,
  json: boolean,
): Promise<number> {
  const options: CopyOptions = {
    ...given,
    now: terminal.now,
    randomBytes: terminal.randomBytes,
    progress: showProgress(terminal, json),
    storages,
    say: (text) => terminal.writeError(`${text}\n`),
  };
  const started = performance.now();
  const copied = await copyStorage(options);
  const fault = difference(copied, options);
  const seconds = (performance.now() - started) / 1000;
  const [from, to] = [nameOfStorage(given.from), nameOfStorage(given.to)];
  if (json)
    terminal.write(
      `${JSON.stringify({ from, to, equal: fault === undefined, seconds: Number(seconds.toFixed(2)), kinds: copied }, null, 2)}\n`,
    );
  else terminal.write(tableOf(copied));
  if (fault !== undefined) {
    terminal.writeError(`pedel: ${fault}\n`);
    return 1;
  }
  if (!json) {
    const records = copied.reduce((sum, { records }) => sum + records, 0);
    const end = given.purpose === 'restore' ? `restored from ${from} into ${to}` : `${to} is equal to ${from}`;
    terminal.write(`${count(records, 'record')} in ${seconds.toFixed(1)} s; ${end}\n`);
  }
  return 0;
}

function tableOf(copied: CopiedKind[]): string {
  const rows = copied.map(({ kind, records, leftOut, hash, equal }) => [
    kind.padEnd(16),
    records.toLocaleString('en').padStart(12),
    `  ${hash.slice(0, 16)}`,
    equal ? '  equal' : '  DIFFERENT',
    leftOut === 0 ? '' : `  ${leftOut.toLocaleString('en')} left out`,
  ]);
  return `${rows.map((row) => row.join('')).join('\n')}\n`;
}

const HELP = `
Stop all nodes first, because the copy would miss what they write. The command
refuses to start while a node holds a lease. At the end it reads source and
destination again, and compares their counts and content hashes. Use the same
PEDEL_SECRET with the destination.

Until the copy is complete and equal, pedel serve refuses the destination. After
an interrupted copy, run the same command with --start-over: it deletes the
unfinished copy, and nothing else, and starts again.

Exit status:
  0  copied, and equal
  1  not copied, or the source changed meanwhile

Examples:
  pedel storage copy --from sqlite:/var/lib/pedel/pedel.db \\
    --to 'mongodb://db1,db2,db3/pedel?replicaSet=rs0'
  PEDEL_STORAGE_FILE=new-uri pedel storage copy \\
    --from sqlite:/var/lib/pedel/pedel.db
`;
