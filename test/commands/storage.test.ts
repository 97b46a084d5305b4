/** `pedel storage` on SQLite: copies, backups, restores, checks and upgrades of a whole installation. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { archiveKinds } from '../../src/domain/installation/archive.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { knownSchema } from '../../src/storage/sqlite/schema.ts';
import { numbered } from '../storage/contract/numbered.ts';
import { holdAccountsAfter } from '../support/held-accounts.ts';
import { type CommandLine, installation, openCommandLine, startOfTests } from './command-line.ts';
import { fill } from './filled-storage.ts';

const HOUR_MS = 3_600_000;
let line: CommandLine;

beforeEach(() => {
  line = openCommandLine();
});
afterEach(() => line.close());

const at = (name: string) => join(line.folder, name);
const sqlite = (name: string) => `sqlite:${at(name)}`;

const within = <Result>(uri: string, act: (storage: Storage) => Promise<Result>) => line.within(uri, act);

const sessionsOf = (storage: Storage) => storage.protocolRecords.sessionsOf('id-0000001');

describe('a backup', () => {
  test('is one file that only its owner may read, and restores everything', async () => {
    await line.withStorage(fill);
    const backup = await line.run('storage', 'backup', at('backup.db'));
    expect(backup).toMatchObject({ status: 0, err: '' });
    expect(backup.out).toContain('2 accounts, 1 client, ');
    expect(backup.out).toContain('as of one moment');
    expect(statSync(at('backup.db')).mode & 0o777).toBe(0o600);
    expect(readdirSync(line.folder).filter((name) => name.startsWith('backup'))).toEqual(['backup.db']);

    line.environment.PEDEL_STORAGE = sqlite('restored.db');
    const restored = await line.run('storage', 'restore', at('backup.db'), '--everything', '--json');
    expect(restored.status).toBe(0);
    expect(JSON.parse(restored.out)).toMatchObject({ equal: true, from: sqlite('backup.db') });
    await within(sqlite('restored.db'), async (storage) => {
      expect(await sessionsOf(storage)).toHaveLength(1);
      expect((await storage.accounts.findByLogin('r0000001'))?.revision).toBe(1);
      expect((await storage.outbox.backlog(startOfTests + 1)).waiting).toBe(1);
      expect((await storage.auditLog.page({ action: 'storage.restored' }, undefined, 9)).length).toBe(1);
    });
    expect(await line.run('storage', 'check')).toMatchObject({ status: 0 });
  });

  test('of an earlier time restores all accounts, and signs everybody out', async () => {
    await line.withStorage(fill);
    await line.run('storage', 'backup', at('backup.db'));
    line.environment.PEDEL_STORAGE = sqlite('restored.db');
    const restored = await line.run('storage', 'restore', at('backup.db'));
    expect(restored.status).toBe(0);
    expect(restored.out).toMatch(/sessions +0 .* 1 left out/);
    await within(sqlite('restored.db'), async (storage) => {
      const account = await storage.accounts.findByLogin('r0000001');
      expect(account).toMatchObject({ credentialsEpoch: 1001, totps: [{ name: 'phone' }] });
      expect(await sessionsOf(storage)).toEqual([]);
      expect(await storage.protocolRecords.find('RefreshToken', 'token', startOfTests)).toBeUndefined();
      expect(await storage.attempts.peek(['guesses'], startOfTests)).toEqual([1]);
      expect(await storage.outbox.claim('letter', startOfTests + HOUR_MS, startOfTests + 2 * HOUR_MS, 9)).toEqual([]);
      expect((await storage.outbox.list({ state: 'failed' }, undefined, 9)).map(({ id }) => id)).toEqual(['waits']);
      expect(await storage.signingKeys.list()).toHaveLength(1);
      expect(await storage.clients.find('toledo')).toBeDefined();
    });
    expect(await line.run('storage', 'check')).toMatchObject({ status: 0 });
  });

  test('does not bring back whom the journal says to be erased since', async () => {
    await line.withStorage(fill);
    await line.run('storage', 'backup', at('backup.db'));
    line.environment.PEDEL_STORAGE = sqlite('restored.db');
    line.file('erased.jsonl', '{"account":"id-0000001","day":"2026-09-30"}\n');
    const restored = await line.run('storage', 'restore', at('backup.db'), '--erasures', at('erased.jsonl'));
    expect(restored).toMatchObject({ status: 0, err: expect.stringContaining('1 account erased again') });
    await within(sqlite('restored.db'), async ({ accounts }) => {
      expect(await accounts.findByLogin('r0000001')).toBeUndefined();
      expect((await accounts.findById('id-0000001'))?.erased).toMatchObject({ day: '2026-10-01' });
    });
    const { out } = await line.run('lifecycle', 'certificate', 'id-0000001');
    expect(JSON.parse(out)).toMatchObject({
      ...{ account: 'id-0000001', day: '2026-10-01' },
      jws: expect.stringMatching(/^ey/),
    });
    line.file('certificate.json', out);
    const verify = () => line.run('lifecycle', 'verify-certificate', at('certificate.json'));
    expect(await verify()).toMatchObject({ status: 0, out: expect.stringContaining('genuine') });
    line.file('certificate.json', out.replace('2026-10-01', '2026-10-02'));
    expect(await verify()).toMatchObject({ status: 1 });
    expect(await line.run('lifecycle', 'certificate', 'id-0000002')).toMatchObject({ status: 1 });
  });

  test('overwrites no file, and is restored only into an empty storage', async () => {
    await line.withStorage(fill);
    line.file('there.db', 'a letter');
    expect(await line.run('storage', 'backup', at('there.db'))).toMatchObject({
      status: 1,
      err: expect.stringContaining('exists already'),
    });
    expect(await line.run('storage', 'backup', at('nowhere/backup.db'))).toMatchObject({
      status: 1,
      err: expect.stringContaining('cannot be written'),
    });
    await line.run('storage', 'backup', at('backup.db'));
    const refused = await line.run('storage', 'restore', at('backup.db'));
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('is not empty: it holds 2 accounts') });
    await line.withStorage(async ({ accounts, values }) => {
      expect(await accounts.findByLogin('r0000001')).toBeDefined();
      await values.getOrInsert('still', 'open');
    });
  });
});

describe('a copy', () => {
  test('is equal, is reported kind by kind, and has the same hashes when read again', async () => {
    await line.withStorage(fill);
    const there = await line.run('storage', 'copy', '--to', sqlite('there.db'));
    expect(there.status).toBe(0);
    expect(there.out).toMatch(/accounts +2 +[0-9a-f]{16} +equal/);
    expect(there.out).toContain('is equal to');
    expect(there.err).toContain('copying accounts: 2 of 2');
    const hashes = async (from: string, to: string) => {
      const { out, err } = await line.run('storage', 'copy', '--from', sqlite(from), '--to', sqlite(to), '--json');
      expect(err).toBe('');
      return JSON.parse(out).kinds;
    };
    expect(await hashes('there.db', 'a.db')).toEqual(await hashes('pedel.db', 'b.db'));
  });

  test.each([
    ['neither end', [], 'give --from, --to, or both'],
    ['a source that is not there', ['--from', 'sqlite:missing/nowhere.db'], 'there is no file'],
    ['one storage as both ends', ['--from', 'itself'], 'the same storage'],
    ['another backend', ['--to', 'postgres://user:pa55@host'], 'sqlite:FILE or mongodb://'],
  ])('with %s is refused', async (_, ends, why) => {
    await line.withStorage(fill);
    const given = ends.map((end) => (end === 'itself' ? (line.environment.PEDEL_STORAGE ?? '') : end));
    const refused = await line.run('storage', 'copy', ...given);
    expect(refused).toMatchObject({ status: 1, out: '', err: expect.stringContaining(why) });
    expect(refused.err).not.toContain('pa55');
    expect(existsSync(at('nowhere.db'))).toBe(false);
  });

  test('is refused while a node runs, and says how long a killed node counts as running', async () => {
    await line.withStorage(async (storage) => {
      await fill(storage);
      await storage.leases.acquire('effects', 'a node', startOfTests + 10_000, startOfTests);
    });
    const refused = await line.run('storage', 'copy', '--to', sqlite('there.db'));
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('stop every node') });
    expect(refused.err).toContain(new Date(startOfTests + 10_000).toISOString());
    line.clock.now += 10_000;
    expect(await line.run('storage', 'copy', '--to', sqlite('there.db'))).toMatchObject({ status: 0 });
  });

  test('fails when a node started during the copy', async () => {
    await line.withStorage(async ({ accounts, leases }) => {
      await Promise.all(Array.from({ length: 1000 }, (_, number) => accounts.insert(numbered(number))));
      const copying = line.run('storage', 'copy', '--to', sqlite('there.db'));
      while (!existsSync(at('there.db'))) await new Promise((resolve) => setTimeout(resolve, 1));
      await leases.acquire('node:late', 'late', startOfTests + 30_000, startOfTests);
      const refused = await copying;
      expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('(leases: node:late)') });
    });
    line.environment.PEDEL_STORAGE = sqlite('there.db');
    expect(await line.run('serve')).toMatchObject({ status: 1, err: expect.stringContaining('half of a copy') });
  });

  test('of a source that changes meanwhile fails, cannot be opened, and can be started over', async () => {
    await line.withStorage(async (storage) => {
      await fill(storage);
      let over = false;
      const copying = line.run('storage', 'copy', '--to', sqlite('there.db')).finally(() => {
        over = true;
      });
      for (let number = 0; !over; number += 1) await storage.values.getOrInsert(`written meanwhile ${number}`, '');
      const copied = await copying;
      expect(copied).toMatchObject({ status: 1, err: expect.stringContaining('changed while it was copied') });
      expect(copied.out).toMatch(/values .*DIFFERENT/);
    });
    line.environment.PEDEL_STORAGE = sqlite('there.db');
    for (const command of [['serve'], ['people', 'show', 'r0000001'], ['storage', 'backup', at('b.db')]])
      expect(await line.run(...command)).toMatchObject({ status: 1, err: expect.stringContaining('half of a copy') });
    const from = ['--from', sqlite('pedel.db')];
    expect(await line.run('storage', 'copy', ...from)).toMatchObject({
      status: 1,
      err: expect.stringContaining('--start-over'),
    });
    expect((await line.run('storage', 'status')).out).toContain(`half a copy        of ${sqlite('pedel.db')}`);
    expect(await line.run('storage', 'copy', ...from, '--start-over')).toMatchObject({ status: 0 });
    expect(await line.run('people', 'show', 'r0000001')).toMatchObject({ status: 0 });
  });

  test('that was killed midway is recognised, and is whole after starting over', async () => {
    await line.withStorage(async ({ accounts }) => {
      for (const thousand of [0, 1000, 2000])
        await Promise.all(Array.from({ length: 1000 }, (_, number) => accounts.insert(numbered(thousand + number))));
    });
    await within(sqlite('there.db'), async () => undefined);
    const release = holdAccountsAfter(at('there.db'), 1500);
    const main = join(installation, 'src/commands/main.ts');
    const command = [main, 'storage', 'copy', '--from', sqlite('pedel.db'), '--to', sqlite('there.db')];
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...command], { stdio: 'ignore' });
    const copied = () => {
      const database = new DatabaseSync(at('there.db'), { timeout: 10_000 });
      try {
        return Number(database.prepare('SELECT count(*) AS n FROM accounts').get()?.n);
      } finally {
        database.close();
      }
    };
    while (copied() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(copied()).toBeLessThan(3000);
    release();
    await expect(within(sqlite('there.db'), async () => undefined)).rejects.toMatchObject({
      code: 'storage_incomplete',
    });
    const anew = await line.run('storage', 'copy', '--to', sqlite('there.db'), '--start-over', '--json');
    expect(JSON.parse(anew.out)).toMatchObject({
      equal: true,
      kinds: [{ kind: 'accounts', records: 3000 }, ...Array(archiveKinds.length - 1).fill({})],
    });
  });

  test('never deletes anything but an unfinished copy, also with --start-over', async () => {
    await line.withStorage(fill);
    await within(sqlite('there.db'), (storage) => storage.accounts.insert(numbered(7)));
    const refused = await line.run('storage', 'copy', '--to', sqlite('there.db'), '--start-over');
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('it holds 1 account;') });
    expect(await within(sqlite('there.db'), ({ accounts }) => accounts.findByLogin('r0000007'))).toBeDefined();
  });
});

describe('a copy into a database that is in use', () => {
  const production = (act: (storage: Storage) => Promise<unknown>) => within(sqlite('production.db'), act);
  const copy = (...options: string[]) => line.run('storage', 'copy', '--to', sqlite('production.db'), ...options);
  beforeEach(async () => {
    await line.withStorage(fill);
    await production(({ accounts }) => accounts.insert(numbered(7)));
  });

  test('leaves no mark of a copy in it', async () => {
    const database = new DatabaseSync(at('production.db'));
    database.exec(`CREATE TRIGGER marked BEFORE INSERT ON installation BEGIN SELECT raise(ABORT, 'marked'); END`);
    database.close();
    expect(await copy()).toMatchObject({ status: 1, err: expect.stringContaining('it holds 1 account;') });
  });

  test('that was killed while it checked the destination deletes nothing, also with --start-over', async () => {
    await production(({ archive }) => archive.beginCopy({ id: 'killed', from: 'elsewhere', startedAt: startOfTests }));
    line.environment.PEDEL_STORAGE = sqlite('production.db');
    expect(await line.run('serve')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/mark of a copy of elsewhere.* takes the mark away and deletes nothing/),
    });
    expect((await line.run('storage', 'status')).out).toContain('mark of a copy     of elsewhere');
    const refused = await line.run('storage', 'copy', '--from', sqlite('pedel.db'), '--start-over');
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('it holds 1 account;') });
    expect(refused.err).toContain('nothing was deleted');
    expect(await line.run('people', 'show', 'r0000007')).toMatchObject({ status: 0 });
  });

  test('removes its mark when a node wrote in between', async () => {
    await within(sqlite('fresh.db'), async () => undefined);
    const database = new DatabaseSync(at('fresh.db'));
    database.exec(
      `CREATE TRIGGER meanwhile AFTER INSERT ON installation BEGIN INSERT INTO stored_values VALUES ('v', 'w'); END`,
    );
    database.close();
    const refused = await line.run('storage', 'copy', '--to', sqlite('fresh.db'));
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('it holds 1 value;') });
    expect(await within(sqlite('fresh.db'), ({ values }) => values.get('v'))).toBe('w');
  });
});

describe('a check', () => {
  const check = async () => {
    const { status, out } = await line.run('storage', 'check', '--json');
    return {
      status,
      ...(JSON.parse(out) as { faultCount: number; faults: { kind: string; name?: string; fault: string }[] }),
    };
  };
  const edit = (statement: string) => {
    const database = new DatabaseSync(at('pedel.db'));
    database.exec(statement);
    database.close();
  };

  test('of a sound storage finds no fault', async () => {
    await line.withStorage(fill);
    expect(await check()).toMatchObject({ status: 0, faultCount: 0, faults: [] });
  });

  test.each([
    [
      `DELETE FROM account_logins WHERE value = 'r0000001'`,
      'accounts',
      'id-0000001',
      'account_logins does not lead from "r0000001"',
    ],
    [`DELETE FROM account_search WHERE term = 'r0000001'`, 'accounts', 'id-0000001', 'account_search does not lead'],
    [`INSERT INTO account_logins VALUES ('r9', 1)`, 'accounts', 'account_logins', 'leads from "r9" to an account that'],
    [`INSERT INTO account_search VALUES ('r9', 'x')`, 'accounts', 'account_search', 'rows, the documents say'],
    [
      `UPDATE accounts SET ends_at = 5 WHERE row = 1`,
      'accounts',
      'id-0000001',
      'column ends_at is 5, its document says null',
    ],
    [`UPDATE accounts SET document = '{' WHERE row = 1`, 'accounts', 'id-0000001', 'cannot be read'],
    [`DROP TRIGGER audit_log_is_append_only; UPDATE audit_log SET entry = '{'`, 'auditLog', 'e', 'cannot be read'],
    [`UPDATE clients SET revision = 9`, 'clients', 'toledo', 'column revision is 9, its document says 1'],
    [`UPDATE sessions SET account_id = 'other'`, 'sessions', 'u', 'column account_id is "other"'],
    [
      `UPDATE signing_keys SET record = replace(record, 's1.', 's1.A')`,
      'signingKeys',
      'k',
      'sealed signing-key does not open',
    ],
    [
      `UPDATE accounts SET document = replace(document, 's1.', 's1.A')`,
      'accounts',
      'id-0000001',
      'sealed totp does not open',
    ],
    [`PRAGMA foreign_keys = OFF; DELETE FROM accounts WHERE row = 2`, 'storage', undefined, 'belongs to no account'],
  ])('after %s names it', async (statement, kind, name, fault) => {
    await line.withStorage(fill);
    edit(statement);
    const { status, faults } = await check();
    expect(status).toBe(1);
    expect(faults).toContainEqual({
      kind,
      ...(name === undefined ? {} : { name }),
      fault: expect.stringContaining(fault),
    });
    expect(await line.run('storage', 'check')).toMatchObject({ status: 1, out: expect.stringContaining(fault) });
  });

  test('of a record with a number that nobody reads: named, no backup is called good, and it can be removed', async () => {
    await line.withStorage(fill);
    const before = await check();
    edit(`UPDATE protocol_records SET expires_at = 1000000000000015000`);
    const bad = (await check()).faults;
    expect(bad).toEqual([
      { kind: 'protocolRecords', name: expect.any(String), fault: expect.stringContaining('cannot be read') },
    ]);
    const copies = [
      ['storage', 'backup', at('backup.db')],
      ['storage', 'copy', '--from', sqlite('pedel.db'), '--to', sqlite('copy.db')],
    ];
    await line.withStorage(async ({ leases, archive }) => {
      for (const { name, holder } of (await archive.page('leases', line.clock.now, undefined, 99)).records)
        await leases.release(name, holder ?? '');
    });
    for (const command of copies)
      expect(await line.run(...command)).toMatchObject({
        status: 1,
        err: expect.stringContaining(bad[0]?.name ?? '-'),
      });
    expect(existsSync(at('backup.db'))).toBe(false);

    const removal = await line.run('storage', 'check', '--remove-unreadable', '--json');
    expect(JSON.parse(removal.out)).toMatchObject({ faultCount: 1, removed: { protocolRecords: '1' } });
    expect(await check()).toMatchObject({ status: 0, faultCount: before.faultCount });
    expect((await line.run('storage', 'backup', at('backup.db'))).status).toBe(0);
    expect((await line.run('audit', '--action', 'storage.unreadable-removed')).out).toContain('protocolRecords=1');
  });

  test('removes no account, however damaged', async () => {
    await line.withStorage(fill);
    edit(`UPDATE accounts SET document = '{' WHERE row = 1`);
    const { out } = await line.run('storage', 'check', '--remove-unreadable', '--json');
    expect(JSON.parse(out).removed).toEqual({});
    expect((await line.withStorage(({ archive }) => archive.counts())).accounts).toBe(2);
  });

  test('under another secret reports every sealed value as unreadable', async () => {
    await line.withStorage(fill);
    line.environment.PEDEL_SECRET = 'another secret of thirty-two characters';
    const { faults } = await check();
    expect(faults.map(({ kind }) => kind).toSorted()).toEqual([
      'accounts',
      'auditLog',
      'outbox',
      'signingKeys',
      'values',
      'webhooks',
    ]);
  });
});

describe('the schema', () => {
  test('of an older version is shown by status and upgraded by upgrade', async () => {
    await line.withStorage(fill);
    const database = new DatabaseSync(at('pedel.db'));
    database.exec(
      'DROP TABLE installation; ALTER TABLE outbox DROP COLUMN lost_claims; DROP INDEX outbox_by_message_id; ALTER TABLE outbox DROP COLUMN message_id; DROP INDEX outbox_urgent; ALTER TABLE outbox DROP COLUMN urgent; ALTER TABLE clients DROP COLUMN picture; ALTER TABLE clients DROP COLUMN history; DROP TABLE refusals; DROP TABLE incidents; DROP TABLE client_uses; DROP TABLE webhooks; DROP TABLE role_grants; DROP TABLE client_resources; DROP TABLE initial_access_tokens; DROP INDEX audit_log_chain; DROP INDEX audit_log_by_actor; DROP INDEX audit_log_by_actor_and_action; DROP INDEX audit_log_loose; ALTER TABLE audit_log DROP COLUMN node; ALTER TABLE audit_log DROP COLUMN seq; ALTER TABLE audit_log DROP COLUMN hash; ALTER TABLE audit_log DROP COLUMN actor; DROP TABLE audit_checkpoints; PRAGMA user_version = 1',
    );
    database.close();
    expect((await line.run('storage', 'status')).out).toContain(`1 (this version upgrades it to ${knownSchema})`);
    const dryRun = await line.run('storage', 'upgrade', '--dry-run', '--json');
    expect(JSON.parse(dryRun.out)).toEqual({ from: 1, to: knownSchema, done: false });
    expect(await line.run('storage', 'upgrade')).toMatchObject({
      status: 0,
      out: `schema 1 was upgraded to ${knownSchema}\n`,
    });
    expect(await line.run('storage', 'upgrade')).toMatchObject({ out: `schema ${knownSchema}: nothing to do\n` });
    expect(await line.run('storage', 'check')).toMatchObject({ status: 0 });
  });

  test('status shows counts, size, backlog and running nodes', async () => {
    await line.withStorage(async (storage) => {
      await fill(storage);
      await storage.leases.acquire('effects', 'a node', startOfTests + 10_000, startOfTests);
      for (const node of ['a node', 'b']) await storage.leases.acquire(`node:${node}`, node, startOfTests + 30_000, 0);
    });
    line.clock.now += 1;
    const { out } = await line.run('storage', 'status', '--json');
    expect(JSON.parse(out)).toMatchObject({
      storage: sqlite('pedel.db'),
      schema: { applied: knownSchema, known: knownSchema },
      counts: { accounts: 2, sessions: 1, outbox: 2 },
      backlog: { waiting: 1, failed: 0, oldestDueAt: startOfTests + 1 },
      nodes: 2,
      leases: [{ name: 'effects', holder: 'a node' }, { name: 'node:a node' }, { name: 'node:b' }],
    });
    expect((await line.run('storage', 'status')).out).toContain('at work: 2; effects');
  });
});
