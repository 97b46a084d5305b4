/**
 * The queue before the hashing processes: whose turn it is, and whether one more could be served in time, measured by how
 * long the latest ones took.
 */
import type { Lane } from '../domain/passwords/stored-hash.ts';

/**
 * Whose turn it is when a process becomes free: whoever is half-way through first. A lane in which nobody waits leaves
 * its turn to the next one with somebody, so no lane waits for ever, and each has its share.
 */
const TURNS: Lane[] = [
  ...(['begun', 'known', 'begun', 'others', 'begun'] as const),
  ...(['known', 'begun', 'others', 'begun', 'slowed'] as const),
];
const LANES: Lane[] = ['begun', 'known', 'others', 'slowed'];

/** What one run took that were measured last; before any was, as many took this long. */
const REMEMBERED = 32;
const FIRST_MS = 20;

/** Whoever would wait longer is asked to come back. */
const SERVED_WITHIN_MS = 3000;
/** How full it should be kept by those who begin: who has begun is to find a place when the password is typed. */
const BEGIN_PART = 2 / 3;
/** Those who were let in at the door, and are counted before they reach the queue, may find a little more than that. */
const LATE_MS = 1000;
/** Of those who begin, as many may come at once as can be served in this time. */
const BURST_MS = 100;
/** Nobody is asked to stay away for longer. */
const LONGEST_MS = 60_000;

export type Waiting<Task> = { task: Task; runs: number };

/**
 * `runs`: how many times the work is done for a task. `most`: tasks that may wait in each lane in any case.
 * `servedWithinMs`: only tests replace it.
 */
export function createQueue<Task>(options: { processes: number; most: number; servedWithinMs?: number | undefined }) {
  const { processes, most, servedWithinMs = SERVED_WITHIN_MS } = options;
  const lanes: Record<Lane, Waiting<Task>[]> = { begun: [], known: [], others: [], slowed: [] };
  const runs: Record<Lane, number> = { begun: 0, known: 0, others: 0, slowed: 0 };
  const took: number[] = Array(REMEMBERED).fill(FIRST_MS);
  let turn = 0;
  let appointedUntil = 0;
  const begunUntil: Record<Lane, number> = { begun: 0, known: 0, others: 0, slowed: 0 };

  const waiting = () => LANES.reduce((sum, lane) => sum + lanes[lane].length, 0);
  const turnsOf = (lane: Lane) => TURNS.filter((each) => each === lane).length;
  /** How soon the processes together finish one run. */
  const eachMs = () => took.reduce((sum, ms) => sum + ms, 0) / took.length / processes;

  /** How long one who comes now would wait: for those of its lane, and for those of others who have their turn meanwhile. */
  function waitMs(lane: Lane): number {
    const before = LANES.reduce((sum, other) => {
      const turns = (runs[lane] + 1) * (turnsOf(other) / turnsOf(lane));
      return sum + (other === lane ? runs[lane] : Math.min(runs[other], turns));
    }, 0);
    return before * eachMs();
  }

  /** Each who asks is given a later moment, as many a second as can be served, so that they do not come back all at once. */
  function appointment(wait: number, now: number): { retryAfterSeconds: number } {
    const soonest = now + Math.min(wait, LONGEST_MS / 2);
    appointedUntil = Math.max(appointedUntil, soonest) + eachMs();
    if (appointedUntil > now + LONGEST_MS) appointedUntil = soonest;
    return { retryAfterSeconds: Math.ceil((appointedUntil - now) / 1000) };
  }

  return {
    waiting,

    /** False: there is no place. */
    push(lane: Lane, waiting: Waiting<Task>): boolean {
      const late = lane !== 'begun' && waitMs(lane) > servedWithinMs + LATE_MS;
      if (late || lanes[lane].length >= most) return false;
      lanes[lane].push(waiting);
      runs[lane] += waiting.runs;
      return true;
    },

    next(): Waiting<Task> | undefined {
      for (let skipped = 0; skipped < TURNS.length; skipped += 1) {
        const lane = TURNS[turn % TURNS.length] as Lane;
        turn += 1;
        const next = lanes[lane].shift();
        if (next === undefined) continue;
        runs[lane] -= next.runs;
        return next;
      }
      return undefined;
    },

    /** All that wait, who wait no more. */
    empty: () => LANES.flatMap((lane) => lanes[lane].splice(0)),

    /** One run of a task took so long in its process. */
    measured(ms: number): void {
      took.shift();
      took.push(ms);
    },

    /**
     * Undefined: one more of this lane would be served in time. Otherwise how long it should stay away. Whoever is half-way
     * through always has room. `now`: `performance.now()`.
     */
    fullFor(lane: Lane, now: number): { retryAfterSeconds: number } | undefined {
      const wait = waitMs(lane);
      if (lane === 'begun' || (wait <= servedWithinMs && lanes[lane].length < most)) return undefined;
      return appointment(wait, now);
    },

    /**
     * The same for somebody who has yet to type a password. The fuller it is, the fewer may begin: as many a second as are
     * served of their lane where it is as full as it should be. More would type in vain, and fewer would leave it empty by
     * the time they have typed. Where nobody waits, everybody may.
     */
    fullToBegin(lane: Lane, now: number): { retryAfterSeconds: number } | undefined {
      const wait = waitMs(lane);
      if (begunUntil[lane] > now) return appointment(wait, now);
      const eachOfLaneMs = wait / (runs[lane] + 1);
      const full = Math.max(wait / servedWithinMs, lanes[lane].length / most);
      begunUntil[lane] = Math.max(begunUntil[lane], now - BURST_MS) + eachOfLaneMs * (full / BEGIN_PART);
      return undefined;
    },
  };
}
