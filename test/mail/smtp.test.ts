import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Mailer } from '../../src/mail/mailer.ts';
import { createMailer, type MailerOptions } from '../../src/mail/smtp.ts';
import { createTerminalMailer } from '../../src/mail/terminal.ts';
import { aCertificate, type Certificate } from '../snippets/tls.ts';
import { freePort } from '../support/ports.ts';
import { about, aLetter, render } from './support/letters.ts';
import { answer, openReceiver, openSilence } from './support/receiver.ts';

const from = '"ICTS Helpdesk" <helpdesk@icts.kuleuven.be>';
const quick = { connect: 1500, greeting: 1500, idle: 2000 };
const message = render(aLetter('reset'), about);

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of toClose.splice(0).reverse()) await each.close();
});
function keep<Closable extends { close(): unknown }>(closable: Closable): Closable {
  toClose.push(closable);
  return closable;
}
const mailerAt = (port: number, more: Partial<MailerOptions> = {}): Mailer =>
  keep(createMailer({ url: `smtp://127.0.0.1:${port}`, from, timeouts: quick, ...more }));

describe('a message over SMTP', () => {
  test('arrives whole: both bodies, its Message-ID, and marked as written by a machine', async () => {
    const receiver = keep(await openReceiver());
    expect(await mailerAt(receiver.port).send(message)).toMatchObject({ kind: 'delivered' });
    const [{ mail, to } = { mail: undefined, to: [] }] = receiver.received;
    expect(to).toEqual(['annelies@example.org']);
    expect(mail?.messageId).toBe(message.messageId);
    expect(mail?.subject).toBe(message.subject);
    expect(mail?.from?.text).toBe('"ICTS Helpdesk" <helpdesk@icts.kuleuven.be>');
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail?.headers.get('content-language')).toBe('nl');
    expect(mail?.text?.trim()).toBe(message.text.trim());
    expect(mail?.html).toContain('Hogeschool VIVES');
  });

  test('goes to one address, whatever that address looks like', async () => {
    const receiver = keep(await openReceiver());
    const mailer = mailerAt(receiver.port);
    for (const to of [
      'a@example.org, eve@example.org',
      'a@example.org>\r\nRCPT TO:<eve@example.org',
      'x\r\nBcc: eve@example.org',
    ]) {
      expect(await mailer.send({ ...message, to })).toMatchObject({ kind: 'never' });
    }
    for (const { to, raw } of receiver.received) {
      expect(to).toHaveLength(1);
      expect(to).not.toContain('eve@example.org');
      expect(raw.slice(0, raw.indexOf('\r\n\r\n'))).not.toMatch(/^bcc:/im);
    }
  });

  test('has no header that a subject or name brought along', async () => {
    const receiver = keep(await openReceiver());
    await mailerAt(receiver.port).send({ ...message, subject: 'Hello\r\nBcc: eve@example.org\r\n\r\nbody' });
    const { raw = '', to } = receiver.received[0] ?? {};
    expect(to).toEqual(['annelies@example.org']);
    expect(raw.slice(0, raw.indexOf('\r\n\r\n'))).not.toMatch(/^bcc:/im);
  });
});

describe('what a receiver answers', () => {
  const answering = async (hook: 'onRcptTo' | 'onMailFrom' | 'onConnect', code: number) => {
    const receiver = keep(
      await openReceiver({
        [hook]: (...args: unknown[]) => (args.at(-1) as (error: Error) => void)(answer(code, 'because 5.1.1')),
      }),
    );
    return mailerAt(receiver.port).send(message);
  };

  test('a recipient refused with 5xx is refused for good, and the answer is kept', async () => {
    expect(await answering('onRcptTo', 550)).toEqual({ kind: 'never', error: expect.stringContaining('550 because') });
  });

  test('a message refused with 5xx after it was sent is refused for good', async () => {
    const receiver = keep(
      await openReceiver({
        beforeAccepting: () => {
          throw answer(554, 'no such letters here');
        },
      }),
    );
    expect(await mailerAt(receiver.port).send(message)).toMatchObject({ kind: 'never' });
  });

  test('a recipient put off with 4xx is tried later, and the server is not taken for dead', async () => {
    expect(await answering('onRcptTo', 450)).toMatchObject({ kind: 'later', receiverDown: false });
    expect(await answering('onRcptTo', 451)).toMatchObject({ kind: 'later', receiverDown: false });
  });

  test('a server that closes (421) or refuses everybody (554 at the door) is tried later, for all', async () => {
    expect(await answering('onRcptTo', 421)).toMatchObject({ kind: 'later', receiverDown: true });
    expect(await answering('onConnect', 554)).toMatchObject({ kind: 'later', receiverDown: true });
  });

  test('a refusal of the sender address loses no email: it is tried later', async () => {
    expect(await answering('onMailFrom', 550)).toMatchObject({ kind: 'later', receiverDown: true });
    expect(await answering('onRcptTo', 530)).toMatchObject({ kind: 'later', receiverDown: true });
  });

  test('a wrong password for the mail server loses no email either, and is not shown', async () => {
    const receiver = keep(
      await openReceiver({
        disabledCommands: ['STARTTLS'],
        onAuth: (_auth, _session, callback) => callback(answer(535, 'authentication failed')),
      }),
    );
    const mailer = mailerAt(receiver.port, { user: 'pedel', password: 'hunter2' });
    const result = await mailer.send(message);
    expect(result).toMatchObject({ kind: 'later', receiverDown: true });
    expect(await mailer.check()).toMatchObject({ kind: 'later', error: expect.stringContaining('535') });
    expect(JSON.stringify(result) + mailer.name).not.toContain('hunter2');
  });
});

describe('a server that does not answer', () => {
  test('a closed port, or a greeting that never comes, fails within the limits', async () => {
    const silence = keep(await openSilence());
    const startedAt = performance.now();
    expect(await mailerAt(await freePort()).send(message)).toMatchObject({ kind: 'later', receiverDown: true });
    expect(await mailerAt(silence.port).send(message)).toMatchObject({ kind: 'later', receiverDown: true });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  test('a name that does not resolve is tried later', async () => {
    const mailer = mailerAt(0, { url: 'smtp://mail.invalid:25' });
    expect(await mailer.send(message)).toMatchObject({ kind: 'later', receiverDown: true });
  });

  test('an attempt can be aborted from outside, and the next one still arrives', async () => {
    let slow = true;
    const receiver = keep(
      await openReceiver({
        beforeAccepting: () => (slow ? new Promise((resolve) => setTimeout(resolve, 400)) : undefined),
      }),
    );
    const mailer = mailerAt(receiver.port, { connections: 1 });
    expect(await mailer.send(message, { signal: AbortSignal.timeout(100) })).toMatchObject({ kind: 'later' });
    slow = false;
    expect(await mailer.send(message)).toMatchObject({ kind: 'delivered' });
  });
});

describe('a check', () => {
  test('connects as an email would, and sends none', async () => {
    const receiver = keep(await openReceiver());
    expect(await mailerAt(receiver.port).check()).toMatchObject({ kind: 'delivered' });
    expect(await mailerAt(receiver.port, { requireTLS: true }).check()).toMatchObject({ kind: 'later' });
    expect(await mailerAt(await freePort()).check()).toMatchObject({ kind: 'later', receiverDown: true });
    expect(receiver.received).toHaveLength(0);
  });
});

test('the server is greeted by the name that is configured', async () => {
  const greeted: string[] = [];
  const receiver = keep(
    await openReceiver({
      onMailFrom: (_address, { hostNameAppearsAs }, callback) => {
        greeted.push(hostNameAppearsAs);
        callback();
      },
    }),
  );
  await mailerAt(receiver.port, { name: 'idp.example.edu' }).send(message);
  expect(greeted).toEqual(['idp.example.edu']);
});

describe('encryption', () => {
  let folder: string;
  let certificate: Certificate;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pedel-mail-'));
    certificate = aCertificate(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const encrypted = () => openReceiver({ disabledCommands: ['AUTH'], cert: certificate.cert, key: certificate.key }); // offers STARTTLS

  test('STARTTLS is used where it is offered, and an unknown certificate is not accepted silently', async () => {
    const receiver = keep(await encrypted());
    expect(await mailerAt(receiver.port).send(message)).toMatchObject({ kind: 'later', receiverDown: true });
    expect(receiver.received).toHaveLength(0);
    expect(await mailerAt(receiver.port, { ca: certificate.cert }).send(message)).toMatchObject({ kind: 'delivered' });
  });

  test('smtps:// speaks TLS from the start', async () => {
    const receiver = keep(await openReceiver({ secure: true, cert: certificate.cert, key: certificate.key }));
    const url = `smtps://127.0.0.1:${receiver.port}`;
    expect(await mailerAt(0, { url }).send(message)).toMatchObject({ kind: 'later' });
    expect(await mailerAt(0, { url, ca: certificate.cert }).send(message)).toMatchObject({ kind: 'delivered' });
  });

  test('where it is required and not offered, nothing is sent', async () => {
    const receiver = keep(await openReceiver());
    const mailer = mailerAt(receiver.port, { requireTLS: true });
    expect(await mailer.send(message)).toMatchObject({ kind: 'later', receiverDown: true });
    expect(receiver.received).toHaveLength(0);
  });
});

describe('the mail URL', () => {
  test.each([
    '',
    'mail.example.org',
    'http://mail.example.org',
    'smtp://',
    'smtp://host?debug=true',
    'smtp://u:p@host',
  ])('%j is refused', (url) => {
    expect(() => createMailer({ url, from })).toThrow(expect.objectContaining({ code: 'malformed' }));
  });

  test('is never quoted in a complaint, for it may hold a password', () => {
    expect(() => createMailer({ url: 'imap://u:hunter2@host', from })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  test('terminal: prints the letter for trying out', async () => {
    let printed = '';
    const mailer = createTerminalMailer(from, (text) => {
      printed += text;
    });
    expect(await mailer.send(message)).toEqual({ kind: 'delivered', response: 'printed' });
    expect(printed).toContain('To:      annelies@example.org');
    expect(printed).toContain('https://login.example.org/reset/9aT0ken');
  });
});
