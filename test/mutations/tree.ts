/** A copy of the project in which mutations are made and tests run, so that nothing touches the checkout. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Copy, copyOfCheckout } from '../support/copy.ts';
import { type Mutation, mutated, namePattern, type Run } from './mutation.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Milliseconds for one test file under one mutation; a mutation that hangs it was noticed, too. */
export const LONGEST_MS = 120_000;

export type RunResult =
  | { kind: 'passed'; tests: number }
  | { kind: 'failed'; test: string }
  | { kind: 'timeout' }
  /** no test ran: the file could not be loaded, or no test has such a name */
  | { kind: 'invalid'; why: string };

export type Tree = {
  apply(mutation: Mutation): void;
  restore(mutation: Mutation): void;
  run(run: Run): Promise<RunResult & { ms: number }>;
};

type JestOutput = {
  numPassedTests: number;
  testResults: {
    message: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
};

const copies = new Set<Copy>();
const children = new Set<number>();

/** Ends what is under way and removes the copies; also called where the process is interrupted. */
export function removeTrees(): void {
  for (const pid of children) endGroup(pid);
  for (const copy of copies) copy.remove();
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL'); // jest and whatever its tests started
  } catch {
    // gone already
  }
}

export function sourceOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** A new copy of the checkout as it is now; its tests run with these variables beside those of this process. */
export function createTree(environment: Record<string, string>): Tree {
  const copy = copyOfCheckout();
  const { folder } = copy;
  copies.add(copy);
  const output = join(folder, 'result.json');

  async function run({ file, names }: Run): Promise<RunResult & { ms: number }> {
    rmSync(output, { force: true });
    const startedAt = performance.now();
    const code = await jest(partOf(file), [
      file,
      '--runInBand',
      '--forceExit',
      '--testTimeout=60000',
      '--env=./test/mutations/stop-at-failure.cjs',
      '--reporters=default',
      `--cacheDirectory=${join(folder, '.jest')}`,
      '--json',
      `--outputFile=${output}`,
      ...(names === undefined ? [] : [`--testNamePattern=${namePattern(names)}`]),
    ]);
    return { ...(code === 'timeout' ? { kind: 'timeout' } : resultOf(output)), ms: performance.now() - startedAt };
  }

  function jest(part: string, options: string[]): Promise<number | 'timeout'> {
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--experimental-vm-modules',
        'node_modules/jest/bin/jest.js',
        ...options,
      ],
      {
        cwd: folder,
        stdio: 'ignore',
        detached: true,
        env: { PEDEL_TEST_ROUNDS: '5', ...process.env, ...environment, PEDEL_TEST_PART: part },
      },
    );
    const { pid } = child;
    if (pid === undefined) throw new Error('jest could not be started');
    children.add(pid);
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        endGroup(pid);
      }, LONGEST_MS);
      child.on('error', reject);
      child.on('exit', (code) => {
        clearTimeout(timer);
        endGroup(pid);
        children.delete(pid);
        resolve(isLate ? 'timeout' : (code ?? 1));
      });
    });
  }

  return {
    apply: (mutation) => writeFileSync(join(folder, mutation.file), mutated(sourceOf(mutation.file), mutation)),
    restore: ({ file }) => writeFileSync(join(folder, file), sourceOf(file)),
    run,
  };
}

/** The part of jest.config.js that has the file. */
function partOf(file: string): string {
  if (file.startsWith('test/storage/mongodb-races')) return 'races';
  return file.startsWith('test/storage/mongodb') ? 'mongodb' : 'sqlite';
}

function resultOf(output: string): RunResult {
  let result: JestOutput;
  try {
    result = JSON.parse(readFileSync(output, 'utf8'));
  } catch {
    return { kind: 'invalid', why: 'jest left no result' };
  }
  const tests = result.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.find(({ status }) => status === 'failed');
  if (failed !== undefined) return { kind: 'failed', test: failed.fullName };
  const broken = result.testResults.find(({ message }) => message !== '');
  if (broken !== undefined) return { kind: 'invalid', why: broken.message.slice(0, 600) };
  if (result.numPassedTests === 0) return { kind: 'invalid', why: 'no test of that name ran' };
  return { kind: 'passed', tests: result.numPassedTests };
}
