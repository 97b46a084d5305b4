/** Runs tasks in processes of one module: each process does one at a time, and is replaced when it dies. */
import { type ChildProcess, type ForkOptions, fork as forkProcess } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { contained } from '../domain/contained.ts';
import { Problem } from '../domain/problem.ts';

export type Task<Work> = { work: Work; resolve: (value: never) => void; reject: (error: Error) => void };
export type Fork = (module: URL, options: ForkOptions) => ChildProcess;
type Worker<Work> = {
  child: ChildProcess;
  task: (Task<Work> & { id: number; timer: NodeJS.Timeout | undefined }) | undefined;
  /** runs while it has nothing to do */
  resting?: NodeJS.Timeout;
};

/** What this process compiles and keeps, if it does, so do those that it starts: without it they start in twice the time. */
function compileCache(): { NODE_COMPILE_CACHE?: string } {
  const ofThisVersion = getCompileCacheDir();
  return ofThisVersion === undefined ? {} : { NODE_COMPILE_CACHE: dirname(ofThisVersion) };
}

/**
 * Starts up to `processes` processes of `module`, at first use, and ends one that had no task for `idleMs`. A task whose process dies is refused with Problem
 * `busy`, and so is one that takes longer than `limitMs`, whose process is ended.
 * @param options `next`: takes the next task from its queue; undefined if none may run now
 */
export function createWorkers<Work extends object>(options: {
  module: URL;
  processes: number;
  /** for Node, e.g. limits of memory */
  flags?: string[];
  limitMs?: number;
  /** absent: a process stays */
  idleMs?: number;
  /** Only tests replace it. */
  fork?: Fork;
  next(): Task<Work> | undefined;
}): {
  /** gives tasks to idle processes; to be called when a task was queued */
  assign(): void;
  /** Refuses the tasks under way and ends the processes. */
  close(): Promise<void>;
} {
  const { fork = forkProcess } = options;
  const workers: Worker<Work>[] = [];
  let nextId = 1;
  let closed = false;

  function start(): Worker<Work> {
    const child = fork(options.module, {
      execArgv: ['--disable-warning=ExperimentalWarning', ...(options.flags ?? [])],
      env: compileCache(), // it needs no other variable, and must not get the sealing key
    });
    const worker: Worker<Work> = { child, task: undefined };
    const lost = contained(
      () => {
        child.kill('SIGKILL');
        ended(worker);
      },
      () => undefined,
    );
    const answered = (answer: { id: number; value?: unknown; error?: string }) => {
      const { task } = worker;
      if (task === undefined || task.id !== answer.id) return;
      release(worker);
      if (answer.error === undefined) task.resolve(answer.value as never);
      else task.reject(new Error(answer.error));
      assign();
      if (worker.task === undefined) rest(worker, lost);
    };
    child.on('message', contained(answered, lost));
    child.on('exit', lost);
    child.on('error', lost); // one that could not start has no exit
    workers.push(worker);
    return worker;
  }

  function rest(worker: Worker<Work>, lost: () => void): void {
    if (options.idleMs === undefined) return;
    const leave = () => {
      workers.splice(workers.indexOf(worker), 1); // so that it gets no task any more
      if (worker.child.connected) worker.child.disconnect();
    };
    worker.resting = setTimeout(contained(leave, lost), options.idleMs).unref();
  }

  function ended(worker: Worker<Work>): void {
    const place = workers.indexOf(worker);
    if (place < 0) return;
    workers.splice(place, 1);
    clearTimeout(worker.resting);
    const { task } = worker;
    release(worker);
    task?.reject(new Problem('busy', 'a hashing process ended', { retryAfterSeconds: 1 }));
    if (!closed) assign();
  }

  function release(worker: Worker<Work>): void {
    clearTimeout(worker.task?.timer);
    worker.task = undefined;
  }

  function assign(): void {
    for (;;) {
      const idle = workers.find(({ task }) => task === undefined);
      if (idle === undefined && workers.length >= options.processes) return;
      const task = options.next();
      if (task === undefined) return;
      try {
        give(task, idle ?? start());
      } catch {
        task.reject(new Problem('busy', 'no hashing process can be started', { retryAfterSeconds: 3 }));
      }
    }
  }

  /** @throws what the system says; the task is then refused by the caller */
  function give(task: Task<Work>, worker: Worker<Work>): void {
    const { child } = worker;
    clearTimeout(worker.resting);
    const kill = () => child.kill('SIGKILL'); // its exit refuses the task
    const timer = options.limitMs === undefined ? undefined : setTimeout(kill, options.limitMs);
    worker.task = { ...task, id: nextId, timer };
    nextId += 1;
    try {
      child.send({ ...task.work, id: worker.task.id }, (error) => {
        if (error !== null) kill();
      });
    } catch (error) {
      kill();
      throw error;
    }
  }

  return {
    assign,
    async close() {
      closed = true;
      for (const { resting } of workers) clearTimeout(resting);
      const ended = workers.map(
        ({ child }) =>
          new Promise<void>((resolve) => {
            for (const event of ['exit', 'error']) child.once(event, () => resolve());
          }),
      );
      for (const { child } of workers) if (child.connected) child.disconnect();
      await Promise.all(ended);
    },
  };
}
