/** Opening: an unreachable database is reported quickly and without the password, and many nodes may be first at once. */
import { describe, expect, test } from '@jest/globals';
import { MongoDriverError, MongoServerClosedError, MongoServerError } from 'mongodb';
import { asProblem } from '../../src/storage/mongodb/database.ts';
import { openStorage } from '../../src/storage/open.ts';
import { clearedByServer, mongodb, testMongodb } from '../support/mongodb.ts';
import { numbered } from './contract/numbered.ts';

const open = (uri: string) => openStorage(uri, { now: Date.now });

describe('what the driver throws', () => {
  const poolClosed = Object.defineProperty(new MongoDriverError('closed'), 'name', { value: 'MongoPoolClosedError' });
  const answered = [43, 64, 175, 237, 11601].map((code) => new MongoServerError({ code, message: `code ${code}` }));
  test.each([new MongoServerClosedError(), poolClosed, ...answered])('%s means that the database is away', (error) => {
    expect(asProblem(error)).toMatchObject({ code: 'storage_unavailable', cause: error, retryAfterSeconds: 5 });
  });

  test('a question that is wrong stays a mistake of ours', () => {
    const wrong = new MongoServerError({ code: 9, message: 'FailedToParse' });
    expect(asProblem(wrong)).toBe(wrong);
  });
});

describe('opening a MongoDB storage', () => {
  test('without an answering server fails within seconds, without the password', async () => {
    const start = performance.now();
    const refusal = await open('mongodb://user:pa55@127.0.0.1:1/pedel').catch((error) => error);
    expect(refusal).toMatchObject({ code: 'storage_unavailable' });
    expect(performance.now() - start).toBeLessThan(8000);
    expect(`${refusal.message} ${refusal.cause?.message}`).not.toContain('pa55');
  });

  test('waits as long as its URI says, where it says so', async () => {
    const start = performance.now();
    await expect(open('mongodb://127.0.0.1:1/?serverselectiontimeoutms=200')).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test.each([
    'mongodb://',
    'mongodb://user:pa55@',
    'mongodb://user:pa55@host/pedel?nonsense=1',
    'mongodb://user:pa55@host:none/pedel',
    'mongodb://user:pa55/word@host/pedel',
    'mongodb+srv://user:pa55@host:27017/pedel',
  ])('%s is refused before anybody is asked, without the password', async (uri) => {
    const refusal = await open(uri).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'storage_unknown', message: expect.stringContaining('MongoDB URI') });
    expect(`${refusal.message} ${refusal.cause}`).not.toContain('pa55');
  });

  test('names an option that it does not know', async () => {
    await expect(open('mongodb://host/pedel?nonsense=1')).rejects.toThrow('option nonsense is not supported');
  });
});

if (mongodb === undefined) describe.skip('MongoDB', () => test('there is no server to test with', () => undefined));
else {
  const { newUri, databaseOf } = testMongodb();

  describe('a MongoDB storage', () => {
    test('may be opened by many nodes at once, all of them the first, and again later', async () => {
      const uri = newUri();
      const nodes = await Promise.all(Array.from({ length: 6 }, () => open(uri)));
      const values = await Promise.all(nodes.map(({ values }, node) => values.getOrInsert('salt', `salt ${node}`)));
      expect(new Set(values).size).toBe(1);
      for (const node of nodes) await node.close();
      const again = await open(uri);
      expect(await again.values.get('salt')).toBe(values[0]);
      await again.close();
    });

    test('clears away by the server’s own clock only what it may, by dates', async () => {
      const uri = newUri();
      const storage = await open(uri);
      const end = Date.now() + 1000;
      await storage.attempts.take('k', end, Date.now());
      const db = databaseOf(uri);
      const clearing: string[][] = [];
      for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray())
        for (const { name: index = '', expireAfterSeconds } of await db.collection(name).indexes())
          if (expireAfterSeconds !== undefined) clearing.push([name, index]);
      expect(clearing.toSorted()).toEqual(clearedByServer.map((pair) => [...pair]).toSorted());
      expect(await db.collection('attempts').findOne()).toMatchObject({ windowEndsAt: end, clearAt: new Date(end) });
      // of sessions only tombstones: the applications of the others have not been told
      const { saveSession, destroySession } = storage.protocolRecords;
      const clearAt = async () => (await db.collection('sessions').findOne())?.clearAt;
      await saveSession({ key: 'k', record: { uid: 'u' }, expiresAt: end, now: 0 });
      expect(await clearAt()).toBeUndefined();
      await db.collection('sessions').updateOne({}, { $set: { clearAt: new Date(end) } }); // as an older version does
      await saveSession({ key: 'k', record: { uid: 'u' }, read: JSON.stringify({ uid: 'u' }), expiresAt: end, now: 0 });
      expect(await clearAt()).toBeUndefined();
      await destroySession('u');
      expect(await clearAt()).toEqual(new Date(end));
      await storage.close();
    });

    test('has no null and no empty array where something is absent, so that two without it do not collide', async () => {
      const uri = newUri();
      const storage = await open(uri);
      const nothing = { userNumbers: [], emails: [], givenName: '', familyName: '' };
      for (const number of [1, 2]) await storage.accounts.insert(numbered(number, nothing));
      const stored = await databaseOf(uri)
        .collection<{ _id: string }>('accounts')
        .findOne({ _id: 'id-0000001' }, { projection: { account: 0, terms: 0, termsWritten: 0 } });
      expect(stored).toEqual({ _id: 'id-0000001', revision: 1 });
      await storage.close();
    });

    test('keeps members whatever a stranger names them', async () => {
      const storage = await open(newUri());
      const strange = JSON.parse('{"$where":1,"a.b":{"$set":[null]},"_bsontype":"ObjectId","__proto__":{"x":1},"":0}');
      await storage.protocolRecords.put('Interaction', 'k', { params: strange }, undefined);
      expect(await storage.protocolRecords.find('Interaction', 'k', 0)).toEqual({ params: strange });
      const client = { id: 'c', revision: 1, metadata: strange, secrets: [], createdAt: 0, updatedAt: 0 };
      await storage.clients.put(client, 0);
      expect(await storage.clients.find('c')).toEqual(client);
      await storage.close();
    });

    test('has no time that is too far away', async () => {
      const storage = await open(newUri());
      await storage.attempts.take('k', 1e15, 0);
      expect(await storage.attempts.peek(['k'], 1e15 - 1)).toEqual([1]);
      await storage.close();
    });

    test('shows a change of a client whose node died before counting it, again and again for a minute', async () => {
      const uri = newUri();
      let now = 0;
      const storage = await openStorage(uri, { now: () => now });
      const dead = { id: 'dead node', since: 0 };
      await databaseOf(uri)
        .collection<{ _id: string }>('clientVersion')
        .insertOne({ _id: 'clients', ...{ underWay: [dead] } });
      const seen = [await storage.clients.version(), await storage.clients.version()];
      now = 60_000;
      seen.push(await storage.clients.version());
      expect(new Set(seen).size).toBe(3);
      expect(await storage.clients.version()).toBe(seen.at(-1));
      await storage.close();
    });

    test('takes a token of a revoked grant for invalid that a dying node left behind, and sweeps it before it forgets', async () => {
      const uri = newUri();
      const storage = await openStorage(uri, { now: () => 0 });
      const { protocolRecords } = storage;
      await protocolRecords.put('AccessToken', 'k', { grantId: 'g' }, undefined);
      const records = databaseOf(uri).collection<{ _id: string }>('protocolRecords');
      const left = await records.findOne({ _id: 'AccessToken k' });
      await protocolRecords.revokeByGrant('g');
      await records.insertOne({ ...left, _id: 'AccessToken k' });
      expect(await protocolRecords.find('AccessToken', 'k', 0)).toBeUndefined();
      expect(await protocolRecords.consume('AccessToken', 'k', 0)).toBe(false);
      expect(await storage.sweep(24 * 3600 * 1000)).toBe(2);
      expect(await records.countDocuments({})).toBe(0);
      await storage.close();
    });
  });
}
