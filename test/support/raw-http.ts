/** Requests that no browser or library sends: bytes as given, over a separate connection. */
import { connect } from 'node:net';

export type RawAnswer = {
  /** 0 = the connection was closed without an answer */
  status: number;
  type: string;
  body: string;
};

/** `target` stands in the request line as it is. A body is sent with its length, or in one chunk with `chunked`. */
export function rawRequest(
  port: number,
  message: {
    method?: string;
    target: string;
    headers?: Record<string, string> | [string, string][];
    body?: string;
    chunked?: boolean;
  },
): Promise<RawAnswer> {
  const { method = 'GET', target, headers = {}, body, chunked = false } = message;
  const given = Array.isArray(headers) ? headers : Object.entries(headers);
  const length: [string, string][] =
    body === undefined
      ? []
      : chunked
        ? [['Transfer-Encoding', 'chunked']]
        : [['Content-Length', String(Buffer.byteLength(body))]];
  const host = given.some(([name]) => name.toLowerCase() === 'host') ? [] : [['Host', `localhost:${port}`]];
  const lines = [...host, ['Connection', 'close'], ...length, ...given];
  const head = `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('close', () => resolve(readAnswer(Buffer.concat(received))));
    socket.setTimeout(30_000, () => socket.destroy());
    socket.write(Buffer.from(head, 'latin1'));
    if (body === undefined) return;
    if (!chunked) return void socket.write(body);
    socket.write(`${Buffer.byteLength(body).toString(16)}\r\n`);
    socket.write(body);
    socket.write('\r\n0\r\n\r\n');
  });
}

function readAnswer(received: Buffer): RawAnswer {
  const text = received.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const head = end === -1 ? text : text.slice(0, end);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    type: /^content-type: ?(.*)$/im.exec(head)?.[1]?.trim() ?? '',
    body: end === -1 ? '' : text.slice(end + 4),
  };
}
