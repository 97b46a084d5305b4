/** A load balancer that remembers nobody: each request goes to the next node, so that whatever a node kept to itself is missed. */
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
 * @param nodes `http://127.0.0.1:3001` …, asked anew for each request
 * A node that takes no connection is passed over; where none does, the answer is 502. One that says on /readyz that it is
 * not ready, or says nothing, comes after all others.
 */
export async function startRoundRobin(options: {
  host?: string;
  port: number;
  nodes: () => readonly string[];
  /** false: a connection for each request, so that not even a GET is ever passed on twice */
  keepAlive?: boolean;
  /** how often each node is asked for /readyz; left out: never. A node has to drain for longer (`drainSeconds`) */
  askEveryMs?: number;
}): Promise<RoundRobin> {
  const agent = new Agent({ keepAlive: options.keepAlive ?? true });
  const answered = new Map<string, number>();
  // apart: if a page and its style sheet took turns, each page would meet the same of two nodes
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

  /** All nodes, beginning with the one whose turn it is; those that are not ready come last. */
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

  /** Whether the node took the request; false = nothing of it can have reached it. */
  function ask(node: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): Promise<boolean> {
    const { hostname, port } = new URL(node);
    const { method, url: path, socket } = incoming;
    const { connection: _, ...headers } = incoming.headers; // the visitor's own, as the node's is ours
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
          // its own connection ends with it; ours stays
          const { connection: _, 'keep-alive': __, ...passed } = answer.headers;
          outgoing.writeHead(answer.statusCode ?? 502, passed);
          answer.pipe(outgoing);
          answer.once('aborted', () => outgoing.destroy());
          answer.once('close', () => resolve(true));
        },
      );
      asking.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') return resolve(false);
        if (outgoing.destroyed) return resolve(true); // the visitor broke off
        // a connection that was kept and ended meanwhile: once more, as any balancer does
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

/** Only these go over connections that are kept: one that ended meanwhile may have been read, and is asked again. */
const isRepeatable = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD';

/** Who takes no connection is not unready: it is passed over anyway, and comes back the moment it takes one. */
async function isUnready(node: string): Promise<boolean> {
  try {
    const answer = await fetch(`${node}/readyz`, { signal: AbortSignal.timeout(ASKED_WITHIN_MS) });
    await answer.body?.cancel();
    return !answer.ok;
  } catch (error) {
    return (error as Error).name === 'TimeoutError';
  }
}
