/** `bin/pedel serve` as processes that can be killed, with a mail receiver and people of the test. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type RoundRobin, startRoundRobin } from '../../src/commands/round-robin.ts';
import { NODES, newPlace } from './backend.ts';
import { until } from './campus.ts';
import { freePort } from './ports.ts';

const ownCommand = fileURLToPath(new URL('../../bin/pedel', import.meta.url));

/** of the balancer, for /readyz: nodes that are to be missed by nobody drain for much longer (`PEDEL_DRAIN_SECONDS`) */
const ASK_EVERY_MS = 200;

export type Server = Awaited<ReturnType<typeof aServer>>;

/**
 * A database and a key, and the processes that work on them: one, or several behind a balancer that sends each request to
 * another node. Where a node can be named (0 is the first), nothing said means all of them.
 */
export async function aServer(options: {
  mailPort: number;
  nodes?: number;
  environment?: Record<string, string>;
  /** another installation's `bin/pedel` than this one's */
  command?: string;
}) {
  const { nodes: count = NODES, command = ownCommand } = options;
  const folder = mkdtempSync(join(tmpdir(), 'pedel-server-'));
  const place = newPlace();
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const environment = {
    ...process.env,
    PEDEL_ISSUER: issuer,
    PEDEL_STORAGE: place.uri,
    PEDEL_MAIL: `smtp://127.0.0.1:${options.mailPort}`,
    PEDEL_SECRET: 'a secret of a test, longer than thirty-two characters',
    PEDEL_ALLOW_NETWORKS: '127.0.0.0/8,::1/128',
    ...(count === 1 ? {} : { PEDEL_TRUSTED_PROXIES: '127.0.0.1/32' }),
    ...options.environment,
  };
  // one alone listens where visitors come
  const nodes = await Promise.all(Array.from({ length: count }, () => aNode(count === 1 ? port : undefined)));
  let balancer: RoundRobin | undefined;

  async function aNode(ownPort: number | undefined) {
    const listen = `127.0.0.1:${ownPort ?? (await freePort())}`;
    return startable(command, {
      ...environment,
      PEDEL_LISTEN: listen,
      PEDEL_METRICS_LISTEN: `127.0.0.1:${await freePort()}`,
    });
  }
  const these = (node: number | undefined) => (node === undefined ? nodes : nodes.slice(node, node + 1));

  return {
    issuer,
    /** for looking at what is stored, beside the server */
    storage: environment.PEDEL_STORAGE,
    /** everything they have written since the first start, one node after the other */
    output: () => nodes.map(({ output }) => output()).join(''),
    nodeAddress: (node: number) => nodes[node]?.address ?? '',
    /** how many requests each node answered that came by the balancer */
    answered: () => balancer?.answered() ?? [],
    /** The sum of a metric over its rows, or over those with these labels; undefined = there is none. */
    async metric(name: string, labels: Record<string, string> = {}, node?: number): Promise<number | undefined> {
      const found = await Promise.all(these(node).map((each) => each.metric(name, labels)));
      return found.every((value) => value === undefined)
        ? undefined
        : found.reduce<number>((sum, value) => sum + (value ?? 0), 0);
    },
    async run(...words: string[]): Promise<string> {
      const { stdout } = await promisify(execFile)(command, words, { env: environment, maxBuffer: 64 * 1024 * 1024 });
      return stdout;
    },
    async feed(csv: string, source = 'csv'): Promise<string> {
      const file = join(folder, `feed-${Math.random()}.csv`);
      writeFileSync(file, csv);
      return this.run('people', 'import', '--with-credentials', '--source', source, file);
    },
    async apply(clients: object[]): Promise<string> {
      const file = join(folder, 'clients.json');
      writeFileSync(file, JSON.stringify(clients));
      return this.run('clients', 'apply', file, '--json');
    },
    /** Starts what does not run; resolves, with the milliseconds it took, when each answers that it can serve. */
    async start(node?: number): Promise<number> {
      const started = performance.now();
      const addresses = () => nodes.map(({ address }) => address);
      if (count > 1) balancer ??= await startRoundRobin({ port, nodes: addresses, askEveryMs: ASK_EVERY_MS });
      await Promise.all(these(node).map((each) => each.start()));
      return performance.now() - started;
    },
    /** Sends a signal and does not wait for what it does. */
    signal(signal: NodeJS.Signals, node?: number): void {
      for (const each of these(node)) each.signal(signal);
    },
    /** The exit status of one node, when it has ended. */
    ended: (node = 0) => nodes[node]?.ended() ?? null,
    /** Without any warning, as when the power goes. */
    async kill(signal: NodeJS.Signals = 'SIGKILL', node?: number): Promise<void> {
      await Promise.all(these(node).map((each) => each.kill(signal)));
    },
    async remove(): Promise<void> {
      await balancer?.close();
      await this.kill('SIGTERM');
      await place.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One process of Pedel, started as often as one likes. */
function startable(
  command: string,
  environment: NodeJS.ProcessEnv & { PEDEL_LISTEN: string; PEDEL_METRICS_LISTEN: string },
) {
  const address = `http://${environment.PEDEL_LISTEN}`;
  let child: ChildProcess | undefined;
  let closed: Promise<unknown> = Promise.resolve();
  let output = '';
  const end = () => output.slice(-20_000); // what a message has room for

  return {
    address,
    output: () => output,
    async metric(name: string, labels: Record<string, string>): Promise<number | undefined> {
      const text = await (await fetch(`http://${environment.PEDEL_METRICS_LISTEN}/metrics`)).text();
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      const rows = text
        .split('\n')
        .filter((row) => row.startsWith(`${name} `) || row.startsWith(`${name}{`))
        .filter((row) => wanted.every((each) => row.includes(each)));
      return rows.length === 0
        ? undefined
        : rows.reduce((sum, row) => sum + Number(row.slice(row.lastIndexOf(' ') + 1)), 0);
    },
    async start(): Promise<void> {
      if (child !== undefined && child.exitCode === null && child.signalCode === null) return;
      const starting = spawn(command, ['serve'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
      child = starting;
      closed = once(starting, 'close');
      for (const stream of [starting.stdout, starting.stderr]) {
        stream?.on('data', (chunk) => {
          output += chunk;
        });
      }
      await until(
        async () => {
          if (starting.exitCode !== null) throw new Error(`serve ended with ${starting.exitCode}:\n${end()}`);
          return (await fetch(`${address}/readyz`).catch(() => undefined))?.ok ? true : undefined;
        },
        () => `serve did not come up:\n${end()}`,
        120_000, // on a busy machine
      );
    },
    signal(signal: NodeJS.Signals): void {
      child?.kill(signal);
    },
    async ended(): Promise<number | NodeJS.Signals | null> {
      const ending = child;
      await closed; // its last words have been read, too
      return ending?.exitCode ?? ending?.signalCode ?? null;
    },
    async kill(signal: NodeJS.Signals): Promise<void> {
      const dying = child;
      child = undefined;
      if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return;
      const exit = new Promise((resolve) => dying.once('exit', resolve));
      dying.kill(signal);
      await exit;
    },
  };
}
