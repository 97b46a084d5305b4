/** `pedel sources`: what is configured, tokens that are shown once, and the release of what the safeguard holds. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CommandLine, openCommandLine } from './command-line.ts';

let line: CommandLine;
beforeEach(() => {
  line = openCommandLine();
});
afterEach(() => line.close());

const config = 'config/pedel.yaml';
const sources = (...argv: string[]) => line.run('sources', ...argv, '--config', config);

test('a token is shown once, two at most, and is taken back by its id', async () => {
  const first = await sources('token', 'hr');
  expect(first.out).toMatch(/^pedel-scim\.hr\.[\w-]{43} {3}\(shown only now\)\nhr {2}[0-9a-f]{8}\n$/);
  const second = JSON.parse((await sources('token', 'hr', '--json')).out) as { id: string; token: string };
  const full = await sources('token', 'hr');
  expect(full).toMatchObject({ status: 1, err: expect.stringContaining(`pedel sources revoke hr`) });
  const listed = await sources('list');
  expect(listed.out).toContain(second.id);
  expect(listed.out).not.toContain(second.token.slice(-20));
  expect(listed.out).toMatch(/^csv .*no token$/m);
  expect((await sources('revoke', 'hr', second.id)).out).toBe(`${second.id}: revoked\n`);
  expect(await sources('revoke', 'hr', second.id)).toMatchObject({
    status: 1,
    err: expect.stringContaining('pedel sources list'),
  });
  expect((await sources('token', 'hr')).status).toBe(0);
});

test('a source is released by as many as are named', async () => {
  expect((await sources('release', 'hr', '--people', '340')).out).toBe(
    'hr: 0 lost access within 24 hours, and now 365 may\n',
  );
  const listed = JSON.parse((await sources('list', '--json')).out) as { id: string; most: number }[];
  expect(listed.find(({ id }) => id === 'hr')).toMatchObject({ most: 365, closed: 0, people: 0, tokens: [] });
  line.clock.now += 24 * 60 * 60 * 1000;
  expect((await sources('list')).out).toMatch(/^hr .*0 of at most 25 lost access/m);
  expect((await sources('release', 'hr', '--people', 'all')).status).toBe(1);
});

test('a source that is not configured is named with those that are', async () => {
  for (const argv of [
    ['token', 'sap'],
    ['release', 'sap', '--people', '1'],
  ])
    expect(await sources(...argv)).toMatchObject({ status: 1, err: expect.stringContaining('its sources: csv, hr') });
});
