/** Programs of others on loopback, started as their manuals say and ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { until } from '../support/campus.ts';

/** What they need of the machine: nothing of the developer's own settings (proxies, Python paths, Go flags). */
const environment = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8' };

type Program = { command: string; args: string[]; env?: Record<string, string>; cwd?: string };

/**
 * Starts a server and waits until `ready` says that it answers. `stop` ends it.
 * @throws with all that it wrote, where it ends before that or does not come up
 */
export async function startForeign(program: Program & { ready: () => Promise<boolean> }) {
  const child = spawnedWatched(program);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const stop = () => ended(child, (signal) => signalled(child.pid, signal));
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
    stop: () => ended(child, (signal) => child.kill(signal)),
  };
}

/** Takes the shell's place, while a watch ends its whole group when this process is gone and so lets go of the pipe. */
const WATCHED =
  "exec 3<&0; (trap '' TERM; cat <&3 >/dev/null 2>&1; kill -TERM -- -$$; sleep 10; kill -KILL -- -$$) & " +
  'exec "$@" </dev/null 3<&-';

/** A server in a group of its own, so that all that it starts ends with it. */
function spawnedWatched({ command, args, ...rest }: Program): ChildProcess {
  return spawned({ command: 'sh', args: ['-c', WATCHED, 'sh', command, ...args], ...rest }, { detached: true });
}

function spawned({ command, args, env = {}, cwd }: Program, options: { detached?: boolean } = {}): ChildProcess {
  return spawn(command, args, {
    env: { ...environment, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    ...options,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess, signal: (signal: NodeJS.Signals) => void): Promise<void> {
  if (child.pid === undefined) return; // never began
  const gone = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
  signal('SIGTERM');
  const late = setTimeout(() => signal('SIGKILL'), 10_000);
  await gone;
  clearTimeout(late);
  signal('SIGKILL'); // what it left behind
}

function signalled(group: number | undefined, signal: NodeJS.Signals): void {
  if (group === undefined) return;
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
