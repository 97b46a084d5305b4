/** A node that sleeps past its lease does no harm when it wakes: nothing happens twice, and nothing newer is overwritten. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Account, type EffectInput, withEffects } from '../../src/domain/account/account.ts';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import { wantWrapping } from '../../src/domain/passwords/foreign-hash.ts';
import type { OutboxEntry, OutboxKind } from '../../src/domain/ports/outbox.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { type AccountExpiryDeps, runAccountExpiry } from '../../src/jobs/account-expiry.ts';
import { type EffectDeps, sweepEffects } from '../../src/jobs/effects.ts';
import { createOutboxWorker } from '../../src/jobs/outbox.ts';
import type { Deliver } from '../../src/jobs/outbox-attempt.ts';
import { sweepExpired } from '../../src/jobs/sweep.ts';
import { wrapForeignHashes } from '../../src/jobs/wrap.ts';
import { createMailer } from '../../src/mail/smtp.ts';
import { about, aLetter, render } from '../mail/support/letters.ts';
import { openReceiver } from '../mail/support/receiver.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { openTestStorage } from '../support/storage.ts';
import { keepLog, standingClock } from './support/quiet.ts';
import { atEveryMoment, suspendAt } from './support/suspended.ts';

const MINUTE = 60_000;
const PAST_EVERY_LEASE = 10 * MINUTE;
const ALL_MOMENTS_MS = 240_000;
const random = () => 0.5;

const closings: (() => Promise<unknown>)[] = [];
async function closeAll(): Promise<void> {
  for (const close of closings.splice(0)) await close();
}
afterEach(closeAll);

/** A storage of its own for each moment; the one before is not needed any more. */
async function fresh(start?: number) {
  await closeAll();
  const clock = standingClock(start);
  const storage = await openTestStorage({ now: clock.now });
  closings.push(() => storage.close());
  return { clock, storage };
}

async function stored(storage: Storage, id = 'an'): Promise<Account> {
  const account = await storage.accounts.findById(id);
  if (account === undefined) throw new Error('the account is gone');
  return account;
}

const change = (storage: Storage, next: (account: Account) => Partial<Account>) =>
  updateAccount(storage.accounts, 'an', (account) => ({
    outcome: undefined,
    account: { ...account, ...next(account) },
  }));

describe.each<OutboxKind>(['letter', 'backchannel-logout'])('the outbox (%s)', (kind) => {
  /** One node and its worker; its deliveries ask before they cannot be taken back, as those of mail do. */
  function worker(node: { storage: Storage; clock: { now(): number } }, deliver: Deliver) {
    const options = { concurrency: 5, deliveryTimeoutMs: 90_000, giveUpAfterMs: 72 * 60 * MINUTE, pollMs: 1000 };
    const { outbox } = node.storage;
    return createOutboxWorker({ ...options, kind, outbox, deliver, now: node.clock.now, random, log: keepLog() });
  }
  const item = (clock: { now(): number }) => ({ id: 'one', kind, payload: {}, createdAt: clock.now() });
  const only = async ({ outbox }: Storage) => (await outbox.list({}, undefined, 2))[0] as OutboxEntry;

  test(
    'what was claimed is delivered once, unless the sleep fell between its delivery and the record of it',
    async () => {
      const twice: string[] = [];
      const moments = await atEveryMoment(async (point) => {
        const { clock, storage } = await fresh();
        await storage.outbox.put(item(clock));
        let arrived = 0;
        const deliver: Deliver = async (_entry, _signal, stillOurs) => {
          if (!stillOurs()) return { kind: 'later', error: 'too late' };
          arrived += 1;
          return { kind: 'delivered' };
        };
        const suspended = suspendAt(storage, point);
        return {
          suspended,
          node: () => worker({ clock, storage: suspended.storage }, deliver).runDue(),
          async meanwhile() {
            clock.pass(PAST_EVERY_LEASE);
            await worker({ clock, storage }, deliver).runDue();
          },
          async afterwards(moment) {
            expect((await only(storage)).state).toBe('done');
            expect(arrived).toBeLessThanOrEqual(2);
            if (arrived === 2) twice.push(moment);
          },
        };
      });
      expect(moments).toContain('after outbox.claim');
      expect(twice).toEqual(['before outbox.done']);
    },
    ALL_MOMENTS_MS,
  );

  test.each<[string, Deliver]>([
    ['to be tried later', async () => ({ kind: 'later', error: 'down' })],
    ['to be given up', async () => ({ kind: 'never', error: 'refused' })],
  ])(
    'an attempt that failed, %s, undoes no delivery of another node',
    async (_what, failing) => {
      await atEveryMoment(async (point) => {
        const { clock, storage } = await fresh();
        await storage.outbox.put(item(clock));
        const suspended = suspendAt(storage, point);
        let asleep: OutboxEntry;
        return {
          suspended,
          node: () => worker({ clock, storage: suspended.storage }, failing).runDue(),
          async meanwhile() {
            asleep = await only(storage);
            clock.pass(PAST_EVERY_LEASE);
            await worker({ clock, storage }, async () => ({ kind: 'delivered' })).runDue();
          },
          async afterwards() {
            // where it was given up before the sleep there was nothing left to deliver
            expect((await only(storage)).state).toBe(asleep.state === 'failed' ? 'failed' : 'done');
          },
        };
      });
    },
    ALL_MOMENTS_MS,
  );

  test('a lease is given up 15 s before others may take it, by either of two clocks', async () => {
    for (const [asleepMs, wallMs, monotonicMs, goes] of [
      ['awake', 29_999, 29_999, true],
      ['for too long', 30_000, 30_000, false],
      ['while its clock was set back', 0, 30_000, false],
      ['with a machine whose other clock stood still', 30_000, 0, false],
    ] as const) {
      const { clock, storage } = await fresh();
      await storage.outbox.put(item(clock));
      let ticked = 0;
      let arrived = 0;
      const outbox = {
        ...storage.outbox,
        claim: async (...given: Parameters<Storage['outbox']['claim']>) => {
          const claimed = await storage.outbox.claim(...given);
          clock.pass(wallMs);
          ticked += monotonicMs;
          return claimed;
        },
      };
      const options = { concurrency: 1, deliveryTimeoutMs: 90_000, giveUpAfterMs: 72 * 60 * MINUTE, pollMs: 1000 };
      const sleepy = createOutboxWorker({
        ...options,
        kind,
        outbox,
        deliver: async () => {
          arrived += 1;
          return { kind: 'delivered' };
        },
        now: clock.now,
        elapsed: () => ticked,
        random,
        log: keepLog(),
      });
      await sleepy.runDue();
      expect([asleepMs, arrived]).toEqual([asleepMs, goes ? 1 : 0]);
    }
  });
});

describe('a letter on the wire', () => {
  test('that was sent except for its end is not accepted if its lease has ended by then', async () => {
    const receiver = await openReceiver();
    closings.push(() => receiver.close());
    const mailer = createMailer({ url: `smtp://127.0.0.1:${receiver.port}`, from: 'helpdesk@icts.kuleuven.be' });
    const message = render(aLetter('reset'), about);
    let asked = 0;
    const stillOurs = () => {
      asked += 1;
      return false;
    };
    expect(await mailer.send(message, { stillOurs })).toEqual({
      kind: 'later',
      error: 'not sent: another may have taken it over',
      receiverDown: false,
    });
    expect(asked).toBeGreaterThan(0);
    let times = 0;
    const throwing = () => {
      times += 1;
      if (times === 1) throw new Error('a bug'); // within a stream, which does not catch it
      return true;
    };
    expect(await mailer.send(message, { stillOurs: throwing })).toMatchObject({ kind: 'later', error: 'a bug' });
    expect(await mailer.send(message, { stillOurs: () => true })).toMatchObject({ kind: 'delivered' });
    expect(receiver.received).toHaveLength(1);
    mailer.close();
  });
});

describe('effects', () => {
  test(
    'are dispatched once, and what is signed in since stays',
    async () => {
      const moments = await atEveryMoment(async (point) => {
        const { clock, storage } = await fresh();
        const effects: EffectInput[] = [
          { kind: 'letter', letter: aLetter('reset', {}, 'an') },
          { kind: 'audit', entry: { at: 1, action: 'password.reset', actor: { kind: 'system' } } },
          { kind: 'end-sessions', reason: 'the password was reset', olderThanEpoch: 2 },
        ];
        await storage.accounts.insert(withEffects(anAccount({ id: 'an', credentialsEpoch: 2 }), effects));
        let sessions = [1];
        const deps = (node: Storage): Parameters<typeof sweepEffects>[0] => {
          const endSessions: EffectDeps['endSessions'] = async (_id, _reason, _except, olderThanEpoch = Infinity) => {
            sessions = sessions.filter((epoch) => epoch >= olderThanEpoch);
          };
          const onFailure = (error: unknown) => {
            throw error;
          };
          const none = async () => {};
          const rest = { forget: none, finishMerge: none, finishPart: none };
          return { ...node, ...rest, endSessions, now: clock.now, onFailure };
        };
        const suspended = suspendAt(storage, point);
        return {
          suspended,
          node: () => sweepEffects(deps(suspended.storage)),
          async meanwhile() {
            clock.pass(PAST_EVERY_LEASE);
            await sweepEffects(deps(storage));
            sessions.push(2);
            await change(storage, () => ({ givenName: 'Changed since' }));
            const [letter] = await storage.outbox.claim('letter', clock.now(), clock.now() + MINUTE, 5);
            await storage.outbox.done(letter?.id ?? '', letter?.leasedUntil ?? 0, clock.now());
          },
          async afterwards() {
            const letters = await storage.outbox.list({}, undefined, 10);
            expect(letters.map(({ state, attempts }) => [state, attempts])).toEqual([['done', 1]]);
            expect(await storage.auditLog.page({}, undefined, 10)).toHaveLength(1);
            expect(sessions).toEqual([2]);
            expect(await stored(storage)).toMatchObject({ effects: [], givenName: 'Changed since' });
          },
        };
      });
      expect(moments).toContain('before accounts.replace');
    },
    ALL_MOMENTS_MS,
  );
});

describe('foreign hashes', () => {
  test(
    'are wrapped around nothing that was chosen since, and one that was fed since is not forgotten',
    async () => {
      const FOREIGN = '$2b$04$abcdefghijklmnopqrstuuN9Jb5WvN1mhq1m0J6nXnJmQmVwQd7eG';
      const moments = await atEveryMoment(async (point) => {
        const { clock, storage } = await fresh();
        const hashing = { wrap: async (hash: string) => `wrapped$${hash}` };
        const run = (node: Storage, holder: string) =>
          wrapForeignHashes({ storage: node, hashing, holder, now: clock.now, pauseMs: 0 });
        await wantWrapping(storage.values, 'first');
        await storage.accounts.insert(anAccount({ id: 'an', password: { hash: FOREIGN, setAt: 1 } }));
        const suspended = suspendAt(storage, point);
        return {
          suspended,
          node: () => run(suspended.storage, 'sleeper'),
          async meanwhile() {
            clock.pass(PAST_EVERY_LEASE);
            await run(storage, 'other');
            await change(storage, () => ({ password: { hash: 'chosen since', setAt: 2 } }));
            await wantWrapping(storage.values, 'second');
            const fed = anAccount({ id: 'bo', userNumbers: ['r2'], emails: [], password: { hash: FOREIGN, setAt: 3 } });
            await storage.accounts.insert(fed);
          },
          async afterwards() {
            expect((await stored(storage)).password?.hash).toBe('chosen since');
            await run(storage, 'other');
            expect((await stored(storage, 'bo')).password?.hash).toBe(`wrapped$${FOREIGN}`);
          },
        };
      });
      expect(moments).toContain('before values.replace');
    },
    ALL_MOMENTS_MS,
  );
});

describe('what has expired', () => {
  test(
    'is deleted, and nothing that was kept since',
    async () => {
      await atEveryMoment(async (point) => {
        const { clock, storage } = await fresh();
        const { protocolRecords } = storage;
        await protocolRecords.put('AccessToken', 'old', {}, clock.now() - MINUTE);
        const suspended = suspendAt(storage, point);
        return {
          suspended,
          node: () => sweepExpired(suspended.storage, 'sleeper', clock.now),
          async meanwhile() {
            clock.pass(PAST_EVERY_LEASE);
            await sweepExpired(storage, 'other', clock.now);
            await protocolRecords.put('AccessToken', 'new', {}, clock.now() + MINUTE);
          },
          async afterwards() {
            expect(await protocolRecords.find('AccessToken', 'new', clock.now())).toBeDefined();
            // the lease of nobody stays behind
            expect(await storage.leases.acquire('sweep', 'third', clock.now() + 1, clock.now())).toBeDefined();
          },
        };
      });
    },
    ALL_MOMENTS_MS,
  );
});

describe('ends of accounts', () => {
  const tellers = ({ effects }: Account) =>
    effects.map((effect) => (effect.kind === 'audit' ? effect.entry.action : effect.kind));
  const run = (storage: Storage, clock: { now(): number }, holder: string) => {
    const deps: AccountExpiryDeps = {
      storage,
      organisations,
      warningDays: [14],
      holder,
      now: clock.now,
      log: keepLog(),
    };
    return runAccountExpiry(deps);
  };

  test(
    'are warned of once, and not by a node that wakes after the end has moved',
    async () => {
      const moments = await atEveryMoment(async (point) => {
        const { clock, storage } = await fresh();
        const end = clock.now() + 10 * 24 * 60 * MINUTE;
        await storage.accounts.insert(anAccount({ id: 'an', activatedAt: 1, endsAt: end }));
        const suspended = suspendAt(storage, point);
        return {
          suspended,
          node: () => run(suspended.storage, clock, 'sleeper'),
          async meanwhile() {
            clock.pass(PAST_EVERY_LEASE);
            await run(storage, clock, 'other');
            await change(storage, () => ({ endsAt: end + 365 * 24 * 60 * MINUTE }));
          },
          async afterwards() {
            const account = await stored(storage);
            expect(tellers(account)).toEqual(['letter', 'account.end-announced']);
            expect(account.endsAt).toBe(end + 365 * 24 * 60 * MINUTE);
          },
        };
      });
      expect(moments).toContain('before accounts.replace');
    },
    ALL_MOMENTS_MS,
  );

  test(
    'are carried out once, and a person who enrols again meanwhile stays signed in',
    async () => {
      await atEveryMoment(async (point) => {
        const { clock, storage } = await fresh();
        await storage.accounts.insert(anAccount({ id: 'an', activatedAt: 1, endsAt: clock.now() - MINUTE }));
        const suspended = suspendAt(storage, point);
        return {
          suspended,
          node: () => run(suspended.storage, clock, 'sleeper'),
          async meanwhile() {
            clock.pass(PAST_EVERY_LEASE);
            await run(storage, clock, 'other');
            await change(storage, () => ({ endsAt: clock.now() + 365 * 24 * 60 * MINUTE }));
          },
          async afterwards() {
            const account = await stored(storage);
            expect(tellers(account)).toEqual(['end-sessions', 'account.ended', 'letter']);
            expect(account.credentialsEpoch).toBe(2);
            expect(await storage.leases.acquire('endings', 'third', clock.now() + 1, clock.now())).toBeDefined();
          },
        };
      });
    },
    ALL_MOMENTS_MS,
  );
});
