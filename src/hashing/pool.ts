/** Hashes passwords in separate processes behind a bounded queue: when it is full, callers get `busy` (503) at once. */
import type { Hashing } from '../domain/passwords/password-hash.ts';
import { Problem } from '../domain/problem.ts';
import type { Work } from './process.ts';
import { createWorkers, type Fork, type Task } from './workers.ts';

export type HashingFigures = {
  /** passwords that wait for a process at the moment */
  waiting(): number;
  /** tasks accepted since the start, by kind; refused ones are not counted */
  taken(): Readonly<Record<Work['kind'], number>>;
};

/**
 * Runs up to `processes` tasks at once, one per process, and lets `queue` more wait. Processes start at first use, and are
 * replaced when they die.
 */
export function createHashingPool(options: {
  processes: number;
  queue: number;
  /** Only tests replace it. */
  fork?: Fork;
}): Hashing & HashingFigures {
  const waiting: Task<Work>[] = [];
  const taken = { hash: 0, verify: 0, wrap: 0 };
  const workers = createWorkers<Work>({
    module: new URL('./process.ts', import.meta.url),
    processes: options.processes,
    next: () => waiting.shift(),
    ...(options.fork === undefined ? {} : { fork: options.fork }),
  });
  let closed = false;

  function perform<T>(work: Work): Promise<T> {
    if (closed || waiting.length >= options.queue) {
      throw new Problem('busy', 'too many sign-ins at once', { retryAfterSeconds: 3 });
    }
    return new Promise<T>((resolve, reject) => {
      waiting.push({ work, resolve, reject });
      taken[work.kind] += 1;
      workers.assign();
    });
  }

  return {
    hash: async (password) => perform({ kind: 'hash', password }),
    verify: async (stored, password) => perform({ kind: 'verify', stored: stored ?? null, password }),
    wrap: async (foreignHash) => perform({ kind: 'wrap', foreignHash }),
    waiting: () => waiting.length,
    taken: () => ({ ...taken }),
    async close() {
      closed = true;
      for (const task of waiting.splice(0)) task.reject(new Problem('busy', 'shutting down', { retryAfterSeconds: 5 }));
      await workers.close();
    },
  };
}
