/** Hashes passwords in separate processes behind a bounded queue: when it is full, callers get `busy` (503) at once. */
import type { Hashing, Lane } from '../domain/passwords/password-hash.ts';
import { Problem } from '../domain/problem.ts';
import type { Work } from './process.ts';
import { createWorkers, type Fork, type Task } from './workers.ts';

/**
 * Whose turn it is when a process becomes free. A lane in which nobody waits leaves its turn to the first one with
 * somebody, so no lane waits for ever.
 */
const TURNS: Lane[] = ['known', 'others', 'known', 'others', 'slowed'];

export type HashingFigures = {
  /** passwords that wait for a process at the moment */
  waiting(): number;
  /** tasks accepted since the start, by kind; refused ones are not counted */
  taken(): Readonly<Record<Work['kind'], number>>;
};

/**
 * Runs up to `processes` tasks at once, one per process, and lets `queue` more wait in each lane, so that a crowd of
 * strangers leaves the places of known browsers free. Processes start at first use, and are replaced when they die.
 */
export function createHashingPool(options: {
  processes: number;
  queue: number;
  /** Only tests replace it. */
  fork?: Fork;
}): Hashing & HashingFigures {
  const lanes: Record<Lane, Task<Work>[]> = { known: [], others: [], slowed: [] };
  let turn = 0;
  const taken = { hash: 0, verify: 0, wrap: 0 };
  const workers = createWorkers<Work>({
    module: new URL('./process.ts', import.meta.url),
    processes: options.processes,
    next: nextTask,
    ...(options.fork === undefined ? {} : { fork: options.fork }),
  });
  let closed = false;

  const waiting = () => lanes.known.length + lanes.others.length + lanes.slowed.length;

  function nextTask(): Task<Work> | undefined {
    if (waiting() === 0) return undefined;
    const first = TURNS[turn % TURNS.length] as Lane;
    turn += 1;
    return lanes[first].shift() ?? lanes.known.shift() ?? lanes.others.shift() ?? lanes.slowed.shift();
  }

  function perform<T>(work: Work, lane: Lane): Promise<T> {
    if (closed || lanes[lane].length >= options.queue) {
      throw new Problem('busy', 'too many sign-ins at once', { retryAfterSeconds: 3 });
    }
    return new Promise<T>((resolve, reject) => {
      lanes[lane].push({ work, resolve, reject });
      taken[work.kind] += 1;
      workers.assign();
    });
  }

  return {
    hash: async (password, lane = 'others') => perform({ kind: 'hash', password }, lane),
    verify: async (stored, password, lane = 'others') =>
      perform({ kind: 'verify', stored: stored ?? null, password }, lane),
    wrap: async (foreignHash) => perform({ kind: 'wrap', foreignHash }, 'slowed'), // no person waits for it
    waiting,
    taken: () => ({ ...taken }),
    async close() {
      closed = true;
      for (const task of Object.values(lanes).flatMap((lane) => lane.splice(0))) {
        task.reject(new Problem('busy', 'shutting down', { retryAfterSeconds: 5 }));
      }
      await workers.close();
    },
  };
}
