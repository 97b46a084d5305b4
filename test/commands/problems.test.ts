/** `pedel clients problems`: people read what came, what is registered, where they differ and what to do. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { compared, type NotedRefusal, told } from '../../src/domain/clients/refusals/refusal.ts';
import { type CommandLine, openCommandLine, startOfTests } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

const MINUTE = 60_000;
const noted = (change: Partial<NotedRefusal> = {}): NotedRefusal => ({
  party: { client: 'toledo' },
  refusal: compared('redirect-uri-unregistered', 'https://toledo.example.edu/back/', 'https://toledo.example.edu/back'),
  proven: false,
  firstAt: startOfTests - 90 * MINUTE,
  lastAt: startOfTests - MINUTE,
  count: 14,
  incident: '3faaf9ba30',
  ...change,
});

async function problems(refusals: NotedRefusal[], ...options: string[]) {
  await shell.withStorage(({ refusals: stored }) => stored.add(refusals));
  return shell.run('clients', 'problems', ...options);
}

test('the difference of two addresses is marked, in Brussels time, with a remedy', async () => {
  const { status, out, err } = await problems([noted()]);
  expect([status, err]).toEqual([0, '']);
  expect(out.split('\n')).toEqual([
    '2026-10-01 11:59:00  toledo  14 times since 2026-10-01 10:30:00',
    '  The redirect URI is not registered.',
    '    got         https://toledo.example.edu/back/',
    '                                               ^',
    '    registered  https://toledo.example.edu/back',
    '    differs in  a slash at the end',
    '  Send an address exactly as it is registered, or register this one, if it is the application’s own.',
    '  redirect-uri-unregistered, incident 3faaf9ba30',
    '',
    '',
  ]);
  expect((await shell.run('clients', 'problems', 'toledo', '--language', 'nl')).out).toContain(
    'De redirect URI is niet geregistreerd.',
  );
});

test('an address at a host that is not registered is not advised to be added without a warning', async () => {
  const refusal = compared('redirect-uri-unregistered', 'https://evil.example/back', 'https://toledo.example.edu/back');
  const { out } = await problems([noted({ refusal })]);
  expect(out).toContain('Caution: no registered address is at this host.');
});

test('of one application, of ids that nobody has, or since a time; for scripts one object per line', async () => {
  const all = [
    noted(),
    noted({ party: { client: 'other' }, refusal: { code: 'pkce-missing' }, lastAt: startOfTests - 26 * 60 * MINUTE }),
    noted({ party: { named: 'made-up' }, refusal: told('client-unknown', 'made-up'), count: 1 }),
  ];
  const lines = async (...options: string[]) =>
    (await shell.run('clients', 'problems', '--json', ...options)).out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  await problems(all);
  expect(await lines('toledo')).toEqual([
    {
      client_id: 'toledo',
      code: 'redirect-uri-unregistered',
      hint: false,
      got: 'https://toledo.example.edu/back/',
      registered: 'https://toledo.example.edu/back',
      differs: ['slash'],
      first: '2026-10-01T08:30:00.000Z',
      last: '2026-10-01T09:59:00.000Z',
      count: 14,
      incident: '3faaf9ba30',
      sentence: 'The redirect URI is not registered.',
      remedy: expect.any(String),
    },
  ]);
  expect(await lines('--unknown')).toMatchObject([{ client_id: null, unknown_client_id: 'made-up' }]);
  expect((await lines()).map(({ code }) => code)).toHaveLength(3);
  expect((await lines('--since', '24h')).map(({ code }) => code)).not.toContain('pkce-missing');
  expect(await lines('--limit', '1')).toHaveLength(1);
});

test('what came cannot act on the terminal', async () => {
  const strange = '\u001b[2J\u0000\u202ehttps://x\u2028\r\n<script>';
  const { out } = await problems([
    noted({ refusal: told('other', strange), party: { named: strange } }),
    noted({ refusal: { code: 'other', got: strange } }), // as if it had been stored otherwise
  ]);
  expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
  expect(out).toContain('<script>');
});

test('nothing refused is said, and an id that nobody has is a fault', async () => {
  expect(await problems([])).toEqual({ status: 0, out: '', err: 'nothing was refused\n' });
  const wrong = await shell.run('clients', 'problems', 'nobody');
  expect([wrong.status, wrong.err]).toEqual([1, expect.stringContaining('no application has the client_id "nobody"')]);
  expect((await shell.run('clients', 'problems', 'nobody', '--unknown')).status).toBe(1);
  expect((await shell.run('clients', 'problems', '--since', 'soon')).status).not.toBe(0);
});
