/** Runs tasks in processes of one module: each process does one at a time, and is replaced when it dies. */
import { type ChildProcess, fork } from 'node:child_process';
import { Problem } from '../domain/problem.ts';

export type Task<Work> = { work: Work; resolve: (value: never) => void; reject: (error: Error) => void };
type Worker<Work> = {
  child: ChildProcess;
  task: (Task<Work> & { id: number; timer: NodeJS.Timeout | undefined }) | undefined;
};

/**
 * Starts up to `processes` processes of `module`, at first use. A task whose process dies is refused with Problem
 * `busy`, and so is one that takes longer than `limitMs`, whose process is ended.
 * @param options `next`: takes the next task from its queue; undefined if none may run now
 */
export function createWorkers<Work extends object>(options: {
  module: URL;
  processes: number;
  limitMs?: number;
  next(): Task<Work> | undefined;
}): {
  /** gives tasks to idle processes; to be called when a task was queued */
  assign(): void;
  /** Refuses the tasks under way and ends the processes. */
  close(): Promise<void>;
} {
  const workers: Worker<Work>[] = [];
  let nextId = 1;
  let closed = false;

  function start(): Worker<Work> {
    const child = fork(options.module, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: {}, // it needs no variable, and must not get the sealing key
    });
    const worker: Worker<Work> = { child, task: undefined };
    child.on('message', (answer: { id: number; value?: unknown; error?: string }) => {
      const { task } = worker;
      if (task === undefined || task.id !== answer.id) return;
      release(worker);
      if (answer.error === undefined) task.resolve(answer.value as never);
      else task.reject(new Error(answer.error));
      assign();
    });
    child.on('exit', () => ended(worker));
    child.on('error', () => {
      child.kill('SIGKILL');
      ended(worker); // one that could not start has no exit
    });
    workers.push(worker);
    return worker;
  }

  function ended(worker: Worker<Work>): void {
    const place = workers.indexOf(worker);
    if (place < 0) return;
    workers.splice(place, 1);
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
      const worker = idle ?? start();
      const timer =
        options.limitMs === undefined ? undefined : setTimeout(() => worker.child.kill('SIGKILL'), options.limitMs);
      worker.task = { ...task, id: nextId, timer };
      worker.child.send({ ...task.work, id: nextId }, (error) => {
        if (error !== null) worker.child.kill('SIGKILL'); // its exit refuses the task
      });
      nextId += 1;
    }
  }

  return {
    assign,
    async close() {
      closed = true;
      const ended = workers.map(({ child }) => new Promise((resolve) => child.once('exit', resolve)));
      for (const { child } of workers) child.disconnect();
      await Promise.all(ended);
    },
  };
}
