/** A mail receiver on loopback that keeps what it accepts, and fails as told. */
import { type AddressInfo, createServer } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export type Received = { to: string[]; raw: string; mail: ParsedMail };

export type Receiver = {
  port: number;
  received: Received[];
  /** resolves when so many have been received */
  until(count: number): Promise<void>;
  close(): Promise<void>;
};

/** An SMTP answer that is no success. */
export function answer(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** @param options `beforeAccepting` may throw an answer; it runs when the whole message has come in */
export async function openReceiver(
  options: SMTPServerOptions & { port?: number; beforeAccepting?: (to: string[]) => Promise<void> | void } = {},
): Promise<Receiver> {
  const { port = 0, beforeAccepting, ...server } = options;
  const received: Received[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 100,
    logger: false,
    async onData(stream, session, callback) {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        const to = session.envelope.rcptTo.map(({ address }) => address);
        await beforeAccepting?.(to);
        const raw = Buffer.concat(chunks).toString('utf8');
        received.push({ to, raw, mail: await simpleParser(raw) });
        callback();
        for (const { count, resolve } of waiting) if (received.length >= count) resolve();
      } catch (error) {
        callback(error as Error);
      }
    },
    ...server,
  });
  smtp.on('error', () => {}); // a peer that hangs up is part of the tests
  await new Promise<void>((resolve) => smtp.listen(port, '127.0.0.1', resolve));
  return {
    port: (smtp.server.address() as AddressInfo).port,
    received,
    until: (count) =>
      received.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
    close: () => new Promise((resolve) => smtp.close(resolve)),
  };
}

/** A port that accepts connections and never says a word. */
export async function openSilence(): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<import('node:net').Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
