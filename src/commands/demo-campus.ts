/** The demo's applications and mailbox: a separate process with ordinary relying parties that share no code with Pedel. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitOf } from './demo-nodes.ts';
import { CommandFault, type Terminal } from './terminal.ts';

const ENDS_MS = 5000;

/**
 * @param port the port of Pedel; the applications take the next ones
 * @throws CommandFault when the process does not prepare or start
 */
export function campusIn({ installation }: Terminal, port: number, folder: string) {
  const start = (act: 'prepare' | 'serve', stdio: ('ignore' | 'pipe' | 'ipc')[]) =>
    spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(installation, 'demo', 'campus.ts'),
        act,
        '--data',
        folder,
        '--port',
        String(port),
      ],
      { stdio },
    );
  return {
    async prepare() {
      if (!existsSync(join(installation, 'demo'))) throw new CommandFault(needs('the folder "demo"', installation));
      const child = start('prepare', ['ignore', 'ignore', 'pipe']);
      let said = '';
      child.stderr?.on('data', (chunk) => {
        said += chunk;
      });
      const code = await exitOf(child);
      const missing = /Cannot find package '([^']+)'/.exec(said)?.[1];
      if (missing !== undefined) throw new CommandFault(needs(`the package ${missing}`, installation));
      if (code !== 0) throw new CommandFault(`the demo cannot be prepared in ${folder}: ${said.trim() || code}`);
    },
    async serve() {
      const child = start('serve', ['ignore', 'pipe', 'pipe', 'ipc']);
      const log = createWriteStream(join(folder, 'campus.log'), { flags: 'a', mode: 0o600 });
      child.stdout?.pipe(log, { end: false });
      child.stderr?.pipe(log, { end: false });
      const exited = exitOf(child);
      const end = async () => {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), ENDS_MS);
        await exited;
        clearTimeout(late);
        log.end();
      };
      const answer = await Promise.race([messageOf(child), exited.then((code) => ({ error: `ended with ${code}` }))]);
      if ('error' in answer) {
        await end();
        throw new CommandFault(`the applications did not start: ${answer.error}`);
      }
      return { end, died: exited.then(String) };
    },
  };
}

/** What serves only the demo and the tests is left out of an installation for production. */
function needs(what: string, installation: string): string {
  return `the demo needs ${what}, which this installation (${installation}) was made without; run it from a copy of the whole repository, after 'npm ci' without --omit=dev`;
}

function messageOf(child: ChildProcess): Promise<{ ready: true } | { error: string }> {
  return new Promise((resolve) =>
    child.once('message', (message) => resolve(message as { ready: true } | { error: string })),
  );
}
