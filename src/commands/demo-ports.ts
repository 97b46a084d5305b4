/** The ports that the demo takes, counted from the first one, and the check that they are free. */
import { createServer } from 'node:net';
import { CommandFault } from './terminal.ts';

/** In the order in which the campus counts its ports. */
const SITES = ['Pedel', 'Toledo', 'webmail', 'KU Loket', 'alumni portal', 'mailbox'];
const NODES_OFFSET = 10; // node 1 is at 11
const MAIL_OFFSET = 25;

export const MOST_NODES = 9;
export const HIGHEST_FIRST_PORT = 65_535 - MAIL_OFFSET;

/** The port on which the mailbox receives mail (SMTP). */
export const mailPortOf = (first: number): number => first + MAIL_OFFSET;

/** The ports of the nodes; empty for a single node, which is at the first port itself. */
export const nodePortsOf = (port: number, nodes: number): number[] =>
  nodes === 1 ? [] : Array.from({ length: nodes }, (_, index) => port + NODES_OFFSET + index + 1);

/** @throws CommandFault naming the first port that is taken */
export async function requireFreePorts(first: number, nodes: number) {
  const wanted = [
    ...SITES.map((name, offset) => ({ name, port: first + offset })),
    ...nodePortsOf(first, nodes).map((port, index) => ({ name: `node ${index + 1}`, port })),
    { name: 'mail receiver', port: mailPortOf(first) },
  ];
  for (const { name, port } of wanted) {
    const code = await tryPort(port);
    if (code === undefined) continue;
    const reason = code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${code})`;
    throw new CommandFault(
      `port ${port} (${name}) ${reason}: choose others with --port, for example --port ${first === 4000 ? 5000 : 4000}`,
    );
  }
}

function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}
