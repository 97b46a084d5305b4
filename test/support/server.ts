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
  const metricsPort = await freePort();
  const issuer = `http://localhost:${port}`;
  const environment = {
    ...process.env,
    PEDEL_ISSUER: issuer,
    PEDEL_LISTEN: `127.0.0.1:${port}`,
    PEDEL_STORAGE: `sqlite:${join(folder, 'pedel.db')}`,
    PEDEL_MAIL: `smtp://127.0.0.1:${options.mailPort}`,
    PEDEL_SECRET: 'a secret of a test, longer than thirty-two characters',
    PEDEL_ALLOW_NETWORKS: '127.0.0.0/8,::1/128',
    PEDEL_METRICS_LISTEN: `127.0.0.1:${metricsPort}`,
    ...options.environment,
  };
  let child: ChildProcess | undefined;
  let output = '';
  const end = () => output.slice(-20_000); // what a message has room for

  return {
    issuer,
    /** for looking at what is stored, beside the server */
    storage: environment.PEDEL_STORAGE,
    /** everything it has written since the first start */
    output: () => output,
    /** The sum of a metric over its rows, or over those with these labels; undefined = there is none. */
    async metric(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      const rows = text
        .split('\n')
        .filter((row) => row.startsWith(`${name} `) || row.startsWith(`${name}{`))
        .filter((row) => wanted.every((each) => row.includes(each)));
      return rows.length === 0
        ? undefined
        : rows.reduce((sum, row) => sum + Number(row.slice(row.lastIndexOf(' ') + 1)), 0);
    },
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
          output += chunk;
        });
      }
      await until(
        async () => {
          if (starting.exitCode !== null) throw new Error(`serve ended with ${starting.exitCode}:\n${end()}`);
          return (await fetch(`${issuer}/readyz`).catch(() => undefined))?.ok ? true : undefined;
        },
        () => `serve did not come up:\n${end()}`,
        20_000,
      );
      return performance.now() - started;
    },
    /** Sends a signal and does not wait for what it does. */
    signal(signal: NodeJS.Signals): void {
      child?.kill(signal);
    },
    /** The exit status, when it has ended. */
    async ended(): Promise<number | NodeJS.Signals | null> {
      const ending = child;
      if (ending === undefined) return null;
      if (ending.exitCode === null && ending.signalCode === null)
        await new Promise((resolve) => ending.once('close', resolve));
      return ending.exitCode ?? ending.signalCode;
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
