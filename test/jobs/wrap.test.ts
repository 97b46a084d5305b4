import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import {
  announceForeignHash,
  foreignWorks,
  wantWrapping,
  wrappingWanted,
} from '../../src/domain/passwords/foreign-hash.ts';
import { createHashing } from '../../src/domain/passwords/password-hash.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { Problem } from '../../src/domain/problem.ts';
import { wrapForeignHashes } from '../../src/jobs/wrap.ts';
import { anAccount } from '../support/account.ts';
import { openTestStorage } from '../support/storage.ts';

const now = () => 1_000;
const bcrypt = '$2b$04$abcdefghijklmnopqrstuuN9Jb5WvN1mhq1m0J6nXnJmQmVwQd7eG';
const ssha = '{SSHA}K4rYd/Ia6kFn1CtWb4SqSPG3tKthYmNkZWZnaA==';
const own = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo';
const hashing = { wrap: async (hash: string) => `wrapped$${hash}` };

let storage: Storage;
beforeEach(async () => {
  storage = await openTestStorage({ now });
  await wantWrapping(storage.values, 'fed in');
});
afterEach(() => storage.close());

const insert = (id: string, hash?: string) =>
  storage.accounts.insert(
    anAccount({
      id,
      userNumbers: [`r-${id}`],
      emails: [],
      ...(hash === undefined ? {} : { password: { hash, setAt: 1 } }),
    }),
  );
const hashOf = async (id: string) => (await storage.accounts.findById(id))?.password?.hash;
const run = (more: Partial<Parameters<typeof wrapForeignHashes>[0]> = {}) =>
  wrapForeignHashes({ storage, hashing, holder: 'node-1', now, pauseMs: 0, ...more });

describe('wrapping hashes that came from another system', () => {
  test('wraps those and leaves the others as they are', async () => {
    await insert('a', bcrypt);
    await insert('b', ssha);
    await insert('c', own);
    await insert('d');
    expect(await run()).toBe(2);
    expect([await hashOf('a'), await hashOf('b'), await hashOf('c'), await hashOf('d')]).toEqual([
      `wrapped$${bcrypt}`,
      `wrapped$${ssha}`,
      own,
      undefined,
    ]);
    expect(await run()).toBe(0);
  });

  test('reads no account again after a whole round, until a feed brings such a hash', async () => {
    await insert('a', bcrypt);
    expect(await run()).toBe(1);
    expect(await wrappingWanted(storage.values)).toBeUndefined();
    await insert('b', ssha);
    expect(await run()).toBe(0);
    await wantWrapping(storage.values, 'fed in again');
    expect(await run()).toBe(1);
  });

  test('looks again where a feed came in during the round', async () => {
    await insert('a', bcrypt);
    const asked = {
      wrap: async (hash: string) => wantWrapping(storage.values, 'meanwhile').then(() => `wrapped$${hash}`),
    };
    expect(await run({ hashing: asked })).toBe(1);
    expect(await wrappingWanted(storage.values)).toBe('meanwhile');
  });

  test('notes what work the stored hashes take, also of an installation that was upgraded, and forgets what is gone', async () => {
    await insert('a', '$2b$12$abcdefghijklmnopqrstuuN9Jb5WvN1mhq1m0J6nXnJmQmVwQd7eG');
    await insert('b', '$argon2id$v=19$m=4096,t=3,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo');
    await insert('c', own);
    await run({ hashing: { wrap: (hash) => createHashing(randomBytes).wrap(hash) } });
    const works = ['bcrypt 12', 'argon2id m=4096,t=3,p=1'];
    const { works: found, read } = await foreignWorks(storage.values);
    expect([found.toSorted(), read]).toEqual([works.toSorted(), true]);
    const { password } = (await storage.accounts.findById('c')) ?? {};
    for (const id of ['a', 'b'])
      await updateAccount(storage.accounts, id, (read) => ({
        outcome: 0,
        account: { ...read, password: password as never },
      }));
    await announceForeignHash(storage.values, { wrap: true, work: 'bcrypt 10' }, 'another feed');
    expect((await foreignWorks(storage.values)).works).toContain('bcrypt 10'); // before it is stored
    await run();
    expect(await foreignWorks(storage.values)).toEqual({ works: [], read: true });
  });

  test('keeps a kind of work that a feed brought during the round', async () => {
    await insert('a', bcrypt);
    const meanwhile = {
      wrap: async (hash: string) => {
        await announceForeignHash(storage.values, { wrap: false, work: 'argon2id m=8,t=1,p=1' }, 'meanwhile');
        return `wrapped$${hash}`;
      },
    };
    await run({ hashing: meanwhile });
    expect((await foreignWorks(storage.values)).works).toContain('argon2id m=8,t=1,p=1');
  });

  test('ends no session: the password is the same', async () => {
    await insert('a', bcrypt);
    await run();
    expect(await storage.accounts.findById('a')).toMatchObject({ credentialsEpoch: 1, password: { setAt: 1 } });
  });

  test('gives a hash that the same password opens', async () => {
    const real = createHashing(randomBytes);
    const { hashSync } = await import('bcryptjs');
    await insert('a', hashSync('correct horse battery', 4));
    await run({ hashing: real });
    const stored = await hashOf('a');
    expect(stored).toMatch(/^wrapped\$bcrypt\$/);
    expect(await real.verify(stored, 'correct horse battery')).toEqual({ matches: true, outdated: true });
    expect(await real.verify(stored, 'another')).toMatchObject({ matches: false });
  });

  test('goes through every page of a long list', async () => {
    for (let each = 0; each < 230; each += 1) await insert(String(each).padStart(3, '0'), each % 10 === 0 ? ssha : own);
    expect(await run()).toBe(23);
  });

  test('does not undo a password that was changed meanwhile', async () => {
    await insert('a', bcrypt);
    const slow = {
      async wrap(hash: string) {
        await updateAccount(storage.accounts, 'a', (account) => ({
          outcome: undefined,
          account: { ...account, password: { hash: own, setAt: 2 } },
        }));
        return `wrapped$${hash}`;
      },
    };
    expect(await run({ hashing: slow })).toBe(0);
    expect(await hashOf('a')).toBe(own);
  });

  test('pauses while the hashing queue is full, and while another node does it', async () => {
    await insert('a', bcrypt);
    const full = { wrap: () => Promise.reject(new Problem('busy', 'the queue is full')) };
    expect(await run({ hashing: full })).toBe(0);
    await storage.leases.acquire('wrap', 'node-2', 9_000, 1_000);
    expect(await run()).toBeUndefined();
    expect(await hashOf('a')).toBe(bcrypt);
    await storage.leases.release('wrap', 'node-2');
    expect(await run()).toBe(1);
  });

  describe('a round that is broken off', () => {
    const busy = new Problem('busy', 'the queue is full');
    /** Of 250 people two have such a hash; the queue is full at the second. */
    async function breakOff(): Promise<void> {
      for (let each = 0; each < 250; each += 1) await insert(named(each), [30, 150].includes(each) ? bcrypt : own);
      let calls = 0;
      const filling = { wrap: async (hash: string) => (++calls > 1 ? Promise.reject(busy) : hashing.wrap(hash)) };
      expect(await run({ hashing: filling })).toBe(1);
    }
    const named = (each: number) => String(each).padStart(3, '0');
    /** The places from which the next round reads. */
    async function placesOf(round: () => Promise<unknown>): Promise<(string | undefined)[]> {
      const search = jest.spyOn(storage.accounts, 'search');
      await round();
      const places = search.mock.calls.map(([, after]) => after);
      search.mockRestore();
      return places;
    }

    test('goes on where it was, by a full queue or the end of a node', async () => {
      await breakOff();
      expect(
        await placesOf(() => wrapForeignHashes({ storage, hashing, holder: 'b', now, pauseMs: 0 }, () => false)),
      ).toEqual(['149']);
      expect(await placesOf(run)).toEqual(['149', '249']);
      expect([await hashOf('030'), await hashOf('150')]).toEqual([`wrapped$${bcrypt}`, `wrapped$${bcrypt}`]);
      expect(await wrappingWanted(storage.values)).toBeUndefined();
      expect(await placesOf(run)).toEqual([]);
    });

    test('begins anew where a feed came in since', async () => {
      await breakOff();
      await insert('000a', ssha);
      await wantWrapping(storage.values, 'fed in again');
      expect(await run()).toBe(2);
    });

    test('keeps the kinds of work that it found before, and those that were noted since', async () => {
      await insert('0', '$argon2id$v=19$m=4096,t=3,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo');
      await breakOff();
      await run();
      expect((await foreignWorks(storage.values)).works).toContain('argon2id m=4096,t=3,p=1');
      await wantWrapping(storage.values, 'once more');
      await insert('251', bcrypt);
      await run({ hashing: { wrap: () => Promise.reject(busy) } });
      await announceForeignHash(storage.values, { wrap: false, work: 'argon2id m=8,t=1,p=1' }, 'meanwhile');
      await run();
      expect((await foreignWorks(storage.values)).works).toContain('argon2id m=8,t=1,p=1');
    });

    test('is not over because a node ends on its last page', async () => {
      await insert('a', bcrypt);
      await insert('b', ssha);
      let asked = 0;
      await wrapForeignHashes({ storage, hashing, holder: 'b', now, pauseMs: 0 }, () => ++asked === 1);
      expect(await hashOf('b')).toBe(ssha);
      expect(await run()).toBe(1);
    });
  });
});
