/**
 * Lets wrong passwords take the same time whatever is stored: while hashes of other systems are, each answer waits as
 * long as the slowest of them takes (rule 1). The processes do not wait with it.
 */
import { randomInt } from 'node:crypto';
import { OWN_WORK } from '../domain/passwords/stored-hash.ts';

/** Times of one kind of work that are remembered; the latest ones count, because they follow the load. */
const REMEMBERED = 32;
const FIRST = 2;
/** A time that is older says little of the load at the moment. */
const FRESH_MS = 10_000;
/** Answers leave at a multiple of this after they came, so that fractions of a millisecond tell nothing. */
const BEAT_MS = 50;

export type EvenAnswers = {
  /** Notes that this kind of work took so long in a process, for one form of a password. */
  note(work: string, ms: number): void;
  /**
   * Waits until an answer to a wrong password may leave: `work` and `ms` as noted, `since` it was asked
   * (`performance.now()`), `forms` in which it was tried, each with this work. Never rejects: the password was judged, and
   * who could make the wait fail would guess for nothing. Where `works` does, what it said before counts.
   */
  hold(work: string, ms: number, since: number, forms?: number): Promise<void>;
};

/**
 * @param options `works`: the kinds of work of the stored hashes beside our own; `measure`: does such work for nobody,
 *   and notes it
 */
export function createEvenAnswers(options: {
  works(): Promise<readonly string[]>;
  measure(work: string): Promise<void>;
  wait?: (ms: number) => Promise<unknown>;
}): EvenAnswers {
  const { works, measure, wait = sleep } = options;
  const times = new Map<string, number[]>();
  const measured = new Map<string, number>();
  const measuring = new Map<string, Promise<void>>();
  let latest: readonly string[] = [];
  const remember = (found: readonly string[]) => {
    latest = found;
    return found;
  };
  const timesOf = (work: string) => times.get(work) ?? [];

  function note(work: string, ms: number): void {
    times.set(work, [...timesOf(work), ms].slice(-REMEMBERED));
    measured.set(work, performance.now());
  }

  /** One at a time of each kind. A full queue measures later. */
  function measureOnce(work: string): Promise<void> {
    const running = measuring.get(work) ?? measure(work).catch(() => {});
    measuring.set(work, running);
    return running.finally(() => measuring.delete(work));
  }

  return {
    note,
    async hold(work, ms, since, forms = 1) {
      const stored = await works().then(remember, () => latest);
      const foreign = work === OWN_WORK || stored.includes(work) ? stored : [...stored, work];
      if (foreign.length === 0) return;
      for (const each of foreign) {
        for (let n = timesOf(each).length; n < FIRST; n += 1) await measureOnce(each);
      }
      const slowest = [OWN_WORK, ...foreign].reduce((one, other) =>
        median(timesOf(other)) > median(timesOf(one)) ? other : one,
      );
      const known = timesOf(slowest);
      const like = work === slowest || known.length === 0 ? ms : (known[randomInt(known.length)] ?? ms);
      if (performance.now() - (measured.get(slowest) ?? 0) > FRESH_MS) void measureOnce(slowest);
      const passed = performance.now() - since;
      const due = Math.ceil((passed + forms * Math.max(0, like - ms)) / BEAT_MS) * BEAT_MS;
      await wait(due - passed);
    },
  };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
