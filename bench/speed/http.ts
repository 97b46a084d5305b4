/**
 * An HTTP/1.1 client that costs next to nothing, so that it is not what is measured: one request at a time on a connection
 * that stays open, and a browser's cookies.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export type Answer = { status: number; head: string; body: string };
/** One connection. `ask` rejects where the server does not answer in time, or ends the connection before it has. */
export type Line = {
  ask(method: 'GET' | 'POST', path: string, headers?: string, body?: string): Promise<Answer>;
  close(): void;
};

const PATIENCE_MS = 20_000;

/** `host`: what the Host header says; `address`: absent, this machine. */
export type Place = { port: number; host: string; address?: string; tls?: boolean };

/** `headers` of a request: whole lines, each with its `\r\n`. */
export async function openLine(place: Place, patienceMs = PATIENCE_MS): Promise<Line> {
  const { host } = place;
  const socket = await connected(place);
  socket.setEncoding('latin1');
  socket.setNoDelay(true);
  let text = '';
  let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  const fail = (why: string) => () => {
    waiting?.reject(new Error(why));
    waiting = undefined;
    socket.destroy();
  };
  socket.setTimeout(patienceMs, fail(`no answer in ${patienceMs / 1000} s`));
  socket.on('error', (error) => fail(error.message)());
  socket.on('close', fail('the server ended the connection'));
  socket.on('data', (chunk: string) => {
    text += chunk;
    const answer = parse(text);
    if (answer === undefined || waiting === undefined) return;
    const { resolve } = waiting;
    waiting = undefined;
    text = '';
    resolve(answer);
  });
  return {
    ask: (method, path, headers = '', body) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('the connection is closed'));
        waiting = { resolve, reject };
        const length =
          body === undefined
            ? ''
            : `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
        socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}${length}\r\n${body ?? ''}`);
      }),
    close: () => socket.destroy(),
  };
}

function connected({ port, address = '127.0.0.1', tls = false }: Place): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const done = () => resolve(socket.off('error', reject));
    const to = { port, host: address };
    const socket = tls ? connectTls({ ...to, servername: address }, done) : connect(to, done);
    socket.once('error', reject);
  });
}

/** A whole answer; undefined while something of it is missing. */
function parse(text: string): Answer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text.slice(0, end + 2);
  const status = Number(head.slice(9, 12));
  const rest = text.slice(end + 4);
  const [, length] = /\r\ncontent-length: *(\d+)\r\n/i.exec(head) ?? [];
  if (length !== undefined) return rest.length < Number(length) ? undefined : { status, head, body: rest };
  if (!/\r\ntransfer-encoding: *chunked\r\n/i.test(head)) return { status, head, body: '' };
  const body = joined(rest);
  return body === undefined ? undefined : { status, head, body };
}

function joined(chunks: string): string | undefined {
  let body = '';
  for (let at = 0; ; ) {
    const line = chunks.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(chunks.slice(at, line), 16);
    if (chunks.length < line + 4 + size) return undefined;
    if (size === 0) return body;
    body += chunks.slice(line + 2, line + 2 + size);
    at = line + 4 + size;
  }
}

export function locationOf({ head }: Answer): string | undefined {
  return /\r\nlocation: *([^\r]+)\r\n/i.exec(head)?.[1];
}

/** The cookies of one browser at one host, each sent to the paths it is for. */
export type Jar = { header(path: string): string; keep(answer: Answer): void };

/** `kept`: cookies of earlier visits, for every path. */
export function newJar(kept: { name: string; value: string }[] = []): Jar {
  const cookies = new Map(kept.map(({ name, value }) => [`${name} /`, { name, value, path: '/' }]));
  return {
    header(path) {
      if (cookies.size === 0) return '';
      const pathname = path.split('?', 1)[0] ?? '/';
      const sent: string[] = [];
      for (const { name, value, path: own } of cookies.values()) {
        const within = own === '/' || pathname === own || pathname.startsWith(`${own}/`);
        if (within) sent.push(`${name}=${value}`);
      }
      return sent.length === 0 ? '' : `Cookie: ${sent.join('; ')}\r\n`;
    },
    keep({ head }) {
      for (const [, line = ''] of head.matchAll(/\r\nset-cookie: *([^\r]+)/gi)) {
        const [pair = '', ...attributes] = line.split(/; */);
        const equals = pair.indexOf('=');
        const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
        const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/';
        if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(`${name} ${path}`);
        else cookies.set(`${name} ${path}`, { name, value, path });
      }
    },
  };
}
