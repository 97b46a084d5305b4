/** What CI makes of the reports of its parts: few failures are asked once more and named, and none is left out of the count. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pedel-reports-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const reports = (...operands: string[]) =>
  execFileSync(process.execPath, ['.ci/reports.cjs', ...operands], { encoding: 'utf8' });
/** A file of tests as jest reports it: `p` passed, `P` passed at the second try, `f` failed, `s` skipped; '' could not be run. */
const file = (name: string, tests: string) => ({
  name: `/somewhere/test/${name}.test.ts`,
  status: /^$|f/.test(tests) ? 'failed' : 'passed',
  assertionResults: [...tests].map((letter, index) => ({
    fullName: `story ${index + 1}`,
    status: { p: 'passed', P: 'passed', f: 'failed', s: 'pending' }[letter],
    invocations: letter === 'P' ? 2 : 1,
    failureMessages: letter === 'f' ? ['\u001b[31mExpected: 1\u001b[39m\nReceived: 2'] : [],
  })),
  message: tests === '' ? 'Cannot find module' : '',
});
const because = '\n      Expected: 1\n      Received: 2';
const write = (name: string, ...testResults: object[]) => {
  writeFileSync(join(folder, name), JSON.stringify({ testResults }));
  return join(folder, name);
};
const sum = (status = '0') => reports('sum', folder, status).trimEnd().split('\n');

test('one or two files that failed are asked once more, and more are not', () => {
  const [fine, bad, worse, worst] = [file('a', 'pp'), file('b', 'pf'), file('c', 'ff'), file('d', '')];
  expect(reports('failed', write('0.json', fine))).toBe('');
  expect(reports('failed', write('2.json', fine, bad, worst))).toBe(`${bad.name}\n${worst.name}\n`);
  expect(reports('failed', write('3.json', bad, worse, worst))).toBe('');
});

test('the second run takes the place of the first, and what only then passed is named above the last line', () => {
  const first = write('part.json', file('a', 'pps'), file('b', 'pf'));
  reports('merge', first, write('part.json.again', file('b', 'pp')));
  expect(sum().join('\n')).toBe(
    `!!  DID NOT PASS AT ITS FIRST TRY: test/b.test.ts: story 2${because}\n4 passed, 0 failed, 1 skipped`,
  );
});

test('what fails again is counted, and so is what could not be run', () => {
  const first = write('part.json', file('a', 'pp'), file('b', 'pff'), file('c', ''));
  reports('merge', first, write('part.json.again', file('b', 'ppf'), file('c', '')));
  expect(sum('1').at(-1)).toBe('4 passed, 2 failed');
});

test('what failed in the end is named above the last line, with how its reason begins', () => {
  write('part.json', file('a', 'pf'), file('c', ''));
  write('long.json', {
    ...file('d', 'f'),
    assertionResults: [{ fullName: 'long', status: 'failed', failureMessages: ['x\n'.repeat(99)] }],
  });
  const lines = sum('1');
  expect(lines.join('\n')).toContain(`!!  FAILED: test/a.test.ts: story 2${because}\n`);
  expect(lines.join('\n')).toContain('!!  FAILED: test/c.test.ts: could not be run\n      Cannot find module\n');
  expect(lines.filter((line) => line.trim() === 'x')).toHaveLength(16);
  expect(lines.at(-1)).toBe('1 passed, 3 failed');
});

test('all parts are counted, a story told twice is named, and a part without tests that failed counts as one', () => {
  write('one.json', file('a', 'pp'));
  write('two.json', file('e2e/b', 'pP'));
  expect(sum()).toEqual(['!!  DID NOT PASS AT ITS FIRST TRY: test/e2e/b.test.ts: story 2', '4 passed, 0 failed']);
  expect(sum('3').at(-1)).toBe('4 passed, 1 failed');
});

test('a real report of jest has what is read here', () => {
  const report = join(folder, 'real.json');
  execFileSync('npm', ['test', '--silent', '--', '--json', `--outputFile=${report}`, 'test/domain/refusal'], {
    stdio: 'ignore',
  });
  const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  expect(numPassedTests).toBeGreaterThan(0);
  expect(testResults[0].assertionResults[0]).toMatchObject({ status: 'passed', invocations: 1 });
  expect(sum()).toEqual([`${numPassedTests} passed, 0 failed`]);
});
