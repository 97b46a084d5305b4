/** `pedel clients apply --prune`: only what is managed by that very file goes, with a way back, and never by mistake. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import { systemActor } from '../../src/use-cases/actor.ts';
import { pruneClients } from '../../src/use-cases/clients/prune-clients.ts';
import { type CommandLine, openCommandLine, startOfTests } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

const named = (id: string, more: object = {}) => ({
  client_id: id,
  client_name: id,
  redirect_uris: [`https://${id}.example.edu/callback`],
  scope: 'openid',
  ...more,
});
const CAMPUS = ['--managed-by', 'campus/clients.json'];
async function apply(registrations: unknown, ...options: string[]) {
  const file = shell.file('clients.json', JSON.stringify(registrations));
  return shell.run('clients', 'apply', file, ...options);
}
const outcomes = (out: string) =>
  Object.fromEntries(
    JSON.parse(out).clients.map(({ client_id, outcome }: { client_id: string; outcome: string }) => [
      client_id,
      outcome,
    ]),
  );
const states = () =>
  shell.withStorage(async ({ clients }) =>
    Object.fromEntries((await clients.list(undefined, 99)).map(({ id, disabled }) => [id, disabled?.removeAt])),
  );
const DAYS_30 = 30 * 86_400_000;

/** Two of the campus, one of the library, one of nobody. */
async function registered() {
  await apply([named('one'), named('two')], ...CAMPUS);
  await apply([named('books')], '--managed-by', 'library');
  await apply([named('made')]);
}

test('deletes what this file named and names no more, says so before, and leaves 30 days to take it back', async () => {
  await registered();
  const plan = await apply([named('one')], ...CAMPUS, '--prune', '--dry-run');
  expect(plan.out).toContain('two: deleted, because the file names it no more');
  expect(plan.out).toContain('2026-10-31');
  const none = { books: undefined, made: undefined, one: undefined, two: undefined };
  expect(await states()).toEqual(none);
  const { status, out } = await apply([named('one')], ...CAMPUS, '--prune', '--json');
  expect([status, outcomes(out)]).toEqual([0, { one: 'unchanged', two: 'deleted' }]);
  expect(await states()).toEqual({ ...none, two: startOfTests + DAYS_30 });
  expect(outcomes((await apply([named('one')], ...CAMPUS, '--prune', '--json')).out)).toEqual({ one: 'unchanged' });
  await shell.run('clients', 'enable', 'two');
  expect(await states()).toEqual(none);
  const [entry] = await shell.withStorage(({ auditLog }) => auditLog.page({ action: 'client.deleted' }, undefined, 9));
  expect(entry).toMatchObject({ client: 'two', actor: { kind: 'command' } });
});

test.each([
  ['a registration is refused', [named('one', { scope: 7 })], 1, 'nothing was pruned'],
  ['the file is empty', [], 1, 'it names no application'],
  [
    'another is named in the file as who looks after it',
    [named('one', { pedel_managed_by: 'x' })],
    1,
    'another pedel_managed_by',
  ],
])('deletes nothing where %s', async (_, registrations, status, because) => {
  await registered();
  const ran = await apply(registrations, ...CAMPUS, '--prune');
  expect([ran.status, ran.err]).toEqual([status, expect.stringContaining(because)]);
  expect(Object.values(await states()).filter(Boolean)).toEqual([]);
});

test('needs a name, and one that can be stored', async () => {
  await registered();
  const nameless = await apply([named('one')], '--prune');
  expect([nameless.status, nameless.err]).toEqual([1, expect.stringContaining('--prune needs --managed-by')]);
  for (const name of ['', ' x', 'a\u0000b', '🌱', 'x'.repeat(101)])
    expect((await apply([named('one')], '--managed-by', name)).status).not.toBe(0);
});

test('an application that was taken from the file while it is pruned stays', async () => {
  await registered();
  await shell.withStorage(async ({ clients, roleGrants }) => {
    let first = true;
    const changing = {
      ...clients,
      put: async (...put: Parameters<typeof clients.put>) => {
        if (!first) return clients.put(...put);
        first = false;
        const { pedel_managed_by: _, ...metadata } = ((await clients.find('two')) as ClientRecord).metadata;
        await clients.put({ ...((await clients.find('two')) as ClientRecord), metadata, revision: 2 }, 1);
        return clients.put(...put);
      },
    };
    const gone = await pruneClients(
      systemActor('root'),
      { managedBy: 'campus/clients.json', named: new Set(['one']), dryRun: false },
      {
        clients: changing,
        grants: async () => (await roleGrants.read()).grants,
        now: () => shell.clock.now,
        randomBytes: (size) => new Uint8Array(size),
      },
    );
    expect(gone).toEqual([]);
  });
  expect((await states()).two).toBeUndefined();
});
