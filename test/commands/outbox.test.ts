/** `pedel outbox`: what is set aside is seen and tried again by hand. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CommandLine, openCommandLine } from './command-line.ts';

let line: CommandLine;
beforeEach(async () => {
  line = openCommandLine();
  await line.withStorage(async ({ outbox }) => {
    for (const id of ['first', 'second', 'waits']) {
      await outbox.put({ id, kind: 'letter', accountId: 'a', payload: { to: 'an@example.org' }, createdAt: 1 });
      if (id !== 'waits') for (const at of [1, 2, 3]) await outbox.claim('letter', at, at + 1, 9);
    }
  });
});
afterEach(() => line.close());

const state = (id: string) =>
  line.withStorage(async ({ outbox }) => (await outbox.list({}, undefined, 9)).find((each) => each.id === id)?.state);

test('pedel logouts says who was told, when the next try is, and why not yet', async () => {
  await line.withStorage(async ({ outbox }) => {
    for (const id of ['told', 'waits2', 'gone']) {
      const payload = { clientId: `app-${id}`, accountId: 'a', sid: 's' };
      await outbox.put({ id, kind: 'backchannel-logout', accountId: 'a', payload, createdAt: 1 });
    }
    await outbox.claim('backchannel-logout', 1, 20, 9);
    await outbox.done('told', 20, 2);
    await outbox.retry('waits2', 20, 60_000, 'app: answered 503');
    await outbox.failed('gone', 20, 3, 'app: answered 400');
  });
  const { out } = await line.run('logouts');
  expect(out).toMatch(/told +app-told .*1970-01-01T00:00:00.002Z$/m);
  expect(out).toMatch(/waiting +app-waits2 .*next try 1970-01-01T00:01:00.000Z: app: answered 503$/m);
  expect(out).toMatch(/given-up +app-gone .*: app: answered 400$/m);
  const json = await line.run('logouts', '--state', 'given-up', '--json');
  expect(JSON.parse(json.out)).toMatchObject({ application: 'app-gone', state: 'given-up', why: 'app: answered 400' });
});

describe('pedel outbox', () => {
  test('list shows what is set aside and why, without whom it is for; storage status counts it', async () => {
    const { status, out } = await line.run('outbox', 'list');
    expect([status, out.split('\n').filter((each) => each !== '')]).toEqual([
      0,
      ['first', 'second'].map((id) =>
        expect.stringMatching(new RegExp(`^${id} {2}letter of account a, .*two processes died`)),
      ),
    ]);
    const json = await line.run('outbox', 'list', '--json');
    expect(JSON.parse(json.out.split('\n')[0] ?? '')).toMatchObject({ id: 'first', state: 'set-aside', lostClaims: 2 });
    expect(out + json.out).not.toContain('example.org');
    expect((await line.run('outbox', 'list', '--state', 'waiting')).out).toMatch(/^waits /);
    expect((await line.run('outbox', 'list', '--state', 'done')).err).toBe('no entry is done\n');
    expect((await line.run('storage', 'status')).out).toMatch(/backlog +1 waiting.*; 2 set aside/);
  });

  test('retry makes due what is named, says what was not set aside, and leaves an audit entry', async () => {
    expect(await line.run('outbox', 'retry', 'first', 'waits')).toMatchObject({
      status: 1,
      out: expect.stringMatching(/^1 entry is due now/),
      err: expect.stringContaining('not set aside: waits'),
    });
    expect([await state('first'), await state('second')]).toEqual(['waiting', 'set-aside']);
    expect((await line.run('outbox', 'retry', '--all')).out).toMatch(/^1 entry is due now/);
    expect(await state('second')).toBe('waiting');
    expect((await line.run('audit', '--action', 'outbox.tried-again')).out.trim().split('\n')).toHaveLength(2);
    expect(await line.run('outbox', 'retry')).toMatchObject({ status: 1, err: expect.stringContaining('--all') });
  });
});
