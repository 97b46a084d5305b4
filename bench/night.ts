/**
 * What memory a node needs for the night in which a quarter of all people end: fills a storage with them, sets the clock of a
 * node to just before midnight and looks at it until all are told. `node bench/night.ts --help`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { openStorage } from '../src/storage/open.ts';
import { startApplications } from '../test/chaos/receivers.ts';
import { startOf } from '../test/year/days.ts';
import { configurationOf, environmentOf, register } from '../test/year/installation.ts';
import { nodeProcess } from '../test/year/process.ts';
import { fillAccounts, fillSessions } from './size/fill.ts';
import { table } from './speed/table.ts';

const { people, storage, folder, flags } = new Command('night')
  .description('Ends a quarter of many accounts in one night and tells how much memory the node had at which point.')
  .option('--people <number>', 'how many', Number, 10_000)
  .option('--storage <uri>', 'another storage than a new SQLite file: an empty database of MongoDB')
  .option('--folder <folder>', 'where the SQLite file is while it runs; about 3 kB a person', tmpdir())
  .option('--flags <flags>', 'of Node, for the node that is looked at, such as --max-semi-space-size=2', '')
  .addHelpText('after', '\nExample: npm exec -- node bench/night.ts --people 10000')
  .parse()
  .opts<{ people: number; storage?: string; folder: string; flags: string }>();

const BEFORE_MS = 30_000;
const AFTER_MS = 60_000;
const STALLED_MS = 300_000;
const LAST_DAY = '2027-10-31';
const midnight = startOf('2027-11-01');
const leaving = Math.round(people / 4);

const own = mkdtempSync(join(folder, 'pedel-night-'));
const receiver = fork(new URL('letters/receiver.ts', import.meta.url), { execArgv: [] });
const [{ port: mailPort }] = (await once(receiver, 'message')) as [{ port: number }];
const applications = await startApplications();
const environment = {
  ...environmentOf({ folder: own, storage: storage ?? `sqlite:${join(own, 'pedel.db')}`, mailPort }),
  PEDEL_CONFIG: fileURLToPath(new URL('../config/pedel.yaml', import.meta.url)),
  PEDEL_END_WARNING_DAYS: '', // they were warned
};
const node = nodeProcess(environment, flags.split(' ').filter(Boolean));
try {
  await fill();
  await register(environment, own, applications.address);
  await measure();
} finally {
  await node.end();
  receiver.disconnect();
  await applications.close();
  rmSync(own, { recursive: true, force: true });
}

async function fill(): Promise<void> {
  const now = midnight - 12 * 3_600_000;
  const { storage: uri, organisations } = configurationOf(environment);
  const filling = await openStorage(uri, { now: () => now });
  const told = () => {};
  const common = { now, organisations, told };
  await fillAccounts(filling, { ...common, accounts: leaving, ending: { every: 1, until: LAST_DAY } });
  await fillAccounts(filling, { ...common, accounts: people - leaving, from: leaving + 1 });
  await fillSessions(filling, { now, told, sessions: leaving, accounts: leaving });
  await filling.close();
}

async function letters(): Promise<number> {
  receiver.send({});
  const [told] = await once(receiver, 'message');
  return (told as { letters: number }).letters;
}

/**
 * Looks at each tenth from outside, and asks the node to collect its garbage only before and after the night: a node that was
 * made to collect keeps less than one that is left alone.
 */
async function measure(): Promise<void> {
  const rows: string[][] = [];
  const told = { now: 0, moved: performance.now() };
  let most = 0;
  const row = (at: string, resident: number, collected: string[]) => {
    rows.push([at, ...[told.now, resident, most].map((each) => each.toFixed(0)), ...collected]);
    most = 0;
  };
  const idle = async (at: string) => {
    const { memory } = await node.perform({ do: 'memory', at: 0 });
    if (memory === undefined) throw new TypeError('the node tells its memory');
    const { resident, reserved, heap, external } = memory;
    row(
      at,
      resident,
      [reserved, heap, external].map((each) => each.toFixed(0)),
    );
  };
  const begun = performance.now();
  await node.perform({ do: 'live-on', at: midnight - BEFORE_MS });
  await sleep(BEFORE_MS / 2);
  await idle('before midnight');
  let seconds = 0;
  const levels: number[] = [];
  while (levels.length < 10) {
    await sleep(200);
    const resident = node.memory() ?? 0;
    most = Math.max(most, resident);
    const now = Math.min(await letters(), new Set(applications.told.map(({ id }) => id)).size);
    if (now > told.now) told.moved = performance.now();
    else if (performance.now() - told.moved > STALLED_MS) throw new Error(`it stopped at ${now} of ${leaving}`);
    told.now = now;
    if (now < (leaving * (levels.length + 1)) / 10) continue;
    seconds = (performance.now() - begun - BEFORE_MS) / 1000;
    levels.push(resident);
    row(`${levels.length} of 10 tenths told`, resident, ['', '', '']);
  }
  await idle('right after it');
  await sleep(AFTER_MS);
  await idle(`${AFTER_MS / 1000} s later`);
  const head = ['people told', 'resident', 'most since', 'reserved for the heap', 'heap, collected', 'external'];
  console.log(table([`${people} people, ${leaving} end; MiB`, ...head], rows));
  const [first = 0] = levels;
  const apart = levels.map((each) => each - first);
  console.log(`after the first tenth: ${Math.min(...apart).toFixed(0)} to +${Math.max(...apart).toFixed(0)} MiB`);
  console.log(`all told ${seconds.toFixed(0)} s after midnight; load ${loadavg()[0]?.toFixed(1)}`);
}
