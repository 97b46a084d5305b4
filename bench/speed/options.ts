/** The words of `npm run bench`, read and checked. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type ActName, acts } from './acts.ts';

export type BaselineName = 'memory' | 'sqlite';
export type Options = {
  only: ActName[];
  rounds: number;
  warmUpSeconds: number;
  burstMs: number;
  connections: number;
  baselines: BaselineName[];
  /** the folder of another installation of Pedel, measured in the same rounds */
  compare: string | undefined;
  /** before all else on this machine */
  urgent: boolean;
  json: string | undefined;
  folder: string;
};

const actNames = Object.keys(acts) as ActName[];

export function parseOptions(words: string[]): Options {
  const program = new Command('npm run bench --')
    .description(
      'Measures what Pedel costs beside oidc-provider alone, in memory ("memory") and on a durable SQLite file ("sqlite"):\n' +
        'all of them are started here, on loopback, and asked the same in bursts that take turns. What may be kept is the\n' +
        'ratio within a round; milliseconds are those of this machine and this hour.',
    )
    .option('--only <acts>', `acts to measure, with commas between: ${actNames.join(', ')}`, list(actNames), actNames)
    .option('--rounds <n>', 'rounds; what is told is the median of their ratios', whole(1, 1000), 7)
    .option('--quick', 'two minutes: three rounds, a short warm-up')
    .option(
      '--compare <folder>',
      'another checkout of Pedel (with its node_modules), measured in the same rounds',
      checkout,
    )
    .addOption(
      new Option('--baselines <names>', 'which baselines: memory, sqlite, or none')
        .argParser(list(['memory', 'sqlite', 'none']))
        .default(['memory', 'sqlite'], 'both'),
    )
    .option('--connections <n>', 'how many ask at once', whole(1, 256), 16)
    .option('--warm-up <seconds>', 'of all systems together, left out of the figures', whole(0, 600), 30)
    .option('--burst <ms>', 'how long a burst is', whole(50, 10_000), 700)
    .option(
      '--folder <folder>',
      'where the databases are while it runs: on the disk that you want to measure',
      tmpdir(),
    )
    .option(
      '--urgent',
      'puts the bench before all else that runs here (root): on a machine where others work, the figures hold still',
    )
    .option('--json <file>', 'writes every figure')
    .addHelpText(
      'after',
      `
Examples:
  npm run bench -- --quick
  npm run bench -- --only silent,userinfo --compare ../other-checkout   (is this change worth it?)
  npm run bench -- --only silent --compare ../other-checkout --baselines none`,
    )
    .parse(words, { from: 'user' });
  const given = program.opts();
  const set = (name: string) => program.getOptionValueSource(name) === 'cli';
  const quick = given.quick === true;
  return {
    only: given.only,
    rounds: quick && !set('rounds') ? 3 : given.rounds,
    warmUpSeconds: quick && !set('warmUp') ? 8 : given.warmUp,
    burstMs: quick && !set('burst') ? 400 : given.burst,
    connections: given.connections,
    baselines: given.baselines.filter((name: string) => name !== 'none'),
    compare: given.compare,
    urgent: given.urgent === true,
    json: given.json,
    folder: given.folder,
  };
}

function list<Name extends string>(known: readonly Name[]): (text: string) => Name[] {
  return (text) => {
    const names = text.split(',').map((each) => each.trim());
    const unknown = names.filter((name) => !known.includes(name as Name));
    if (unknown.length > 0) throw new InvalidArgumentError(`${unknown.join(', ')}: there is ${known.join(', ')}.`);
    return names as Name[];
  };
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most)
      throw new InvalidArgumentError(`Give a whole number, ${least} to ${most}.`);
    return number;
  };
}

function checkout(text: string): string {
  const folder = resolve(text);
  for (const part of ['bin/pedel', 'node_modules'])
    if (!existsSync(join(folder, part))) throw new InvalidArgumentError(`There is no ${part} in it.`);
  return folder;
}
