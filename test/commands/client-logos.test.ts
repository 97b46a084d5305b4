/** Logos of applications: `clients apply` fetches each once, and takes only what pages can show. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CommandLine, openCommandLine } from './command-line.ts';

const SVG = '<svg viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>';
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAFAAAABQAQAAAACo', 'base64'); // 80 by 80, as far as its header

let shell: CommandLine;
let asked: string[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  answer(request, response);
});
let at: string;

beforeEach(async () => {
  shell = openCommandLine();
  shell.environment.PEDEL_ALLOW_NETWORKS = '127.0.0.0/8,::1/128';
  asked = [];
  answer = (_request, response) => response.end(SVG);
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  shell.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

async function apply(logo: string | undefined, ...options: string[]) {
  const registration = {
    client_id: 'toledo',
    client_name: 'Toledo',
    redirect_uris: ['https://toledo.example.edu/callback'],
    logo_uri: logo,
  };
  const file = shell.file('clients.json', JSON.stringify([registration]));
  const { status, out, err } = await shell.run('clients', 'apply', file, '--json', ...options);
  const [{ outcome, members, warning } = {}] = out === '' ? [] : JSON.parse(out).clients;
  return { status, err, outcome, members, warning };
}

const stored = () =>
  shell.withStorage(async ({ clients }) => ({
    logo: (await clients.find('toledo'))?.logo,
    picture: Buffer.from((await clients.picture('toledo')) ?? '', 'base64').toString('latin1'),
  }));
const nothing = { logo: undefined, picture: '' };

test('a logo is fetched when the application is registered, and not again', async () => {
  const logo = `${at}/logo.svg`;
  expect(await apply(logo)).toMatchObject({ status: 0, outcome: 'created', warning: undefined });
  expect(await stored()).toEqual({
    logo: { uri: logo, hash: expect.stringMatching(/^[\w-]{16}$/), type: 'image/svg+xml' },
    picture: SVG,
  });
  expect(await apply(logo)).toMatchObject({ outcome: 'unchanged', members: [] });
  expect(asked).toEqual(['/logo.svg']);
});

test('another address is fetched, and without one or with the client the picture is gone', async () => {
  await apply(`${at}/logo.svg`);
  answer = (_request, response) => response.end(PNG);
  expect(await apply(`${at}/logo.svg?v=2`)).toMatchObject({ outcome: 'changed', members: ['logo_uri'] });
  expect(await stored()).toMatchObject({ logo: { type: 'image/png' }, picture: PNG.toString('latin1') });
  await apply(undefined);
  expect(await stored()).toEqual(nothing);
  await apply(`${at}/logo.svg`);
  expect(await stored()).toMatchObject({ logo: { type: 'image/png' } });
  await shell.run('clients', 'remove', 'toledo');
  expect(await stored()).toEqual(nothing);
});

test.each<[string, (request: IncomingMessage, response: ServerResponse) => void, string]>([
  ['that is missing', (_request, response) => response.writeHead(404).end('none'), 'the answer was 404'],
  ['that runs', (_request, response) => response.end('<svg viewBox="0 0 1 1"><script/></svg>'), 'remove its scripts'],
  [
    'that is a page',
    (_request, response) => response.end('<!doctype html><svg viewBox="0 0 1 1"/>'),
    'an SVG or a PNG',
  ],
  ['that is too large', (_request, response) => response.end(`${SVG}${' '.repeat(65_536)}`), 'make it smaller'],
  ['without end', (_request, response) => endless(response), 'more than 1048576 bytes'],
  ['that never comes', () => {}, 'no answer came in time'],
  ['that breaks off', (_request, response) => response.destroy(), 'logo_uri: '],
])('a picture %s is not taken: the application is registered, and the reason said', async (_what, answers, reason) => {
  answer = answers;
  const logo = `${at}/logo.svg`;
  const result = await apply(logo);
  expect(result).toMatchObject({ status: 0, outcome: 'created', err: '' });
  expect(result.warning).toContain(reason);
  expect(result.warning).toContain('letters of the name');
  expect(await stored()).toEqual(nothing);
  // the next run tries again
  expect(await apply(logo)).toMatchObject({ outcome: 'unchanged', warning: result.warning });
  answer = (_request, response) => response.end(SVG);
  expect(await apply(logo)).toMatchObject({ outcome: 'changed', members: ['logo_uri'], warning: undefined });
  expect(await stored()).toMatchObject({ picture: SVG });
});

test('rule 18: a logo is fetched from no private network, and no redirect leads to one', async () => {
  const other = createServer((_request, response) => response.end(SVG));
  await new Promise<void>((listens) => other.listen(0, '127.0.0.1', listens));
  try {
    answer = (_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` }).end();
    expect((await apply(`${at}/logo.svg`)).warning).toContain('it leads to another address (302)');
    expect(await stored()).toEqual(nothing);
    shell.environment.PEDEL_ALLOW_NETWORKS = '';
    asked = [];
    answer = (_request, response) => response.end(SVG);
    expect((await apply(`${at}/logo.svg`)).warning).toContain('no public address');
    expect(asked).toEqual([]);
  } finally {
    other.close();
  }
});

test('a failed fetch of another address leaves no picture of the address before', async () => {
  await apply(`${at}/logo.svg`);
  answer = (_request, response) => response.writeHead(500).end();
  expect(await apply(`${at}/new.svg`)).toMatchObject({ outcome: 'changed', members: ['logo_uri'] });
  expect(await stored()).toEqual(nothing);
});

test('offline, no other host is asked and what was fetched before stays; a dry run stores nothing', async () => {
  const logo = `${at}/logo.svg`;
  expect((await apply(logo, '--offline')).warning).toContain('not fetched');
  expect((await apply(logo, '--offline')).outcome).toBe('unchanged');
  expect(asked).toEqual([]);
  expect(await apply(logo, '--dry-run')).toMatchObject({ outcome: 'changed', members: ['logo_uri'] });
  expect(await stored()).toEqual(nothing);
  await apply(logo);
  expect(await apply(logo, '--offline')).toMatchObject({ outcome: 'unchanged', warning: undefined });
  expect(await stored()).toMatchObject({ picture: SVG });
});

test('for people, the reason stands below the application, and show says whether there is a logo', async () => {
  answer = (_request, response) => response.writeHead(404).end();
  const registration = { client_id: 'a', redirect_uris: ['https://a.example/'], logo_uri: `${at}/logo.svg` };
  const file = shell.file('clients.json', JSON.stringify([registration]));
  expect((await shell.run('clients', 'apply', file)).out).toContain(
    '    logo_uri: the answer was 404. Until a later run fetches it, letters of the name stand in its place\n',
  );
  expect(JSON.parse((await shell.run('clients', 'show', 'a')).out)).toMatchObject({ logo: 'not fetched yet' });
  answer = (_request, response) => response.end(SVG);
  await shell.run('clients', 'apply', file);
  expect(JSON.parse((await shell.run('clients', 'show', 'a')).out)).toMatchObject({ logo: 'shown' });
});

function endless(response: ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536)));
  };
  response.on('drain', more);
  more();
}
