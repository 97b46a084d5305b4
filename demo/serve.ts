/** Starts the campus: the mail receiver, the four applications and the mailbox on 127.0.0.1; it is ready only when all of them listen. */
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type ApplicationName, portOf, receiverPort } from './addresses.ts';
import { alumniPortal } from './alumni-portal/alumni-portal.ts';
import { CLOCK_FILE } from './clock.ts';
import { kuLoket } from './ku-loket/ku-loket.ts';
import { mailbox } from './mailbox/mailbox.ts';
import { openMessages } from './messages.ts';
import { prepared } from './prepare.ts';
import { startReceiver } from './receiver.ts';
import type { Application, Setting } from './relying-party/character.ts';
import { toledo } from './toledo/toledo.ts';
import { webmail } from './webmail/webmail.ts';

/** An address that could not be used, and its purpose. */
export type NotListening = Error & { code: string; port: number };

export async function serveCampus({
  data,
  basePort,
  issuer,
  report,
}: {
  data: string;
  basePort: number;
  issuer: string;
  report(sentence: string): void;
}): Promise<{ close(): Promise<void> }> {
  const { registrations, webmailKey, toTry, administrators } = prepared(data);
  const clock = process.env[CLOCK_FILE];
  const setting: Setting = { data, issuer, registrations, report, ...(clock === undefined ? {} : { clock }) };
  const messages = openMessages(join(data, 'mail.sqlite'));
  const applications: Record<ApplicationName, Pick<Application, 'koa' | 'close'>> = {
    toledo: toledo(setting),
    webmail: webmail({ ...setting, privateKey: webmailKey }, messages),
    'ku-loket': kuLoket(setting),
    'alumni-portal': alumniPortal(setting),
    mailbox: mailbox(setting, messages, toTry, administrators),
  };

  const opened: (() => Promise<void>)[] = [];
  async function close(): Promise<void> {
    await Promise.all(opened.map((shut) => shut()));
    for (const application of Object.values(applications)) application.close();
    messages.close();
  }

  try {
    const port = receiverPort(basePort);
    const receiver = await startReceiver({ port, store: messages }).catch(notListening('the mail receiver', port));
    opened.push(receiver.close);
    for (const [name, { koa }] of Object.entries(applications)) {
      const server = createServer(koa.callback());
      const applicationPort = portOf(name as ApplicationName, basePort);
      await listen(server, applicationPort).catch(notListening(name, applicationPort));
      opened.push(() => shut(server));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 1000).unref();
  });
}

function notListening(name: string, port: number) {
  return (error: NodeJS.ErrnoException): never => {
    const why =
      error.code === 'EADDRINUSE'
        ? 'is in use by another program'
        : `cannot be opened (${error.code ?? error.message})`;
    const sentence = `Port ${port} for ${name} ${why}: stop that program or choose other ports with --port.`;
    throw Object.assign(new Error(sentence), { code: error.code ?? 'UNKNOWN', port }) satisfies NotListening;
  };
}
