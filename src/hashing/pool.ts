/** Hashes passwords in separate processes behind a bounded queue: when it is full, callers get `busy` (503) at once. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Hashing } from '../domain/passwords/password-hash.ts';
import { Problem } from '../domain/problem.ts';
import type { Work } from './process.ts';

type Task = { work: Work; resolve: (value: never) => void; reject: (error: Error) => void };
type Worker = { child: ChildProcess; task: Task | undefined };
type WithoutId<T> = T extends { id: number } ? Omit<T, 'id'> : never;

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
export function createHashingPool(options: { processes: number; queue: number }): Hashing & HashingFigures {
  const workers: Worker[] = [];
  const waiting: Task[] = [];
  const taken = { hash: 0, verify: 0, wrap: 0 };
  let nextId = 1;
  let closed = false;

  function startWorker(): Worker {
    const child = fork(fileURLToPath(new URL('./process.ts', import.meta.url)), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: {}, // it needs no variable, and must not get the sealing key
    });
    const worker: Worker = { child, task: undefined };
    child.on('message', (answer: { id: number; value?: unknown; error?: string }) => {
      const task = worker.task;
      if (task === undefined || task.work.id !== answer.id) return;
      worker.task = undefined;
      if (answer.error === undefined) task.resolve(answer.value as never);
      else task.reject(new Error(answer.error));
      assign();
    });
    child.on('exit', () => {
      workers.splice(workers.indexOf(worker), 1);
      worker.task?.reject(new Problem('busy', 'a hashing process ended', { retryAfterSeconds: 1 }));
      worker.task = undefined;
      if (!closed) assign();
    });
    workers.push(worker);
    return worker;
  }

  function assign(): void {
    while (waiting.length > 0) {
      const idle = workers.find(({ task }) => task === undefined);
      const worker = idle ?? (workers.length < options.processes ? startWorker() : undefined);
      if (worker === undefined) return;
      worker.task = waiting.shift();
      if (worker.task !== undefined) worker.child.send(worker.task.work);
    }
  }

  function perform<T>(work: WithoutId<Work>): Promise<T> {
    if (closed || waiting.length >= options.queue) {
      throw new Problem('busy', 'too many sign-ins at once', { retryAfterSeconds: 3 });
    }
    return new Promise<T>((resolve, reject) => {
      waiting.push({ work: { ...work, id: nextId } as Work, resolve, reject });
      nextId += 1;
      taken[work.kind] += 1;
      assign();
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
      const ended = workers.map(({ child }) => new Promise((resolve) => child.once('exit', resolve)));
      for (const { child } of workers) child.disconnect();
      await Promise.all(ended);
    },
  };
}
