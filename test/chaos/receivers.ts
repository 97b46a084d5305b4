/** Receivers of what Pedel sends: a mail server and back-channel logout endpoints, each of which can fail. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Behaviour, startReceiver } from '../../demo/receiver.ts';

export type Arrival = {
  at: number;
  /** Message-ID of a letter; client and `sid` of a logout */
  id: string;
  /** whether the sender was told that it arrived */
  answered: boolean;
};
export type LetterArrival = Arrival & { to: string; subject: string; text: string };

export type MailMood = 'well' | 'later' | 'cut' | 'hangs';
export type Mail = Awaited<ReturnType<typeof startMail>>;

/** `later` answers 451, `cut` breaks the connection after DATA with the letter stored, `hangs` says nothing. */
export async function startMail() {
  const letters: LetterArrival[] = [];
  let mood: MailMood = 'well';
  let moodChanged = Promise.withResolvers<void>();
  const behave = async (): Promise<Behaviour> => {
    if (mood === 'hangs') {
      await moodChanged.promise;
      return 'later';
    }
    return mood === 'later' ? 'later' : mood === 'cut' ? 'lose-answer' : 'accept';
  };
  const receiver = await startReceiver({
    port: 0,
    behave,
    store: {
      put: (received) =>
        void letters.push(
          ...received.map(({ to, subject, text, messageId }) => ({
            at: Date.now(),
            id: messageId,
            to,
            subject,
            text,
            answered: mood !== 'cut',
          })),
        ),
    },
  });
  return {
    port: receiver.port,
    letters,
    feel(next: MailMood): void {
      mood = next;
      moodChanged.resolve();
      moodChanged = Promise.withResolvers();
    },
    /** those to this address that match, oldest first */
    to: (address: string, matching: RegExp) =>
      letters.filter((letter) => letter.to === address && matching.test(letter.text)),
    close: () => receiver.close(),
  };
}

export type LogoutMood = 'well' | 'fails' | 'hangs';
export type Applications = Awaited<ReturnType<typeof startApplications>>;

/** Every application's back-channel logout endpoint: `<address>/<client_id>`. */
export async function startApplications() {
  const told: Arrival[] = [];
  let mood: LogoutMood = 'well';
  const server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const token = new URLSearchParams(body).get('logout_token') ?? '';
    const { sid } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}') as {
      sid?: string;
    };
    const arrival = { at: Date.now(), id: `${incoming.url?.slice(1)} ${sid}`, answered: mood === 'well' };
    if (mood === 'hangs') return void outgoing.once('close', () => {});
    if (mood === 'well') told.push(arrival);
    outgoing.writeHead(mood === 'fails' ? 500 : 204).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    feel(next: LogoutMood): void {
      mood = next;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await sleep(0);
    },
  };
}
