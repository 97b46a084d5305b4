/** Every process that the bench starts, so that none outlives it, however it ends. */
import { type ChildProcess, spawn } from 'node:child_process';

const STOP_MS = 10_000;
const children = new Set<ChildProcess>();
let over = false;

/** @throws Error where the bench is ending: nothing is started behind its back */
export function start(command: string, words: string[], options: { env: Record<string, string>; cwd: string }) {
  if (over) throw new Error('the bench is ending');
  const child = spawn(command, words, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  track(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text = `${text}${chunk}`.slice(-4000);
    });
  return { child, output: () => text };
}

export function track(child: ChildProcess): void {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

/** Asks it to end, and sees to it that it does. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(late);
}

export async function endAll(): Promise<void> {
  over = true;
  await Promise.all([...children].map(end));
}
