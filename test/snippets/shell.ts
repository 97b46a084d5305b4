/** Runs lines of a document in a shell, in their own folder, as a person in the installation would type them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './documents.ts';

export type Ran = { status: number | null; out: string };
export type Running = { output(): string; ended(): boolean; signal(signal: NodeJS.Signals): Promise<void> };
export type Typed = ReturnType<typeof openFolder>;

/**
 * A folder with what a checkout of this Pedel has, to type in. Nothing of the caller's PEDEL_… is seen there.
 * @param environment of every line
 */
export function openFolder(environment: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-typed-'));
  for (const name of ['bin', 'bench', 'config', 'node_modules']) symlinkSync(join(root, name), join(folder, name));
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PEDEL_'));
  const env = { ...Object.fromEntries(inherited), ...environment };
  const running = new Set<Running>();

  function start(lines: string): Running & { closed: Promise<Ran> } {
    // -e: a line that fails ends it, as a person would stop there. A group of its own: what it starts ends with it
    const child = spawn('sh', ['-ec', lines], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        out += chunk;
      });
    const ended = () => child.exitCode !== null || child.signalCode !== null;
    const closed = once(child, 'close').then(() => {
      running.delete(each);
      return { status: child.exitCode, out };
    });
    const each = {
      output: () => out,
      ended,
      closed,
      async signal(signal: NodeJS.Signals): Promise<void> {
        if (!ended() && child.pid !== undefined) process.kill(-child.pid, signal);
        await closed;
      },
    };
    running.add(each);
    return each;
  }

  return {
    folder,
    /** Types lines and waits for the last; a minute at most: some of them wait for ever where something is wrong. */
    async type(lines: string): Promise<Ran> {
      const typed = start(lines);
      const late = setTimeout(() => typed.signal('SIGKILL'), 60_000);
      const ran = await typed.closed;
      clearTimeout(late);
      return ran;
    },
    /** Types lines in which `pedel` is found. Returns what they wrote. @throws with that, where one fails */
    async run(lines: string): Promise<string> {
      const ran = await this.type(`export PATH="$PWD/bin:$PATH"\n${lines}`);
      if (ran.status !== 0) throw new Error(`${lines}\nended with ${ran.status}:\n${ran.out}`);
      return ran.out;
    },
    /** Types lines, the last of which keeps running. */
    start: (lines: string): Running => start(lines),
    file(name: string, content: string): string {
      const path = join(folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, content);
      return path;
    },
    async remove(): Promise<void> {
      await Promise.all([...running].map((each) => each.signal('SIGTERM')));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until a node answers at this address that it can serve. */
export async function ready(address: string, node: Pick<Running, 'output' | 'ended'>): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    if ((await fetch(`${address}/readyz`).catch(() => undefined))?.ok) return;
    if (node.ended()) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it does not serve at ${address}:\n${node.output()}`);
}
