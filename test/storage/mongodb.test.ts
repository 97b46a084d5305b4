/** MongoDB keeps the contract, also with two nodes on one database. */
import { describe, expect, test } from '@jest/globals';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { createClients } from '../../src/storage/mongodb/clients.ts';
import { createConsents } from '../../src/storage/mongodb/consents.ts';
import { createInitialAccessTokens } from '../../src/storage/mongodb/initial-access-tokens.ts';
import { carriers, createPendingAudit } from '../../src/storage/mongodb/pending-audit.ts';
import { createProtocolRecords } from '../../src/storage/mongodb/protocol-records.ts';
import { createRoleGrants } from '../../src/storage/mongodb/role-grants.ts';
import { collectionsOf } from '../../src/storage/mongodb/schema.ts';
import { createSigningKeys } from '../../src/storage/mongodb/signing-keys.ts';
import { createValues } from '../../src/storage/mongodb/values.ts';
import { createWebhooks } from '../../src/storage/mongodb/webhooks.ts';
import { mongodb, quickMongodb, testMongodb } from '../support/mongodb.ts';
import { type Audited, auditedChanges, entryOf, idsIn } from './contract/audited.ts';
import { aClient, aToken } from './contract/initial-access-tokens.ts';
import { NOW, roundsOr } from './contract/together.ts';
import { storageContract } from './contract.ts';

if (mongodb === undefined) describe.skip('MongoDB', () => test('there is no server to test with', () => undefined));
else {
  const { emptyUri, openNodes } = testMongodb();

  // the races are run under two nodes: a port that settles them there settles them with one as well
  storageContract('MongoDB', 0, async ({ now }) => {
    const [node] = await openNodes(await emptyUri(), 1, now);
    if (node === undefined) throw new TypeError('one node was asked for');
    return node;
  });
}

if (quickMongodb !== undefined) {
  const { openTwo, openNodes, emptyUri, databaseOf } = testMongodb(quickMongodb);

  describe('a node that dies between a change and its audit entry', () => {
    test.each(Object.keys(auditedChanges))('leaves the entry for the sweep of another: %s', async (name) => {
      const uri = await emptyUri();
      const [survivor] = await openNodes(uri, 1, () => NOW);
      if (survivor === undefined) throw new TypeError('one node was asked for');
      const collections = collectionsOf(databaseOf(uri));
      const killed = async () => {
        throw new Error('killed');
      };
      const torn = { ...collections, auditLog: { insertMany: killed } } as unknown as typeof collections;
      const pendingAudit = createPendingAudit(torn);
      const clients = createClients(torn, pendingAudit, () => NOW);
      const dying: Audited = {
        clients,
        initialAccessTokens: createInitialAccessTokens(torn, clients, pendingAudit),
        roleGrants: createRoleGrants(torn, pendingAudit),
        consents: createConsents(torn, pendingAudit, () => NOW),
        protocolRecords: createProtocolRecords(torn, pendingAudit, () => NOW),
        signingKeys: createSigningKeys(torn, pendingAudit),
        values: createValues(torn, pendingAudit),
        webhooks: createWebhooks(torn, pendingAudit),
      };
      const { before, act, seen } = auditedChanges[name] as (typeof auditedChanges)[string];
      await before?.(survivor);
      await act(dying, entryOf('e'));
      expect([await seen(survivor), await idsIn(survivor)]).toEqual([true, []]);
      // what a removed client waits for is the entry alone; its history named people
      const left = await databaseOf(uri).collection('clients').find({ removed: true }).toArray();
      expect(left.filter((each) => 'history' in each)).toEqual([]);
      await survivor.sweep(NOW);
      await survivor.sweep(NOW);
      expect([await seen(survivor), await idsIn(survivor)]).toEqual([true, ['e']]);
      for (const each of carriers)
        expect(
          await databaseOf(uri)
            .collection(each)
            .countDocuments({ pendingAudit: { $exists: true } }),
        ).toBe(0);
      for (const each of ['clients', 'initialAccessTokens', 'roleGrants', 'signingKeys', 'webhooks'] as const)
        expect(await databaseOf(uri).collection(each).countDocuments({ removed: true })).toBe(0);
      await survivor.close();
    });
  });

  test.each([
    ['gives the use back a minute later', false, 0],
    ['has taken it where the client was stored', true, 1],
  ])('a node that dies while an application registers itself %s', async (_, stored, spent) => {
    const uri = await emptyUri();
    const [node] = await openNodes(uri, 1, () => NOW);
    if (node === undefined) throw new TypeError('one node was asked for');
    const collections = collectionsOf(databaseOf(uri));
    const killed = async () => {
      throw new Error('killed');
    };
    const put: typeof node.clients.put = async (...input) => {
      if (stored) await node.clients.put(...input);
      return killed();
    };
    const clients = { find: node.clients.find, put };
    const dying = createInitialAccessTokens(collections, clients, createPendingAudit(collections));
    await node.initialAccessTokens.add(aToken({ uses: 1, left: 1, expiresAt: NOW + 3600_000 }));
    await expect(dying.register('hash of one', aClient('lost'), NOW)).rejects.toThrow('killed');
    const { initialAccessTokens: tokens } = node;
    expect(await tokens.register('hash of one', aClient('early'), NOW + 59_999)).toBe('spent');
    const later = [await tokens.register('hash of one', aClient('late'), NOW + 60_000)];
    later.push(await tokens.register('hash of one', aClient('later'), NOW + 180_000));
    expect(later).toEqual(spent === 1 ? ['spent', 'spent'] : ['registered', 'spent']);
    await node.close();
  });

  test('a session that a node of 0.2 wrote is not deleted by it before somebody has looked for what expired', async () => {
    const uri = await emptyUri();
    const [node] = await openNodes(uri, 1, () => NOW);
    if (node === undefined) throw new TypeError('one node was asked for');
    const { sessions } = collectionsOf(databaseOf(uri));
    const expiresAt = NOW + 300_000;
    await node.protocolRecords.saveSession({ key: 'k', record: { uid: 'u', accountId: 'an' }, expiresAt, now: NOW });
    await sessions.updateOne({ _id: 'u' }, { $set: { clearAt: new Date(expiresAt) } }); // as it does
    expect(await node.protocolRecords.expiredSessions(NOW, undefined, 9)).toEqual({ sessions: [] });
    await sessions.deleteMany({ clearAt: { $lte: new Date(expiresAt) } }); // as it does
    const { sessions: expired } = await node.protocolRecords.expiredSessions(expiresAt, undefined, 9);
    expect(expired).toEqual([{ uid: 'u', accountId: 'an' }]);
    await node.close();
  });

  describe('an audit entry that the log does not take', () => {
    const consent = { accountId: 'an', clientId: 'c', scopes: ['openid'], claims: [], resourceScopes: {}, givenAt: 1 };
    /** A node, and its database with one bad entry before a good one. */
    async function withBadEntry() {
      const uri = await emptyUri();
      const [node] = await openNodes(uri, 1, () => NOW);
      if (node === undefined) throw new TypeError('one node was asked for');
      const { clients, consents, auditSetAside } = collectionsOf(databaseOf(uri));
      await clients.insertMany([
        {
          _id: 'a',
          revision: 1,
          client: '{}',
          removed: true,
          pendingAudit: ['{"id": "cut o', JSON.stringify(entryOf('of a'))],
        },
        { _id: 'b', revision: 1, client: '{}', pendingAudit: [JSON.stringify(entryOf('of b'))] },
      ]);
      await node.consents.add(consent);
      await consents.updateOne({}, { $set: { pendingAudit: [JSON.stringify(entryOf('of c'))] } });
      return { node, clients, auditSetAside };
    }

    test('keeps no other from the log and no document from its end, and is named and kept', async () => {
      const { node, clients, auditSetAside } = await withBadEntry();
      const told: string[] = [];
      await node.sweep(NOW, (fault) => told.push(fault));
      expect((await idsIn(node)).sort()).toEqual(['of a', 'of b', 'of c']);
      const named = expect.stringMatching(/^an audit entry that clients a carried is set aside .*: .*JSON/);
      expect(told).toEqual([named]);
      expect(await node.archive.faults()).toContainEqual(named);
      expect(await node.archive.state()).toMatchObject({ auditSetAside: 1 });
      expect(await auditSetAside.find().toArray()).toMatchObject([{ text: '{"id": "cut o' }]);
      expect(await clients.find().toArray()).toEqual([{ _id: 'b', revision: 1, client: '{}' }]);
      await node.sweep(NOW, (fault) => told.push(fault));
      expect(told).toHaveLength(1);
      await node.close();
    });

    test('keeps no log from being copied', async () => {
      const { node } = await withBadEntry();
      const { records } = await node.archive.page('auditLog', NOW, undefined, 9);
      expect(records.map(({ id }) => id).sort()).toEqual(['of a', 'of b', 'of c']);
      await node.close();
    });

    test.each<[string, (node: Storage) => Promise<unknown>]>([
      ['a consent', ({ consents }) => consents.remove('an', 'c')],
      ['the client of a consent', ({ clients }) => clients.remove('c')],
    ])('and one that waits in %s does not go with it', async (_what, remove) => {
      const { node } = await withBadEntry();
      await remove(node);
      expect(await node.consents.find('an', 'c')).toBeUndefined();
      expect(await idsIn(node)).toEqual(['of c']);
      await node.close();
    });
  });

  // once: again and again is in mongodb-races*
  storageContract('MongoDB under two nodes', roundsOr(1), ({ now }) => openTwo(now));
}
