/**
 * Weakens the product in many small ways, one after the other, and runs the tests that SECURITY.md names for the rule:
 * `npm run test:mutations`. What no test notices has survived, and is named; none may.
 */
import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { type MongodbServer, startMongodb, stopMongodb } from '../support/mongodb-server.ts';
import needs from '../support/needs.cjs';
import { runner, whole } from '../support/runner.ts';
import { mutations } from './list/index.ts';
import { type Mutation, mutated, type Run, runsFor } from './mutation.ts';
import { createTree, type RunResult, removeTrees, sourceOf, type Tree } from './tree.ts';

const several = (text: string, before: string[]) => [...before, text];
const options = runner(
  'test:mutations',
  'Weakens the product in many small ways, one after the other, and runs the tests that SECURITY.md names for the rule. ' +
    'Ends with 1 where a mutation survived, or could not be judged.',
)
  .option('--rule <n>', 'only of this rule: 1 to 33, sqlite, mongodb, jobs; several times for several', several, [])
  .option('--id <text>', 'only those whose id holds this text; several times for several', several, [])
  .option('--part <i/n>', 'the i-th of n parts of the list (1/4 … 4/4)', partOf)
  .option('--jobs <n>', 'so many at once, each in a copy of its own', whole(1, 64), Math.min(2, availableParallelism()))
  .option('--no-baseline', 'trust that the tests pass without a mutation, and do not run them first')
  .option('--list', 'print the list and run nothing')
  .option('--json', 'print the result as JSON')
  .parse()
  .opts<{
    rule: string[];
    id: string[];
    part?: [number, number];
    jobs: number;
    baseline: boolean;
    list?: true;
    json?: true;
  }>();

function partOf(text: string): [number, number] {
  const [, part = 0, parts = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (part < 1 || part > parts) throw new InvalidArgumentError('Give two numbers, such as 1/4 … 4/4.');
  return [part, parts];
}

type Judged = { mutation: Mutation; verdict: 'killed' | 'timeout' | 'survived' | 'invalid'; by?: string; ms: number };

const keyOf = ({ file, names }: Run) => JSON.stringify([file, names]);
const say = (line: string) => void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

function chosen(): Mutation[] {
  const [part, parts] = options.part ?? [1, 1];
  return mutations
    .filter(({ rule }) => options.rule.length === 0 || options.rule.includes(String(rule)))
    .filter(({ id }) => options.id.length === 0 || options.id.some((text) => id.includes(text)))
    .filter((_, index) => index % parts === part - 1);
}

/** Each task in the next copy that is free. */
async function share<Task>(trees: Tree[], tasks: Task[], act: (tree: Tree, task: Task) => Promise<void>) {
  const waiting = [...tasks];
  const take = async (tree: Tree) => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await act(tree, task);
  };
  await Promise.all(trees.map(take));
}

/** Every run that is needed, without a mutation: how long it takes, and that it passes at all. */
async function baseline(trees: Tree[], selected: Mutation[]): Promise<{ ms: Map<string, number>; faults: string[] }> {
  const runs = new Map(selected.flatMap(runsFor).map((run) => [keyOf(run), run]));
  const ms = new Map<string, number>();
  const faults: string[] = [];
  await share(trees, [...runs.values()], async (tree, run) => {
    const result = await tree.run(run);
    ms.set(keyOf(run), result.ms);
    if (result.kind !== 'passed') faults.push(`${run.file}: ${describe(result)}`);
  });
  return { ms, faults };
}

const describe = (result: RunResult) =>
  result.kind === 'failed' ? `"${result.test}" fails` : result.kind === 'invalid' ? result.why : result.kind;

/** The quick rooms first. */
const rooms = ['domain', 'rooms', 'operation', 'mail', 'hashing', 'jobs', 'storage', 'commands', 'oidc', 'web'];
const placeOf = ({ file }: Run) => (rooms.indexOf(file.split('/')[1] ?? '') + rooms.length + 1) % (rooms.length + 1);

/** Tests beside what was mutated are the likeliest to notice; `test/web` has the forms and pages of `src/http`. */
function isBeside({ file }: Run, mutation: Mutation): boolean {
  const room = mutation.file.split('/')[1] ?? '';
  return file.split('/')[1] === (room === 'http' ? 'web' : room);
}

async function judge(tree: Tree, mutation: Mutation, ms: Map<string, number>): Promise<Judged> {
  const startedAt = performance.now();
  const end = (verdict: Judged['verdict'], by?: string): Judged => ({
    mutation,
    verdict,
    ...(by === undefined ? {} : { by }),
    ms: performance.now() - startedAt,
  });
  const cost = (run: Run) => (isBeside(run, mutation) ? 0 : 1e9) + (ms.get(keyOf(run)) ?? 1e6 * placeOf(run));
  const runs = runsFor(mutation);
  if (!('tests' in mutation)) runs.sort((a, b) => cost(a) - cost(b));
  if (runs.length === 0) return end('invalid', 'SECURITY.md names no test for its rule');
  tree.apply(mutation);
  try {
    for (const run of runs) {
      const result = await tree.run(run);
      if (result.kind === 'failed') return end('killed', `${run.file} "${result.test}"`);
      if (result.kind === 'timeout') return end('timeout', run.file);
      if (result.kind === 'invalid') return end('invalid', `${run.file}: ${result.why}`);
    }
    return end('survived');
  } finally {
    tree.restore(mutation);
  }
}

function table(judged: Judged[]): string {
  const rules = [...new Set(judged.map(({ mutation }) => mutation.rule))];
  const lines = rules.map((rule) => {
    const own = judged.filter(({ mutation }) => mutation.rule === rule);
    const count = (...verdicts: string[]) => own.filter(({ verdict }) => verdicts.includes(verdict)).length;
    const cells = [rule, own.length, count('killed', 'timeout'), count('survived'), count('invalid')];
    return cells.map((cell) => String(cell).padStart(9)).join(' ');
  });
  const head = ['rule', 'mutations', 'killed', 'survived', 'invalid'].map((name) => name.padStart(9)).join(' ');
  return [head, ...lines].join('\n');
}

function report(judged: Judged[], startedAt: number): void {
  const order = new Map(mutations.map(({ id }, index) => [id, index]));
  judged.sort((a, b) => (order.get(a.mutation.id) ?? 0) - (order.get(b.mutation.id) ?? 0));
  say(`\n${table(judged)}\n`);
  const named = (verdict: string) => judged.filter((each) => each.verdict === verdict);
  for (const { mutation, by } of named('timeout')) say(`killed by timeout: ${mutation.id} in ${by}`);
  for (const { mutation } of named('survived'))
    say(`SURVIVED: ${mutation.id} (rule ${mutation.rule}, ${mutation.file}): ${mutation.why}`);
  for (const { mutation, by } of named('invalid')) say(`INVALID: ${mutation.id} (${mutation.file}): ${by}`);
  const killed = named('killed').length + named('timeout').length;
  say(
    `${judged.length} mutations, ${killed} killed, ${named('survived').length} survived, ${named('invalid').length} invalid, ` +
      `in ${seconds(performance.now() - startedAt)}`,
  );
  if (options.json)
    process.stdout.write(`${JSON.stringify(judged.map(({ mutation, ...rest }) => ({ ...mutation, ...rest })))}\n`);
  if (killed !== judged.length) process.exitCode = 1;
}

let server: MongodbServer | undefined;

/** One database for all of them, which each test divides; without one those mutations are left out, and it is said. */
async function withMongodb(selected: Mutation[]): Promise<Mutation[]> {
  const concerned = selected.filter(({ rule }) => rule === 'mongodb');
  if (concerned.length === 0) return selected;
  if (needs.quickMongodb === undefined) {
    if (process.env.CI === 'true') throw new Error('there is no MongoDB in memory: see docs/testing.md');
    say(`${concerned.length} mutations are left out: there is no MongoDB in memory (docs/testing.md)`);
    return selected.filter(({ rule }) => rule !== 'mongodb');
  }
  server = await startMongodb(undefined, needs.quickMongodb);
  return selected;
}

function endAtOnce(): void {
  server?.child?.kill('SIGKILL');
  removeTrees();
}

async function main(): Promise<void> {
  const all = chosen();
  for (const mutation of all) mutated(sourceOf(mutation.file), mutation);
  if (options.list) {
    process.stdout.on('error', () => process.exit(0)); // whoever reads it has seen enough
    for (const { id, rule, file, why } of all) say(`${String(rule).padStart(7)}  ${id}  ${file}: ${why}`);
    return;
  }
  const startedAt = performance.now();
  const selected = await withMongodb(all);
  if (selected.length === 0) throw new Error('no mutation was chosen');
  const trees = Array.from({ length: options.jobs }, () =>
    createTree(server === undefined ? {} : { PEDEL_TEST_MONGODB: server.uri }),
  );
  let known = new Map<string, number>();
  if (options.baseline) {
    const { ms, faults } = await baseline(trees, selected);
    if (faults.length > 0) throw new Error(`without any mutation:\n${faults.join('\n')}`);
    known = ms;
    say(`the tests pass without a mutation, in ${seconds(performance.now() - startedAt)}`);
  }
  const judged: Judged[] = [];
  await share(trees, selected, async (tree, mutation) => {
    const result = await judge(tree, mutation, known);
    judged.push(result);
    const { verdict, by = '', ms } = result;
    say(`${verdict.padEnd(8)} ${seconds(ms).padStart(8)}  ${mutation.id}  ${by.split('\n')[0]}`);
  });
  report(judged, startedAt);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    endAtOnce();
    process.exit(130);
  });
}
try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  if (server !== undefined) await stopMongodb(server);
  removeTrees();
}
