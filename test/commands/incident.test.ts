/** `pedel incident`: by the number alone. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anAccount } from '../support/account.ts';
import { type CommandLine, openCommandLine } from './command-line.ts';

let line: CommandLine;
beforeAll(async () => {
  line = openCommandLine();
  await line.withStorage(async ({ accounts, incidents }) => {
    await accounts.insert(anAccount({ familyName: 'Pee\u001b[2Jters' }));
    const at = Date.UTC(2026, 10, 30, 8);
    await incidents.add([
      {
        id: '8c1f2e3d4a',
        at,
        kind: 'not-open-to-person',
        client: 'toledo',
        account: 'account-1',
        page: '/interaction/:uid',
      },
    ]);
  });
});
afterAll(() => line.close());

test('tells when, what, to whom and where, and what to do', async () => {
  const { status, out } = await line.run('incident', '8C1F 2E3D 4A');
  expect(status).toBe(0);
  expect(out).toMatch(/^2026-11-30T08:00:00\.000Z {2}The application is not open to this person\.\nLook at the/);
  expect(out).toContain('account account-1\napplication: toledo\npage: /interaction/:uid\n');
  expect(out).not.toContain('\u001b');
  expect(JSON.parse((await line.run('incident', '8c1f2e3d4a', '--json')).out)).toMatchObject({
    id: '8c1f2e3d4a',
    kind: 'not-open-to-person',
    at: '2026-11-30T08:00:00.000Z',
  });
});

test.each(['8c1f2e3d4b', 'x', ''])('a number that nobody has (%j) has an exit status of its own', async (number) => {
  expect(await line.run('incident', number)).toMatchObject({ status: 3, err: expect.stringContaining('14 days') });
});
