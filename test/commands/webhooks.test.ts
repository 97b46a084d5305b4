/** `pedel webhooks`: the secret is shown once, faults name their remedy, and each change is audited. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CommandLine, openCommandLine } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

const run = (...words: string[]) => {
  shell.clock.now += 1;
  return shell.run('webhooks', ...words);
};
const URL_OF_CRM = 'https://crm.example.edu/pedel';
const listed = async () =>
  JSON.parse((await run('list', '--json')).out) as { id: string; state: string; events: string[] }[];
const actions = () =>
  shell.withStorage(async ({ auditLog }) =>
    (await auditLog.page({}, undefined, 99)).map(({ action }) => action).toReversed(),
  );

test('a webhook is added, rotated, disabled, enabled and deleted; its secret is shown when it is made and nowhere else', async () => {
  const added = JSON.parse((await run('add', URL_OF_CRM, '--contact', 'crm@example.edu', '--json')).out);
  expect(added).toMatchObject({ url: URL_OF_CRM, events: ['*'], state: 'enabled', contact: 'crm@example.edu' });
  expect(added.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const rotated = JSON.parse((await run('rotate', added.id, '--json')).out);
  expect(rotated.secret).not.toBe(added.secret);
  expect(rotated.secrets).toHaveLength(2);
  expect((await run('disable', added.id)).out).toBe(`${added.id}: disabled\n`);
  expect(await listed()).toMatchObject([{ state: 'disabled' }]);
  expect((await run('list')).out).toContain('disabled 2026-10-01 (operator)');
  await run('enable', added.id);
  const told = (await run('list', '--json')).out + (await run('list')).out;
  for (const { secret } of [added, rotated]) expect(told).not.toContain(secret.slice(6));
  await run('delete', added.id);
  expect(await listed()).toEqual([]);
  expect(await actions()).toEqual(
    ['added', 'secret-rotated', 'disabled', 'enabled', 'deleted'].map((what) => `webhook.${what}`),
  );
});

test.each([
  [['http://crm.example.edu', '--contact', 'a@example.edu'], 'give an https address'],
  [['https://me:pw@crm.example.edu', '--contact', 'a@example.edu'], 'messages are signed instead'],
  [[URL_OF_CRM, '--contact', 'nobody'], 'give one email address'],
  [[URL_OF_CRM, '--contact', 'a@example.edu', '--event', 'sign-in'], 'names them all'],
  [[URL_OF_CRM, '--contact', 'a@example.edu', '--client', 'nowhere'], 'no application has the id "nowhere"'],
])('%j is refused with what to do', async (words, remedy) => {
  expect(await run('add', ...words)).toMatchObject({ status: 1, err: expect.stringContaining(remedy) });
  expect(await actions()).toEqual([]);
});

test('an unknown id is named, without the characters that move a cursor', async () => {
  for (const act of ['rotate', 'disable', 'enable', 'delete', 'test'])
    expect(await run(act, 'x\u001b[2J')).toMatchObject({
      status: 1,
      err: expect.stringContaining('the id "x\uFFFD[2J"'),
    });
});

test('a test reaches no private address that is not allowed, and says why; where it is, it tells the answer', async () => {
  let asked = 0;
  const server: Server = createServer((_, response) => {
    asked += 1;
    response.writeHead(asked === 1 ? 204 : 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    await run('add', url, '--contact', 'crm@example.edu');
    const [{ id } = { id: '' }] = await listed();
    expect(await run('test', id)).toMatchObject({ status: 1, err: expect.stringContaining('PEDEL_ALLOW_NETWORKS') });
    expect(asked).toBe(0);
    shell.environment.PEDEL_ALLOW_NETWORKS = '127.0.0.0/8';
    expect(await run('test', id)).toMatchObject({ status: 0, out: 'accepted with 204\n' });
    expect(await run('test', id)).toMatchObject({ status: 1, err: expect.stringContaining('it answered 500') });
    expect((await actions()).filter((action) => action === 'webhook.tested')).toHaveLength(3);
  } finally {
    server.close();
  }
});
