/** Starts the chaos driver as `npm run chaos` does, and checks its report. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { EventKind } from './events.ts';
import type { Violation } from './ledger.ts';
import type { Report } from './report.ts';

const driver = fileURLToPath(new URL('run.ts', import.meta.url));
/** The same each time, so that a change is to blame for what changes; `npm run chaos` takes another one each time. */
const seed = Number(process.env.PEDEL_CHAOS_SEED ?? 20_261_122);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pedel-chaos-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lines of what a person did before a violation, and characters of one. */
const TOLD_BEFORE = 12;
const LONGEST_LINE = 200;

type Ended = { status: number; output: string; report: Report };

/** One run. @throws where the driver itself failed, with what it wrote */
export function chaos(storage: 'sqlite' | 'mongodb', nodes: number, events: EventKind[]): Promise<Ended> {
  const json = join(folder, `${storage}-${nodes}.json`);
  const words = [driver, '--storage', storage, '--nodes', String(nodes), '--seed', String(seed), '--json', json];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', ...words, '--events', events.join()],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const output = `${stdout}\n${stderr}`.slice(-20_000);
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
        // without a report the driver itself has failed, and its output says why
        if (status > 1) return reject(new Error(`the driver ended with ${error?.code ?? error?.signal}:\n${output}`));
        resolve({ status, output, report: JSON.parse(readFileSync(json, 'utf8')) });
      },
    );
  });
}

function inShort({ at, kind, person, message, history }: Violation): string {
  const before = history.slice(-TOLD_BEFORE).map((line) => `  ${line.slice(0, LONGEST_LINE)}`);
  return [`${at} ${kind}: ${person}: ${message.slice(0, 2 * LONGEST_LINE)}`, ...before].join('\n');
}

/** Nothing acknowledged was lost, nothing passed twice, and every kind of event happened to people who did something. */
export function expectKept({ status, output, report }: Ended, events: EventKind[]): void {
  console.info(output);
  // as text, and only the end of each history: a log that is cut short must not lose what was broken
  expect(report.violations.map(inShort).join('\n')).toBe('');
  expect(status).toBe(0);
  // all of it happened, to people who did something
  expect(Object.keys(report.events).sort()).toEqual([...new Set(events)].sort());
  for (const act of [
    'activation by link',
    'activation by code',
    'sign-in',
    'silent sign-on',
    'exchange',
    'asked at the end',
  ])
    expect({ act, acknowledged: report.acts[act]?.acknowledged ?? 0 }).not.toMatchObject({ acknowledged: 0 });
}
