/** A burst of one act: several callers at once, each on a connection of its own, for a moment. */
import { type Act, type ActName, acts, type Caller } from './acts.ts';
import { type Line, openLine } from './http.ts';
import type { Target } from './target.ts';

/** `latencies` in ms, of what succeeded; `failures` says why, of the first few. */
export type Burst = { done: number; failed: number; ms: number; latencies: number[]; failures: string[] };
export type Ready = { run(ms: number): Promise<Burst>; close(): void };

const NAMED_FAILURES = 3;
const people = new Map<string, number>();

/** Opens the connections and does what the act needs beforehand. */
export async function prepare(name: ActName, target: Target, callers: number): Promise<Ready> {
  const act: Act = acts[name];
  const lines: Line[] = [];
  try {
    const ready = await Promise.all(
      Array.from({ length: act.callers ?? callers }, async () => {
        const line = await openLine(target);
        lines.push(line);
        return act.prepare({ target, line, nextPerson: (kind) => nextPerson(target, kind) });
      }),
    );
    return {
      run: (ms) => run(ready, ms),
      close: () => {
        for (const line of lines) line.close();
      },
    };
  } catch (error) {
    for (const line of lines) line.close();
    throw error;
  }
}

async function run(callers: Awaited<ReturnType<Act['prepare']>>[], ms: number): Promise<Burst> {
  const burst: Burst = { done: 0, failed: 0, ms: 0, latencies: [], failures: [] };
  const started = performance.now();
  const end = started + ms;
  await Promise.all(
    callers.map(async (act) => {
      for (let began = performance.now(); began < end; began = performance.now()) {
        const doing = act();
        if (doing === undefined) return;
        try {
          await doing;
          burst.done += 1;
          burst.latencies.push(performance.now() - began);
        } catch (error) {
          burst.failed += 1;
          if (burst.failures.length < NAMED_FAILURES) burst.failures.push((error as Error).message);
          if (burst.failed > 100) return; // nothing is learned from more of them
        }
      }
    }),
  );
  burst.ms = performance.now() - started;
  return burst;
}

/** Everybody in turn, so that nobody signs in twice at once, or types one code twice. */
function nextPerson(target: Target, kind: Parameters<Caller['nextPerson']>[0]): number {
  const { first, count } = target.people[kind];
  const key = `${target.name} ${kind}`;
  const turn = people.get(key) ?? 0;
  people.set(key, turn + 1);
  return first + (turn % count);
}
