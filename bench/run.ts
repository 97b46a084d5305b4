/**
 * `npm run bench`: what Pedel costs beside oidc-provider alone, measured so that anybody can do it again. Everything it
 * starts listens on loopback and ends with it. docs/performance.md says how it measures and what the ratios mean.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hashPassword } from '../src/domain/passwords/password-hash.ts';
import { type Act, acts } from './speed/acts.ts';
import { figuresOf, middleOf } from './speed/figures.ts';
import { measure, type Subject } from './speed/measurement.ts';
import { parseOptions } from './speed/options.ts';
import { startGenerator } from './speed/ordering.ts';
import { pssMib } from './speed/processor.ts';
import { type Start, type System, startSystem } from './speed/system.ts';
import { table, tablesOf } from './speed/table.ts';
import { world } from './speed/target.ts';
import { becomeUrgent } from './speed/urgent.ts';

const options = parseOptions(process.argv.slice(2));
if (options.urgent) becomeUrgent();
const ownRoot = fileURLToPath(new URL('../', import.meta.url));
const folder = mkdtempSync(join(options.folder, 'pedel-bench-'));
const running: System[] = [];
const generator = startGenerator();

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void endAll().then(() => process.exit(130)));
try {
  await bench();
} finally {
  await endAll();
}

async function endAll(): Promise<void> {
  generator.end();
  await Promise.all(running.splice(0).map((system) => system.stop()));
  rmSync(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const loadBefore = loadavg();
  const kinds: [string, Start['kind']][] = [
    ['Pedel', { is: 'pedel', root: ownRoot, storage: 'sqlite' }],
    ...(options.compare === undefined
      ? []
      : [
          [basename(options.compare), { is: 'pedel', root: options.compare, storage: 'sqlite' }] as [
            string,
            Start['kind'],
          ],
        ]),
    ...options.baselines.map((storage): [string, Start['kind']] => [storage, { is: 'baseline', storage }]),
  ];
  const subjects: Subject[] = [];
  const passwordHash = await hashPassword(world.password, randomBytes);
  const wanted = new Set(options.only.map((act) => acts[act].on));
  for (const [name, kind] of kinds) {
    const subject: Subject = { name, normal: undefined, 'no-hash': undefined };
    for (const on of wanted) subject[on] = await start(name, kind, on, passwordHash);
    subjects.push(subject);
  }
  await sleep(1000);
  const idle = subjects.map(({ normal }) => normal && pssMib(normal.pid));
  const { samples, faults } = await measure({
    subjects,
    only: options.only,
    rounds: options.rounds,
    warmUpMs: options.warmUpSeconds * 1000,
    burstMs: options.burstMs,
    connections: options.connections,
    generator,
    tell: ({ part, act, subject, round }) =>
      progress(
        `${(part * 100).toFixed(0)} %  ${round === 0 ? 'warm-up' : `round ${round}`}: ${acts[act].title}, ${subject}`,
      ),
  });
  progress('');
  const loaded = subjects.map(({ normal }) => normal && pssMib(normal.pid));

  const figures = figuresOf(samples);
  const calibrations = [...samples.values()]
    .flatMap((each) => [...each.values()].flat())
    .map(({ calibration }) => calibration);
  const machine = {
    at: new Date().toISOString(),
    commit: commitOf(ownRoot),
    node: process.version,
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    loadBefore: loadBefore[0],
    loadAfter: loadavg()[0],
    calibrationCpuMs: middleOf(calibrations.map(({ cpuMs }) => cpuMs)),
    waitedForProcessor: middleOf(calibrations.map(({ cpuMs, wallMs }) => 1 - cpuMs / wallMs)).median,
  };
  const memory = subjects.map(({ name, normal }, n) => ({
    name,
    startMs: normal?.startMs,
    idleMib: idle[n],
    loadedMib: loaded[n],
  }));
  const names = subjects.map(({ name }) => name);
  const { median, low, high } = machine.calibrationCpuMs;
  console.log(`${tablesOf(figures, names)}\n`);
  console.log(
    table(
      ['start and memory', 'start, ms', 'idle, MiB', 'loaded, MiB'],
      memory.map(({ name, startMs, idleMib, loadedMib }) => [name, ...[startMs, idleMib, loadedMib].map(rounded)]),
    ),
  );
  console.log(
    `\n${options.rounds} rounds of ${options.burstMs} ms, ${options.connections} connections; ${machine.cores} cores (${machine.processor}), ` +
      `Node ${machine.node}, load ${machine.loadBefore?.toFixed(1)} before and ${machine.loadAfter?.toFixed(1)} after, ` +
      `commit ${machine.commit}.\nCalibration: ${median.toFixed(1)} ms of processor (${low.toFixed(1)}–${high.toFixed(1)}), ` +
      `waiting for a processor ${(machine.waitedForProcessor * 100).toFixed(0)} % of the time.`,
  );
  if (options.json !== undefined)
    writeFileSync(
      options.json,
      `${JSON.stringify({ machine, options, systems: memory, acts: figures, faults }, null, 2)}\n`,
    );
  for (const { act, subject, why } of faults) console.error(`${acts[act].title}, ${subject}: ${why}`);
  if (faults.length > 0) process.exitCode = 1;
}

async function start(name: string, kind: Start['kind'], on: Act['on'], passwordHash: string): Promise<System> {
  const hash = on === 'normal';
  progress(`starting ${name}${hash ? '' : ' without the hash'}`);
  const people: Start['people'] = hash && options.only.includes('totp') ? ['password', 'totp'] : ['password'];
  const system = await startSystem({
    name: hash ? name : `${name} without hash`,
    kind,
    hash,
    passwordHash,
    people,
    folder,
  });
  running.push(system);
  return system;
}

function rounded(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(0);
}

function commitOf(root: string): string {
  try {
    return execFileSync('git', ['-C', root, 'describe', '--always', '--dirty'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

/** One line that is written over, where somebody looks; a few lines where it goes into a file. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
