/** `npm run year -- --people 100000 --night`: lives through a year, tells what it took, and exits with 1 if a promise was broken. */
import { newDatabaseUri, startMongodb, stopMongodb } from '../support/mongodb-server.ts';
import needs from '../support/needs.cjs';
import { newSeed, runner, seedOf, whole } from '../support/runner.ts';
import { liveThrough } from './drive.ts';

const { people, kills, seed, storage, mongodb, sparse, night } = runner(
  'year',
  'Lives through a year of feeds, ends, returns and erasures while the node is killed, and compares everybody with what ' +
    'the rules say, reckoned apart. Prints a report as JSON; exits with 1 if a promise was broken.',
)
  .option('--people <n>', 'how many', whole(1, 1_000_000), 2000)
  .option('--kills <n>', 'how often the node is killed', whole(0, 1000), 20)
  .option('--seed <n>', 'of an earlier run, to have it again', seedOf)
  .option('--storage <uri>', 'an empty database of MongoDB; absent: a new SQLite file')
  .option('--mongodb', 'start the MongoDB of the tests, and use that')
  .option('--sparse', 'look at everybody only on the days of ends, and work on these and on Mondays')
  .option('--night', 'let the night of 31 October pass at its own pace')
  .parse()
  .opts<{
    people: number;
    kills: number;
    seed?: number;
    storage?: string;
    mongodb?: true;
    sparse?: true;
    night?: true;
  }>();

const log = (line: string) => void process.stdout.write(`${line}\n`);
const drawn = seed ?? newSeed();
log(`seed ${drawn}`);
const own = mongodb && (await startMongodb(undefined, needs.quickMongodb ?? needs.mongodb));
const uri = own === undefined ? storage : newDatabaseUri(own.uri);
const report = await liveThrough({
  people,
  kills,
  seed: drawn,
  ...(uri === undefined ? {} : { storage: uri }),
  every: sparse ? 7 : 1,
  night: night === true,
  log,
}).finally(() => own && stopMongodb(own));
log(JSON.stringify(report, null, 2));
process.exit(report.violations.length === 0 ? 0 : 1);
