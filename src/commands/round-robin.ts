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

/**
 * @param nodes `http://127.0.0.1:3001` …, asked anew for each request
 * A node that takes no connection is passed over; where none does, the answer is 502.
 */
export async function startRoundRobin(options: {
  host?: string;
  port: number;
  nodes: () => readonly string[];
  /** false: a connection for each request, so that none is ever passed on twice; what a node took, it took once */
  keepAlive?: boolean;
}): Promise<RoundRobin> {
  const agent = new Agent({ keepAlive: options.keepAlive ?? true });
  const answered = new Map<string, number>();
  // apart: if a page and its style sheet took turns, each page would meet the same of two nodes
  const turns = { pages: 0, assets: 0 };

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const nodes = options.nodes();
    const kind = incoming.url?.startsWith('/assets/') ? 'assets' : 'pages';
    const turn = turns[kind];
    turns[kind] += 1;
    for (let next = 0; next < nodes.length; next += 1) {
      const node = nodes[(turn + next) % nodes.length] ?? '';
      if (await ask(node, incoming, body, outgoing)) {
        answered.set(node, (answered.get(node) ?? 0) + 1);
        return;
      }
    }
    outgoing.writeHead(502, { 'Content-Type': 'text/plain' }).end('no node takes connections\n');
  }

  /** Whether the node took the request; false = nothing of it can have reached it. */
  function ask(node: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): Promise<boolean> {
    const { hostname, port } = new URL(node);
    const { method, url: path, headers, socket } = incoming;
    const from = [headers['x-forwarded-for'], socket.remoteAddress].filter(Boolean).join(', ');
    return new Promise((resolve) => {
      const asking = request(
        { agent, hostname, port, method, path, headers: { ...headers, 'x-forwarded-for': from } },
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
        const untouched = error.code === 'ECONNREFUSED' || (asking.reusedSocket && error.code === 'ECONNRESET');
        // a connection that was kept and ended meanwhile: once more on a new one, as any balancer does
        if (untouched) return resolve(asking.reusedSocket ? ask(node, incoming, body, outgoing) : false);
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
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port;
  return {
    address: `http://${host}:${port}`,
    answered: () => options.nodes().map((node) => answered.get(node) ?? 0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          agent.destroy();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
