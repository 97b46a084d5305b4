/** Emails from an account's effect to a receiver that is up, slow, refusing, down or restarted. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import 'nodemailer'; // which the first email loads: jest takes a second for it on a busy machine
import { withEffects } from '../../src/domain/account/account.ts';
import type { Outbox } from '../../src/domain/ports/outbox.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { EMAIL_TIMEOUT_MS, EMAILS_AT_ONCE, LOGOUTS_AT_ONCE } from '../../src/jobs/deliveries.ts';
import type { JobDeps } from '../../src/jobs/job-deps.ts';
import type { Jobs } from '../../src/jobs/start.ts';
import { createEmailDelivery } from '../../src/mail/delivery.ts';
import { CONNECTIONS, createMailer, SMTP_LIMITS } from '../../src/mail/smtp.ts';
import { aLetter, organisations, render } from '../mail/support/letters.ts';
import { answer, openReceiver, openSilence, type Receiver } from '../mail/support/receiver.ts';
import { anAccount } from '../support/account.ts';
import { backend } from '../support/backend.ts';
import { freePort } from '../support/ports.ts';
import { openTestStorage } from '../support/storage.ts';
import { startIdleJobs } from './support/idle.ts';
import { eventually, keepLog, standingClock } from './support/quiet.ts';

const SECOND = 1000;

let storage: Storage;
let clock: ReturnType<typeof standingClock>;
let log: ReturnType<typeof keepLog>;
let closing: (() => unknown)[];
beforeEach(async () => {
  clock = standingClock();
  log = keepLog();
  closing = [];
  storage = await openTestStorage({ now: clock.now });
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  await storage.close();
});

async function receiverWith(options: Parameters<typeof openReceiver>[0] = {}): Promise<Receiver> {
  const receiver = await openReceiver(options);
  closing.push(() => receiver.close());
  return receiver;
}

/**
 * The jobs of one node; its clock stands still unless the test lets it pass, so what is put off once is not due again by
 * itself: the receiver has all the time that a busy machine needs, unless it is to say nothing.
 */
function node(port: number, more: Partial<JobDeps> = {}, greetingMs = 20_000): Jobs {
  const mailer = createMailer({
    url: `smtp://127.0.0.1:${port}`,
    from: 'helpdesk@icts.kuleuven.be',
    timeouts: { connect: greetingMs, greeting: greetingMs, idle: 20_000 },
  });
  const jobs = startIdleJobs({
    storage,
    deliverEmail: createEmailDelivery(render, mailer, { accounts: storage.accounts, now: clock.now }),
    organisations,
    endWarningDays: [14, 7, 1],
    holder: `node-${Math.random()}`,
    now: clock.now,
    log,
    ...more,
  });
  closing.push(async () => {
    await jobs.stop(0);
    mailer.close();
  });
  return jobs;
}

/** Starts jobs that look for nothing by themselves: what is done was asked for. */
function withoutPolling(start: () => Jobs): Jobs {
  const every = jest.spyOn(globalThis, 'setInterval').mockImplementation(() => setTimeout(() => {}, 0));
  try {
    return start();
  } finally {
    every.mockRestore();
  }
}

async function accountWithLetter(number = 1, template: Parameters<typeof aLetter>[0] = 'reset') {
  const id = `id-${number}`;
  const letter = aLetter(template, { to: `person-${number}@example.org` }, id);
  const account = withEffects(anAccount({ id, userNumbers: [`r${number}`], emails: [] }), [{ kind: 'letter', letter }]);
  await storage.accounts.insert(account);
  return account;
}

const states = async () => (await storage.outbox.list({ kind: 'letter' }, undefined, 1000)).map(({ state }) => state);
const only = async () => (await storage.outbox.list({ kind: 'letter' }, undefined, 1))[0];

describe('a letter', () => {
  test('is sent as soon as the write that caused it is done, and waits for no poll', async () => {
    const receiver = await receiverWith();
    const jobs = withoutPolling(() => node(receiver.port));
    jobs.dispatchEffects(await accountWithLetter());
    await receiver.until(1);
    expect(receiver.received[0]?.mail.subject).toBe('Kies een nieuw wachtwoord voor r0011111');
    expect(receiver.received[0]?.mail.text).toContain('https://login.example.org/reset/9aT0ken');
  });

  test('wakes the outbox for letters; a change that only goes into the audit log asks it nothing', async () => {
    const receiver = await receiverWith();
    const claimed: string[] = [];
    const claim: Storage['outbox']['claim'] = (kind, ...rest) => {
      claimed.push(kind);
      return storage.outbox.claim(kind, ...rest);
    };
    const watched = { ...storage, outbox: { ...storage.outbox, claim } };
    const jobs = withoutPolling(() => node(receiver.port, { storage: watched }));
    await eventually(() => new Set(claimed).size === 3); // each worker has asked as it started
    await jobs.runDueNow();
    claimed.length = 0;
    const audited = withEffects(anAccount({ id: 'audited', userNumbers: ['r9'], emails: [] }), [
      { kind: 'audit', entry: { at: 1, action: 'password.changed', actor: { kind: 'system' } } },
    ]);
    await storage.accounts.insert(audited);
    jobs.dispatchEffects(audited);
    await eventually(async () => (await storage.accounts.findById('audited'))?.effects.length === 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(claimed).toEqual([]);
    jobs.dispatchEffects(await accountWithLetter());
    await receiver.until(1);
    expect(new Set(claimed)).toEqual(new Set(['letter']));
  });

  test('to many leaves little by little while people are answered; sign-outs do not', async () => {
    const receiver = await receiverWith();
    const mostOf = new Map<string, number | undefined>();
    const claim: Storage['outbox']['claim'] = (kind, now, until, limit, how) => {
      mostOf.set(kind, how?.patient);
      return storage.outbox.claim(kind, now, until, limit, how);
    };
    node(receiver.port, { storage: { ...storage, outbox: { ...storage.outbox, claim } }, busy: () => true });
    await eventually(() => mostOf.size === 3);
    expect(mostOf.get('letter')).toBe(2);
    expect(mostOf.get('backchannel-logout')).toBe(LOGOUTS_AT_ONCE);
  });

  test('about an end that has moved since it was written is not sent', async () => {
    const receiver = await receiverWith();
    const jobs = node(receiver.port);
    jobs.dispatchEffects(await accountWithLetter(1, 'account-ends')); // its account has no end
    await eventually(async () => (await only())?.state === 'done');
    jobs.dispatchEffects(await accountWithLetter(2));
    await receiver.until(1);
    expect(receiver.received.map(({ mail }) => mail.subject)).toEqual(['Kies een nieuw wachtwoord voor r0011111']);
  });

  test('that a crash left in its account is still sent', async () => {
    const receiver = await receiverWith();
    await accountWithLetter();
    node(receiver.port); // nobody hands it on: the sweep finds it
    await receiver.until(1);
    expect((await storage.accounts.findById('id-1'))?.effects).toEqual([]);
  });

  test('never shows its secret in the log', async () => {
    const receiver = await receiverWith();
    await accountWithLetter(1, 'activation-code');
    await node(receiver.port).runDueNow();
    expect(receiver.received).toHaveLength(1);
    expect(JSON.stringify(log.written)).not.toMatch(/K7QP|\/reset\/|s1\./);
    expect(log.written.some(({ message }) => message === 'delivered')).toBe(true);
  });
});

describe('a receiver', () => {
  test('that is down for a while and then up gets every letter, once', async () => {
    const port = await freePort();
    const jobs = node(port);
    for (let each = 0; each < 12; each += 1) await accountWithLetter(each);
    await jobs.runDueNow();
    expect(new Set(await states())).toEqual(new Set(['waiting']));
    expect((await only())?.lastError).toMatch(/ECONNREFUSED/);

    const receiver = await receiverWith({ port });
    clock.pass(60 * SECOND);
    await jobs.runDueNow();
    expect(receiver.received).toHaveLength(12);
    expect(new Set(receiver.received.map(({ mail }) => mail.messageId)).size).toBe(12);
    // a delivery is recorded a beat later
    await eventually(async () => (await states()).every((state) => state === 'done'));
  });

  test('that accepts connections and stays silent delays nothing else', async () => {
    const silence = await openSilence();
    closing.push(() => silence.close());
    const told: string[] = [];
    const deliverBackchannelLogout: JobDeps['deliverBackchannelLogout'] = async ({ id }) => {
      told.push(id);
    };
    const jobs = node(silence.port, { deliverBackchannelLogout }, 300);
    await accountWithLetter();
    await storage.outbox.put({ id: 'logout', kind: 'backchannel-logout', payload: {}, createdAt: clock.now() });
    const account = (await storage.accounts.findById('id-1')) ?? anAccount();
    expect([jobs.dispatchEffects(account), jobs.wake()]).toEqual([undefined, undefined]); // nothing to wait for
    await eventually(() => told.length === 1);
    await eventually(async () => (await only())?.lastError !== undefined);
    expect(await states()).toEqual(['waiting']);
  });

  test('that is slow gets five emails at once', async () => {
    let [atOnce, most] = [0, 0];
    const five = Promise.withResolvers<void>();
    const receiver = await receiverWith({
      async beforeAccepting() {
        atOnce += 1;
        most = Math.max(most, atOnce);
        if (atOnce === 5) five.resolve();
        await five.promise;
        await new Promise((resolve) => setTimeout(resolve, 50)); // in which a sixth could come
        atOnce -= 1;
      },
    });
    for (let each = 0; each < 15; each += 1) await accountWithLetter(each);
    await node(receiver.port).runDueNow();
    expect(receiver.received).toHaveLength(15);
    expect(most).toBe(5);
  });

  test.each([
    ['450 at the recipient', { onRcptTo: 450 }],
    ['421 at the recipient', { onRcptTo: 421 }],
    ['451 after the message', { beforeAccepting: 451 }],
    ['421 at the door', { onConnect: 421 }],
  ])(
    'that answers %s twice and then 250 has the letter in the end',
    async (_name, { onRcptTo, beforeAccepting, onConnect }: Record<string, number>) => {
      let refusals = 2;
      const refuse = (code: number | undefined, callback: (error?: Error) => void) => {
        if (code !== undefined && refusals > 0) {
          refusals -= 1;
          callback(answer(code, 'not now'));
        } else callback();
      };
      const receiver = await receiverWith({
        onConnect: (_session, callback) => refuse(onConnect, callback),
        onRcptTo: (_address, _session, callback) => refuse(onRcptTo, callback),
        beforeAccepting: () =>
          new Promise<void>((resolve, reject) =>
            refuse(beforeAccepting, (error) => (error ? reject(error) : resolve())),
          ),
      });
      const jobs = node(receiver.port);
      await accountWithLetter();
      for (let each = 0; each < 4 && receiver.received.length === 0; each += 1) {
        await jobs.runDueNow();
        clock.pass(60 * SECOND);
      }
      expect(receiver.received).toHaveLength(1);
      expect(await only()).toMatchObject({ state: 'done' });
    },
  );

  test('that refuses an address for good is told to the desk, and once to its owner at the other address', async () => {
    const receiver = await receiverWith({
      onRcptTo: ({ address }, _session, callback) =>
        callback(address === 'gone@example.org' ? answer(550, '5.1.1 <gone@example.org> is no user') : null),
    });
    const letters = ['reset', 'password-changed', 'reset'] as const;
    const person = anAccount({ id: 'id-1', personalEmail: 'gone@example.org', emails: ['an@vives.be'] });
    await storage.accounts.insert(
      withEffects(
        person,
        letters.map((template) => ({
          kind: 'letter',
          letter: aLetter(template, { to: 'gone@example.org' }, 'id-1'),
        })),
      ),
    );
    await node(receiver.port).runDueNow();
    await node(receiver.port).runDueNow();
    expect(receiver.received.map(({ to, mail }) => [to, mail.text?.includes('gone@example.org')])).toEqual([
      [['an@vives.be'], true],
    ]);
    const audited = await storage.auditLog.page({ subject: 'id-1' }, undefined, 10);
    const refused = { action: 'email.not-delivered', actor: { kind: 'system' } };
    const details = { address: 'personal', because: 'refused', reply: '550 5.1.1' };
    expect(audited).toHaveLength(3);
    expect(audited).toEqual(
      audited.map(() => expect.objectContaining({ ...refused, details: expect.objectContaining(details) })),
    );
    expect(JSON.stringify(audited)).not.toContain('gone@');
  });

  test('that answers 550 ends that email at once, visibly, and no other', async () => {
    const receiver = await receiverWith({
      onRcptTo: ({ address }, _session, callback) =>
        callback(address === 'person-1@example.org' ? answer(550, '5.1.1 no such user') : null),
    });
    for (const each of [1, 2, 3]) await accountWithLetter(each);
    await node(receiver.port).runDueNow();
    expect(receiver.received.map(({ to }) => to[0]).sort()).toEqual(['person-2@example.org', 'person-3@example.org']);
    const [failed] = await storage.outbox.byAccount('id-1', 10);
    expect(failed).toMatchObject({ state: 'failed', lastError: expect.stringContaining('550 5.1.1 no such user') });
    expect(failed?.payload).not.toHaveProperty('sealedSecret');
  });
});

describe('a crash', () => {
  test('between the receiver’s 250 and our record repeats the letter under the same Message-ID', async () => {
    const receiver = await receiverWith();
    await accountWithLetter();
    let crashed = false;
    const outbox: Outbox = {
      ...storage.outbox,
      async done() {
        crashed = true;
        throw new Error('killed');
      },
    };
    await node(receiver.port, { storage: { ...storage, outbox } }).runDueNow();
    expect(crashed).toBe(true);
    clock.pass(3 * 60 * SECOND); // the lease ends
    await node(receiver.port).runDueNow();
    expect(receiver.received).toHaveLength(2);
    const [first, second] = receiver.received.map(({ mail }) => mail.messageId);
    expect(first).toBe(second);
    expect(await states()).toEqual(['done']);
  });

  test('of the node that was delivering gives the letter to another node', async () => {
    const receiver = await receiverWith();
    await accountWithLetter();
    const dying = node(receiver.port, { deliverEmail: () => new Promise(() => {}) });
    dying.runDueNow().catch(() => {}); // it ends with the test
    await eventually(async () => (await only())?.leasedUntil !== undefined);
    const other = node(receiver.port);
    await other.runDueNow();
    expect(receiver.received).toHaveLength(0);
    clock.pass(3 * 60 * SECOND);
    await other.runDueNow();
    expect(receiver.received).toHaveLength(1);
    expect(await states()).toEqual(['done']);
  });
});

describe('many', () => {
  // 7 s on two quiet cores, and minutes on busy ones: how fast they leave is told, and measured by bench/letters.ts
  const count = backend === 'sqlite' ? 500 : 50;
  test(`${count} letters leave, each once, from two nodes`, async () => {
    const receiver = await receiverWith();
    await Promise.all(Array.from({ length: count }, (_, each) => accountWithLetter(each)));
    const startedAt = performance.now();
    await Promise.all([node(receiver.port).runDueNow(), node(receiver.port).runDueNow()]);
    await receiver.until(count);
    const seconds = (performance.now() - startedAt) / 1000;
    await eventually(async () => (await storage.outbox.backlog(clock.now())).waiting === 0);
    expect(new Set(receiver.received.map(({ to }) => to[0])).size).toBe(count);
    expect(receiver.received).toHaveLength(count);
    process.stdout.write(`${count} letters in ${seconds.toFixed(1)} s\n`);
  });
});

describe('back-channel logouts', () => {
  test('are tried until they are delivered, and no slow one holds the others up', async () => {
    for (const id of ['a', 'b', 'c'])
      await storage.outbox.put({ id, kind: 'backchannel-logout', payload: {}, createdAt: clock.now() });
    const told: string[] = [];
    let refusals = 3;
    const jobs = node(await freePort(), {
      async deliverBackchannelLogout({ id }) {
        if (id === 'a' && refusals-- > 0) throw new Error('503');
        told.push(id);
      },
    });
    await jobs.runDueNow();
    expect(told.sort()).toEqual(['b', 'c']);
    for (let each = 0; each < 3; each += 1) {
      clock.pass(120 * SECOND);
      await jobs.runDueNow();
    }
    expect(told).toContain('a');
    expect(await storage.outbox.list({ state: 'waiting' }, undefined, 10)).toEqual([]);
  });
});

describe('a back-channel logout that is refused for good', () => {
  test('is given up at once, visibly', async () => {
    await storage.outbox.put({ id: 'a', kind: 'backchannel-logout', payload: {}, createdAt: clock.now() });
    const jobs = node(await freePort(), {
      deliverBackchannelLogout: () => Promise.reject(Object.assign(new Error('400 Bad Request'), { permanent: true })),
    });
    await jobs.runDueNow();
    expect(await storage.outbox.list({}, undefined, 10)).toEqual([
      expect.objectContaining({ state: 'failed', lastError: '400 Bad Request' }),
    ]);
  });
});

describe('the expiry sweep', () => {
  test('runs on one node at a time, until nothing expired is left', async () => {
    let batches = 0;
    const counting = {
      ...storage,
      async sweep(at: number) {
        batches += 1;
        await storage.sweep(at);
        return batches < 4 ? 1000 : 0;
      },
    };
    const jobs = node(await freePort(), { storage: counting });
    await storage.leases.acquire('sweep', 'another', clock.now() + 60 * SECOND, clock.now());
    await jobs.runDueNow();
    expect(batches).toBe(0);
    await storage.leases.release('sweep', 'another');
    await jobs.runDueNow();
    expect(batches).toBe(4);
  });
});

describe('stopping', () => {
  test('leaves the storage alone afterwards', async () => {
    const receiver = await receiverWith();
    const jobs = node(receiver.port);
    for (let each = 0; each < 30; each += 1) jobs.dispatchEffects(await accountWithLetter(each));
    await jobs.stop(5000);
    const [before, log0] = [await states(), log.written.length];
    jobs.dispatchEffects(await accountWithLetter(99));
    jobs.wake();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await states()).toEqual(before);
    expect(log.written.length).toBe(log0);
  });
});

test('no email is broken off because those before it on its connection took all that the mailer allows', () => {
  const one = SMTP_LIMITS.connect + SMTP_LIMITS.greeting + SMTP_LIMITS.idle;
  expect(EMAIL_TIMEOUT_MS).toBeGreaterThan(Math.ceil(EMAILS_AT_ONCE / CONNECTIONS) * one);
});
