/** `npm run chaos -- --minutes 30 --storage mongodb --nodes 3 --seed 42`: one run; exits with 1 if a promise was broken. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { drive } from './drive.ts';
import { type EventKind, eventKinds } from './events.ts';
import { inWords } from './report.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    storage: { type: 'string', default: 'mongodb' },
    nodes: { type: 'string' },
    'at-once': { type: 'string', default: '8' },
    seed: { type: 'string' },
    /** names of events with commas between them, instead of a time; `each` = every kind once */
    events: { type: 'string' },
    /** where the log of the nodes goes, as they write it */
    'nodes-log': { type: 'string' },
    /** where the report goes as JSON */
    json: { type: 'string' },
  },
});

const storage = values.storage === 'sqlite' ? 'sqlite' : 'mongodb';
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const events = values.events === 'each' ? eventKinds(storage) : values.events?.split(',').map((each) => each.trim());
const log = (line: string) => void process.stdout.write(`${line}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130)); // ends all it started
log(`seed ${seed}`);
const report = await drive({
  seed,
  storage,
  nodes: Number(values.nodes ?? (storage === 'mongodb' ? 3 : 2)),
  atOnce: Number(values['at-once']),
  minutes: Number(values.minutes),
  ...(events === undefined ? {} : { events: events as EventKind[] }),
  log,
  nodesLog: values['nodes-log'],
});
log(`\n${inWords(report)}`);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(report, null, 2));
process.exit(report.violations.length === 0 ? 0 : 1);
