/** Opening: files of other programs stay untouched, and each refusal names the remedy. */

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { invitationTerm } from '../../src/domain/account/account-keys.ts';
import { messageIdOf } from '../../src/domain/desk/message-id.ts';
import { openStorage } from '../../src/storage/open.ts';
import { openConnection, whileBusy } from '../../src/storage/sqlite/database.ts';
import { rolesUpgrade } from '../../src/storage/sqlite/roles-upgrade.ts';
import { knownSchema, upgradeSchema } from '../../src/storage/sqlite/schema.ts';
import { numbered } from './contract/numbered.ts';
import { testFolder } from './folder.ts';

const newFile = testFolder();
const open = (uri: string) => openStorage(uri, { now: () => 0 });
const edit = (file: string, statement: string) => {
  const database = new DatabaseSync(file);
  database.exec(statement);
  database.close();
};

describe('what SQLite refuses while another process holds the lock', () => {
  const locked = Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 5 });
  const times = (refusals: number, error: Error) => () => {
    if (refusals > 0) {
      refusals -= 1;
      throw error;
    }
    return 'done';
  };

  test('is tried again', () => expect(whileBusy(times(3, locked), 60_000)).toBe('done'));

  test('is refused in the end', () => expect(() => whileBusy(times(Infinity, locked), 30)).toThrow('locked'));

  test('is not taken for another fault', () => {
    const full = Object.assign(new Error('disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });
    expect(() => whileBusy(times(1, full), 60_000)).toThrow('full');
  });
});

describe('opening a storage', () => {
  test.each([
    ['postgres://user:pa55@host', 'sqlite:FILE'],
    ['pedel.db', 'sqlite:FILE'],
    ['sqlite:', 'sqlite:FILE'],
    ['', 'sqlite:FILE'],
  ])('%s is a storage that this version has not got', async (uri, hint) => {
    const refusal = await open(uri).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'storage_unknown', message: expect.stringContaining(hint) });
    expect(refusal.message).not.toContain('pa55');
  });

  test('a path is relative to the working directory', async () => {
    const file = newFile();
    const before = process.cwd();
    process.chdir(dirname(file));
    try {
      await (await open(`sqlite:${basename(file)}`)).close();
    } finally {
      process.chdir(before);
    }
    expect(statSync(file).isFile()).toBe(true);
  });

  test('the file is readable by its owner alone, and so is the log beside it', async () => {
    const file = newFile();
    const storage = await open(`sqlite:${file}`);
    await storage.ready();
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(file + suffix).mode & 0o777).toBe(0o600);
    await storage.close();
  });

  test('what was written is there after closing and opening, and the upgrades are not applied again', async () => {
    const uri = `sqlite:${newFile()}`;
    for (const expected of ['first', 'first']) {
      const storage = await open(uri);
      expect(await storage.values.getOrInsert('v', expected)).toBe('first');
      await storage.close();
    }
  });

  test('gives back what deleted records took', async () => {
    const file = newFile();
    const full = await open(`sqlite:${file}`);
    const puts = Array.from({ length: 500 }, (_, index) =>
      full.protocolRecords.put('Interaction', `k${index}`, { text: 'x'.repeat(20_000) }, 10),
    );
    await Promise.all(puts);
    await full.close();
    expect(statSync(file).size).toBeGreaterThan(10_000_000);
    const later = await open(`sqlite:${file}`);
    await later.sweep(20);
    await later.close();
    expect(statSync(file).size).toBeLessThan(6_000_000);
  });

  test('makes a file of a version that gave nothing back do so', async () => {
    const file = newFile();
    await (await open(`sqlite:${file}`)).close();
    edit(file, 'PRAGMA auto_vacuum = NONE; VACUUM');
    await (await open(`sqlite:${file}`)).close();
    const database = new DatabaseSync(file);
    expect(database.prepare('PRAGMA auto_vacuum').get()).toEqual({ auto_vacuum: 2 });
    database.close();
  });

  test('a commit waits for the disk, so that it survives a loss of power', () => {
    const { sql, close } = openConnection(newFile(), upgradeSchema);
    expect(sql.get('PRAGMA journal_mode')).toMatchObject({ journal_mode: 'wal' });
    expect(sql.get('PRAGMA synchronous')).toMatchObject({ synchronous: 2 }); // FULL
    close();
  });

  test('an in-memory storage is a storage of its own', async () => {
    const [one, other] = [await open('sqlite::memory:'), await open('sqlite::memory:')];
    await one.values.getOrInsert('v', '1');
    expect(await other.values.get('v')).toBeUndefined();
    await one.close();
    await other.close();
  });

  test('a missing folder is named, not created', async () => {
    const file = newFile('missing/pedel.db');
    await expect(open(`sqlite:${file}`)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: `the folder ${dirname(file)} for the database does not exist; create it`,
    });
  });

  test('a folder in place of the file is refused', async () => {
    const file = newFile();
    mkdirSync(file);
    await expect(open(`sqlite:${file}`)).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  test('a file that is no database is refused and left as it is', async () => {
    const file = newFile();
    writeFileSync(file, 'a letter to somebody, long enough to be taken for a header of a database file. '.repeat(20));
    const before = readFileSync(file);
    await expect(open(`sqlite:${file}`)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining(file),
    });
    expect(readFileSync(file)).toEqual(before);
  });

  test("another program's database is refused and left as it is", async () => {
    const file = newFile();
    edit(file, 'CREATE TABLE theirs (x)');
    await expect(open(`sqlite:${file}`)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('another program'),
    });
    const database = new DatabaseSync(file);
    expect(database.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'theirs' }]);
    database.close();
  });

  test('a database of a later version is refused', async () => {
    const file = newFile();
    await (await open(`sqlite:${file}`)).close();
    edit(file, `PRAGMA user_version = 999; UPDATE installation SET value = '998' WHERE name = 'minimum'`);
    await expect(open(`sqlite:${file}`)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringMatching(/schema 999, made by a later version .* needs a version that knows schema 998/),
    });
  });

  test('a database of a later version that allows this one is opened and stays as it is', async () => {
    const file = newFile();
    await (await open(`sqlite:${file}`)).close();
    edit(file, 'PRAGMA user_version = 999');
    const storage = await open(`sqlite:${file}`);
    expect(await storage.values.getOrInsert('v', '1')).toBe('1');
    expect(await storage.archive.state()).toMatchObject({ applied: 999, minimum: 3 });
    await storage.close();
  });

  test('a file of the first schema is brought to the present one, with all that is in it', async () => {
    const file = newFile();
    const before = await open(`sqlite:${file}`);
    await before.values.getOrInsert('v', '1');
    const waits = { invitationWaits: true as const, windows: [{ from: 7000 }] };
    for (const [number, change] of [waits, { emails: ['person0000001@example.org'] }, { affiliations: [] }].entries())
      await before.accounts.insert(numbered(number, { ...change, givenName: 'Zoë' }));
    const entry = { at: 1, action: 'password.changed', actor: { kind: 'command', id: 'root' } } as const;
    await before.auditLog.append({ id: 'old', ...entry });
    await before.outbox.put({ id: 'letter', kind: 'letter', payload: {}, createdAt: 1 });
    await before.outbox.claim('letter', 1, 2, 1);
    await before.outbox.done('letter', 2, 1);
    await before.close();
    const ofAudit = ['node', 'seq', 'hash', 'actor'].map((column) => `ALTER TABLE audit_log DROP COLUMN ${column};`);
    const since = `DROP INDEX outbox_by_message_id; ALTER TABLE outbox DROP COLUMN message_id; DROP INDEX outbox_urgent; ALTER TABLE outbox DROP COLUMN urgent; ALTER TABLE outbox DROP COLUMN lost_claims; ALTER TABLE clients DROP COLUMN picture; ALTER TABLE clients DROP COLUMN history; DROP TABLE audit_checkpoints;
      DROP INDEX audit_log_chain; DROP INDEX audit_log_by_actor; DROP INDEX audit_log_by_actor_and_action; DROP INDEX audit_log_loose; ${ofAudit.join(' ')}
      DELETE FROM account_search WHERE term >= char(31) AND term < char(32) OR term LIKE 'Invitation %';
      INSERT OR IGNORE INTO account_search SELECT json_extract(document, '$.personalEmail'), id FROM accounts`;
    edit(
      file,
      `DROP TABLE installation; DROP TABLE initial_access_tokens; DROP TABLE refusals; DROP TABLE incidents; DROP TABLE client_uses; DROP TABLE webhooks; DROP TABLE role_grants; DROP TABLE client_resources; ${since}; PRAGMA user_version = 1`,
    );
    const after = await open(`sqlite:${file}`);
    expect(await after.values.get('v')).toBe('1');
    expect(await after.archive.state()).toMatchObject({ applied: knownSchema, minimum: 3 });
    const faults: string[] = [];
    await after.archive.inspect('accounts', (found) => faults.push(...found.faults));
    expect(faults).toEqual([]);
    expect((await after.accounts.search('zoe', undefined, 9, 'vives')).map(({ id }) => id)).toEqual([
      'id-0000000',
      'id-0000001',
    ]);
    expect(
      (await after.accounts.byTerm(invitationTerm(7000), invitationTerm(7001), 9)).map(({ account }) => account.id),
    ).toEqual(['id-0000000']);
    expect(await after.outbox.sentAs(messageIdOf('letter'))).toMatchObject({ id: 'letter' });
    await after.auditLog.append({ id: 'new', ...entry });
    expect((await after.auditLog.page({ actor: 'root' }, undefined, 9)).map(({ id }) => id)).toEqual(['old', 'new']);
    expect(await after.auditLog.loose({ from: 0, to: 9 }, undefined, 9)).toMatchObject([
      { id: 'old', misfiled: false },
    ]);
    expect(await after.auditLog.chained(undefined, 9)).toMatchObject([{ id: 'new', chain: { seq: 1 } }]);
    await after.close();
    expect(() => edit(file, 'UPDATE audit_log SET at = 2')).toThrow('append-only');
    await (await open(`sqlite:${file}`)).close();
  });

  test('roles that stood in accounts are granted, association-wide, under the names of now', async () => {
    const file = newFile();
    const before = await open(`sqlite:${file}`);
    for (const number of [1, 2, 3]) await before.accounts.insert(numbered(number));
    await before.close();
    edit(
      file,
      `DROP TABLE role_grants;
      UPDATE accounts SET document = json_set(document, '$.roles', json('["owner","admin"]')) WHERE id = 'id-0000001';
      UPDATE accounts SET document = json_set(document, '$.roles', json('["helpdesk"]')) WHERE id = 'id-0000002';
      ${rolesUpgrade}`,
    );
    const after = await open(`sqlite:${file}`);
    const { grants, ...register } = await after.roleGrants.read();
    expect(register).toEqual({ revision: 1, effects: [] });
    expect(
      grants.map(({ holder, role, organisations, grantedBy }) => [holder, role, organisations, grantedBy]),
    ).toEqual(
      [
        ['id-0000001', 'client-administrator'],
        ['id-0000001', 'owner'],
        ['id-0000001', 'people-administrator'],
        ['id-0000002', 'desk'],
      ].map(([id, role]) => [{ kind: 'person', id }, role, 'association', 'upgrade']),
    );
    expect(new Set(grants.map(({ id }) => id)).size).toBe(4);
    expect(grants.every(({ grantedAt }) => Math.abs(grantedAt - Date.now()) < 60_000)).toBe(true);
    const rolesOf = async (id: string) => (await after.accounts.findById(id))?.roles;
    expect(await rolesOf('id-0000001')).toEqual(['client-administrator', 'owner', 'people-administrator']);
    expect([await rolesOf('id-0000002'), await rolesOf('id-0000003')]).toEqual([['desk'], []]);
    await after.close();
  });
});
