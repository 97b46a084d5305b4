/** Sends one message over SMTP and classifies the result. It never throws for a failure of the receiver. */
import { type Readable, Transform } from 'node:stream';
import type { SendMailOptions } from 'nodemailer';
import type { MailServer } from '../domain/ports/mail-server.ts';
import { Problem } from '../domain/problem.ts';
import type { Delivery, Mailer } from './mailer.ts';
import { createTerminalMailer } from './terminal.ts';

export type MailerOptions = MailServer & {
  connections?: number;
  /** Milliseconds. Only tests shorten them. */
  timeouts?: { connect: number; greeting: number; idle: number };
};

export const CONNECTIONS = 5;
export const SMTP_LIMITS = { connect: 10_000, greeting: 10_000, idle: 30_000 };

/** @throws Problem `malformed` if the URL has none of the three forms */
export function createMailer(options: MailerOptions): Mailer {
  if (/^terminal:/i.test(options.url)) return createTerminalMailer(options.from);
  const server = readUrl(options);
  const timeouts = options.timeouts ?? SMTP_LIMITS;
  const connect = async () => {
    const { createTransport } = await import('nodemailer'); // with the first email: 39 modules
    const transport = createTransport({
      pool: true,
      host: server.host,
      port: server.port,
      secure: server.secure,
      requireTLS: server.requireTls,
      ...(server.auth === undefined ? {} : { auth: server.auth }),
      ...(options.name === undefined ? {} : { name: options.name }),
      tls: options.ca === undefined ? {} : { ca: options.ca },
      maxConnections: options.connections ?? CONNECTIONS,
      maxRequeues: 1, // the server may have dropped a kept connection; the outbox decides about further attempts
      connectionTimeout: timeouts.connect,
      dnsTimeout: timeouts.connect,
      greetingTimeout: timeouts.greeting,
      socketTimeout: timeouts.idle,
      idleTimeout: timeouts.idle,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    transport.use('stream', (mail, done) => {
      const { stillOurs } = mail.data as Guarded;
      if (stillOurs !== undefined) mail.message.processFunc((input) => heldAtTheEnd(input as Readable, stillOurs));
      done();
    });
    transport.on('error', () => {}); // `send` reports its own errors; the end of an idle connection needs no report
    return transport;
  };
  let connection: ReturnType<typeof connect> | undefined;
  let closed = false;
  function connected() {
    if (closed) throw new Error('the mailer is closed');
    connection ??= connect().catch((error: unknown) => {
      connection = undefined; // such as too many open files: the next email loads it
      throw error;
    });
    return connection;
  }

  return {
    name: `${server.secure ? 'smtps' : 'smtp'}://${server.host}:${server.port}`,
    async send(message, { signal, stillOurs } = {}) {
      try {
        const mail: Guarded = {
          from: options.from,
          to: { name: '', address: message.to }, // as an object, so that an address is never parsed as a list
          ...(message.replyTo === undefined ? {} : { replyTo: { name: '', address: message.replyTo } }),
          subject: message.subject,
          text: message.text,
          html: message.html,
          textEncoding: 'quoted-printable',
          messageId: message.messageId,
          headers: {
            'Auto-Submitted': 'auto-generated', // RFC 3834: prevents out-of-office replies
            'X-Auto-Response-Suppress': 'All',
            'Content-Language': message.language,
          },
          ...(signal === undefined ? {} : { signal }),
          ...(stillOurs === undefined ? {} : { stillOurs }),
        };
        const { response } = await (await connected()).sendMail(mail);
        return { kind: 'delivered', response: oneLine(response) };
      } catch (error) {
        if (stillOurs?.() === false) return { kind: 'later', error: TOO_LATE, receiverDown: false };
        return judge(error as SmtpError);
      }
    },
    async check() {
      try {
        await (await connected()).verify();
        return { kind: 'delivered', response: 'accepts emails' };
      } catch (error) {
        return judge(error as SmtpError);
      }
    },
    close() {
      closed = true;
      connection?.then(
        (transport) => transport.close({ force: true }),
        () => {},
      );
    },
  };
}

type Guarded = SendMailOptions & { stillOurs?: () => boolean };

const TOO_LATE = 'not sent: another may have taken it over';

/** Holds the message back, whole, until it is certain that no other node sends it: one write to the socket instead of many. */
function heldAtTheEnd(input: Readable, stillOurs: () => boolean): Readable {
  const parts: Buffer[] = [];
  const held = new Transform({
    transform(chunk: Buffer, _encoding, taken) {
      parts.push(chunk);
      taken();
    },
    flush(passOn) {
      try {
        if (stillOurs()) passOn(null, Buffer.concat(parts));
        else passOn(new Error(TOO_LATE));
      } catch (error) {
        passOn(error as Error); // a stream does not catch what this throws
      }
    },
  });
  input.on('error', (error) => held.destroy(error)); // the reader gets it
  return input.pipe(held);
}

type SmtpError = Error & { code?: string; responseCode?: number; command?: string; response?: string };

/** Replies that concern us (authentication, encryption), not the recipient, at any stage. */
const ABOUT_US = [503, 530, 534, 535, 538];

/**
 * RFC 5321, 4.2.1: 5yz is permanent, 4yz is not. Only a reply to RCPT TO or DATA is permanent for this email. A server
 * that refuses our login or sender refuses every email until an operator corrects that, and no email may be lost.
 */
function judge(error: SmtpError): Delivery {
  const { code = '', responseCode = 0, command = '' } = error;
  const text = oneLine(error.response ?? error.message);
  const aboutMessage = ['EENVELOPE', 'EMESSAGE'].includes(code) && ['RCPT TO', 'DATA'].includes(command);
  if (code === 'EENVELOPE' && command === 'API') return { kind: 'never', error: text }; // it is not an address
  if (aboutMessage && responseCode >= 500 && !ABOUT_US.includes(responseCode)) return { kind: 'never', error: text };
  const answered = aboutMessage && responseCode >= 400 && responseCode < 500 && responseCode !== 421;
  return { kind: 'later', error: text, receiverDown: !answered };
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 500);
}

function readUrl({ url: written, user, password = '', requireTLS }: MailerOptions) {
  const wrong = (what: string) => new Problem('malformed', `the mail URL ${what}`); // never quoted: it may contain a password
  if (!URL.canParse(written)) throw wrong('cannot be parsed; write smtp://host:port, smtps://host:port or terminal:');
  const url = new URL(written);
  if (!['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw wrong('must start with smtp://, smtps:// or be terminal:');
  }
  if (url.username !== '' || url.password !== '') throw wrong('must not hold a user name or password');
  if (url.search !== '') throw wrong('must have no query');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'smtps:';
  const auth = user === undefined ? undefined : { user, pass: password };
  const here = ['localhost', '127.0.0.1', '::1'].includes(host);
  return {
    host,
    secure,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    auth,
    requireTls: !secure && (requireTLS ?? (auth !== undefined && !here)),
  };
}
