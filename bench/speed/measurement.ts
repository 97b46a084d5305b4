/** Rounds of bursts: every system does every act in each, the order reversed in every second one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ActName, acts } from './acts.ts';
import type { Burst } from './burst.ts';
import { type Calibration, calibrate } from './calibration.ts';
import type { Subject } from './lineup.ts';
import type { Generator } from './ordering.ts';
import { readClock, type Spent, spent } from './processor.ts';

export type Sample = { burst: Burst; spent: Spent; calibration: Calibration };
/** By act, then subject; one of each round. */
export type Samples = Map<ActName, Map<string, Sample[]>>;
export type Fault = { act: string; subject: string; why: string };

const SETTLE_MS = 150; // what an act leaves to be done after its answer belongs to it, and not to the next one
const SHORTEST_WARM_UP_MS = 200;

export async function measure(parts: {
  subjects: Subject[];
  only: ActName[];
  rounds: number;
  /** of each subject, in all of its acts together */
  warmUpMs: number;
  burstMs: number;
  connections: number;
  generator: Pick<Generator, 'prepare' | 'run' | 'close'>;
  tell: (progress: { part: number; act: ActName; subject: string; round: number }) => void;
}): Promise<{ samples: Samples; faults: Fault[] }> {
  const { only, rounds, generator, tell } = parts;
  const subjectsOf = (act: ActName) => parts.subjects.filter(({ offers }) => offers(act));
  const samples: Samples = new Map(
    only.map((act) => [act, new Map(subjectsOf(act).map(({ name }) => [name, [] as Sample[]]))]),
  );
  const faults: Fault[] = [];
  const bursts = only.reduce((sum, act) => sum + subjectsOf(act).length, 0);
  let done = 0;

  async function one(act: ActName, subject: Subject, round: number, ms: number): Promise<Sample | undefined> {
    tell({ part: done / (bursts * (rounds + 1)), act, subject: subject.name, round });
    done += 1;
    try {
      return await sample(act, subject, ms);
    } catch (error) {
      faults.push({ act, subject: subject.name, why: (error as Error).message });
      return undefined;
    }
  }

  async function sample(act: ActName, subject: Subject, ms: number): Promise<Sample> {
    const system = subject[acts[act].on];
    if (system === undefined) throw new Error('it was not started');
    const calibration = calibrate();
    try {
      await generator.prepare(act, system.target, parts.connections);
      await sleep(SETTLE_MS);
      const before = readClock(system.pid);
      const burst = await generator.run(ms);
      await sleep(SETTLE_MS);
      const cost = spent(before, readClock(system.pid));
      if (burst.failed > 0)
        throw new Error(`${burst.failed} of ${burst.failed + burst.done}: ${burst.failures.join('; ')}`);
      if (burst.done === 0) throw new Error('nothing was done');
      return { burst, spent: cost, calibration };
    } finally {
      await generator.close();
    }
  }

  for (const act of only) {
    for (const subject of subjectsOf(act))
      await one(act, subject, 0, Math.max(SHORTEST_WARM_UP_MS, parts.warmUpMs / only.length));
  }
  for (let round = 1; round <= rounds; round += 1) {
    for (const act of only) {
      for (const subject of round % 2 === 1 ? subjectsOf(act) : subjectsOf(act).toReversed()) {
        const measured = await one(act, subject, round, parts.burstMs);
        if (measured !== undefined) samples.get(act)?.get(subject.name)?.push(measured);
      }
    }
  }
  return { samples, faults };
}
