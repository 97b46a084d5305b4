/** Programs of others on loopback, started as their manuals say and ended with all that they started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { until } from '../support/campus.ts';

/** What they need of the machine: nothing of the developer's own settings (proxies, Python paths, Go flags). */
const environment = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8' };

type Program = { command: string; args: string[]; env?: Record<string, string>; cwd?: string };

/**
 * Starts a server and waits until `ready` says that it answers. `stop` ends it and its children.
 * @throws with all that it wrote, where it ends before that or does not come up
 */
export async function startForeign(program: Program & { ready: () => Promise<boolean> }) {
  const child = spawned(program);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const stop = () => ended(child);
  try {
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`${program.command} ended with ${child.exitCode}:\n${output}`);
        return (await program.ready().catch(() => false)) ? true : undefined;
      },
      () => `${program.command} did not come up:\n${output}`,
      120_000, // on a busy machine
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { output: () => output, stop };
}

/** Starts a program that is asked in lines and answers in lines of JSON. */
export function startAsked(program: Program) {
  const child = spawned(program);
  let complaints = '';
  child.stderr?.on('data', (chunk) => (complaints += chunk));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  /** The next line of its output. @throws with what it complained of, where it ended instead */
  const answer = async <Answer>(): Promise<Answer> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${program.command} ended: ${complaints}`);
    return JSON.parse(value) as Answer;
  };
  return {
    answer,
    ask<Answer>(line: string): Promise<Answer> {
      child.stdin?.write(`${line}\n`);
      return answer<Answer>();
    },
    stop: () => ended(child),
  };
}

/** In a group of its own, so that what it starts can be ended with it. */
function spawned({ command, args, env = {}, cwd }: Program): ChildProcess {
  return spawn(command, args, {
    env: { ...environment, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return; // never began
  const gone = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
  signalled(pid, 'SIGTERM');
  const late = setTimeout(() => signalled(pid, 'SIGKILL'), 10_000);
  await gone;
  clearTimeout(late);
  signalled(pid, 'SIGKILL'); // what it left behind
}

function signalled(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // nobody is left
  }
}

/** Whether something answers there, whatever it says. */
export const answers = async (url: string): Promise<boolean> => {
  const answer = await fetch(url, { redirect: 'manual' });
  await answer.body?.cancel();
  return true;
};
