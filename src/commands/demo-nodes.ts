/** Several nodes of Pedel on one storage, each in its own process, behind a load balancer without sticky sessions. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { startRoundRobin } from './round-robin.ts';
import { CommandFault } from './terminal.ts';

const ENDS_MS = 15_000; // a node gives requests under way ten seconds
const ASK_EVERY_MS = 500;

export type Nodes = {
  each: { address: string; pid: number | undefined; logFile: string }[];
  /** resolves with a sentence when no node is left */
  allGone: Promise<string>;
  stop(): Promise<void>;
};

/**
 * Starts `pedel serve` once on each port of `nodePorts`, waits until all serve, then starts the balancer on `port`.
 * A node that ends by itself is reported to `tell`, and gets no more requests. Node n writes to `pedel-<n>.log` in
 * `folder`.
 * @throws CommandFault when a node does not start
 */
export async function startNodes(options: {
  installation: string;
  port: number;
  nodePorts: number[];
  /** the whole environment of a node, except PEDEL_LISTEN */
  environment: Record<string, string>;
  folder: string;
  tell(sentence: string): void;
}): Promise<Nodes> {
  const { installation, port, nodePorts, environment, folder, tell } = options;
  let stopping = false;
  const serving = new Set<string>();
  const nodes = nodePorts.map((nodePort, index) => {
    const address = `http://127.0.0.1:${nodePort}`;
    const logFile = join(folder, `pedel-${index + 1}.log`);
    const node = startNode({ ...environment, PEDEL_LISTEN: `127.0.0.1:${nodePort}` }, installation, logFile);
    node.exited.then((how) => {
      const lost = serving.delete(address) && !stopping;
      if (!lost) return;
      const left = serving.size === 0 ? 'none is left' : `${serving.size} of ${nodePorts.length} go on`;
      tell(`node ${index + 1} (${address}) has ended (${how}), ${left}; its log is ${logFile}`);
    });
    return { ...node, address, name: `node ${index + 1}`, logFile };
  });
  const endNodes = async () => {
    stopping = true;
    await Promise.all(nodes.map(({ end }) => end()));
  };

  try {
    for (const { address } of nodes) serving.add(address);
    for (const { serves, name, logFile } of nodes) {
      const how = await serves;
      if (how !== true) throw new CommandFault(`${name} did not start (${how}); its log is ${logFile}`);
    }
    const balancer = await startRoundRobin({ port, nodes: () => [...serving], askEveryMs: ASK_EVERY_MS });
    return {
      each: nodes.map(({ address, pid, logFile }) => ({ address, pid, logFile })),
      allGone: Promise.all(nodes.map(({ exited }) => exited)).then(() => 'no node is left'),
      async stop() {
        stopping = true;
        await balancer.close();
        await endNodes();
      },
    };
  } catch (error) {
    await endNodes();
    throw error;
  }
}

function startNode(environment: Record<string, string>, installation: string, logFile: string) {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(installation, 'src', 'commands', 'main.ts'), 'serve'],
    { env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = exitOf(child);
  exited.then(() => log.end());
  const listening = new Promise<true>((resolve) => {
    child.stdout.on('data', (chunk) => {
      if (String(chunk).includes('Pedel serves ')) resolve(true);
    });
  });
  return {
    pid: child.pid,
    exited,
    /** true once it serves; otherwise how it ended */
    serves: Promise.race([listening, exited]),
    async end(): Promise<void> {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), ENDS_MS);
      await exited;
      clearTimeout(late);
    },
  };
}

/** Resolves with the exit status or the signal, once the process has ended and all its output has been read. */
export function exitOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}
