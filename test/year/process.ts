/** The node as a process that can be killed while it works, and is asked again by the next one. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Answer, Task } from './node.ts';

const script = fileURLToPath(new URL('node.ts', import.meta.url));

/** What a killed process held is free again so long after it: longer than any lease. */
const LEASES_MS = 3 * 60_000;

export type NodeProcess = ReturnType<typeof nodeProcess>;

/** `flags`: of Node. */
export function nodeProcess(environment: Record<string, string>, flags: string[] = []) {
  let child: ChildProcess | undefined;
  let kills = 0;
  /** ms that the last tasks of a kind took */
  const took = new Map<string, number>();

  async function running(): Promise<ChildProcess> {
    if (child !== undefined) return child;
    const begun = fork(script, {
      env: environment,
      execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning', ...flags],
    });
    child = begun;
    begun.once('exit', () => {
      if (child === begun) child = undefined;
    });
    const [ready] = await Promise.race([once(begun, 'message'), once(begun, 'exit').then(() => [undefined])]);
    if (ready === undefined) throw new Error(`the node did not start: ${begun.exitCode ?? begun.signalCode}`);
    return begun;
  }

  async function ask(task: Task, killAfterMs: number | undefined): Promise<Answer | 'killed'> {
    const process = await running();
    process.send(task);
    let killed = false;
    const kill = () => {
      killed = true;
      process.kill('SIGKILL');
    };
    const timer = killAfterMs === undefined ? undefined : setTimeout(kill, killAfterMs);
    const outcome = await new Promise<{ answer?: Answer; failed?: string } | undefined>((resolve) => {
      const onMessage = (message: { answer?: Answer; failed?: string }) => {
        if (killed) return; // what was on its way already; whoever is asked next must find the process gone
        process.off('exit', onExit);
        resolve(message);
      };
      const onExit = () => {
        process.off('message', onMessage);
        resolve(undefined);
      };
      process.once('message', onMessage);
      process.once('exit', onExit);
    });
    clearTimeout(timer);
    if (outcome === undefined) {
      if (!killed) throw new Error(`the node ended by itself at ${task.do}`);
      kills += 1;
      return 'killed';
    }
    const { answer, failed } = outcome;
    if (failed !== undefined) throw new Error(`${task.do} failed: ${failed}`);
    return answer ?? {};
  }

  return {
    kills: () => kills,
    pid: () => child?.pid,
    /**
     * Done once it comes back. `dying` (of 1): when, in the time that such a task takes, the process is killed; the next one
     * is asked to do it again, some minutes later by its clock.
     */
    async perform(task: Task, dying?: number): Promise<Answer> {
      const usual = took.get(task.do);
      let at = task.at;
      if (dying !== undefined && usual !== undefined) {
        if ((await ask({ ...task, at }, dying * usual)) !== 'killed') return {};
        at += LEASES_MS;
      }
      const started = performance.now();
      const answer = await ask({ ...task, at }, undefined);
      took.set(task.do, performance.now() - started);
      if (answer === 'killed') throw new TypeError('nobody killed it');
      return answer;
    },
    /** Kills it now. */
    async kill(): Promise<void> {
      if (child === undefined) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      kills += 1;
    },
    /** Resident memory in MiB; undefined: there is no process. */
    memory(): number | undefined {
      try {
        const status = readFileSync(`/proc/${child?.pid}/status`, 'utf8');
        return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
      } catch {
        return undefined;
      }
    },
    async end(): Promise<void> {
      if (child === undefined) return;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}
