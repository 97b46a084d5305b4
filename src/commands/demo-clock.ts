/** `pedel demo --clock`: lets the demo begin on another day. Pedel is given the time; the libraries ask the machine. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startOfDay } from '../domain/lifecycle/reason.ts';
import type { Values } from '../domain/ports/values.ts';
import { CommandFault } from './terminal.ts';

const MORNING_MS = 9 * 60 * 60 * 1000;

export type DemoClock = {
  /** for every process of the demo */
  environment: Record<string, string>;
  /** epoch ms */
  now: () => number;
};

/** Epoch ms of nine in the morning of this day. Undefined: it is no day. */
export function morningOf(day: string): number | undefined {
  const start = startOfDay(day);
  return start === undefined ? undefined : start + MORNING_MS;
}

/**
 * Shifts the clock of this process and of those that it starts. A folder that is kept goes on where its clock stood.
 * @param from epoch ms at which it starts
 * @throws CommandFault where the installation has no demo
 */
export async function startClock(folder: string, from: number, installation: string): Promise<DemoClock> {
  const file = join(folder, 'clock');
  if (!existsSync(file)) writeFileSync(file, String(from - Date.now()), { mode: 0o600 });
  const preload = join(installation, 'demo', 'shift-clock.ts');
  if (!existsSync(preload)) throw new CommandFault('--clock needs the folder "demo" of the repository');
  const url = pathToFileURL(preload).href;
  const environment = { DEMO_CLOCK: file, NODE_OPTIONS: `--import=${url}` };
  Object.assign(process.env, environment);
  await import(url);
  return { environment, now: () => Date.now() };
}

/** So that no node takes the clock for wrong: this was the time of the newest write. */
export async function noteTime(values: Pick<Values, 'get' | 'replace'>, now: number): Promise<void> {
  await values.replace('clock', String(now), await values.get('clock'));
}
