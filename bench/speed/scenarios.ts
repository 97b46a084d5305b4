/** What is no burst: `storm` (too many people at once), `start`, and `memory`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../../test/support/statistics.ts';
import type { Burst } from './burst.ts';
import { middleOf } from './figures.ts';
import type { Subject } from './lineup.ts';
import type { Generator } from './ordering.ts';
import type { Overload } from './overload.ts';
import { pssMib, readClock, spent } from './processor.ts';
import type { System } from './system.ts';

export const scenarios = {
  storm: 'silent sign-ons beside password sign-ins; three times more sign-ins than can be served, behind one address',
  start: 'from the start of the process to its first discovery document',
  memory: 'idle, under load, and after it',
} as const;
export type ScenarioName = keyof typeof scenarios;

export type Storm = {
  /** p99 of a silent sign-on with its exchange, in ms: 4 callers alone, and beside the sign-ins of all connections */
  aloneMs: number;
  besideMs: number;
  /** password sign-ins a second: of all connections, before and after (the better one); and while three times as many come */
  best: number;
  overloaded: number;
  /** signed in by a second of its processor time: while three times as many come, ÷ at the best */
  byProcessor: number;
  /** of one processor, what the generator took meanwhile */
  generatorShare: number;
  refusals: Overload['refused'];
  lost: number;
  /** p99 of how long those waited who were refused; undefined: nobody was */
  refusedMs: number | undefined;
};
export type Memory = { idleMib: number; loadedMib: number; afterMib: number };
/** By subject, each of every round. */
export type Results<Result> = Record<string, Result[]>;

export type ScenarioParts = {
  subjects: Subject[];
  connections: number;
  generator: Generator;
  quick: boolean;
  /** at most: some scenarios do with fewer */
  rounds: number;
  tell: (what: string) => void;
};

const SILENT_CALLERS = 4;
const TIMES_CAPACITY = 3;

/** Each subject in turn, in the other order every second time. */
async function inTurn<Result>(
  subjects: Subject[],
  rounds: number,
  one: (system: System, name: string) => Promise<Result>,
): Promise<Results<Result>> {
  const results: Results<Result> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, normal } of round % 2 === 0 ? subjects : subjects.toReversed()) {
      if (normal === undefined) continue;
      results[name] = [...(results[name] ?? []), await one(normal, name)];
    }
  }
  return results;
}

const perSecond = ({ done, ms }: Burst) => (done * 1000) / ms;

export function storm({
  subjects,
  connections,
  generator,
  quick,
  rounds,
  tell,
}: ScenarioParts): Promise<Results<Storm>> {
  const seconds = quick ? 4 : 8;
  return inTurn(subjects, quick ? 1 : Math.min(rounds, 3), async (system, name) => {
    const { target } = system;
    async function costing<Did extends { done: number }>(act: Promise<Did>): Promise<Did & { cpuUs: number }> {
      const before = readClock(system.pid);
      const did = await act;
      return { ...did, cpuUs: spent(before, readClock(system.pid)).allUs };
    }
    try {
      tell(`storm: silent sign-ons, ${name}`);
      await generator.prepare('silent', target, SILENT_CALLERS, 0);
      await generator.prepare('password', target, connections, 1);
      await Promise.all([generator.run(seconds * 500, 0), generator.run(seconds * 500, 1)]); // becomes warm
      const alone = await generator.run(seconds * 500, 0);
      tell(`storm: beside password sign-ins, ${name}`);
      const [beside] = await Promise.all([generator.run(seconds * 500, 0), generator.run(seconds * 500, 1)]);
      tell(`storm: as many sign-ins as go, ${name}`);
      const before = await costing(generator.run(seconds * 500, 1));
      tell(`storm: ${TIMES_CAPACITY} times as many, ${name}`);
      const over = await costing(generator.overload(target, perSecond(before) * TIMES_CAPACITY, seconds));
      tell(`storm: as many as go, once more, ${name}`);
      await generator.close();
      await generator.prepare('password', target, connections, 1);
      const after = await costing(generator.run(seconds * 500, 1));
      const failures = [alone, beside, before, after].flatMap((burst) => burst.failures);
      if (failures.length > 0) throw new Error(`${name}: ${failures.slice(0, 3).join('; ')}`);
      return {
        aloneMs: quantile(alone.latencies, 0.99),
        besideMs: quantile(beside.latencies, 0.99),
        best: Math.max(perSecond(before), perSecond(after)),
        overloaded: (over.inTime * 1000) / over.ms,
        byProcessor: over.done / over.cpuUs / ((before.done + after.done) / (before.cpuUs + after.cpuUs)),
        generatorShare: over.generatorShare,
        refusals: over.refused,
        lost: over.lost,
        refusedMs: over.refusedMs.length === 0 ? undefined : quantile(over.refusedMs, 0.99),
      };
    } finally {
      await generator.close();
      await sleep(1000);
    }
  });
}

/** Milliseconds. */
export function starts({ subjects, rounds, tell }: ScenarioParts): Promise<Results<number>> {
  return inTurn(subjects, Math.min(rounds, 9), async (system, name) => {
    tell(`start: ${name}`);
    return system.again();
  });
}

export function memory({ subjects, connections, generator, quick, tell }: ScenarioParts): Promise<Results<Memory>> {
  const ms = quick ? 2000 : 6000;
  return inTurn(subjects, 1, async (system, name) => {
    tell(`memory: ${name}`);
    await system.again();
    await sleep(3000);
    const mib = () => pssMib(system.pid) ?? Number.NaN;
    const idleMib = mib();
    let loadedMib = idleMib;
    const look = setInterval(() => {
      loadedMib = Math.max(loadedMib, mib());
    }, 250);
    try {
      for (const act of ['password', 'silent', 'userinfo'] as const) {
        await generator.prepare(act, system.target, connections);
        await generator.run(ms);
        await generator.close();
      }
    } finally {
      clearInterval(look);
      await generator.close();
    }
    await sleep(quick ? 2000 : 15_000);
    return { idleMib, loadedMib, afterMib: mib() };
  });
}

/** The middle of a figure over the rounds. */
export function middle<Result>(results: Result[] | undefined, of: (result: Result) => number | undefined): number {
  const values = (results ?? []).map(of).filter((value) => value !== undefined);
  return values.length === 0 ? Number.NaN : middleOf(values).median;
}
