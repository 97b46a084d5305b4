/** A request whose body comes bit by bit, or stops, over a connection of its own. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Trickled = {
  /** 0 = the connection was closed without an answer */
  status: number;
  head: string;
  body: string;
  /** until the other side closed the connection */
  ms: number;
};

/**
 * Sends the parts `everyMs` apart, and then nothing more; resolves once the connection is closed.
 * @param length of the whole body as the head says it; absent: in chunks, of which the last follows the parts
 */
export async function trickle(
  url: string,
  {
    method = 'POST',
    headers,
    parts,
    everyMs,
    length,
  }: { method?: string; headers: Record<string, string>; parts: string[]; everyMs: number; length?: number },
): Promise<Trickled> {
  const { hostname, port, host, pathname, search } = new URL(url);
  const began = performance.now();
  const socket = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname);
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  const framing = length === undefined ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': String(length) };
  const lines = Object.entries({ Host: host, ...framing, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`);
  for (const part of parts) {
    if (socket.destroyed || socket.readableEnded) break;
    socket.write(length === undefined ? `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n` : part);
    await Promise.race([sleep(everyMs), closed]);
  }
  if (length === undefined && !socket.readableEnded) socket.write('0\r\n\r\n');
  await closed;
  const [, status = '0', head = '', body = ''] =
    /^(?:HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 (\d{3})([\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(
      Buffer.concat(received).toString(),
    ) ?? [];
  return { status: Number(status), head, body, ms: performance.now() - began };
}
