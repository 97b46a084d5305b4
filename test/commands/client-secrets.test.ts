/** `pedel clients secret`: added and shown once, listed by last use, retired only after a question where it is in use. */
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CommandLine, openCommandLine, startOfTests } from './command-line.ts';

const HOUR = 3_600_000;
let shell: CommandLine;
beforeEach(async () => {
  shell = openCommandLine();
  const file = `${shell.folder}/clients.json`;
  writeFileSync(
    file,
    JSON.stringify([{ client_id: 'toledo', client_name: 'Toledo', redirect_uris: ['https://t.example/cb'] }]),
  );
  expect((await shell.run('clients', 'apply', file)).status).toBe(0);
});
afterEach(() => shell.close());

const run = (...words: string[]) => shell.run('clients', 'secret', ...words);
const listed = async () => JSON.parse((await run('list', 'toledo', '--json')).out).secrets as Record<string, unknown>[];

test('a secret goes its whole way: added, named, used, renamed and retired, with its audit entries', async () => {
  const made = await run('add', 'toledo', '--name', 'new server', '--expires', '90-days', '--json');
  const { client_secret: secret, ...told } = JSON.parse(made.out);
  expect(secret).toMatch(/^pedel_cs_[\w-]{43}$/);
  const expires = '2026-12-30T11:00:00.000Z'; // the same hour in Brussels, in winter
  expect(told).toEqual({
    client_id: 'toledo',
    client_secret_expires_at: Date.parse(expires) / 1000,
    id: expect.any(String),
    name: 'new server',
  });
  const [fresh, first] = await listed();
  expect(fresh).toMatchObject({ id: told.id, name: 'new server', state: 'usable', expires, last_used: null });
  expect(first).toMatchObject({ name: null, by: null, expires: null });
  expect((await run('add', 'toledo', '--name', 'NEW server')).err).toContain('is called "NEW server": choose another');

  expect((await run('rename', 'toledo', String(first?.id), 'old server')).out).toContain('is called old server');
  const hour = startOfTests - (startOfTests % HOUR);
  await shell.withStorage(({ clientUses }) => clientUses.note([{ client: 'toledo', of: String(first?.id), hour }]));
  const text = (await run('list', 'toledo')).out;
  expect(text).toContain('old server');
  expect(text).toContain('last used in the hour of 2026-10-01 12:00:00');
  expect(text).not.toContain('sha256');
  expect(await run('retire', 'toledo', 'old server')).toMatchObject({
    status: 1,
    err: expect.stringContaining('is in use'),
  });
  expect((await run('retire', 'toledo', 'Old Server', '--anyway')).out).toBe('toledo: old server: retired\n');
  expect(await run('retire', 'toledo', 'new server')).toMatchObject({
    status: 1,
    err: expect.stringContaining('is the only secret that works'),
  });
  expect((await listed()).map(({ name }) => name)).toEqual(['new server']);
  await shell.withStorage(async ({ auditLog }) => {
    const entries = await auditLog.page({ client: 'toledo' }, undefined, 9);
    expect(entries.map(({ action }) => action).sort()).toEqual([
      'client.created',
      'client.secret-added',
      'client.secret-renamed',
      'client.secret-retired',
    ]);
    expect(JSON.stringify(entries)).not.toContain(secret.slice(9));
  });
});

test('five at most; what is not there, or takes none, is said with what to do', async () => {
  for (const name of ['b', 'c', 'd', 'e']) expect((await run('add', 'toledo', '--name', name)).status).toBe(0);
  expect(await run('add', 'toledo', '--name', 'f')).toMatchObject({
    status: 1,
    err: expect.stringContaining('has 5 secrets'),
  });
  expect((await run('add', 'nobody', '--name', 'f')).err).toContain('no application has the client_id "nobody"');
  expect((await run('retire', 'toledo', 'x\u001b[31m')).err).toContain(
    'has no secret with the id or name "x\uFFFD[31m"',
  );
  expect((await run('add', 'toledo', '--name', ' ')).err).toContain('1 to 60 characters');
  expect((await run('add', 'toledo', '--name', 'f', '--expires', 'never')).err).toContain('Allowed choices are');
  const file = `${shell.folder}/public.json`;
  const spa = {
    client_id: 'spa',
    client_name: 'Spa',
    redirect_uris: ['https://s.example/cb'],
    token_endpoint_auth_method: 'none',
  };
  writeFileSync(file, JSON.stringify([spa]));
  await shell.run('clients', 'apply', file);
  expect((await run('add', 'spa', '--name', 'f')).err).toContain('token_endpoint_auth_method none');
  expect((await run('list', 'spa')).out).toContain('takes no secret');
});

test('a file that gives a secret keeps those that were added while it is one of them, and says which ones it ends', async () => {
  const given = 'a secret of the file, of more than thirty-two characters';
  const registration = { client_id: 'wiki', client_name: 'Wiki', redirect_uris: ['https://w.example/cb'] };
  const apply = async (client_secret: string) =>
    (await shell.run('clients', 'apply', shell.file('wiki.json', JSON.stringify([{ ...registration, client_secret }]))))
      .out;
  await apply(given);
  expect((await run('add', 'wiki', '--name', 'added')).status).toBe(0);
  expect(await apply(given)).toBe('wiki: unchanged\n');
  expect(JSON.parse((await run('list', 'wiki', '--json')).out).secrets).toHaveLength(2);
  const out = await apply(`another ${given}`);
  expect(out).toContain('wiki: changed (client_secret)');
  expect(out).toContain('client_secret: "added" no longer works, because the file gives another secret');
  expect(JSON.parse((await run('list', 'wiki', '--json')).out).secrets).toHaveLength(1);
});

test('apply names and ends each secret that it makes, and none that the file gives', async () => {
  const file = `${shell.folder}/more.json`;
  const redirect_uris = ['https://t.example/cb'];
  const given = 'a secret that Library has had for years, long enough';
  const registrations = [
    { client_id: 'wiki', client_name: 'Wiki', redirect_uris },
    { client_id: 'library', client_name: 'Library', redirect_uris, client_secret: given },
    { client_id: 'toledo', client_name: 'Toledo', redirect_uris },
  ];
  writeFileSync(file, JSON.stringify(registrations));
  const done = await shell.run(
    'clients',
    'apply',
    file,
    '--secret-name',
    'made by apply',
    '--secret-expires',
    '90-days',
  );
  expect(done.status).toBe(0);
  const secretsOf = (id: string) =>
    shell.withStorage(async ({ clients }) =>
      (await clients.find(id))?.secrets.map(({ name, expiresAt }) => [name, expiresAt]),
    );
  expect(await secretsOf('wiki')).toEqual([['made by apply', Date.parse('2026-12-30T11:00:00.000Z')]]);
  expect(await secretsOf('library')).toEqual([[undefined, undefined]]);
  expect(await secretsOf('toledo')).toEqual([[undefined, undefined]]);
  // a second run changes nothing, with or without them
  const again = await shell.run('clients', 'apply', file, '--json', '--secret-expires', '1-year');
  expect(JSON.parse(again.out).clients.map(({ outcome }: { outcome: string }) => outcome)).toEqual(
    Array(3).fill('unchanged'),
  );
  expect((await shell.run('clients', 'apply', file, '--secret-name', ' ')).err).toContain('1 to 60 characters');
});
