/**
 * A mail server for `bench/letters.ts`, as a process of its own: it takes every letter and keeps only its Message-ID. Its
 * parent gets its port once, and how many letters came, and how many of them more than once, whenever it asks.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';

const seen = new Set<string>();
let letters = 0;
let firstAt = 0;
let lastAt = 0;

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  converse(socket);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ letters, twice: letters - seen.size, firstAt, lastAt }));
process.on('disconnect', () => process.exit());

const END = '\r\n.\r\n';

/** RFC 5321 as far as a client that makes no mistakes needs it. */
function converse(socket: Socket): void {
  let text = '';
  let inLetter = false;
  socket.setEncoding('latin1');
  socket.write('220 letters\r\n');
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (;;) {
      const end = text.indexOf(inLetter ? END : '\r\n');
      if (end < 0) return;
      const part = text.slice(0, end);
      text = text.slice(end + (inLetter ? END.length : 2));
      socket.write(inLetter ? taken(part) : answer(part));
    }
  });

  function taken(letter: string): string {
    inLetter = false;
    letters += 1;
    lastAt = Date.now();
    firstAt ||= lastAt;
    seen.add(/^message-id:\s*(\S+)/im.exec(letter)?.[1] ?? '');
    return '250 stored\r\n';
  }

  function answer(line: string): string {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') return '250-letters\r\n250-PIPELINING\r\n250 8BITMIME\r\n';
    if (verb !== 'DATA') return '250 ok\r\n';
    inLetter = true;
    return '354 go on\r\n';
  }
}
