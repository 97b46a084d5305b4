/** `npm run year -- --people 100000 --night`: lives through a year, tells what it took, and exits with 1 if a promise was broken. */
import { parseArgs } from 'node:util';
import { liveThrough } from './drive.ts';

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string' },
    /** an empty database of MongoDB; absent: a new SQLite file */
    storage: { type: 'string' },
    /** looks at everybody only on the days of ends, and works on these and on Mondays */
    sparse: { type: 'boolean', default: false },
    /** the night of 31 October at its own pace */
    night: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const log = (line: string) => void process.stdout.write(`${line}\n`);
log(`seed ${seed}`);
const report = await liveThrough({
  people: Number(values.people),
  kills: Number(values.kills),
  seed,
  ...(values.storage === undefined ? {} : { storage: values.storage }),
  every: values.sparse ? 7 : 1,
  night: values.night,
  log,
});
log(JSON.stringify(report, null, 2));
process.exit(report.violations.length === 0 ? 0 : 1);
