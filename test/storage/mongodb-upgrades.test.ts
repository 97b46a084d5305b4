/** Upgrades of a database used by several nodes of two versions, some of them killed, paused or late. */
import { describe, expect, test } from '@jest/globals';
import type { Db } from 'mongodb';
import { messageIdOf } from '../../src/domain/desk/message-id.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { moveRoles } from '../../src/storage/mongodb/roles-upgrade.ts';
import { openMongodb } from '../../src/storage/mongodb/storage.ts';
import { type Upgrade, type UpgradeOptions, upgrades } from '../../src/storage/mongodb/upgrades.ts';
import { mongodb, testMongodb } from '../support/mongodb.ts';
import { numbered } from './contract/numbered.ts';

if (mongodb === undefined) describe.skip('MongoDB', () => test('there is no server to test with', () => undefined));
else {
  const { running, newUri, databaseOf } = testMongodb();
  const failPoint = (mode: object | string, data: object = {}) =>
    running().admin.db('admin').command({ configureFailPoint: 'failCommand', mode, data });

  const KNOWN = upgrades.length;
  /** the oldest schema whose version may use what this version makes */
  const ALLOWED = Math.max(...upgrades.map(({ minimum }) => minimum));
  /** The next version's upgrades: this version's and one more, which leaves a mark each time that it is applied. */
  const next = ({
    minimum = ALLOWED,
    during = async () => undefined,
  }: {
    minimum?: number;
    during?: () => Promise<void>;
  } = {}) => {
    const marking: Upgrade = {
      apply: async (db: Db) => {
        await db.collection('marks').insertOne({ mark: 'applied' });
        await during();
      },
      minimum,
    };
    return [...upgrades, marking];
  };
  const marks = (uri: string) => databaseOf(uri).collection('marks').countDocuments({});
  const stateOf = async (storage: Storage) => {
    const { applied, minimum } = await storage.archive.state();
    return { applied, minimum };
  };
  const open = (uri: string, options: Partial<UpgradeOptions> = {}) => openMongodb(uri, { now: () => 0, ...options });
  const closeAll = async (nodes: Storage[]) => {
    for (const node of nodes) await node.close();
  };

  describe('upgrading MongoDB', () => {
    test('is done by one of many nodes that start at once, and all of them work on what it made', async () => {
      const uri = newUri();
      const said: string[] = [];
      const options = { upgrades: next(), say: (text: string) => said.push(text) };
      const nodes = await Promise.all(Array.from({ length: 6 }, () => open(uri, options)));
      expect(await marks(uri)).toBe(1);
      for (const [number, node] of nodes.entries()) {
        expect(await stateOf(node)).toEqual({ applied: KNOWN + 1, minimum: ALLOWED });
        await node.accounts.insert(numbered(number));
      }
      expect(new Set(said).size).toBeLessThanOrEqual(1);
      await closeAll(nodes);
      await closeAll([await open(uri, options)]);
      expect(await marks(uri)).toBe(1);
    });

    test('takes as long as it takes, and so does what a copy asks: only a single call of a node is bounded', async () => {
      const uri = newUri().replace(/socketTimeoutMS=\d+/, 'socketTimeoutMS=500');
      const slowly = async <Result>(command: string, act: () => Promise<Result>) => {
        await failPoint({ times: 1 }, { failCommands: [command], blockConnection: true, blockTimeMS: 1500 });
        return act().finally(() => failPoint('off'));
      };
      const building: Upgrade = {
        apply: async (db) =>
          void (await slowly('createIndexes', () => db.collection('accounts').createIndex({ x: 1 }))),
        minimum: ALLOWED,
      };
      const node = await open(uri, { upgrades: [...upgrades, building] });
      await node.values.getOrInsert('v', 'w');
      await expect(slowly('find', () => node.values.get('v'))).rejects.toMatchObject({ code: 'storage_unavailable' });
      expect((await slowly('aggregate', () => node.archive.counts())).values).toBe(1);
      const mark = { id: 'one', from: 'elsewhere', startedAt: 0 };
      expect([await node.archive.beginCopy(mark), await node.archive.noteEmpty('one')]).toEqual([true, true]);
      expect(await slowly('delete', () => node.archive.restartCopy('one', { ...mark, id: 'two' }))).toBe('restarted');
      expect((await node.archive.counts()).values).toBe(0);
      await closeAll([node]);
    });

    test('lets nodes of the version before keep working and restart', async () => {
      const uri = newUri();
      const before = await open(uri);
      const after = await open(uri, { upgrades: next() });
      await before.accounts.insert(numbered(1));
      expect((await after.accounts.findByLogin('r0000001'))?.id).toBe('id-0000001');
      const restarted = await open(uri);
      expect(await stateOf(restarted)).toEqual({ applied: KNOWN + 1, minimum: ALLOWED });
      expect(await restarted.accounts.replace(numbered(1, { revision: 2 }), 1)).toBe(true);
      await closeAll([before, after, restarted]);
    });

    test('lets the server delete no session of before until its applications have been told', async () => {
      const uri = newUri();
      await closeAll([await open(uri, { upgrades: upgrades.slice(0, 1) })]);
      const sessions = databaseOf(uri).collection<{ _id: string; key?: string; clearAt: Date }>('sessions');
      const clearAt = new Date(1);
      await sessions.insertMany([
        { _id: 'untold', key: 'k', clearAt },
        { _id: 'tombstone', clearAt },
      ]);
      await closeAll([await open(uri)]);
      expect(await sessions.find().sort({ _id: 1 }).toArray()).toEqual([
        { _id: 'tombstone', clearAt },
        { _id: 'untold', key: 'k' },
      ]);
    });

    test('finds the grants of before by their client', async () => {
      const uri = newUri();
      await closeAll([await open(uri, { upgrades: upgrades.slice(0, 4) })]);
      const records = databaseOf(uri).collection<{ _id: string; grant: string; record: string }>('protocolRecords');
      const document = (number: number) => ({
        _id: `Grant key-${number}`,
        grant: `key-${number}`,
        record: JSON.stringify({ clientId: number === 7 ? 'library' : 'survey', accountId: 'an' }),
      });
      await records.insertMany(Array.from({ length: 501 }, (_, number) => document(number)));
      const upgraded = await open(uri);
      await upgraded.clients.remove('survey');
      expect(await records.find().toArray()).toEqual([{ ...document(7), client: 'library', account: 'an' }]);
      await closeAll([upgraded]);
    });

    test('finds what somebody did before by who did it, and leaves it out of the chain', async () => {
      const uri = newUri();
      await closeAll([await open(uri, { upgrades: upgrades.slice(0, 8) })]);
      const log = databaseOf(uri).collection<{ _id: string; at: number; action: string; entry: string }>('auditLog');
      const document = (n: number, kind: string) => {
        const entry = { id: `e${n}`, at: n, action: 'x', actor: { kind, ...(kind === 'system' ? {} : { id: kind }) } };
        return { _id: entry.id, at: n, action: 'x', entry: JSON.stringify(entry) };
      };
      await log.insertMany(Array.from({ length: 502 }, (_, n) => document(n, n % 2 === 0 ? 'command' : 'system')));
      await log.insertOne({ ...document(999, 'command'), entry: '{' });
      const upgraded = await open(uri);
      const { auditLog } = upgraded;
      expect(await auditLog.page({ actor: 'command' }, undefined, 999)).toHaveLength(251);
      expect(await auditLog.loose({ from: 0, to: 999 }, undefined, 999)).toHaveLength(502);
      await auditLog.append({ id: 'new', at: 1, action: 'password.changed', actor: { kind: 'system' } });
      expect(await auditLog.chained(undefined, 9)).toMatchObject([{ id: 'new', chain: { seq: 1 }, misfiled: false }]);
      await closeAll([upgraded]);
    });

    test('finds the people of an organisation who were there before, and leaves what cannot be read', async () => {
      const uri = newUri();
      const before = await open(uri, { upgrades: upgrades.slice(0, 12) });
      for (let number = 0; number < 502; number += 1) await before.accounts.insert(numbered(number));
      await closeAll([before]);
      const accounts = databaseOf(uri).collection<{ _id: string }>('accounts');
      await accounts.updateMany({}, { $set: { terms: ['peeters'] } });
      await accounts.updateOne({ _id: 'id-0000001' }, { $set: { account: '{' } });
      const upgraded = await open(uri);
      expect(await upgraded.accounts.search('', undefined, 999, 'vives')).toHaveLength(501);
      expect(await upgraded.accounts.search('r0000501', undefined, 9, 'vives')).toHaveLength(1);
      await closeAll([upgraded]);
    });

    test.each([
      ['who were there before', 502, ''],
      ['who were there before, and goes on where it was interrupted', 5, 'id-0000001\u001fq'],
    ])('writes the terms of the people %s', async (_, people, reached) => {
      const uri = newUri();
      const before = await open(uri, { upgrades: upgrades.slice(0, 16) });
      const numbers = Array.from({ length: people }, (_each, number) => number);
      await before.archive.put(
        'accounts',
        numbers.map((number) => numbered(number)),
      );
      await closeAll([before]);
      const accounts = databaseOf(uri).collection<{ _id: string }>('accounts');
      await accounts.updateMany({}, { $unset: { termsWritten: '' } });
      await databaseOf(uri)
        .collection<{ _id: string }>('searchTerms')
        .deleteMany({ _id: { $gt: reached } });
      const upgraded = await open(uri);
      for (const number of [0, 1, people - 1])
        expect(await upgraded.accounts.search(`r000${String(number).padStart(4, '0')}`, undefined, 9)).toEqual([
          numbered(number),
        ]);
      expect(await upgraded.accounts.search('r0000', undefined, 999, 'vives')).toHaveLength(people);
      expect(await accounts.countDocuments({ termsWritten: { $exists: false } })).toBe(0);
      await closeAll([upgraded]);
    });

    test('finds the letters of before by their Message-ID', async () => {
      const uri = newUri();
      await closeAll([await open(uri, { upgrades: upgrades.slice(0, 17) })]);
      const outbox = databaseOf(uri).collection<{ _id: string; kind: string; state: string; payload: string }>(
        'outbox',
      );
      const letter = (number: number) => ({ _id: `l${number}`, kind: 'letter', state: 'done', payload: '{}' });
      await outbox.insertMany(Array.from({ length: 501 }, (_, number) => letter(number)));
      await outbox.insertOne({ ...letter(999), kind: 'webhook' });
      const upgraded = await open(uri);
      const sent = async (id: string) => (await upgraded.outbox.sentAs(messageIdOf(id)))?.id;
      expect([await sent('l0'), await sent('l500'), await sent('l999')]).toEqual(['l0', 'l500', undefined]);
      await closeAll([upgraded]);
    });

    test('keeps out versions that the new schema excludes, and says which one is needed', async () => {
      const uri = newUri();
      await closeAll([await open(uri, { upgrades: next({ minimum: KNOWN + 1 }) })]);
      await expect(open(uri)).rejects.toMatchObject({
        code: 'storage_unavailable',
        message: expect.stringContaining(
          `schema ${KNOWN + 1}, made by a later version of Pedel; it needs a version that knows schema ${KNOWN + 1}, and this one knows ${KNOWN}`,
        ),
      });
    });

    test('is taken over from a node that sleeps past its lease, and the sleeper does no harm when it wakes', async () => {
      const uri = newUri();
      const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
      const { promise: asleep, resolve: fallAsleep } = Promise.withResolvers<void>();
      const during = async () => {
        fallAsleep();
        await woken;
      };
      const sleeper = open(uri, { upgrades: next({ during }) });
      await asleep;
      const waited: string[] = [];
      // as long as the lease lasts another waits, and says so
      const refused = open(uri, { upgrades: next(), waitMs: 300, say: (text) => waited.push(text) });
      await expect(refused).rejects.toMatchObject({
        code: 'storage_unavailable',
        message: expect.stringContaining('another node has been upgrading this database'),
      });
      expect(waited).toEqual([`another node upgrades the database to schema ${KNOWN + 1}; waiting for it`]);
      // one more version on, in the meantime
      const heir = await open(uri, {
        now: () => 15_000,
        upgrades: [...next(), { apply: async () => undefined, minimum: ALLOWED + 1 }],
      });
      expect(await stateOf(heir)).toEqual({ applied: KNOWN + 2, minimum: ALLOWED + 1 });
      wake();
      const awake = await sleeper;
      expect(await stateOf(awake)).toEqual({ applied: KNOWN + 2, minimum: ALLOWED + 1 });
      expect(await marks(uri)).toBe(2);
      await closeAll([heir, awake]);
    });

    test('that failed is reported, is not counted, and is done by the next node to start', async () => {
      const uri = newUri();
      const during = async () => {
        throw new Error('the index cannot be built');
      };
      await expect(open(uri, { upgrades: next({ during }) })).rejects.toThrow('the index cannot be built');
      const before = await open(uri);
      expect(await stateOf(before)).toEqual({ applied: KNOWN, minimum: ALLOWED });
      const node = await open(uri, { upgrades: next() });
      expect(await stateOf(node)).toEqual({ applied: KNOWN + 1, minimum: ALLOWED });
      await closeAll([before, node]);
    });

    test('of a database from before upgrades were numbered begins with the first', async () => {
      const uri = newUri();
      const before = await open(uri);
      await before.accounts.insert(numbered(1));
      await databaseOf(uri).collection('installation').deleteMany({});
      const after = await open(uri);
      expect(await stateOf(after)).toEqual({ applied: KNOWN, minimum: ALLOWED });
      expect(await after.accounts.findByLogin('r0000001')).toBeDefined();
      await closeAll([before, after]);
    });

    test('grants the roles that stood in accounts, once, also where two nodes do it and one comes late', async () => {
      const uri = newUri();
      const node = await open(uri);
      for (const number of [1, 2, 3])
        await node.accounts.insert(
          numbered(number, { roles: ([[], ['owner', 'admin'], ['helpdesk'], []] as never[][])[number] ?? [] }),
        );
      await Promise.all([moveRoles(databaseOf(uri)), moveRoles(databaseOf(uri))]);
      const { grants, ...register } = await node.roleGrants.read();
      expect(register).toEqual({ revision: 1, effects: [] });
      expect(grants.map(({ holder, role, organisations }) => [holder.id, role, organisations]).sort()).toEqual([
        ['id-0000001', 'client-administrator', 'association'],
        ['id-0000001', 'owner', 'association'],
        ['id-0000001', 'people-administrator', 'association'],
        ['id-0000002', 'desk', 'association'],
      ]);
      const rolesOf = async (id: string) => (await node.accounts.findById(id))?.roles;
      expect(await rolesOf('id-0000001')).toEqual(['owner', 'client-administrator', 'people-administrator']);
      expect([await rolesOf('id-0000002'), await rolesOf('id-0000003')]).toEqual([['desk'], []]);
      await node.roleGrants.replace({ revision: 2, grants: [], effects: [] }, 1);
      await moveRoles(databaseOf(uri));
      expect((await node.roleGrants.read()).grants).toEqual([]);
      await node.close();
    });
  });
}
