/** An SMTP receiver on 127.0.0.1 that answers 250 only once the email is stored. */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { Message } from './messages.ts';

/**
 * What a test may ask of the receiver: take the letter, refuse it for good (550), ask for another try (451), or store
 * it and break the connection before the answer, as a crash would.
 */
export type Behaviour = 'accept' | 'refuse' | 'later' | 'lose-answer';
export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

const largestLetterBytes = 5 * 1024 * 1024;

/** @param port 0 picks a free port, which the result has */
export async function startReceiver({
  port,
  store,
  behave = () => 'accept',
}: {
  port: number;
  store: { put(letters: Omit<Message, 'id'>[]): void | Promise<void> };
  behave?: (letter: {
    from: string;
    to: string[];
    subject: string;
    messageId: string;
  }) => Behaviour | Promise<Behaviour>;
}) {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: largestLetterBytes,
    closeTimeout: 1000,
    onData(stream, session, answer) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', answer);
      stream.on('end', () => {
        if (stream.sizeExceeded) return answer(refusal(552, 'The letter is larger than 5 MB'));
        const to = session.envelope.rcptTo.map((recipient) => recipient.address.toLowerCase());
        receive(Buffer.concat(chunks), to).then(
          (behaviour) => {
            if (behaviour === 'refuse') return answer(refusal(550, 'No such mailbox here'));
            if (behaviour === 'later') return answer(refusal(451, 'Try again later'));
            if (behaviour === 'lose-answer') return breakConnection(session.id);
            answer(null, 'Stored');
          },
          (error: Error) => answer(refusal(451, `Not stored: ${error.message}`)),
        );
      });
    },
  });
  // If a client disconnects midway, it got no answer for the email, so it will send it again.
  server.on('error', () => {});

  async function receive(raw: Buffer, to: string[]): Promise<Behaviour> {
    const parsed = await simpleParser(raw);
    const letter = read(parsed);
    const behaviour = await behave({ from: letter.from, to, subject: letter.subject, messageId: letter.messageId });
    if (behaviour === 'accept' || behaviour === 'lose-answer') {
      await store.put(to.map((address) => ({ ...letter, to: address })));
    }
    return behaviour;
  }

  function breakConnection(sessionId: string) {
    for (const connection of server.connections) {
      if (connection.id === sessionId) connection._socket.destroy();
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.server.off('error', reject);
      resolve();
    });
  });

  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function read(parsed: ParsedMail): Omit<Message, 'id' | 'to'> {
  return {
    from: parsed.from?.text ?? '',
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    html: parsed.html || '',
    date: (parsed.date ?? new Date()).toISOString(),
    messageId: parsed.messageId ?? `<${randomUUID()}@without-message-id.invalid>`,
  };
}

function refusal(responseCode: number, message: string) {
  return Object.assign(new Error(message), { responseCode });
}
