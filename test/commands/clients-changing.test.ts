/** Cost: about 3 s. What administrators do to an application at the command line after it is registered. */
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CommandLine, openCommandLine } from './command-line.ts';

let shell: CommandLine;
beforeEach(async () => {
  shell = openCommandLine();
  await clients('apply', shell.file('clients.json', JSON.stringify([toledo])));
});
afterEach(() => shell.close());

const given = 'a secret that Toledo has had for years, long enough';
const toledo = {
  client_id: 'toledo',
  client_name: 'Toledo',
  client_secret: given,
  redirect_uris: ['https://toledo.example.edu/callback'],
  scope: 'openid profile email',
  pedel_purpose: 'To show your courses.',
};
const clients = (...argv: string[]) => shell.run('clients', ...argv);
const json = async (...argv: string[]) => JSON.parse((await clients(...argv, '--json')).out);
const find = () => shell.withStorage((storage) => storage.clients.find('toledo'));

test('edit changes and removes members, whole or one by one, and names every fault with its remedy', async () => {
  const contacts = 'contacts=["toledo@example.edu"]';
  expect(await clients('edit', 'toledo', 'client_name=To ledo', contacts)).toMatchObject({
    status: 0,
    out: 'toledo: changed (client_name, contacts)\n',
  });
  expect((await clients('edit', 'toledo', 'contacts=')).out).toBe('toledo: changed (contacts)\n');
  expect((await find())?.metadata).toMatchObject({ client_name: 'To ledo' });
  expect((await find())?.metadata.contacts).toBeUndefined();
  const refused = await clients('edit', 'toledo', 'redirect_uris=["http://a.example/"]', 'client_secret=x', 'nmae=x');
  expect([refused.status, refused.out]).toEqual([1, '']);
  for (const remedy of ['give an https address', 'client_secret', 'nmae', '3 faults'])
    expect(refused.err).toContain(remedy);
  expect(await json('edit', 'toledo', 'redirect_uris=["http://a.example/"]')).toMatchObject({
    outcome: 'refused',
    faults: [{ pointer: '/redirect_uris/0' }],
  });
  const stale = await clients('edit', 'toledo', 'client_name=x', '--revision', '1');
  expect([stale.status, stale.err]).toEqual([1, expect.stringContaining('is at revision 3')]);
  for (const wrong of [['client_name'], ['=x'], []]) expect((await clients('edit', 'toledo', ...wrong)).status).toBe(1);
  expect((await clients('edit', 'nobody', 'client_name=x')).err).toContain('no application has the client_id "nobody"');
});

test('what export writes is what apply and edit --file read, and diff finds nothing between them, then what was changed', async () => {
  const exported = (await clients('export')).out;
  expect(exported).not.toContain(given);
  const file = shell.file('exported.json', exported);
  expect((await clients('apply', file)).out).toBe('toledo: unchanged\n');
  expect(await clients('diff', file)).toMatchObject({ status: 0, out: 'toledo: same\n' });
  const alone = shell.file('toledo.json', (await clients('export', 'toledo')).out);
  expect((await clients('edit', 'toledo', '--file', alone)).out).toBe('toledo: unchanged\n');
  await clients('edit', 'toledo', 'client_name=Other');
  expect(await clients('diff', file)).toMatchObject({
    status: 1,
    out: 'toledo: differs\n    client_name: "Other" -> "Toledo"\n',
  });
});

test('history lists who changed what and when, without secrets, and restore goes back', async () => {
  await clients('edit', 'toledo', 'client_name=B');
  await clients('edit', 'toledo', 'token_endpoint_auth_method=none', 'scope=openid');
  const { out } = await clients('history', 'toledo');
  expect(out).toContain('client_name: "Toledo" -> "B"');
  expect(out).toContain('client_secret: changed');
  expect(out).toMatch(/^revision 3 {2}2026-10-01 12:00:00 {2}client\.changed {2}by command \S/);
  expect(out).not.toContain('sha256');
  expect((await json('history', 'toledo')).revisions).toMatchObject([
    { revision: 3 },
    { restorable: true },
    { restorable: true },
  ]);
  expect(JSON.parse((await clients('restore', 'toledo', '1', '--dry-run')).out)).toMatchObject({
    client_name: 'Toledo',
  });
  const restored = await json('restore', 'toledo', '1');
  expect(restored).toMatchObject({ outcome: 'changed', revision: 4, client_secret: expect.any(String) });
  expect((await find())?.metadata).toMatchObject({ client_name: 'Toledo', scope: toledo.scope });
  expect((await clients('restore', 'toledo', '9')).err).toContain('is not kept');
});

test('disable, enable and delete say what they did, and list says what is off and until when it can be taken back', async () => {
  expect(await json('disable', 'toledo')).toMatchObject({ outcome: 'done', disabled: { at: expect.any(Number) } });
  expect((await clients('list')).out).toContain('(off: pedel clients enable toledo)');
  expect((await clients('disable', 'toledo')).out).toBe('toledo: it was so already\n');
  expect((await clients('apply', shell.file('again.json', JSON.stringify([toledo])))).out).toContain('switched off');
  expect((await clients('delete', 'toledo')).out).toContain('removed for good in 30 days');
  expect((await clients('list')).out).toContain('deleted, removed on 2026-10-31');
  const applied = await clients('apply', shell.file('again.json', JSON.stringify([toledo])));
  expect([applied.status, applied.err]).toEqual([1, expect.stringContaining('take it back with pedel clients enable')]);
  expect((await clients('enable', 'toledo')).out).toBe('toledo: on\n');
  expect((await json('show', 'toledo')).disabled).toBeUndefined();
});

const ORGANISATIONS = `
organisations:
  - id: kuleuven
    name: { nl: KU Leuven, en: KU Leuven }
    domains: [kuleuven.be]
    contacts: [{ label: { nl: Helpdesk, en: Helpdesk }, email: helpdesk@example.edu }]
    colour: '#00407a'
`;

test('preview says what a person’s tokens would have, and why', async () => {
  const file = shell.file('pedel.yaml', ORGANISATIONS);
  const { out, status } = await clients(
    'preview',
    'toledo',
    '--config',
    file,
    '--sample',
    'staff@kuleuven',
    '--scope',
    'openid email',
    '--claims',
    'phone_number',
  );
  expect(status).toBe(0);
  expect(out).toContain('An Claes');
  expect(out).toMatch(/email {26}"an\.claes@[^"]+" {2}\(scope email\)/);
  expect(out).toMatch(/phone_number {19}not sent {2}\(not in its registration\)/);
  expect((await clients('preview', 'toledo', '--person', 'u9999999')).err).toContain('nobody is known as u9999999');
  expect((await clients('preview', 'toledo')).status).toBe(1);
  const unknown = await clients('preview', 'toledo', '--config', file, '--sample', 'nobody');
  expect(unknown.err).toContain('choose a sample: staff@kuleuven, student@kuleuven');
});

test('edit and add take public keys from a file, and refuse a private one', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const open = shell.file('public.pem', publicKey.export({ type: 'spki', format: 'pem' }) as string);
  const closed = shell.file('private.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
  const refused = await shell.run('clients', 'edit', 'toledo', '--keys', closed);
  expect([refused.status, refused.err]).toEqual([1, expect.stringContaining('remove the private parts')]);
  expect((await shell.run('clients', 'edit', 'toledo', '--keys', open, '--offline')).status).toBe(0);
  const find = (id: string) => shell.withStorage(({ clients }) => clients.find(id));
  const byKey = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'EC' }] } };
  expect(await find('toledo')).toMatchObject({ secrets: [], metadata: byKey });

  const add = (...words: string[]) => shell.run('clients', 'add', ...words);
  const made = await add('web-server', '--callback', 'https://w.example/cb', '--name', 'W', '--keys', open);
  expect([made.status, made.out]).toEqual([0, expect.stringMatching(/Client authentication +private_key_jwt/)]);
  expect(await find('web-server')).toMatchObject({ secrets: [], metadata: byKey });
  expect((await add('nextcloud', '--address', 'https://c.example', '--keys', open)).err).toContain(
    'with a secret only',
  );
  const both = await add('service', '--api', 'https://a.example', '--keys', open, '--keys-at', 'https://a.example/k');
  expect(both.err).toContain('not both');
});
