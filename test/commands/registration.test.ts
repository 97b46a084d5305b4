/** `pedel registration tokens`: tokens are made within their terms, shown once, listed without, and revoked. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import { bearerHash } from '../../src/domain/registration/initial-access-token.ts';
import { type CommandLine, openCommandLine, startOfTests } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

const run = (...words: string[]) => shell.run('registration', 'tokens', ...words);
const OF = ['--organisation', 'kuleuven'];
const listed = async () => JSON.parse((await run('list', '--json')).out) as Record<string, unknown>[];

test('a token is shown once, only its hash is stored, and the audit log says who may register what', async () => {
  const made = await run('add', ...OF, '--host', 'wiki.example.edu', '--note', 'the wiki', '--json');
  expect(made.err).toContain('it opens nothing yet: dynamicRegistration.enabled is false');
  const { token, ...shown } = JSON.parse(made.out);
  expect(token).toMatch(/^pedel_iat_[\w-]{43}$/);
  const day = 86_400_000;
  expect(shown).toMatchObject({
    ...{ organisation: 'kuleuven', hosts: ['wiki.example.edu'], kinds: ['web'], uses: 1, left: 1, state: 'usable' },
    ...{ approval: 'required', pkce: 'required', note: 'the wiki' },
    expires: new Date(startOfTests + 30 * day).toISOString(),
  });
  expect(await listed()).toEqual([shown]);
  await shell.withStorage(async ({ initialAccessTokens, auditLog }) => {
    const stored = await initialAccessTokens.find(bearerHash(token));
    expect(stored?.id).toBe(shown.id);
    const [entry, ...more] = await auditLog.page({}, undefined, 9);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      action: 'initial-access-token.made',
      details: { token: shown.id, organisation: 'kuleuven', hosts: 'wiki.example.edu', kinds: 'web', uses: '1' },
    });
    expect(JSON.stringify([stored, entry])).not.toContain(token.slice(10));
  });
  expect((await run('list')).out).toContain('1 of 1 use left');
});

test('a revoked one is gone, and the audit log says so; an unknown id is named', async () => {
  await run('add', ...OF, '--host', '*.lab.example.edu', '--kind', 'spa', '--kind', 'native', '--uses', '20');
  const [{ id } = { id: '' }] = await listed();
  expect((await run('revoke', String(id))).out).toBe(`${id}: revoked\n`);
  expect((await run('list')).out).toContain('there is no token');
  expect(await run('revoke', 'x')).toMatchObject({
    status: 1,
    err: expect.stringContaining('no token has the id "x"'),
  });
  await shell.withStorage(async ({ auditLog }) => {
    const entries = await auditLog.page({ action: 'initial-access-token.revoked' }, undefined, 9);
    expect(entries).toMatchObject([{ details: { token: id } }]);
  });
});

test.each([
  [['--host', 'https://wiki.example.edu/'], 'write the host alone'],
  [['--host', 'wiki.example.edu:8443'], 'write the host alone'],
  [['--host', 'Wiki.example.edu'], 'write the host alone'],
  [['--host', '*'], 'write the host alone'],
  [['--host', '*.edu'], 'write a whole name'],
  [['--host', '192.0.2.7'], 'write a name'],
  [['--host', 'wiki.example.edu', '--uses', '0'], 'uses: give a whole number, 1 to 1000'],
  [['--host', 'wiki.example.edu', '--days', '367'], 'days: give a whole number of days, 1 to 366'],
  [['--host', 'wiki.example.edu', '--note', 'two\nlines'], 'note: leave out line breaks'],
  [['--host', 'wiki.example.edu', '--no-approval'], 'dynamicRegistration.approval is required'],
])('%j is refused with a remedy, and nothing is stored', async (words, remedy) => {
  const { status, err, out } = await run('add', ...OF, ...words);
  expect([status, out]).toEqual([1, '']);
  expect(err).toContain(remedy);
  expect(await listed()).toEqual([]);
});

test('an organisation that is not configured is refused, and one of several must be named', async () => {
  const { err } = await run('add', '--organisation', 'nobody', '--host', 'wiki.example.edu');
  expect(err).toMatch(/organisation "nobody": give one of \w+/);
  expect((await run('add', '--host', 'wiki.example.edu')).err).toContain('name the organisation for which it is');
});

describe('what registered itself', () => {
  const terms = {
    ...{ organisation: 'kuleuven', hosts: ['*.lab.example'], kinds: ['web' as const] },
    ...{ approval: 'required' as const, pkce: 'required' as const },
  };
  const put = (id: string, change: Partial<ClientRecord> = {}) =>
    shell.withStorage(({ clients }) =>
      clients.put(
        {
          id,
          revision: 1,
          metadata: { client_name: 'Lab\u001b[2J', redirect_uris: ['https://app.lab.example/cb'] },
          secrets: [],
          registration: { state: 'pending', accessToken: 'the hash', terms },
          validUntil: startOfTests + 1000,
          origin: { kind: 'registration', at: startOfTests, token: '3f2a9c01', organisation: 'kuleuven' },
          createdAt: startOfTests,
          updatedAt: startOfTests,
          ...change,
        },
        0,
      ),
    );
  const clients = (...words: string[]) => shell.run('clients', ...words);

  test('is marked in the list, shown without its hash, and works once it is approved', async () => {
    await put('dyn-a');
    const list = (await clients('list')).out;
    expect(list).toMatch(/^dyn-a .*\(not approved yet, until .*: pedel clients approve dyn-a\)$/m);
    expect(list).not.toContain('\u001b');
    const shown = (await clients('show', 'dyn-a')).out;
    expect(JSON.parse(shown)).toMatchObject({
      registration: { state: 'pending', hosts: ['*.lab.example'] },
      origin: { kind: 'registration', token: '3f2a9c01' },
    });
    expect(shown).not.toContain('the hash');
    expect((await clients('approve', 'dyn-a', '--json')).out).toBe('{"client_id":"dyn-a","state":"approved"}\n');
    const stored = await shell.withStorage((storage) => storage.clients.find('dyn-a'));
    expect(stored).toMatchObject({ registration: { state: 'approved', terms: { hosts: ['app.lab.example'] } } });
    expect(stored?.validUntil).toBeUndefined();
    expect((await clients('list')).out).not.toContain('approve');
    expect(await clients('approve', 'dyn-a')).toMatchObject({
      status: 1,
      err: expect.stringContaining('does not wait for approval'),
    });
    expect((await clients('refuse', 'dyn-a')).err).toContain('does not wait for approval');
    await shell.withStorage(async ({ auditLog }) => {
      const entries = await auditLog.page({ client: 'dyn-a' }, undefined, 9);
      expect(entries).toMatchObject([{ action: 'client.approved', actor: { kind: 'command', id: 'clients approve' } }]);
    });
  });

  test('is approved as it was looked at, and not as it is since', async () => {
    await put('dyn-b', { revision: 3 });
    expect(JSON.parse((await clients('show', 'dyn-b')).out)).toMatchObject({ registration: { revision: 3 } });
    const { status, err } = await clients('approve', 'dyn-b', '--revision', '2');
    expect([status, err]).toEqual([1, expect.stringContaining('dyn-b has changed itself since: look at it again')]);
    expect((await clients('approve', 'dyn-b', '--revision', 'x')).err).toContain('Give a revision');
    expect((await clients('approve', 'dyn-b', '--revision', '3')).out).toBe('dyn-b: approved\n');
  });

  test('is deleted where it is refused, and where it waited too long it cannot be approved', async () => {
    await put('dyn-a');
    await put('dyn-late', { validUntil: startOfTests });
    expect((await clients('refuse', 'dyn-a')).out).toBe('dyn-a: refused and deleted\n');
    expect((await clients('refuse', 'dyn-a')).err).toContain('no application has the client_id "dyn-a"');
    expect((await clients('approve', 'dyn-late')).err).toContain('waited too long');
    expect((await clients('list')).out).toContain('nobody approved it');
    await shell.withStorage(async ({ auditLog }) => {
      expect(await auditLog.page({}, undefined, 9)).toMatchObject([
        { action: 'client.refused', client: 'dyn-a', details: { because: 'operator' } },
      ]);
    });
  });
});
