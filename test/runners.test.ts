/** Each program that `npm run` starts says with `--help` what it takes, and starts nothing where a word is wrong. */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };
const programs = Object.entries(scripts).filter(([, script]) => /^node .*\.ts\b/.test(script));

function run(script: string, ...words: string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...script.split(' ').slice(1), ...words], { cwd: root }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

test('there are such programs', () => {
  expect(programs.map(([name]) => name)).toEqual(expect.arrayContaining(['year', 'chaos', 'bench', 'release']));
});

test.each(programs)('npm run %s', async (name, script) => {
  const [help, fault] = await Promise.all([run(script, '--help'), run(script, '--nonsense')]);
  expect(help).toMatchObject({ status: 0, stderr: '' });
  expect(help.stdout).toMatch(new RegExp(`^Usage: npm run ${name} -- [^]*--help`));
  expect(fault).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^error: .*'--nonsense'\n$/) });
});

test.each([
  ['year', ['--people', 'many'], 'Give a whole number, 1 to 1000000.'],
  ['chaos', ['--events', 'kill a node,rain'], 'rain: on mongodb there is kill a node'],
  ['chaos', ['--storage', 'sqlite', '--events', 'no primary'], 'no primary: on sqlite there is'],
  ['test:mutations', ['--part', '5/4'], 'such as 1/4'],
  ['test:times', ['night'], 'Allowed choices are sqlite, documents'],
  ['bench:document', ['--rounds', 'x'], '1 to 1000'],
])('npm run %s -- %j says why not', async (name, words, why) => {
  const { status, stdout, stderr } = await run(scripts[name] ?? '', ...words);
  expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining(why)]);
  expect(stderr.trimEnd()).not.toContain('\n');
});

test('npm run test:mutations -- --list ends quietly where nobody reads on, as `head` does', async () => {
  const child = spawn(process.execPath, [...(scripts['test:mutations'] ?? '').split(' ').slice(1), '--list'], {
    cwd: root,
  });
  let faults = '';
  child.stderr.on('data', (text) => (faults += text));
  child.stdout.once('data', () => child.stdout.destroy());
  expect([await new Promise((resolve) => child.once('close', resolve)), faults]).toEqual([0, '']);
});
