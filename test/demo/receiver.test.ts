/** The mail receiver: it stores before it answers, keeps each email once, and fails as a test asks. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { type Messages, openMessages } from '../../demo/messages.ts';
import { type Behaviour, type Receiver, startReceiver } from '../../demo/receiver.ts';

let store: Messages;
let receiver: Receiver;
let behaviour: Behaviour;

beforeEach(async () => {
  behaviour = 'accept';
  store = openMessages(':memory:');
  receiver = await startReceiver({ port: 0, store, behave: () => behaviour });
});
afterEach(async () => {
  await receiver.close();
  store.close();
});

function send(letter: SendMailOptions) {
  const transport = createTransport({ host: '127.0.0.1', port: receiver.port, secure: false, ignoreTLS: true });
  return transport.sendMail({ from: 'Helpdesk <helpdesk@example.org>', to: 'wout@example.org', ...letter });
}

test('an email is read as it was written', async () => {
  await send({
    subject: 'Uw activeringscode: één',
    text: 'Beste Wout',
    html: '<p>Beste Wout</p>',
    messageId: '<1@test>',
  });
  expect(store.to('Wout@Example.org')).toMatchObject([
    {
      to: 'wout@example.org',
      from: '"Helpdesk" <helpdesk@example.org>',
      subject: 'Uw activeringscode: één',
      text: 'Beste Wout',
      html: '<p>Beste Wout</p>',
      messageId: '<1@test>',
    },
  ]);
});

test('an email that arrives again replaces the first and keeps its address', async () => {
  await send({ subject: 'first', messageId: '<1@test>' });
  const [first] = store.to('wout@example.org');
  await send({ subject: 'other', messageId: '<2@test>' });
  await send({ subject: 'again', messageId: '<1@test>' });
  expect(store.to('wout@example.org').map(({ subject }) => subject)).toEqual(['other', 'again']);
  expect(store.find(String(first?.id))?.subject).toBe('again');
});

test('each addressee gets a separate email', async () => {
  await send({ to: ['a@example.org', 'b@example.org'], subject: 'both', messageId: '<1@test>' });
  expect(
    store
      .addresses()
      .map(({ address }) => address)
      .sort(),
  ).toEqual(['a@example.org', 'b@example.org']);
});

test.each<[Behaviour, number | undefined, number]>([
  ['refuse', 550, 0],
  ['later', 451, 0],
  ['lose-answer', undefined, 1],
])('told to %s, it answers %s and holds %s emails', async (asked, responseCode, letters) => {
  behaviour = asked;
  const error = await send({ subject: 'x', messageId: '<1@test>' }).then(
    () => undefined,
    (problem) => problem,
  );
  expect(error).toBeInstanceOf(Error);
  expect(error.responseCode).toBe(responseCode);
  expect(store.all()).toHaveLength(letters);
});

test('what cannot be stored is not answered with 250', async () => {
  await receiver.close();
  const put = () => {
    throw new Error('disk full');
  };
  receiver = await startReceiver({ port: 0, store: { put } });
  await expect(send({ subject: 'x' })).rejects.toMatchObject({ responseCode: 451 });
});
