/** Hashes passwords in separate processes behind a bounded queue: when it is full, callers get `busy` (503) at once. */
import { dummyFor, formsOf, type Hashing, type Lane, workOf } from '../domain/passwords/stored-hash.ts';
import { Problem } from '../domain/problem.ts';
import { createEvenAnswers } from './even-answers.ts';
import type { Verified, Work } from './process.ts';
import { createQueue } from './queue.ts';
import { createWorkers, type Fork, type Task } from './workers.ts';

export type HashingFigures = {
  /** passwords that wait for a process at the moment */
  waiting(): number;
  /** how many were turned away at the door since the start (`fullFor`) */
  turnedAway(): number;
  /** tasks accepted since the start, by kind; refused ones are not counted */
  taken(): Readonly<Record<Work['kind'], number>>;
};

/**
 * Runs up to `processes` tasks at once, one per process, and lets as many more wait in each lane as can be served in time,
 * `queue` at most, so that a crowd of strangers leaves the places of known browsers free. Processes start at first use, and
 * are replaced when they die.
 */
export function createHashingPool(options: {
  processes: number;
  queue: number;
  /** The kinds of work, beside our own, that stored hashes may take; absent: none. */
  foreignWorks?: () => Promise<readonly string[]>;
  /** Only tests replace these. */
  fork?: Fork;
  servedWithinMs?: number;
}): Hashing & HashingFigures {
  const { processes, queue: most, servedWithinMs } = options;
  const queue = createQueue<Task<Work>>({ processes, most, servedWithinMs });
  const taken = { hash: 0, verify: 0, wrap: 0 };
  const workers = createWorkers<Work>({
    module: new URL('./process.ts', import.meta.url),
    processes,
    next,
    ...(options.fork === undefined ? {} : { fork: options.fork }),
  });
  let closed = false;
  let turnedAway = 0;

  /** The next task, whose time is measured from now on. */
  function next(): Task<Work> | undefined {
    const { task, runs } = queue.next() ?? {};
    if (task === undefined || runs === undefined) return undefined;
    const since = performance.now();
    const resolve = (value: never) => {
      for (let run = 0; run < runs; run += 1) queue.measured((performance.now() - since) / runs);
      task.resolve(value);
    };
    return { ...task, resolve };
  }

  function told<Full>(full: Full | undefined): Full | undefined {
    if (full !== undefined) turnedAway += 1;
    return full;
  }

  const even = createEvenAnswers({
    works: options.foreignWorks ?? (async () => []),
    async measure(work) {
      const dummy = dummyFor(work);
      if (dummy === undefined) return;
      const { ms } = await perform<Verified>({ kind: 'verify', stored: dummy, password: 'of nobody' }, 'known', {
        counted: 0,
      });
      even.note(work, ms);
    },
  });

  /** `runs`: how many times the work is done; a task takes as much of the queue. */
  function perform<T>(work: Work, lane: Lane, { runs = 1, counted = 1 } = {}): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (closed || !queue.push(lane, { task: { work, resolve, reject }, runs })) {
      throw new Problem('busy', 'too many sign-ins at once', { retryAfterSeconds: 3 });
    }
    taken[work.kind] += counted;
    workers.assign();
    return promise;
  }

  return {
    hash: async (password, lane = 'begun') => perform({ kind: 'hash', password }, lane),
    async verify(stored, password, lane = 'others') {
      const since = performance.now();
      const task = { kind: 'verify', stored: stored ?? null, password } as const;
      const [work, forms] = [workOf(stored), formsOf(password, stored).length];
      const { matches, outdated, ms } = await perform<Verified>(task, lane, { runs: forms });
      if (matches) return { matches, outdated };
      even.note(work, ms / forms);
      await even.hold(work, ms / forms, since, forms);
      return { matches, outdated };
    },
    wrap: async (foreignHash) => perform({ kind: 'wrap', foreignHash }, 'slowed'), // no person waits for it
    fullFor: (lane) => told(closed ? { retryAfterSeconds: 5 } : queue.fullFor(lane, performance.now())),
    fullToBegin: (lane) => told(closed ? { retryAfterSeconds: 5 } : queue.fullToBegin(lane, performance.now())),
    turnedAway: () => turnedAway,
    waiting: queue.waiting,
    taken: () => ({ ...taken }),
    async close() {
      closed = true;
      for (const { task } of queue.empty()) {
        task.reject(new Problem('busy', 'shutting down', { retryAfterSeconds: 5 }));
      }
      await workers.close();
    },
  };
}
