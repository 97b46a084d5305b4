/** No query reads a whole table, however many people there are, and none is parsed again each time it runs. */
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { type Connection, openConnection } from '../../src/storage/sqlite/database.ts';
import { upgradeSchema } from '../../src/storage/sqlite/schema.ts';
import { storageOver } from '../../src/storage/sqlite/storage.ts';
import { aToken } from './contract/initial-access-tokens.ts';
import { numbered } from './contract/numbered.ts';
import { aWebhook } from './contract/webhooks.ts';
import { testFolder } from './folder.ts';

const newFile = testFolder();
const PEOPLE = 100_000;
let connection: Connection;
let storage: Storage;
const statements = new Set<string>();

beforeAll(() => {
  connection = openConnection(':memory:', upgradeSchema);
  const { get, all, run } = connection.sql;
  const seen = (text: string) => {
    statements.add(text);
    return text;
  };
  storage = storageOver(
    {
      ...connection,
      sql: {
        get: (text, ...values) => get(seen(text), ...values),
        all: (text, ...values) => all(seen(text), ...values),
        run: (text, ...values) => run(seen(text), ...values),
      },
    },
    { now: () => 0 },
  );
  // straight into the tables: a hundred thousand people by the port would take longer than all other tests
  connection.exec(`
    BEGIN;
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${PEOPLE - 1})
      INSERT INTO accounts (id, revision, has_effects, document)
      SELECT printf('id-%07d', i), 1, 0, json_object('id', printf('id-%07d', i), 'userNumbers', json_array(printf('r%07d', i)),
        'emails', json_array(), 'affiliations', json_array(), 'givenName', '', 'familyName', printf('Peeters id-%07d', i)) FROM n;
    INSERT INTO account_logins SELECT replace(id, 'id-', 'r'), row FROM accounts;
    INSERT INTO account_search SELECT replace(id, 'id-', 'r'), id FROM accounts;
    INSERT INTO account_search SELECT 'peeters ' || id, id FROM accounts WHERE row % 50 = 0;
    COMMIT;`);
});
afterAll(() => storage.close());

const plan = (text: string) =>
  connection.sql
    .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
    .map(({ detail }) => detail)
    .join('; ');

describe('with 100,000 accounts', () => {
  test('a search finds by the start of number or name, page by page', async () => {
    expect((await storage.accounts.search('r0099999', undefined, 10)).map(({ id }) => id)).toEqual(['id-0099999']);
    const first = await storage.accounts.search('peeters', undefined, 25);
    expect(first).toHaveLength(25);
    const second = await storage.accounts.search('peeters', 'peeters id-0001249\u001fid-0001249', 25);
    expect(second[0]?.id).toBe('id-0001299');
  });

  test('every statement of every port goes by an index, the few small tables aside', async () => {
    const { accounts, clients, consents, attempts, protocolRecords, signingKeys, values, outbox, auditLog } = storage;
    const { initialAccessTokens, refusals, incidents, clientUses, roleGrants, webhooks } = storage;
    await accounts.insert(numbered(200_000, { tickets: [], feeds: [{ source: 's', key: 'k', fields: {} }] }));
    await accounts.replace(numbered(200_000, { revision: 2, familyName: 'Maes', userNumbers: ['q0200000'] }), 1);
    await accounts.findByLogin('x');
    await accounts.findByTicket('x');
    await accounts.findByPasskey('x');
    await accounts.anyPasskey();
    await accounts.findByFeedKey('x', 'y');
    await accounts.withEffects(9);
    await accounts.endingBetween(0, 1, undefined, 9);
    await accounts.search('', undefined, 9);
    await accounts.search('x', undefined, 9);
    await accounts.search('', undefined, 9, 'x');
    await accounts.search('x', undefined, 9, 'y');
    await accounts.findByScimKey('x');
    await accounts.byTerm('S x', 'S y', 9);
    await accounts.countTerms('S x', 'S y');
    await accounts.withDeskRequests('x', 9);
    const client = { id: 'c', revision: 1, metadata: {}, secrets: [], createdAt: 0, updatedAt: 0 };
    await clients.put(client, 0);
    await clients.put(client, 1);
    await clients.find('c');
    await clients.findByResource('urn:x');
    await clients.list(undefined, 9);
    await clients.findAll(['c', 'd']);
    await clients.version();
    await incidents.add([{ id: '0123456789', at: 1, kind: 'bug', account: 'a' }]);
    await incidents.find('x');
    await incidents.byAccount('a', 9);
    await incidents.removeByAccount('a');
    await clientUses.note([{ client: 'c', of: 's', hour: 1 }]);
    await clientUses.of(['c']);
    await clients.remove('c');
    await initialAccessTokens.add(aToken());
    await initialAccessTokens.find('x');
    await initialAccessTokens.list(undefined, 9);
    await initialAccessTokens.register('hash of one', { ...client, id: 'd' }, 0);
    await initialAccessTokens.revoke('one');
    await webhooks.put(aWebhook(), 0);
    await webhooks.put(aWebhook({ revision: 2 }), 1);
    await webhooks.find('one');
    await webhooks.list(undefined, 9);
    await webhooks.remove('one', 2);
    await clients.remove('d', undefined, 1);
    await roleGrants.read();
    await roleGrants.replace({ revision: 1, grants: [], effects: [] }, 0);
    await roleGrants.replace({ revision: 2, grants: [], effects: [] }, 1);
    await consents.add({ accountId: 'a', clientId: 'c', scopes: [], claims: [], resourceScopes: {}, givenAt: 0 });
    await consents.byAccount('a');
    await consents.remove('a', 'c');
    await attempts.take('k', 1, 0);
    await attempts.takeAll([{ key: 'k', windowEndsAt: 1, most: 9 }], 0);
    await attempts.giveBack([{ key: 'k', by: 1 }], 0);
    await attempts.clear('k', 0);
    await attempts.peek(['k'], 0);
    await protocolRecords.put('RefreshToken', 'k', { grantId: 'g' }, 1);
    await protocolRecords.insert('ReplayDetection', 'k', {}, 1, 0);
    await protocolRecords.find('RefreshToken', 'k', 0);
    await protocolRecords.consume('RefreshToken', 'k', 0);
    await protocolRecords.destroy('Grant', 'k');
    await protocolRecords.revokeByGrant('g');
    const session = { key: 'k', record: { uid: 'u', accountId: 'a' }, expiresAt: 1, now: 0 };
    await protocolRecords.saveSession(session);
    await protocolRecords.saveSession({ ...session, read: JSON.stringify(session.record) });
    await protocolRecords.findSession({ key: 'k' }, 0);
    await protocolRecords.findSession({ uid: 'u' }, 0);
    await protocolRecords.sessionLives('u', 0);
    await protocolRecords.sessionsOf('a');
    await protocolRecords.destroySession('u');
    await protocolRecords.expiredSessions(0, undefined, 9);
    await signingKeys.update('k', {});
    await values.getOrInsert('v', '1');
    await values.replace('v', '2', '1');
    await outbox.put({ id: 'o', kind: 'letter', payload: {}, createdAt: 0 });
    await outbox.claim('letter', 0, 1, 9);
    await outbox.prolong('o', 1, 1);
    await outbox.retry('o', 1, 0, '');
    await outbox.done('o', 1, 0);
    await outbox.failed('o', 1, 0, '');
    await outbox.byAccount('a', 9);
    await outbox.removeLetters('a');
    await outbox.list({}, undefined, 9);
    await outbox.list({ state: 'failed' }, undefined, 9);
    await outbox.sentAs('x');
    await outbox.tryAgain('x', 1);
    await outbox.bounced('x', 1, '');
    await outbox.backlog(0);
    await storage.leases.acquire('l', 'h', 1, 0);
    await storage.leases.release('l', 'h');
    await auditLog.append({ id: 'e', at: 0, action: 'consent.given', actor: { kind: 'system' } });
    await auditLog.page({}, undefined, 9);
    await auditLog.page({ subject: 's', from: 0, to: 1 }, { at: 0, id: 'e' }, 9);
    await auditLog.page({ action: 's' }, { at: 0, id: 'e' }, 9);
    await auditLog.page({ client: 's' }, { at: 0, id: 'e' }, 9);
    await auditLog.page({ actor: 's' }, { at: 0, id: 'e' }, 9);
    await auditLog.chained({ node: 'n', seq: 1 }, 9);
    await auditLog.loose({ from: 0, to: 1 }, { at: 0, id: 'e' }, 9);
    await auditLog.heads();
    await auditLog.prune({ node: 'n', seq: 1 }, 9);
    await auditLog.pruneLoose(1, 9);
    await auditLog.oldest();
    await auditLog.addCheckpoint({ number: 1, at: 0, previousHash: '', heads: [], looseTo: 0, mac: '' });
    await auditLog.checkpoints(0, 9);
    const noted = { refusal: { code: 'pkce-missing' }, proven: false, firstAt: 0, lastAt: 0, count: 1 } as const;
    await refusals.add([
      { ...noted, party: { client: 'c' } },
      { ...noted, party: {} },
    ]);
    for (const whose of [{ client: 'c' }, 'unknown', 'all'] as const) {
      await refusals.page(whose, undefined, 9);
      await refusals.page(whose, { lastAt: 0, id: 'r' }, 9);
    }
    await storage.sweep(0);

    const questions = [...statements].filter((text) => /\b(SELECT|UPDATE|DELETE)\b/.test(text));
    expect(questions.length).toBeGreaterThan(50);
    const whole = questions.flatMap((text) => {
      const scanned = [...plan(text).matchAll(/SCAN (\w+)\b(?! USING (COVERING )?INDEX)/g)].map((match) => match[1]);
      return scanned
        .filter((table) => !['client_version', 'readiness', 'found', 'CONSTANT'].includes(table ?? ''))
        .map((table) => `${table} is read whole by: ${text}`);
    });
    expect(whole).toEqual([]);
  });

  test.each([
    [{ subject: 's', actor: 'a', client: 'c', action: 'x' }, 'audit_log_by_subject (subject=?)'],
    [{ client: 'c', subject: 's' }, 'audit_log_by_subject (subject=?)'],
    [{ action: 'sign-in', actor: 'a' }, 'audit_log_by_actor (actor=?)'],
    [{ action: 'client.changed', actor: 'a' }, 'audit_log_by_actor_and_action (actor=? AND action=?)'],
    [{ action: 'client.changed', actor: 'a', client: 'c' }, 'audit_log_by_actor_and_action (actor=? AND action=?)'],
    [{ action: 'client.changed', client: 'c' }, 'audit_log_by_client_and_action (client=? AND action=?)'],
    [{ action: 'sign-in', client: 'c' }, 'audit_log_by_client (client=?)'],
  ])('of several conditions the audit log takes the one that leaves fewest entries: %j', async (filter, index) => {
    const before = new Set(statements);
    await storage.auditLog.page(filter, undefined, 9);
    expect([...statements.difference(before)].map(plan)).toEqual([`SEARCH audit_log USING INDEX ${index}`]);
  });

  test('rule 33: what is in no chain of the audit log is found without looking at what is in one', () => {
    const loose = [...statements].filter((text) => text.includes('node IS NULL'));
    expect(loose).toHaveLength(2);
    for (const text of loose) expect(plan(text)).toMatch(/USING (COVERING )?INDEX audit_log_loose/);
  });

  test('nothing that is paged is sorted first', () => {
    const sorted = [...statements].filter((text) => plan(text).includes('USE TEMP B-TREE FOR ORDER BY'));
    expect(sorted).toEqual([]);
  });

  test('no statement is parsed again when it runs with other values (SQLite does so where a plan depends on a value)', () => {
    const file = newFile();
    openConnection(file, upgradeSchema).close();
    const database = new DatabaseSync(file);
    let parsing = 0;
    database.setAuthorizer(() => {
      parsing += 1;
      return 0;
    });
    const again = [...statements].filter((text) => {
      if (/^\s*(?:PRAGMA|VACUUM|BEGIN|COMMIT|END|ROLLBACK)/.test(text)) return false;
      const statement = database.prepare(text);
      const values = Math.max(
        [...text.matchAll(/\?(?!\d)/g)].length,
        ...[...text.matchAll(/\?(\d+)/g)].map(([, index]) => Number(index)),
      );
      const run = (value: number) => {
        try {
          statement.all(...Array(values).fill(value));
        } catch {
          // a value that the column does not take: the statement was parsed before
        }
      };
      run(1);
      parsing = 0;
      run(2);
      return parsing > 0;
    });
    database.close();
    expect(again).toEqual([]);
  });
});
