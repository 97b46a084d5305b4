/** Where and when figures came about: without it no figure says anything. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import type { Calibration } from './calibration.ts';
import { type Middle, middleOf } from './figures.ts';

export type Machine = {
  at: string;
  commit: string;
  node: string;
  cores: number;
  processor: string;
  /** of the last minute, before and after */
  load: [number, number];
  /** ms of processor for a fixed piece of work */
  calibrationMs: Middle;
  /** part of its time in which that work waited for a processor */
  waited: number;
};

export const load = (): number => loadavg()[0] ?? Number.NaN;

export function machineOf(root: string, loadBefore: number, calibrations: Calibration[]): Machine {
  return {
    at: new Date().toISOString(),
    commit: commitOf(root),
    node: process.version,
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    load: [loadBefore, load()],
    calibrationMs: middleOf(calibrations.map(({ cpuMs }) => cpuMs)),
    waited: middleOf(calibrations.map(({ cpuMs, wallMs }) => Math.max(0, 1 - cpuMs / wallMs))).median,
  };
}

export function described({ at, commit, node, cores, processor, load, calibrationMs, waited }: Machine): string {
  const [before, after] = load.map((each) => each.toFixed(1));
  const { median, low, high } = calibrationMs;
  const calibration = Number.isNaN(median)
    ? ''
    : ` Calibration: ${median.toFixed(1)} ms of processor (${low.toFixed(1)} to ${high.toFixed(1)}), of its time ${(waited * 100).toFixed(0)} % waiting for one.`;
  return `${at.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}, Node ${node}, ${cores} cores (${processor}), load ${before} before and ${after} after.${calibration}`;
}

function commitOf(root: string): string {
  try {
    const words = ['-C', root, 'describe', '--always', '--dirty', '--exclude=*'];
    return execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
