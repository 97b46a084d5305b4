/**
 * More people than can be served, all behind one address: they come at a fixed rate, whether or not those before them were
 * served, each in the browser that he or she keeps, with the right password, and leave where they are refused or not answered in time.
 */
import { visitorOf } from './acts.ts';
import { type Line, openLine } from './http.ts';
import type { Target } from './target.ts';
import { ask, Refused, signIn } from './visits.ts';

export type Overload = {
  came: number;
  /** signed in before the last of them came, in less time than people bear (`BORNE_MS`) */
  inTime: number;
  /** signed in, however late */
  done: number;
  /** how often each status was the answer, and how long those who were refused (503, 429) waited for it, in ms */
  refused: Record<string, number>;
  refusedMs: number[];
  /** neither answered nor refused in time */
  lost: number;
  ms: number;
  /** of one processor, what it took to ask all this */
  generatorShare: number;
};

export const PEOPLE = 2000;
const ADDRESS = '10.99.0.1';
const PATIENCE_MS = 10_000; // for each answer
const BORNE_MS = 5000; // for all of a sign-in

export async function overload(target: Target, perSecond: number, seconds: number): Promise<Overload> {
  const idle: Line[] = [];
  const all = new Set<Line>();
  const result: Overload = {
    came: 0,
    inTime: 0,
    done: 0,
    refused: {},
    refusedMs: [],
    lost: 0,
    ms: 0,
    generatorShare: 0,
  };
  const processor = process.cpuUsage();
  const started = performance.now();
  const end = started + seconds * 1000;
  const visits: Promise<void>[] = [];
  const { first, count } = target.people.password;
  const people = Math.min(PEOPLE, count);

  async function visit(person: number): Promise<void> {
    const began = performance.now();
    let line = idle.pop();
    try {
      line ??= await openLine(target, PATIENCE_MS);
      all.add(line);
      const visitor = visitorOf(target, person, line, ADDRESS);
      await signIn(target, visitor, ask(target, target.clients[person % target.clients.length] ?? ''), person);
      result.done += 1;
      const now = performance.now();
      if (now <= end && now - began <= BORNE_MS) result.inTime += 1;
      idle.push(line);
    } catch (error) {
      if (error instanceof Refused && line !== undefined) {
        result.refused[error.status] = (result.refused[error.status] ?? 0) + 1;
        if ([503, 429].includes(error.status)) result.refusedMs.push(error.ms);
        idle.push(line);
      } else {
        result.lost += 1;
        line?.close();
      }
    }
  }

  for (let now = started; now < end; now = performance.now()) {
    const due = Math.floor(((now - started) * perSecond) / 1000);
    for (; result.came < due; result.came += 1) visits.push(visit(first + (result.came % people)));
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  await Promise.all(visits);
  for (const line of all) line.close();
  const { user, system } = process.cpuUsage(processor);
  result.generatorShare = (user + system) / 1000 / (performance.now() - started);
  result.ms = end - started;
  return result;
}
