/** The library for emails is loaded with the first of them, and one that could not be loaded is loaded with the next. */
import { afterAll, expect, jest, test } from '@jest/globals';
import { about, aLetter, render } from './support/letters.ts';
import { openReceiver } from './support/receiver.ts';

const nodemailer = await import('nodemailer');
let loads = 0;
jest.unstable_mockModule('nodemailer', () => {
  loads += 1;
  if (loads === 1) throw new Error('too many open files');
  return nodemailer;
});
const { createMailer } = await import('../../src/mail/smtp.ts');
const receiver = await openReceiver();
afterAll(() => receiver.close());

test('an email that could not load it is tried again, and leaves', async () => {
  const mailer = createMailer({ url: `smtp://127.0.0.1:${receiver.port}`, from: 'idp@example.edu' });
  const message = render(aLetter('reset'), about);
  expect(await mailer.send(message)).toMatchObject({ kind: 'later', error: 'too many open files' });
  expect(await mailer.send(message)).toMatchObject({ kind: 'delivered' });
  mailer.close();
});
