/** `npm run year -- --people 100000 --night`: lives through a year, tells what it took, and exits with 1 if a promise was broken. */
import { newSeed, runner, seedOf, whole } from '../support/runner.ts';
import { liveThrough } from './drive.ts';

const { people, kills, seed, storage, sparse, night } = runner(
  'year',
  'Lives through a year of feeds, ends, returns and erasures while the node is killed, and compares everybody with what ' +
    'the rules say, reckoned apart. Prints a report as JSON; exits with 1 if a promise was broken.',
)
  .option('--people <n>', 'how many', whole(1, 1_000_000), 2000)
  .option('--kills <n>', 'how often the node is killed', whole(0, 1000), 20)
  .option('--seed <n>', 'of an earlier run, to have it again', seedOf)
  .option('--storage <uri>', 'an empty database of MongoDB; absent: a new SQLite file')
  .option('--sparse', 'look at everybody only on the days of ends, and work on these and on Mondays')
  .option('--night', 'let the night of 31 October pass at its own pace')
  .parse()
  .opts<{ people: number; kills: number; seed?: number; storage?: string; sparse?: true; night?: true }>();

const log = (line: string) => void process.stdout.write(`${line}\n`);
const drawn = seed ?? newSeed();
log(`seed ${drawn}`);
const report = await liveThrough({
  people,
  kills,
  seed: drawn,
  ...(storage === undefined ? {} : { storage }),
  every: sparse ? 7 : 1,
  night: night === true,
  log,
});
log(JSON.stringify(report, null, 2));
process.exit(report.violations.length === 0 ? 0 : 1);
