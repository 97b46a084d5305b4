/**
 * `npm run test:times [-- PART [FILE …]]`: what each test file costs, run alone in a process of its own: seconds on the
 * clock, and seconds of processor with those of the processes that it started. The table of docs/testing.md.
 */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Argument } from 'commander';
import { runner } from './support/runner.ts';

const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  scripts: Record<string, string>;
};
const parts = Object.values(scripts).flatMap((script) => /^PEDEL_TEST_PART=(\w+)/.exec(script)?.[1] ?? []);
const program = runner(
  'test:times',
  'Runs each test file alone, and prints what it costs: seconds, and seconds of processor.',
)
  .addArgument(new Argument('[part]', 'of the tests').choices(['sqlite', ...parts]).default('sqlite'))
  .argument('[file...]', 'only these, such as test/domain/ticket.test.ts')
  .parse();
const [part, chosen] = program.processedArgs as [string, string[] | undefined];
const env = { ...process.env, PEDEL_TEST_PART: part };
const files =
  chosen !== undefined && chosen.length > 0
    ? chosen
    : execFileSync('npm', ['--silent', 'test', '--', '--listTests'], { env, encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.endsWith('.test.ts'))
        .map((line) => line.replace(/^.*\/test\//, 'test/'))
        .sort();

type Cost = { file: string; wall: number; processor: number; passed: boolean };
const costs: Cost[] = [];
for (const [index, file] of files.entries()) {
  // the shell counts the processor time of all descendants that were waited for
  const timed = `TIMEFORMAT='%R %U %S'; time npm --silent test -- ${file} >/dev/null 2>&1`;
  const { stderr, passed } = await promisify(execFile)('bash', ['-c', timed], { env }).then(
    (result) => ({ ...result, passed: true }),
    (error: { stderr: string }) => ({ ...error, passed: false }),
  );
  const [wall = 0, user = 0, system = 0] = stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  costs.push({ file, wall, processor: user + system, passed });
  process.stderr.write(`\r\x1b[K${index + 1} of ${files.length}: ${file}`);
}
process.stderr.write('\r\x1b[K');

const cell = (seconds: number) => seconds.toFixed(1).padStart(7);
const row = ({ file, wall, processor, passed }: Cost) =>
  `| ${file.padEnd(44)} | ${cell(wall)} | ${cell(processor)} |${passed ? '' : ' FAILED'}`;
const sum = (of: 'wall' | 'processor') => costs.reduce((total, cost) => total + cost[of], 0);
console.log(`| ${'file'.padEnd(44)} | seconds | processor |\n|---|--:|--:|`);
for (const cost of costs.sort((a, b) => b.processor - a.processor)) console.log(row(cost));
console.log(row({ file: `all ${costs.length}`, wall: sum('wall'), processor: sum('processor'), passed: true }));
process.exitCode = costs.every(({ passed }) => passed) ? 0 : 1;
