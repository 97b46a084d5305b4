/** Ports to listen on that neither another test nor the kernel takes meanwhile. */
import { createServer } from 'node:net';

/** Below those that Linux gives to outgoing connections (from 32768 on), which may take one at any moment. */
const [FIRST, END] = [10_100, 32_700]; // 10080 is refused by browsers
/** Test files that run side by side choose in lanes of their own, so that two never find the same port free at once. */
const LANES = 4;
const LANE_WIDTH = Math.floor((END - FIRST) / LANES);
const lane = Number(process.env.JEST_WORKER_ID ?? 0) % LANES;

/** given already, to something that may be about to listen, or that was ended and will come back */
const given = new Set<number>();

export const freePort = (): Promise<number> => freePorts([0]);

/** A first port such that the ports at these offsets from it are free. */
async function freePorts(offsets: readonly number[]): Promise<number> {
  for (;;) {
    const first = FIRST + lane * LANE_WIDTH + Math.floor(Math.random() * (LANE_WIDTH - Math.max(...offsets)));
    const ports = offsets.map((offset) => first + offset);
    if (ports.some((port) => given.has(port))) continue;
    const free = await Promise.all(ports.map(isFree));
    if (free.includes(false)) continue;
    for (const port of ports) given.add(port);
    return first;
  }
}

/** The ports of a demo, counted from its first: Pedel, five applications, up to three nodes, the mail receiver. */
export const freeDemoPorts = (): Promise<number> => freePorts([0, 1, 2, 3, 4, 5, 11, 12, 13, 25]);

/** Whether nobody listens there just now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
