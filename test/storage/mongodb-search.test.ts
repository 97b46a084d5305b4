/** On MongoDB people are searched for by documents beside their accounts, which follow these whatever dies in between. */
import { describe, expect, test } from '@jest/globals';
import type { Filter } from 'mongodb';
import type { Account } from '../../src/domain/account/account.ts';
import { EVERYBODY, searchPlace } from '../../src/domain/account/account-keys.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { createAccounts, documentOf } from '../../src/storage/mongodb/accounts.ts';
import type { Collections, SearchTermDocument } from '../../src/storage/mongodb/collections.ts';
import { collectionsOf } from '../../src/storage/mongodb/schema.ts';
import { termsOf } from '../../src/storage/mongodb/search-terms.ts';
import { quickMongodb, testMongodb } from '../support/mongodb.ts';
import { numbered } from './contract/numbered.ts';
import { NOW } from './contract/together.ts';

if (quickMongodb === undefined)
  describe.skip('MongoDB', () => test('there is no server to test with', () => undefined));
else {
  const { openNodes, emptyUri, databaseOf } = testMongodb(quickMongodb);

  async function opened(): Promise<{ node: Storage; collections: Collections }> {
    const uri = await emptyUri();
    const [node] = await openNodes(uri, 1, () => NOW);
    if (node === undefined) throw new TypeError('one node was asked for');
    return { node, collections: collectionsOf(databaseOf(uri)) };
  }

  const named = (familyName: string, revision: number, change: Partial<Account> = {}) =>
    numbered(1, { familyName, revision, ...change });
  const found = async ({ accounts }: Storage, query: string) =>
    (await accounts.search(query, undefined, 9)).map(({ id }) => id);
  const stored = async ({ searchTerms }: Collections) =>
    (await searchTerms.find().toArray()).map(({ _id }) => _id).sort();
  const wanted = (...people: Account[]) =>
    people.flatMap((account) => termsOf(account).map((term) => `${account.id}\u001f${term}`)).sort();

  /** Of a filter with one range of one field. */
  function isWithin(filter: Filter<SearchTermDocument>, document: SearchTermDocument): boolean {
    const [[field = '', range] = []] = Object.entries<Record<'$gt' | '$lt' | '$lte', string>>(filter as never);
    const value = document[field as 'place' | 'milestone'];
    if (value === undefined || range === undefined) return false;
    return value > range.$gt && (range.$lt === undefined ? value <= range.$lte : value < range.$lt);
  }

  /** Accounts of a node that dies as soon as it does that to the terms, or notes that they are written. */
  function dying(collections: Collections, at: 'terms' | 'clearing' | 'note') {
    const torn = (name: 'accounts' | 'searchTerms', methods: string[]) =>
      new Proxy(collections[name], {
        get: (target, method) => {
          const value = Reflect.get(target, method);
          if (typeof value !== 'function') return value;
          if (!methods.includes(String(method))) return value.bind(target);
          return async (...input: unknown[]) => {
            const clears = JSON.stringify(input[0]).includes('deleteMany');
            if ((at === 'clearing') === clears) throw new Error('killed');
            return value.apply(target, input);
          };
        },
      });
    return createAccounts({
      ...collections,
      ...(at === 'note'
        ? { accounts: torn('accounts', ['bulkWrite']) }
        : { searchTerms: torn('searchTerms', ['insertMany', 'bulkWrite']) }),
    } as Collections);
  }

  describe('a node that dies', () => {
    test.each(['terms', 'note'] as const)('after it stored a new account (%s) leaves it for the sweep', async (at) => {
      const { node, collections } = await opened();
      await expect(dying(collections, at).insert(named('Maes', 1))).rejects.toThrow('killed');
      expect((await node.accounts.findByLogin('r0000001'))?.familyName).toBe('Maes');
      expect(await found(node, '')).toEqual(['id-0000001']);
      await node.sweep(NOW);
      expect(await found(node, 'maes')).toEqual(['id-0000001']);
      expect(await stored(collections)).toEqual(wanted(named('Maes', 1)));
      await node.close();
    });

    test.each(['terms', 'clearing', 'note'] as const)(
      'after it renamed somebody (%s) leaves nobody who is found by the old name, and the new one for the sweep',
      async (at) => {
        const { node, collections } = await opened();
        await node.accounts.insert(named('Maes', 1));
        await expect(dying(collections, at).replace(named('Claes', 2), 1)).rejects.toThrow('killed');
        expect(await found(node, 'maes')).toEqual([]);
        expect(await found(node, 'r0000001')).toEqual(['id-0000001']);
        await node.sweep(NOW);
        expect([await found(node, 'claes'), await found(node, 'maes')]).toEqual([['id-0000001'], []]);
        expect(await stored(collections)).toEqual(wanted(named('Claes', 2)));
        await node.close();
      },
    );

    test('after it renamed somebody leaves the rest to whoever writes the account next, too', async () => {
      const { node, collections } = await opened();
      await node.accounts.insert(named('Maes', 1));
      await expect(dying(collections, 'terms').replace(named('Claes', 2), 1)).rejects.toThrow('killed');
      await node.accounts.replace(named('Claes', 3, { mailedAt: [5] }), 2);
      expect(await found(node, 'claes')).toEqual(['id-0000001']);
      expect(await stored(collections)).toEqual(wanted(named('Claes', 3)));
      await node.close();
    });
  });

  test('whom a version before renamed is found by the new name after the sweep, and at once no longer by the old', async () => {
    const { node, collections } = await opened();
    await node.accounts.insert(named('Maes', 1));
    await collections.accounts.replaceOne({ _id: 'id-0000001', revision: 1 }, documentOf(named('Claes', 2)));
    expect([await found(node, 'claes'), await found(node, 'maes')]).toEqual([[], []]);
    await node.sweep(NOW);
    expect([await found(node, 'claes'), await found(node, 'maes')]).toEqual([['id-0000001'], []]);
    expect(await stored(collections)).toEqual(wanted(named('Claes', 2)));
    await node.close();
  });

  test('one that cannot be read keeps no other from being found', async () => {
    const { node, collections } = await opened();
    await collections.accounts.insertMany([
      { _id: 'broken', revision: 1, account: '{' },
      { _id: 'empty', revision: 1, account: '{}' },
      documentOf(named('Maes', 1)),
    ]);
    await node.sweep(NOW);
    expect(await found(node, 'maes')).toEqual(['id-0000001']);
    await node.close();
  });

  test('writers and sweeps at once leave exactly the terms of the account as it is', async () => {
    const { node, collections } = await opened();
    await node.accounts.insert(named('Maes', 1));
    const writers = [createAccounts(collections), createAccounts(collections), node.accounts];
    for (let round = 0; round < 20; round += 1) {
      await Promise.all([
        ...writers.map(async (accounts, index) => {
          const read = await accounts.findById('id-0000001');
          if (read === undefined) throw new TypeError('it is there');
          const familyName = index === 2 ? 'Maes' : `Maes-${round % 3}${index}`;
          await accounts.replace({ ...read, familyName, revision: read.revision + 1 }, read.revision);
        }),
        node.sweep(NOW),
      ]);
      const account = await node.accounts.findById('id-0000001');
      if (account === undefined) throw new TypeError('it is there');
      await node.sweep(NOW);
      expect(await stored(collections)).toEqual(wanted(account));
      expect(await found(node, account.familyName)).toEqual(['id-0000001']);
    }
    await node.close();
  });

  test('who is slow and knows an earlier name takes no term away that the later one has', async () => {
    const { node, collections } = await opened();
    await node.accounts.insert(named('Maes', 1));
    const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
    const { promise: asleep, resolve: fallAsleep } = Promise.withResolvers<void>();
    const searchTerms = new Proxy(collections.searchTerms, {
      get: (target, method) => {
        const value = Reflect.get(target, method);
        if (method !== 'bulkWrite') return typeof value === 'function' ? value.bind(target) : value;
        return async (...input: unknown[]) => {
          fallAsleep();
          await woken;
          return value.apply(target, input);
        };
      },
    });
    const slow = createAccounts({ ...collections, searchTerms }).replace(named('Claes', 2), 1);
    await asleep;
    expect(await node.accounts.replace(named('Maes', 3), 2)).toBe(true);
    wake();
    expect(await slow).toBe(true);
    expect([await found(node, 'maes'), await found(node, 'claes')]).toEqual([['id-0000001'], []]);
    expect(await stored(collections)).toEqual(wanted(named('Maes', 3)));
    await node.close();
  });

  test('a write that changes no term asks nothing of them', async () => {
    const { node, collections } = await opened();
    await node.accounts.insert(named('Maes', 1));
    expect(await dying(collections, 'terms').replace(named('Maes', 2, { mailedAt: [5] }), 1)).toBe(true);
    expect(await dying(collections, 'note').replace(named('Maes', 3), 2)).toBe(true);
    await node.close();
  });

  test('an account without name, number and address is found in the list of everybody alone', async () => {
    const { node, collections } = await opened();
    await node.accounts.insert(named('Maes', 1));
    await node.accounts.insert(numbered(2));
    const nothing = { userNumbers: [], emails: [], givenName: '', familyName: '', affiliations: [] };
    await node.accounts.replace(numbered(1, { revision: 2, ...nothing }), 1);
    expect(await stored(collections)).toEqual([`id-0000001\u001f${EVERYBODY}`, ...wanted(numbered(2))].sort());
    expect(await found(node, '')).toEqual(['id-0000001', 'id-0000002']);
    await node.close();
  });

  test('pages of what very many have in common are whole, and each reads little more than itself', async () => {
    const { node, collections } = await opened();
    const people = Array.from({ length: 500 }, (_, n) => numbered(n, { familyName: `Van den ${n % 10}` }));
    await node.archive.put('accounts', people);
    const ranges: Filter<SearchTermDocument>[] = [];
    const searchTerms = new Proxy(collections.searchTerms, {
      get: (target, method) => {
        const value = Reflect.get(target, method);
        if (typeof value !== 'function') return value;
        return (...input: unknown[]) => {
          if (method === 'find') ranges.push(input[0] as Filter<SearchTermDocument>);
          return value.apply(target, input);
        };
      },
    });
    const accounts = createAccounts({ ...collections, searchTerms });
    for (const [query, organisation] of [
      ['', undefined],
      ['van den', 'vives'],
    ] as const) {
      const listed: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = await accounts.search(query, after, 26, organisation);
        listed.push(...page.map(({ id }) => id));
        const last = page.at(-1);
        if (page.length < 26 || last === undefined) break;
        after = searchPlace(last, query);
      }
      expect([listed.length, new Set(listed).size]).toEqual([500, 500]);
    }
    // a server may read the whole of what it is asked for, and sort it, before it takes the first 26
    const all = await collections.searchTerms.find().toArray();
    const read = ranges.map((range) => all.filter((each) => isWithin(range, each)).length);
    expect(Math.max(...read)).toBeLessThan(300);
    await node.close();
  });

  test('a check of the storage names the terms by which an account is not found', async () => {
    const { node, collections } = await opened();
    await node.accounts.insert(named('Maes', 1));
    await collections.searchTerms.deleteOne({ _id: 'id-0000001\u001fr0000001' });
    const faults: string[] = [];
    await node.archive.inspect('accounts', (each) => faults.push(...each.faults));
    expect(faults).toEqual(['searchTerms does not lead from "r0000001" to it']);
    await node.close();
  });
}
