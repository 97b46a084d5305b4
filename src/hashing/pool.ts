/** Hashes passwords in separate processes behind a bounded queue: when it is full, callers get `busy` (503) at once. */
import { dummyFor, formsOf, type Hashing, type Lane, workOf } from '../domain/passwords/password-hash.ts';
import { Problem } from '../domain/problem.ts';
import { createEvenAnswers } from './even-answers.ts';
import type { Verified, Work } from './process.ts';
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
  /** The kinds of work, beside our own, that stored hashes may take; absent: none. */
  foreignWorks?: () => Promise<readonly string[]>;
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

  const even = createEvenAnswers({
    works: options.foreignWorks ?? (async () => []),
    async measure(work) {
      const dummy = dummyFor(work);
      if (dummy === undefined) return;
      const { ms } = await perform<Verified>({ kind: 'verify', stored: dummy, password: 'of nobody' }, 'known', 0);
      even.note(work, ms);
    },
  });

  function perform<T>(work: Work, lane: Lane, counted = 1): Promise<T> {
    if (closed || lanes[lane].length >= options.queue) {
      throw new Problem('busy', 'too many sign-ins at once', { retryAfterSeconds: 3 });
    }
    return new Promise<T>((resolve, reject) => {
      lanes[lane].push({ work, resolve, reject });
      taken[work.kind] += counted;
      workers.assign();
    });
  }

  return {
    hash: async (password, lane = 'others') => perform({ kind: 'hash', password }, lane),
    async verify(stored, password, lane = 'others') {
      const since = performance.now();
      const task = { kind: 'verify', stored: stored ?? null, password } as const;
      const { matches, outdated, ms } = await perform<Verified>(task, lane);
      if (matches) return { matches, outdated };
      const [work, forms] = [workOf(stored), formsOf(password).length];
      even.note(work, ms / forms);
      await even.hold(work, ms / forms, since, forms);
      return { matches, outdated };
    },
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
