/** `bin/pedel serve` as a process that can be killed, with a mail receiver and people of the test's own beside it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from './campus.ts';

const pedel = fileURLToPath(new URL('../../bin/pedel', import.meta.url));

/** A folder with a database and a key, and the processes that work on them. */
export async function aServer(options: { mailPort: number; environment?: Record<string, string> }) {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-server-'));
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const environment = {
    ...process.env,
    PEDEL_ISSUER: issuer,
    PEDEL_LISTEN: `127.0.0.1:${port}`,
    PEDEL_STORAGE: `sqlite:${join(folder, 'pedel.db')}`,
    PEDEL_MAIL: `smtp://127.0.0.1:${options.mailPort}`,
    PEDEL_SECRET: 'a secret of a test, longer than thirty-two characters',
    PEDEL_ALLOW_NETWORKS: '127.0.0.0/8,::1/128',
    ...options.environment,
  };
  let child: ChildProcess | undefined;
  let output = '';

  return {
    issuer,
    output: () => output,
    async run(...words: string[]): Promise<string> {
      const { stdout } = await promisify(execFile)(pedel, words, { env: environment, maxBuffer: 64 * 1024 * 1024 });
      return stdout;
    },
    async feed(csv: string): Promise<string> {
      const file = join(folder, `feed-${Math.random()}.csv`);
      writeFileSync(file, csv);
      return this.run('people', 'import', file);
    },
    async apply(clients: object[]): Promise<string> {
      const file = join(folder, 'clients.json');
      writeFileSync(file, JSON.stringify(clients));
      return this.run('clients', 'apply', file, '--json');
    },
    /** Starts it; resolves, with the milliseconds it took, when it answers that it can serve. */
    async start(): Promise<number> {
      const started = performance.now();
      const starting = spawn(pedel, ['serve'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
      child = starting;
      for (const stream of [starting.stdout, starting.stderr]) {
        stream?.on('data', (chunk) => {
          output = (output + chunk).slice(-20_000);
        });
      }
      await until(
        async () => {
          if (starting.exitCode !== null) throw new Error(`serve ended with ${starting.exitCode}:\n${output}`);
          return (await fetch(`${issuer}/readyz`).catch(() => undefined))?.ok ? true : undefined;
        },
        () => `serve did not come up:\n${output}`,
        20_000,
      );
      return performance.now() - started;
    },
    /** Without any warning, as when the power goes. */
    async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
      const dying = child;
      child = undefined;
      if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return;
      const exit = new Promise((resolve) => dying.once('exit', resolve));
      dying.kill(signal);
      await exit;
    },
    async remove(): Promise<void> {
      await this.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
