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
import { type HttpVisitor, httpVisitor } from '../support/http-visitor.ts';

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
  let operator: HttpVisitor;
  beforeAll(async () => {
    campus = await startCampus({ nodes: 1, clock: '2099-10-25' });
    operator = httpVisitor();
  }, STARTS_MS);
  afterAll(() => campus?.stop());

  const emma = async () => {
    const visitor = httpVisitor({ 'accept-language': 'en' });
    await visitor.open(`${campus.urls.pedel}/account`);
    await visitor.press('sign-in', { login: 'r0077777', password: demoPassword });
    return visitor.page().html;
  };
  const moveTo = async (day: string) => {
    await operator.open(`${campus.urls.mailbox}/clock`);
    await operator.send(`${campus.urls.mailbox}/clock`, { to: day });
    return operator.page().html;
  };

  test('begins on that day, and who is not enrolled again sees the account end when it is moved on', async () => {
    const before = await emma();
    expect(before).toContain('Your studies at KU Leuven ran until 30 September 2099.');
    expect(before).toContain('Your account ends on 31 October 2099 at midnight, in 6 days.');

    expect((await operator.open(`${campus.urls.mailbox}/clock`)).html).toContain('25 October 2099');
    expect(await moveTo('2099-10-24')).toContain('Choose a day to come, at most ten years away.');
    expect(await moveTo('2099-11-01')).toContain('1 November 2099');
    expect(await emma()).toContain('Your account ended on 31 October 2099 at midnight.');
  }, 60_000);

  test('is moved years on, ten at a time, and Pedel goes on', async () => {
    expect(await moveTo('2129-10-31')).toContain('at most ten years away. The clock can be moved again from there.');
    for (const day of ['2109-10-31', '2119-10-31', '2129-10-31']) await moveTo(day);
    expect(operator.page().html).toContain('31 October 2129');
    const { status, html } = await httpVisitor().open(`${campus.urls.pedel}/readyz`);
    expect([status, html]).toEqual([200, 'ready\n']);
    expect(await emma()).toContain('Your account ended on 31 October 2099 at midnight.');
  }, 60_000);
});
