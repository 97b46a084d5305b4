/** The demo on another day: everything in it agrees what time it is, and the clock is moved on by hand to see a year end. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { demoPassword } from '../../demo/people.ts';
import { createImporting, type ImportConfig } from '../../src/importing/importing.ts';
import type { ImportTask } from '../../src/use-cases/import/importing.ts';
import { type Campus, startCampus } from '../support/campus.ts';
import { httpVisitor } from '../support/http-visitor.ts';

const STARTS_MS = 120_000;
const preload = fileURLToPath(new URL('../../demo/shift-clock.ts', import.meta.url));

test('a process that it is loaded into is ahead, and moves on when the file says so, elapsed time as well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-clock-'));
  const file = join(folder, 'clock');
  writeFileSync(file, '1000000000');
  const script = `
    const { writeFileSync } = await import('node:fs');
    const real = Number(process.argv[1]);
    const first = { now: Date.now(), made: +new Date(), elapsed: performance.now(), isDate: new Date() instanceof Date };
    const fixed = new Date(5).getTime();
    writeFileSync(process.env.DEMO_CLOCK, '1604800000');
    await new Promise((later) => setTimeout(later, 300));
    console.log(JSON.stringify({ ...first, fixed, real, then: Date.now(), elapsedThen: performance.now() }));
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`--import=${preload}`, '--input-type=module', '--eval', script, String(Date.now())],
    { env: { DEMO_CLOCK: file } },
  );
  rmSync(folder, { recursive: true });
  const { now, made, elapsed, isDate, fixed, real, then, elapsedThen } = JSON.parse(stdout);
  const about = (ms: number, expected: number) => expect(Math.abs(ms - expected)).toBeLessThan(30_000);
  about(now - real, 1_000_000_000);
  about(made - real, 1_000_000_000);
  expect([isDate, fixed]).toEqual([true, 5]);
  about(then - now, 604_800_000);
  about(elapsedThen - elapsed, 604_800_000);
});

test('a process that imports for a node of such a demo is told of the clock, and otherwise gets nothing of the environment', () => {
  const given = () => {
    let env: NodeJS.ProcessEnv | undefined;
    const { start } = createImporting({} as ImportConfig, {
      fork(_module, options) {
        env = options.env;
        throw new Error('enough');
      },
    });
    expect(() => start({ act: 'apply' } as ImportTask)).toThrow('enough');
    return Object.keys(env ?? {}).filter((name) => name !== 'NODE_COMPILE_CACHE');
  };
  const { NODE_OPTIONS, DEMO_CLOCK } = process.env;
  try {
    expect(given()).toEqual([]);
    Object.assign(process.env, { DEMO_CLOCK: '/campus/clock', NODE_OPTIONS: '--import=file:///shift-clock.ts' });
    expect(given().sort()).toEqual(['DEMO_CLOCK', 'NODE_OPTIONS']);
  } finally {
    for (const [name, value] of Object.entries({ NODE_OPTIONS, DEMO_CLOCK }))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
});

describe('pedel demo --clock', () => {
  let campus: Campus;
  beforeAll(async () => {
    campus = await startCampus({ nodes: 1, clock: '2099-10-25' });
  }, STARTS_MS);
  afterAll(() => campus?.stop());

  test('begins on that day, and who is not enrolled again sees the account end when it is moved on', async () => {
    const emma = httpVisitor({ 'accept-language': 'en' });
    await emma.open(`${campus.urls.pedel}/account`);
    await emma.press('sign-in', { login: 'r0077777', password: demoPassword });
    expect(emma.page().html).toContain('Your studies at KU Leuven ran until 30 September 2099.');
    expect(emma.page().html).toContain('Your account ends on 31 October 2099 at midnight, in 6 days.');

    const operator = httpVisitor();
    await operator.open(`${campus.urls.mailbox}/clock`);
    expect(operator.page().html).toContain('25 October 2099');
    await operator.send(`${campus.urls.mailbox}/clock`, { to: '2099-10-24' });
    expect(operator.page().html).toContain('Choose a day to come.');
    await operator.send(`${campus.urls.mailbox}/clock`, { to: '2099-11-01' });
    expect(operator.page().html).toContain('1 November 2099');

    const after = httpVisitor({ 'accept-language': 'en' });
    await after.open(`${campus.urls.pedel}/account`);
    await after.press('sign-in', { login: 'r0077777', password: demoPassword });
    expect(after.page().html).toContain('Your account ended on 31 October 2099 at midnight.');
  }, 60_000);
});
