/** `npm run chaos -- --minutes 30 --storage mongodb --nodes 3 --seed 42`: one run; exits with 1 if a promise was broken. */
import { writeFileSync } from 'node:fs';
import { Option } from 'commander';
import { newSeed, runner, seedOf, whole } from '../support/runner.ts';
import { drive } from './drive.ts';
import { allEventKinds, type EventKind, eventKinds } from './events.ts';
import { inWords } from './report.ts';

type Given = { minutes: number; storage: 'sqlite' | 'mongodb'; nodes?: number; atOnce: number; seed?: number };
type Files = { events?: string; nodesLog?: string; json?: string };

const program = runner(
  'chaos',
  'Lets people use Pedel while nodes and databases are killed, stopped and cut off. At the end every act that was ' +
    'acknowledged must hold; exits with 1 if one does not.',
)
  .option('--minutes <n>', 'how long', whole(1, 10_000), 30)
  .addOption(new Option('--storage <name>', 'of Pedel').choices(['sqlite', 'mongodb']).default('mongodb'))
  .option('--nodes <n>', 'processes of Pedel (default: 3, on SQLite 2)', whole(1, 9))
  .option('--at-once <n>', 'people at a time', whole(1, 1000), 8)
  .option('--seed <n>', 'of an earlier run, to have it again', seedOf)
  .option('--events <names>', 'these events, with commas between them, in place of --minutes; each: every kind once')
  .option('--nodes-log <file>', 'where the log of the nodes goes, as they write it')
  .option('--json <file>', 'where the report goes as JSON')
  .addHelpText(
    'after',
    `\nEvents:\n${allEventKinds('mongodb')
      .map((kind) => `  ${kind}`)
      .join('\n')}`,
  )
  .parse();
const { storage, minutes, atOnce, nodes, seed, events, nodesLog, json } = program.opts<Given & Files>();
const named = events === undefined ? {} : { events: eventsNamed(events) };
const drawn = seed ?? newSeed();
const log = (line: string) => void process.stdout.write(`${line}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130)); // ends all it started
log(`seed ${drawn}`);
const report = await drive({
  seed: drawn,
  storage,
  nodes: nodes ?? (storage === 'mongodb' ? 3 : 2),
  atOnce,
  minutes,
  ...named,
  log,
  nodesLog,
});
log(`\n${inWords(report)}`);
if (json !== undefined) writeFileSync(json, JSON.stringify(report, null, 2));
process.exit(report.violations.length === 0 ? 0 : 1);

function eventsNamed(text: string): EventKind[] {
  const known = allEventKinds(storage);
  if (text === 'each') return eventKinds(storage);
  const names = text.split(',').map((each) => each.trim());
  const unknown = names.filter((name) => !known.includes(name as EventKind));
  if (unknown.length > 0) program.error(`error: ${unknown.join(', ')}: on ${storage} there is ${known.join(', ')}`);
  return names as EventKind[];
}
