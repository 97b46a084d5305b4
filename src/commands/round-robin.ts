/**
 * A load balancer without sticky sessions: each request goes to the next node, so that state which a node keeps to
 * itself shows as a failure.
 */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

export type RoundRobin = {
  /** `http://127.0.0.1:3000` */
  address: string;
  /** how many requests each node answered, in the order of the nodes */
  answered(): number[];
  close(): Promise<void>;
};

const ASKED_WITHIN_MS = 2000;

/**
 * A node that refuses the connection is skipped; when all do, the answer is 502. A node whose /readyz says that it is not
 * ready, or does not answer in time, comes after all others.
 * @param options `nodes`: returns the addresses (`http://127.0.0.1:3001`); called for each request
 */
export async function startRoundRobin(options: {
  host?: string;
  port: number;
  nodes: () => readonly string[];
  /** false: a new connection for each request, so that no request is ever sent twice, not even a GET */
  keepAlive?: boolean;
  /** how often to ask each node's /readyz; absent: never. A node must drain for longer than this (`drainSeconds`) */
  askEveryMs?: number;
}): Promise<RoundRobin> {
  const agent = new Agent({ keepAlive: options.keepAlive ?? true });
  const answered = new Map<string, number>();
  // counted apart: a page and its style sheet are two requests, so with two nodes all pages would reach the same one
  const turns = { pages: 0, assets: 0 };
  const unready = new Set<string>();
  const beingAsked = new Set<string>();

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const kind = incoming.url?.startsWith('/assets/') ? 'assets' : 'pages';
    const turn = turns[kind];
    turns[kind] += 1;
    for (const node of inOrder(turn)) {
      if (await ask(node, incoming, body, outgoing)) {
        answered.set(node, (answered.get(node) ?? 0) + 1);
        return;
      }
    }
    outgoing.writeHead(502, { 'Content-Type': 'text/plain' }).end('no node takes connections\n');
  }

  /** All nodes, starting with the one whose turn it is; nodes that are not ready come last. */
  function inOrder(turn: number): string[] {
    const nodes = options.nodes();
    const [ready, others] = [nodes.filter((node) => !unready.has(node)), nodes.filter((node) => unready.has(node))];
    return [ready, others].flatMap((each) => {
      const first = turn % Math.max(each.length, 1);
      return [...each.slice(first), ...each.slice(0, first)];
    });
  }

  async function askWhetherReady(node: string): Promise<void> {
    if (beingAsked.has(node)) return;
    beingAsked.add(node);
    if (await isUnready(node)) unready.add(node);
    else unready.delete(node);
    beingAsked.delete(node);
  }

  /** True: the node took the request; false: nothing of it can have reached the node. */
  function ask(node: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): Promise<boolean> {
    const { hostname, port } = new URL(node);
    const { method, url: path, socket } = incoming;
    const { connection: _, ...headers } = incoming.headers; // it concerns the connection of the visitor, not ours to the node
    const from = [headers['x-forwarded-for'], socket.remoteAddress].filter(Boolean).join(', ');
    return new Promise((resolve) => {
      const asking = request(
        {
          agent: isRepeatable(method) ? agent : false,
          hostname,
          port,
          method,
          path,
          headers: { ...headers, 'x-forwarded-for': from },
        },
        (answer) => {
          // they concern our connection to the node, not that of the visitor
          const { connection: _, 'keep-alive': __, ...passed } = answer.headers;
          outgoing.writeHead(answer.statusCode ?? 502, passed);
          answer.pipe(outgoing);
          answer.once('aborted', () => outgoing.destroy());
          answer.once('close', () => resolve(true));
        },
      );
      asking.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') return resolve(false);
        if (outgoing.destroyed) return resolve(true); // the visitor closed the connection
        // a kept connection that the node has closed meanwhile: send again, as any balancer does
        if (asking.reusedSocket && !outgoing.headersSent) return resolve(ask(node, incoming, body, outgoing));
        if (outgoing.headersSent) outgoing.destroy();
        else outgoing.writeHead(502, { 'Content-Type': 'text/plain' }).end('the node ended during the request\n');
        resolve(true);
      });
      outgoing.once('close', () => asking.destroy());
      asking.end(body);
    });
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const { host = '127.0.0.1' } = options;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, resolve);
  });
  const { askEveryMs } = options;
  const asking =
    askEveryMs === undefined ? undefined : setInterval(() => options.nodes().forEach(askWhetherReady), askEveryMs);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port;
  return {
    address: `http://${host}:${port}`,
    answered: () => options.nodes().map((node) => answered.get(node) ?? 0),
    close: () =>
      new Promise((resolve) => {
        clearInterval(asking);
        server.close(() => {
          agent.destroy();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Only these use kept connections: when one fails, the node may have read the request before it is sent again. */
const isRepeatable = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD';

/** A node that refuses connections does not count as unready: it is skipped anyway, and back as soon as it accepts one. */
async function isUnready(node: string): Promise<boolean> {
  try {
    const answer = await fetch(`${node}/readyz`, { signal: AbortSignal.timeout(ASKED_WITHIN_MS) });
    await answer.body?.cancel();
    return !answer.ok;
  } catch (error) {
    return (error as Error).name === 'TimeoutError';
  }
}
