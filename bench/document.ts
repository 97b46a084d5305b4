/**
 * `npm run bench:document`: measures everything once and writes it down: the tables in docs/performance.md beside those of
 * before, docs/pictures/speed.svg and bench/ratios.json (`--help` says how).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from '../test/support/runner.ts';
import { type ActName, acts } from './speed/acts.ts';
import type { Figures, Middle } from './speed/figures.ts';
import { goals } from './speed/goals.ts';
import { described, type Machine } from './speed/machine.ts';
import { parseOptions } from './speed/options.ts';
import { type Memory, middle, type Results, type Storm } from './speed/scenarios.ts';
import { table } from './speed/table.ts';

type Measured = {
  machine: Machine;
  options: { rounds: number; connections: number };
  acts: Figures;
  storm?: Results<Storm>;
  start?: Results<number>;
  memory?: Results<Memory>;
};

const root = fileURLToPath(new URL('../', import.meta.url));
const documentFile = `${root}docs/performance.md`;
const kept = `${root}node_modules/.cache/bench.json`;

/** 28 November, commit b2439d3, by other scripts; 29 November, commit d18b7b6: ÷ memory, ÷ sqlite. */
const before: Partial<Record<ActName, [string, string, string, string]>> = {
  silent: ['1.86', '1.48', '1.5', '1.03'],
  another: ['', '1.54', '', '1.22'],
  'no-hash': ['2.4', '2.60', '1.6–2.2', '1.94'],
  password: ['1.48', '1.30', '', '1.17'],
  totp: ['', '1.27', '', '1.28'],
  refresh: ['2.0', '1.61', '1.2', '1.31'],
  userinfo: ['2.4', '2.01', '1.9', '1.55'],
  introspection: ['2.0', '1.83', '1.5', '1.54'],
  discovery: ['1.6', '0.21', '', ''],
  jwks: ['2.4', '0.41', '', ''],
  'sign-out': ['', '1.81', '', '1.58'],
};

const program = runner(
  'bench:document',
  'Measures everything once and writes it down: the tables in docs/performance.md beside those of before, ' +
    'docs/pictures/speed.svg and bench/ratios.json. For a machine on which nobody else works; half an hour.',
)
  .option('--from <file>', 'measure nothing: write down what an earlier run kept (node_modules/.cache/bench.json)')
  .allowUnknownOption()
  .allowExcessArguments()
  .addHelpText('after', '\nWhat stands beside it goes on to npm run bench, such as --urgent or --rounds 3.')
  .parse();
const words = program.args;
const { from } = program.opts<{ from?: string }>();
parseOptions(words); // ends here where the bench does not know them
if (from === undefined) {
  mkdirSync(dirname(kept), { recursive: true });
  const svg = `${root}docs/pictures/speed.svg`;
  node('bench/run.ts', '--json', kept, '--svg', svg, '--save', ...words);
  const letters = node('bench/letters.ts', ...words.filter((word) => word === '--urgent'));
  replace('letters', letters.trim());
}
replace('measured', tablesOf(JSON.parse(readFileSync(from ?? kept, 'utf8')) as Measured));

function node(...more: string[]): string {
  const stdio = ['inherit', 'pipe', 'inherit'] as ['inherit', 'pipe', 'inherit'];
  return execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...more], {
    cwd: root,
    encoding: 'utf8',
    stdio,
  });
}

/** Puts `text` between the two comments of that name. */
function replace(name: string, text: string): void {
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const document = readFileSync(documentFile, 'utf8');
  const [at, until] = [document.indexOf(start), document.indexOf(end)];
  if (at < 0 || until < at) throw new Error(`${documentFile} has no ${start} … ${end}`);
  writeFileSync(documentFile, `${document.slice(0, at + start.length)}\n${text}\n${document.slice(until)}`);
}

function tablesOf({ machine, options, acts: figures, storm, start, memory }: Measured): string {
  const measured = Object.entries(figures) as [ActName, NonNullable<Figures[ActName]>][];
  const ratios = measured.map(([act, { ratios }]) => {
    const [memory28 = '', memory29 = '', sqlite28 = '', sqlite29 = ''] = before[act] ?? [];
    return [
      acts[act].title,
      ...[memory28, memory29, spread(ratios.memory?.cpu), goalOf(act, 'memory')],
      ...[sqlite28, sqlite29, spread(ratios.sqlite?.cpu), goalOf(act, 'sqlite')],
    ];
  });
  const costs = measured.map(([act, { costs }]) => [
    acts[act].title,
    ...['Pedel', 'memory', 'sqlite'].map((name) => costs[name]?.cpuUs.median.toFixed(0) ?? ''),
    costs.Pedel?.perSecond.toFixed(0) ?? '',
  ]);
  const of = <Result>(results: Results<Result> | undefined, figure: (result: Result) => number, after = 0) =>
    ['Pedel', 'memory', 'sqlite'].map((name) => {
      const value = middle(results?.[name], figure);
      return Number.isNaN(value) ? '' : value.toFixed(after);
    });
  const toHttp = (act: ActName) => figures[act]?.ratios.http?.cpu.median.toFixed(2) ?? '';
  const alone = (name: string) => figures.alone?.ratios[name]?.p50.median.toFixed(2) ?? '';
  const others = [
    ['discovery and JWKS ÷ a bare `node:http`', `${toHttp('discovery')}; ${toHttp('jwks')}`, '', '', '1.11'],
    ['one connection alone, password sign-in, p50 ÷ that of', '', alone('memory'), alone('sqlite'), '1.25'],
    ['start, ms', ...of(start, (ms) => ms), '500'],
    ['memory idle, MiB', ...of(memory, ({ idleMib }) => idleMib), '1.5 × memory'],
    ['memory loaded, MiB', ...of(memory, ({ loadedMib }) => loadedMib), '250'],
    [
      'p99 of silent sign-ons beside password sign-ins ÷ alone',
      ...of(storm, ({ aloneMs, besideMs }) => besideMs / aloneMs, 2),
      '3',
    ],
    ['`storm`: signed in a second, best', ...of(storm, ({ best }) => best), ''],
    ['`storm`: overloaded ÷ best', ...of(storm, ({ best, overloaded }) => overloaded / best, 2), '0.9'],
    ['`storm`: the same, by processor time', ...of(storm, ({ byProcessor }) => byProcessor, 2), ''],
  ];
  const head = ['act', '÷ memory, 28 Nov', '29 Nov', 'now', 'goal', '÷ sqlite, 28 Nov', '29 Nov', 'now', 'goal'];
  return [
    `*Now*: ${options.rounds} rounds, ${options.connections} connections, SQLite; ${described(machine)}`,
    table(head, ratios),
    table(['µs of processor', 'Pedel', 'memory', 'sqlite', 'Pedel per second'], costs),
    table(['other', 'Pedel', 'memory', 'sqlite', 'goal'], others),
  ].join('\n\n');
}

function spread(cpu: Middle | undefined): string {
  return cpu === undefined ? '' : `${cpu.median.toFixed(2)} (${cpu.low.toFixed(2)}–${cpu.high.toFixed(2)})`;
}

function goalOf(act: ActName, to: string): string {
  return String(goals[act]?.[to] ?? '');
}
