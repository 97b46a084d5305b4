/** Several `pedel serve` processes on one database behind a balancer; each can be killed, stopped and started again. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Document, MongoClient } from 'mongodb';
import { startRoundRobin } from '../../src/commands/round-robin.ts';
import needs from './needs.cjs';
import { freePort } from './ports.ts';

const pedel = fileURLToPath(new URL('../../bin/pedel', import.meta.url));
const START_MS = 180_000; // of a Python server, or of three nodes at once on a busy machine
/** A balancer looks after its nodes: one that does not answer for so long gets no more requests. */
const TAKEN_OUT_AFTER_MS = 2000;
const KEPT_OUTPUT = 50_000;

export type Cluster = Awaited<ReturnType<typeof startCluster>>;
export type Node = ReturnType<typeof aNode>;
export type Database = ReturnType<typeof aDatabase>;

/** What a process is told, and whether it ended without being told. */
type Told = { expected: boolean };

/**
 * `nodes` processes on a new database. With `mongodb` the database is a process of its own, killed and started again on
 * the same folder and port. `onUnexpectedEnd` hears of a node that ends although nobody ended it.
 */
export async function startCluster(options: {
  storage: 'sqlite' | 'mongodb';
  nodes: number;
  mailPort: number;
  environment?: Record<string, string>;
  onUnexpectedEnd?: (node: string, output: string) => void;
  /** a file to which all that the nodes log is added, from level info on */
  log?: string | undefined;
}) {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pedel-cluster-'));
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const database = options.storage === 'mongodb' ? aDatabase(join(folder, 'mongodb'), await freePort()) : undefined;
  const storage = database?.uri ?? `sqlite:${join(folder, 'pedel.db')}`;
  const environment = {
    ...process.env,
    PEDEL_ISSUER: issuer,
    PEDEL_STORAGE: storage,
    PEDEL_MAIL: `smtp://127.0.0.1:${options.mailPort}`,
    PEDEL_SECRET: 'a secret of a test, longer than thirty-two characters',
    PEDEL_ALLOW_NETWORKS: '127.0.0.0/8,::1/128',
    PEDEL_TRUSTED_PROXIES: '127.0.0.0/8,::1/128',
    PEDEL_HASHING_PROCESSES: '1',
    PEDEL_LOG_LEVEL: options.log === undefined ? 'warn' : 'info',
    ...options.environment,
  };
  const nodes: Node[] = [];
  for (let n = 1; n <= options.nodes; n += 1) {
    const onEnd = (output: string) => options.onUnexpectedEnd?.(`node ${n}`, output);
    nodes.push(aNode(`node ${n}`, await freePort(), environment, onEnd, options.log));
  }
  const balancer = await startRoundRobin({
    port,
    keepAlive: false,
    nodes: () => nodes.filter((node) => node.takesRequests()).map(({ address }) => address),
  });
  /** Where this process ends before it could `remove`. */
  const abandon = () => {
    for (const node of nodes) node.abandon();
    database?.abandon();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', abandon);
  let files = 0;
  const file = (content: string) => {
    files += 1;
    const path = join(folder, `input-${files}`);
    writeFileSync(path, content);
    return path;
  };

  return {
    issuer,
    /** for looking at what is stored, beside the nodes */
    storage,
    environment,
    nodes,
    database,
    /** Runs a command on the same installation; rejects where it ends with a status other than 0. */
    async run(...words: string[]): Promise<string> {
      const { stdout } = await promisify(execFile)(pedel, words, {
        env: environment,
        maxBuffer: 64 * 1024 * 1024,
        timeout: 60_000,
      });
      return stdout;
    },
    async feed(csv: string): Promise<void> {
      await this.run('people', 'import', file(csv), '--with-credentials');
    },
    async apply(clients: object[]): Promise<void> {
      await this.run('clients', 'apply', file(JSON.stringify(clients)));
    },
    /** The database first, then every node. */
    async start(): Promise<void> {
      await database?.start();
      for (const node of nodes) await node.start();
    },
    /** Ends everything and removes what it wrote. */
    async remove(): Promise<void> {
      await Promise.all(nodes.map((node) => node.kill()));
      await balancer.close();
      await database?.kill();
      rmSync(folder, { recursive: true, force: true });
      process.off('exit', abandon);
    },
  };
}

function aNode(
  name: string,
  port: number,
  common: NodeJS.ProcessEnv,
  onUnexpectedEnd: (output: string) => void,
  log: string | undefined,
) {
  const address = `http://127.0.0.1:${port}`;
  const environment = { ...common, PEDEL_LISTEN: `127.0.0.1:${port}` };
  let child: { process: ChildProcess; told: Told } | undefined;
  let pausedAt: number | undefined;
  let output = '';

  function begin() {
    const process = spawn(pedel, ['serve'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const told: Told = { expected: false };
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-KEPT_OUTPUT);
        if (log !== undefined) appendFileSync(log, chunk);
      });
    }
    child = { process, told };
    return { process, told };
  }

  return {
    name,
    address,
    output: () => output,
    /** whether the balancer sends it anything */
    takesRequests: () => pausedAt === undefined || Date.now() - pausedAt < TAKEN_OUT_AFTER_MS,
    isPaused: () => pausedAt !== undefined,
    /** Whether it says that it can serve. */
    async isReady(): Promise<boolean> {
      const answer = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
      await answer?.body?.cancel();
      return answer?.ok === true;
    },
    /** Starts it, again and again as a supervisor does where the database is away, until it can serve. */
    async start(): Promise<void> {
      const deadline = Date.now() + START_MS;
      let starting = begin();
      while (!(await this.isReady())) {
        const { exitCode, signalCode } = starting.process;
        if (Date.now() > deadline) throw new Error(`${name} does not come up:\n${output}`);
        if (exitCode !== null || signalCode !== null) starting = begin();
        await sleep(50);
      }
      const { process, told } = starting;
      process.once('exit', () => {
        if (!told.expected) onUnexpectedEnd(output);
      });
    },
    /** Without any warning, as when the power goes. */
    async kill(): Promise<void> {
      await end(child, 'SIGKILL');
      child = undefined;
      pausedAt = undefined;
    },
    abandon: () => void child?.process.kill('SIGKILL'),
    /** As a service manager ends it; resolves with the exit status. */
    async stop(): Promise<number | NodeJS.Signals | null> {
      const status = await end(child, 'SIGTERM');
      child = undefined;
      return status;
    },
    /** Stops it where it is; it holds its connections and leases and does not know that time goes by. */
    pause(): void {
      pausedAt = Date.now();
      child?.process.kill('SIGSTOP');
    },
    resume(): void {
      child?.process.kill('SIGCONT');
      pausedAt = undefined;
    },
  };
}

/** A MongoDB for the cluster alone: mongod where there is one, else SecantusDB. */
function aDatabase(folder: string, port: number) {
  const { mongodb } = needs;
  if (mongodb === undefined || mongodb.uri !== undefined)
    throw new TypeError('a MongoDB that may be killed is needed: mongod or secantusd-py on the PATH');
  mkdirSync(folder);
  const isMongod = mongodb.kind === 'mongod';
  const place = ['--port', String(port)];
  const words = isMongod
    ? [...place, '--bind_ip', '127.0.0.1', '--dbpath', folder, '--replSet', 'pedel', '--quiet', ...testCommands]
    : [...place, '--host', '127.0.0.1', '--storage-path', folder, '--log-level', 'ERROR', ...secantusOptions];
  const direct = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  let child: { process: ChildProcess; told: Told } | undefined;
  let initiated = !isMongod;
  let paused = false;

  async function tell(command: Document): Promise<void> {
    const client = new MongoClient(direct, { serverSelectionTimeoutMS: 10_000, socketTimeoutMS: 10_000 });
    try {
      await client.db('admin').command(command);
    } finally {
      await client.close();
    }
  }

  return {
    uri: `mongodb://127.0.0.1:${port}/pedel?replicaSet=${isMongod ? 'pedel' : 'secantus'}`,
    /** not MongoDB's own server */
    imitation: !isMongod,
    /** Resolves when it answers. */
    async start(): Promise<void> {
      const process = spawn(mongodb.command, words, { stdio: 'ignore' });
      child = { process, told: { expected: true } };
      for (const deadline = Date.now() + START_MS; ; await sleep(50)) {
        if (process.exitCode !== null) throw new Error(`the database ended with ${process.exitCode} while starting`);
        try {
          if (!initiated) await tell({ replSetInitiate: {} });
          initiated = true;
          return await tell({ ping: 1 });
        } catch (error) {
          if (Date.now() > deadline) throw error;
        }
      }
    },
    async kill(): Promise<void> {
      await end(child, 'SIGKILL');
      child = undefined;
    },
    abandon: () => void child?.process.kill('SIGKILL'),
    isPaused: () => paused,
    pause(): void {
      paused = true;
      child?.process.kill('SIGSTOP');
    },
    resume(): void {
      child?.process.kill('SIGCONT');
      paused = false;
    },
    /** `configureFailPoint: 'failCommand'` (the server's test commands): `data` as in the server's documentation. */
    failCommands: (mode: Document | 'off', data: Document = {}) =>
      tell({ configureFailPoint: 'failCommand', mode, ...(mode === 'off' ? {} : { data }) }),
  };
}

const testCommands = ['--setParameter', 'enableTestCommands=1'];
const secantusOptions = ['--enable-test-commands', '--sync-on-commit'];

async function end(child: { process: ChildProcess; told: Told } | undefined, signal: NodeJS.Signals) {
  if (child === undefined) return null;
  const { process, told } = child;
  told.expected = true;
  if (process.exitCode === null && process.signalCode === null) {
    const exit = new Promise((resolve) => process.once('exit', resolve));
    process.kill(signal);
    if (signal === 'SIGKILL') process.kill('SIGCONT');
    await exit;
  }
  return process.exitCode ?? process.signalCode;
}
