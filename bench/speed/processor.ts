/** What processes cost, as the Linux kernel counts it: processor time by thread, and memory. */
import { readdirSync, readFileSync } from 'node:fs';

/** Nanoseconds by thread. `main`: of the first thread of the first process. */
export type Clock = Map<string, { ns: number; of: 'main thread' | 'main process' | 'other processes' }>;
export type Spent = { mainThreadUs: number; mainProcessUs: number; allUs: number };

/** A process and all that it started, as they are now. */
export function familyOf(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const family = [pid];
  for (const each of family) family.push(...(parents.get(each) ?? []));
  return family;
}

export function readClock(pid: number, family = familyOf(pid)): Clock {
  const clock: Clock = new Map();
  for (const process of family) {
    for (const thread of list(`/proc/${process}/task`)) {
      const ns = Number(read(`/proc/${process}/task/${thread}/schedstat`).split(' ')[0]);
      const first = process === pid;
      const of = !first ? 'other processes' : Number(thread) === pid ? 'main thread' : 'main process';
      clock.set(thread, { ns, of });
    }
  }
  return clock;
}

/** Between two readings. A thread that ended meanwhile takes what it cost along. */
export function spent(before: Clock, after: Clock): Spent {
  const sum = { 'main thread': 0, 'main process': 0, 'other processes': 0 };
  for (const [thread, { ns, of }] of after) sum[of] += ns - (before.get(thread)?.ns ?? 0);
  const mainThreadUs = sum['main thread'] / 1000;
  const mainProcessUs = mainThreadUs + sum['main process'] / 1000;
  return { mainThreadUs, mainProcessUs, allUs: mainProcessUs + sum['other processes'] / 1000 };
}

/** Proportional set size: what is shared is divided among those who share it. Undefined where the kernel does not tell. */
export function pssMib(pid: number): number | undefined {
  const sizes = familyOf(pid).map((each) => /^Pss: +(\d+) kB$/m.exec(read(`/proc/${each}/smaps_rollup`))?.[1]);
  const known = sizes.filter((size) => size !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, size) => sum + Number(size), 0) / 1024;
}

/** Empty where it has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
