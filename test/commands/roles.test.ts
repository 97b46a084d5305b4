/** `pedel roles`: lists, grants and revokes, and prints the link of the first owner. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { anAccount } from '../support/account.ts';
import { type CommandLine, openCommandLine, startOfTests } from './command-line.ts';

let shell: CommandLine;
beforeEach(async () => {
  shell = openCommandLine();
  await shell.withStorage(async ({ accounts }) => {
    for (const n of [1, 2])
      await accounts.insert(
        anAccount({ id: `account-${n}`, userNumbers: [`u000000${n}`], emails: [], activatedAt: startOfTests - 1 }),
      );
  });
});
afterEach(() => shell.close());

test('grants, lists and revokes by the beginning of an id; the last owner stays', async () => {
  expect((await shell.run('roles', 'list')).out).toContain('nobody has a role yet');
  expect((await shell.run('roles', 'grant', 'u0000001', 'owner')).out).toMatch(/^granted: owner \(association\)/);
  expect((await shell.run('roles', 'grant', 'u0000001', 'owner')).out).toMatch(/^unchanged/);
  const where = await shell.run('roles', 'grant', 'u0000002', 'desk');
  expect(where).toMatchObject({
    status: 1,
    err: expect.stringContaining('say where it holds: --organisation, one of'),
  });
  const some = await shell.run('roles', 'grant', 'u0000002', 'desk', '--association', '--json');
  expect(JSON.parse(some.out)).toMatchObject({ changed: true, grant: { role: 'desk', organisations: 'association' } });
  const listed = JSON.parse((await shell.run('roles', 'list', '--json')).out);
  expect(listed).toMatchObject([
    { role: 'owner', name: 'Annelies Peeters (u0000001)', state: 'able', grantedAt: '2026-10-01T10:00:00.000Z' },
    { role: 'desk' },
  ]);
  const [owner, desk] = listed;
  expect(await shell.run('roles', 'revoke', owner.id)).toMatchObject({
    status: 1,
    err: expect.stringContaining('the last owner who can sign in'),
  });
  expect((await shell.run('roles', 'revoke', desk.id.slice(0, 8))).out).toMatch(/^revoked: desk/);
  expect(await shell.run('roles', 'revoke', 'nothing')).toMatchObject({
    status: 1,
    err: expect.stringContaining('pedel roles list prints them all'),
  });
});

test('says why something cannot be granted', async () => {
  for (const [argv, remedy] of [
    [['u0000009', 'owner'], 'no account has the number'],
    [['terraform', 'auditor', '--client', '--association'], 'no client has the id "terraform"'],
    [['u0000001', 'owner', '--organisation', 'example'], 'leave out --organisation'],
    [['u0000001', 'desk', '--organisation', 'nowhere'], 'the organisations are'],
    [['u0000001', 'king'], 'Allowed choices are owner'],
  ] as const)
    expect([argv, await shell.run('roles', 'grant', ...argv)]).toEqual([
      argv,
      expect.objectContaining({ status: 1, err: expect.stringContaining(remedy) }),
    ]);
});

test('prints a link for the first owner, and none once there is one', async () => {
  expect((await shell.run('roles', 'first-owner')).out).toMatch(
    /http:\/\/localhost:3000\/first-owner\?key=[\w-]{32}\n$/,
  );
  await shell.run('roles', 'grant', 'u0000001', 'owner');
  expect(JSON.parse((await shell.run('roles', 'first-owner', '--json')).out)).toEqual({ link: null });
});
