/** `pedel mail bounce`: an email that came back is marked, for the desk and for the owner's other address. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readBounce } from '../../src/domain/desk/bounce-report.ts';
import { anAccount } from '../support/account.ts';
import { type CommandLine, openCommandLine } from './command-line.ts';

const messageId = `${createHash('sha256').update('invitation').digest('hex')}@idp.example.edu`;
const report = (change: { action?: string; id?: string; type?: string } = {}) =>
  [
    'From: MAILER-DAEMON@mail.example.org',
    'Message-ID: <of-the-report@mail.example.org>',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'I am sorry to have to tell you.',
    '--b',
    `Content-Type: ${change.type ?? 'message/delivery-status'}`,
    '',
    'Reporting-MTA: dns; mail.example.org',
    '',
    'Final-Recipient: rfc822; annelies@example.org',
    `Action: ${change.action ?? 'failed'}`,
    'Status: 5.2.2',
    'Diagnostic-Code: smtp; 552 5.2.2 <annelies@example.org>',
    '    mailbox full',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    'Subject: Activate your account',
    `Message-ID: <${change.id ?? messageId}>`,
    '--b--',
    '',
  ].join('\r\n');

describe('a report', () => {
  test('tells which email came back, and why', () => {
    expect(readBounce(report())).toEqual({
      messageId,
      status: '5.2.2',
      reply: '552 5.2.2 <annelies@example.org> mailbox full',
    });
  });
  test.each([
    ['of a mail server that still tries', report({ action: 'delayed' }), 'delayed'],
    ['that is another email', 'Subject: Hello\n\nMessage-ID: <x@y>\nAction: failed\n', 'no-report'],
    ['without the email', report().replace(/Message-ID: <[0-9a-f]{64}@.*>/, 'X: y'), 'no-message'],
  ])('%s marks nothing', (_, text, expected) => {
    expect(readBounce(text)).toBe(expected);
  });
});

describe('pedel mail bounce', () => {
  let line: CommandLine;
  let folder = '';
  const bounce = (text: string) => {
    writeFileSync(join(folder, 'report.eml'), text);
    return line.run('mail', 'bounce', join(folder, 'report.eml'));
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pedel-bounce-'));
    line = openCommandLine();
    await line.withStorage(async ({ accounts, outbox }) => {
      await accounts.insert(anAccount());
      const payload = { template: 'invitation', to: 'annelies@example.org' };
      await outbox.put({ id: 'invitation', kind: 'letter', accountId: 'account-1', payload, createdAt: 1 });
      await outbox.claim('letter', 1, 2, 1);
      await outbox.done('invitation', 2, 1);
    });
  });
  afterEach(async () => {
    await line.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('marks the email, tells the audit log without the address, and its owner at the other one, once', async () => {
    expect(await bounce(report())).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^marked invitation: 552 5\.2\.2/),
    });
    await line.withStorage(async ({ outbox, auditLog }) => {
      const found = await outbox.byAccount('account-1', 9);
      expect(found.find(({ id }) => id === 'invitation')).toMatchObject({
        state: 'failed',
        lastError: expect.stringContaining('5.2.2'),
      });
      expect(found.filter(({ payload }) => payload.template === 'address-refused')).toHaveLength(1);
      const entries = await auditLog.page({ subject: 'account-1' }, undefined, 9);
      expect(entries).toMatchObject([
        { action: 'email.not-delivered', details: { address: 'personal', reply: '552 5.2.2' } },
      ]);
    });
    expect(await bounce(report())).toMatchObject({ status: 3, err: expect.stringContaining('no email') });
  });

  test('of another sender, and what is no report, marks nothing and says so', async () => {
    expect((await bounce(report({ id: 'x@elsewhere.example' }))).status).toBe(3);
    expect((await bounce('Subject: Hello\n\nHello\n')).status).toBe(1);
    expect((await bounce(report({ action: 'delayed' }))).out).toContain('still tries');
  });
});
