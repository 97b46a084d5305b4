/** The words of `npm run bench`, read and checked. */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { whole } from '../../test/support/runner.ts';
import { type ActName, acts } from './acts.ts';
import { type Against, refusalOf } from './against.ts';
import { type ScenarioName, scenarios } from './scenarios.ts';

export type BaselineName = 'memory' | 'sqlite' | 'http';
export type Options = {
  only: ActName[];
  scenarios: ScenarioName[];
  quick: boolean;
  rounds: number;
  warmUpSeconds: number;
  burstMs: number;
  connections: number;
  baselines: BaselineName[];
  storage: 'sqlite' | 'mongodb';
  /** absent with `mongodb`: the one of the tests is started */
  mongodb: string | undefined;
  /** the folder of another installation of Pedel, measured in the same rounds */
  compare: string | undefined;
  /** as PEDEL_STORAGE has it, see --filled */
  filled: string | undefined;
  /** how many wait in one more Pedel, which sends them meanwhile; absent: there is none */
  letters: number | undefined;
  against: Against | undefined;
  check: boolean;
  save: boolean;
  json: string | undefined;
  svg: string | undefined;
  folder: string;
  /** before all else on this machine */
  urgent: boolean;
};

const actNames = Object.keys(acts) as ActName[];
const scenarioNames = Object.keys(scenarios) as ScenarioName[];
const baselineNames = ['memory', 'sqlite', 'http', 'none'] as const;

/** Ends the process with a sentence where a word is wrong. */
export function parseOptions(words: string[], program = new Command()): Options {
  program
    .name('npm run bench --')
    .description(
      'Measures what Pedel costs beside oidc-provider alone, which keeps everything in memory ("memory") or on a durable ' +
        'SQLite file ("sqlite"), and beside a server that only answers documents ("http"). All of them are started here, on ' +
        'loopback, and asked the same in bursts that take turns. What may be kept is the ratio within a round; ' +
        'milliseconds are those of this machine and this hour. docs/performance.md says more.',
    )
    .option(
      '--only <names>',
      'acts and scenarios, with commas between (below); absent: all',
      list([...actNames, ...scenarioNames]),
    )
    .option('--quick', 'two minutes: three short rounds, no scenario that is not named')
    .option('--rounds <n>', 'rounds; what is told is the median of their ratios', whole(1, 1000), 7)
    .option(
      '--compare <folder>',
      'another checkout of Pedel (with its node_modules), measured in the same rounds',
      checkout,
    )
    .addOption(
      new Option('--baselines <names>', 'what to compare with: memory, sqlite, http, or none')
        .argParser(list(baselineNames))
        .default(['memory', 'sqlite', 'http'], 'all'),
    )
    .addOption(new Option('--storage <name>', 'of Pedel').choices(['sqlite', 'mongodb']).default('sqlite'))
    .option(
      '--mongodb <uri>',
      'with --storage mongodb: a database of its own is made there and dropped; absent: that of the tests is started',
    )
    .option(
      '--filled <storage>',
      'also Pedel on this SQLite file, or database of MongoDB (URI), which bench/size.ts filled: does it stay as fast?',
      (text: string) => (text.startsWith('mongodb') ? text : `sqlite:${existing(text)}`),
    )
    .option(
      '--letters <n>',
      'also Pedel with so many invitations waiting, which it sends to a mail server here meanwhile; with --burst 3000',
      whole(1, 10_000_000),
    )
    .option('--check', 'compares with bench/ratios.json: says what became dearer by more than a tenth, and ends with 1')
    .option('--save', 'writes bench/ratios.json')
    .option('--json <file>', 'writes every figure')
    .option('--svg <file>', 'draws the ratios and their goals')
    .option(
      '--urgent',
      'puts the bench before all else that runs here (root): where others work, the figures hold still',
    )
    .option('--connections <n>', 'how many ask at once', whole(1, 256), 16)
    .option('--warm-up <seconds>', 'of each system, in all acts together; left out of the figures', whole(0, 600), 30)
    .option('--burst <ms>', 'how long a burst is', whole(50, 10_000), 700)
    .option('--folder <folder>', 'where the databases are meanwhile: on the disk that you want to measure', tmpdir())
    .option(
      '--against <url>',
      'times an installation that runs, and starts none; loopback only, or with --owner-agrees',
    )
    .option('--owner-agrees', 'with --against: whoever runs that machine knows, and wants it')
    .option('--client <id>', 'with --against: an application whose people are asked for no consent')
    .option('--secret-file <file>', 'with --against: the file with its secret')
    .option('--redirect-uri <uri>', 'with --against: its redirect URI')
    .option('--login <login>', 'with --against: a person with a password only')
    .option('--password-file <file>', 'with --against: the file with that password')
    .addHelpText(
      'after',
      `
Acts:
${actNames.map((name) => `  ${name.padEnd(14)} ${acts[name].title}`).join('\n')}
Scenarios:
${scenarioNames.map((name) => `  ${name.padEnd(14)} ${scenarios[name]}`).join('\n')}

Examples:
  npm run bench -- --quick
  npm run bench -- --check
  npm run bench -- --only silent,userinfo --compare ../other-checkout --baselines none   (is this change worth it?)
  npm run bench -- --against http://localhost:3000 --only discovery,jwks`,
    )
    .parse(words, { from: 'user' });
  const given = program.opts();
  const set = (name: string) => program.getOptionValueSource(name) === 'cli';
  const refuse = (why: string): never => program.error(`error: ${why}`);
  const quick = given.quick === true;
  const named = (given.only ?? (quick ? actNames : [...actNames, ...scenarioNames])) as (ActName | ScenarioName)[];
  const only = actNames.filter((act) => named.includes(act));
  const against = given.against === undefined ? undefined : againstOf(given as Given, refuse);
  if (given.mongodb !== undefined && given.storage !== 'mongodb') refuse('--mongodb goes with --storage mongodb');
  if ((given.check || given.save) && given.storage === 'mongodb') refuse('the stored ratios are those of SQLite');
  return {
    only,
    scenarios: scenarioNames.filter((name) => named.includes(name)),
    quick,
    rounds: quick && !set('rounds') ? 3 : given.rounds,
    warmUpSeconds: quick && !set('warmUp') ? 5 : given.warmUp,
    burstMs: quick && !set('burst') ? 250 : given.burst,
    connections: given.connections,
    baselines: given.baselines.filter((name: string) => name !== 'none'),
    storage: given.storage,
    mongodb: given.mongodb,
    compare: given.compare,
    filled: given.filled,
    letters: given.letters,
    against,
    check: given.check === true,
    save: given.save === true,
    json: given.json,
    svg: given.svg,
    folder: given.folder,
    urgent: given.urgent === true,
  };
}

type Given = Record<string, unknown> &
  Record<'client' | 'secretFile' | 'redirectUri' | 'login' | 'passwordFile', string | undefined>;

function againstOf(given: Given, refuse: (why: string) => never): Against {
  const { client, secretFile, redirectUri, login, passwordFile } = given;
  const url = String(given.against);
  const ownerAgrees = given.ownerAgrees === true;
  const refusal = refusalOf({ url, ownerAgrees });
  if (refusal !== undefined) refuse(refusal);
  const some = [client, secretFile, redirectUri, login, passwordFile];
  if (some.some(Boolean) && !some.every(Boolean))
    refuse('signing in takes --client, --secret-file, --redirect-uri, --login and --password-file');
  const read = (file: string | undefined) => readFileSync(String(file), 'utf8').trim();
  if (client === undefined || redirectUri === undefined || login === undefined)
    return { url, ownerAgrees, client: undefined, person: undefined };
  return {
    url,
    ownerAgrees,
    client: { id: client, secret: read(secretFile), redirectUri },
    person: { login, password: read(passwordFile) },
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

function existing(text: string): string {
  const file = resolve(text);
  if (!existsSync(file)) throw new InvalidArgumentError('There is no such file.');
  return file;
}

function checkout(text: string): string {
  const folder = resolve(text);
  for (const part of ['bin/pedel', 'node_modules'])
    if (!existsSync(join(folder, part))) throw new InvalidArgumentError(`There is no ${part} in it.`);
  return folder;
}
