/**
 * `npm run bench`: what Pedel costs beside oidc-provider alone, measured so that anybody can do it again. Everything it
 * starts listens on loopback and ends with it. docs/performance.md says how it measures and what the ratios mean.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acts } from './speed/acts.ts';
import { timeAgainst, timedTable } from './speed/against.ts';
import { judge, type Stored, storedWith } from './speed/check.ts';
import { endAll } from './speed/children.ts';
import { type Databases, openDatabases } from './speed/databases.ts';
import { figuresOf } from './speed/figures.ts';
import { startLineup } from './speed/lineup.ts';
import { described, load, machineOf } from './speed/machine.ts';
import { type Fault, measure } from './speed/measurement.ts';
import { type Options, parseOptions } from './speed/options.ts';
import { startGenerator } from './speed/ordering.ts';
import { type Memory, memory, type Results, type Storm, starts, storm } from './speed/scenarios.ts';
import { pictureOf } from './speed/svg.ts';
import { actTables, memoryTable, startTable, stormTable, table } from './speed/table.ts';
import { becomeUrgent } from './speed/urgent.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const ratiosFile = fileURLToPath(new URL('ratios.json', import.meta.url));
const STORED = ['memory', 'sqlite', 'http'];

const options = parseOptions(process.argv.slice(2));
if (options.urgent) becomeUrgent();
const folder = mkdtempSync(join(options.folder, 'pedel-bench-'));
const generator = startGenerator();
let databases: Databases | undefined;
let ending: Promise<void> | undefined;

/** Ends all that was started, once. */
const endEverything = () => {
  ending ??= (async () => {
    await endAll();
    await databases?.drop();
    generator.end();
    rmSync(folder, { recursive: true, force: true });
  })();
  return ending;
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    progress(undefined, 'ending');
    void endEverything().finally(() => process.exit(130));
  });
try {
  if (options.against === undefined) await bench(options);
  else {
    const timed = await timeAgainst(options.against, options, generator, (what) => progress(undefined, what));
    progress(undefined, '');
    console.log(timedTable(timed));
    if (options.json !== undefined) write(options.json, { against: options.against.url, timed });
  }
} catch (error) {
  if (ending === undefined) throw error; // else it is the end that was asked for
} finally {
  await endEverything();
}

async function bench({
  only,
  rounds,
  connections,
  quick,
  compare,
  filled,
  letters,
  baselines,
}: Options): Promise<void> {
  const loadBefore = load();
  if (options.storage === 'mongodb') databases = await openDatabases(options.mongodb, (pid) => generator.watch(pid));
  const subjects = await startLineup({
    root,
    compare,
    filled,
    letters,
    baselines,
    only,
    scenarios: options.scenarios.length > 0,
    newStorage: databases?.newStorage,
    folder,
    onStart: (name) => progress(undefined, `starting ${name}`),
    onProcess: (pid) => generator.watch(pid),
  });
  const { samples, faults } = await measure({
    subjects,
    only,
    rounds,
    warmUpMs: options.warmUpSeconds * 1000,
    burstMs: options.burstMs,
    connections,
    generator,
    tell: ({ part, act, subject, round }) =>
      progress(part, `${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${acts[act].title}, ${subject}`),
  });

  for (const { name, lettersLeft } of subjects)
    if ((await lettersLeft?.()) === 0)
      faults.push({ act: 'letters', subject: name, why: 'all of them left before the end: more, or fewer acts' });

  const parts = {
    subjects: subjects.filter(({ offers }) => offers('silent')),
    connections,
    generator,
    quick,
    rounds,
    tell: (what: string) => progress(undefined, what),
  };
  const results: { storm?: Results<Storm>; start?: Results<number>; memory?: Results<Memory> } = {};
  const runs = { storm, start: starts, memory };
  for (const name of options.scenarios) {
    try {
      results[name] = (await runs[name](parts)) as never;
    } catch (error) {
      faults.push({ act: name, subject: 'all', why: (error as Error).message });
    }
  }
  progress(undefined, '');

  const figures = figuresOf(samples);
  const names = subjects.map(({ name }) => name);
  const calibrations = [...samples.values()].flatMap((each) => [...each.values()].flat());
  const machine = machineOf(
    root,
    loadBefore,
    calibrations.map(({ calibration }) => calibration),
  );
  const how = `${rounds} rounds of ${options.burstMs} ms, ${connections} connections, Pedel on ${options.storage === 'mongodb' ? 'MongoDB' : 'SQLite'}; ${described(machine)}`;
  const sections = [
    ...(only.length > 0 ? actTables(figures, names) : []),
    ...(results.storm === undefined ? [] : [stormTable(results.storm)]),
    ...(results.start === undefined ? [] : [startTable(results.start)]),
    ...(results.memory === undefined ? [] : [memoryTable(results.memory)]),
    how,
  ];
  console.log(sections.join('\n\n'));
  if (options.json !== undefined) write(options.json, { machine, options, acts: figures, ...results, faults });
  if (options.svg !== undefined)
    writeFileSync(
      options.svg,
      pictureOf(
        figures,
        `${rounds} rounds, commit ${machine.commit}, ${machine.at.slice(0, 10)}, ${machine.cores} cores, load ${machine.load[0].toFixed(0)}`,
      ),
    );
  if (options.check) check();
  if (options.save) write(ratiosFile, storedWith(readStored(), figures, how, STORED));
  tellFaults(faults);

  function check(): void {
    const judgements = judge(readStored(), figures);
    const rows = judgements.map(({ act, to, before, now, verdict }) => [
      act,
      to,
      before.toFixed(2),
      now.toFixed(2),
      verdict,
    ]);
    console.log(`\n${table(['act', '÷', 'stored', 'now', 'verdict'], rows)}`);
    if (judgements.length === 0) console.error('bench/ratios.json knows none of these acts: --save');
    if (judgements.length === 0 || judgements.some(({ verdict }) => verdict === 'dearer')) process.exitCode = 1;
  }
}

function tellFaults(faults: Fault[]): void {
  for (const { act, subject, why } of faults) console.error(`${act}, ${subject}: ${why}`);
  if (faults.length > 0) process.exitCode = 1;
}

function readStored(): Stored {
  return existsSync(ratiosFile) ? (JSON.parse(readFileSync(ratiosFile, 'utf8')) as Stored) : {};
}

function write(file: string, value: object): void {
  const lists = (text: string) => text.replace(/\[[^[\]{}]*\]/g, (list) => list.replace(/\s+/g, ' '));
  writeFileSync(file, `${lists(JSON.stringify(value, null, 2))}\n`);
}

/** One line that is written over, where somebody looks. `part` of the rounds that is done. */
function progress(part: number | undefined, what: string): void {
  if (!process.stderr.isTTY) return;
  const percent = part === undefined ? '' : `${(part * 100).toFixed(0).padStart(3)} %  `;
  process.stderr.write(`\r\x1b[K${percent}${what}`);
}
