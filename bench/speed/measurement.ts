/** Rounds of bursts: every system does every act in each, the order reversed in every second one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Act, type ActName, acts } from './acts.ts';
import type { Burst } from './burst.ts';
import { type Calibration, calibrate } from './calibration.ts';
import type { Generator } from './ordering.ts';
import { familyOf, readClock, type Spent, spent } from './processor.ts';
import type { System } from './system.ts';

/** One that is measured: its processes, and those whose passwords are right at once. */
export type Subject = { name: string } & Record<Act['on'], System | undefined>;
export type Sample = { burst: Burst; spent: Spent; calibration: Calibration };
/** By act, then subject; one of each round. */
export type Samples = Map<ActName, Map<string, Sample[]>>;
export type Fault = { act: ActName; subject: string; why: string };

const SETTLE_MS = 150; // what an act leaves to be done after its answer belongs to it, and not to the next one

export async function measure(parts: {
  subjects: Subject[];
  only: ActName[];
  rounds: number;
  warmUpMs: number;
  burstMs: number;
  connections: number;
  generator: Generator;
  tell: (progress: { part: number; act: ActName; subject: string; round: number }) => void;
}): Promise<{ samples: Samples; faults: Fault[] }> {
  const { subjects, only, rounds, generator, tell } = parts;
  const samples: Samples = new Map(only.map((act) => [act, new Map(subjects.map(({ name }) => [name, []]))]));
  const faults: Fault[] = [];
  const bursts = subjects.length * only.length;
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
    await generator.prepare(act, system.target, parts.connections);
    try {
      await sleep(SETTLE_MS);
      const before = readClock(system.pid);
      const burst = await generator.run(ms);
      await sleep(SETTLE_MS);
      const cost = spent(before, readClock(system.pid, familyOf(system.pid)));
      if (burst.failed > 0)
        throw new Error(`${burst.failed} of ${burst.failed + burst.done}: ${burst.failures.join('; ')}`);
      if (burst.done === 0) throw new Error('nothing was done');
      return { burst, spent: cost, calibration };
    } finally {
      await generator.close();
    }
  }

  for (const act of only) {
    for (const subject of subjects) await one(act, subject, 0, Math.max(300, parts.warmUpMs / bursts));
  }
  for (let round = 1; round <= rounds; round += 1) {
    for (const act of only) {
      for (const subject of round % 2 === 1 ? subjects : subjects.toReversed()) {
        const measured = await one(act, subject, round, parts.burstMs);
        if (measured !== undefined) samples.get(act)?.get(subject.name)?.push(measured);
      }
    }
  }
  return { samples, faults };
}
