import { expect, test } from '@jest/globals';
import { messageIdOf } from '../../../src/domain/desk/message-id.ts';
import type { Outbox, OutboxItem } from '../../../src/domain/ports/outbox.ts';
import { count, crowds, race, together } from './together.ts';

const item = (id: string, change: Partial<OutboxItem> = {}): OutboxItem => ({
  id,
  kind: 'letter',
  accountId: 'a',
  payload: { template: 'reset', sealedSecret: 'sealed' },
  createdAt: 10,
  ...change,
});

export function outboxContract(outbox: () => Outbox, rounds: number): void {
  const ids = (entries: { id: string }[]) => entries.map(({ id }) => id);

  race('of %i who put the same id, one stores it', crowds, rounds, async (callers, round) => {
    const accountId = `a${round}`;
    const results = await together(callers, (caller) =>
      outbox().put(item(`${accountId}:1:0`, { accountId, payload: { caller } })),
    );
    expect(count(results, true)).toBe(1);
    expect((await outbox().byAccount(accountId, 9)).map(({ payload }) => payload)).toEqual([
      { caller: results.indexOf(true) },
    ]);
  });

  test('an item that was sent is not put again', async () => {
    await outbox().put(item('a:1:0'));
    await outbox().claim('letter', 10, 20, 9);
    await outbox().done('a:1:0', 20, 11);
    expect(await outbox().put(item('a:1:0'))).toBe(false);
    expect(await outbox().claim('letter', 1000, 2000, 9)).toEqual([]);
  });

  test('an item comes back whole', async () => {
    await outbox().put(item('x', { expiresAt: 99 }));
    expect(await outbox().list({}, undefined, 9)).toEqual([
      { ...item('x', { expiresAt: 99 }), state: 'waiting', attempts: 0, nextAttemptAt: 10 },
    ]);
  });

  race(
    '%i who claim at once each get other items, and all items are claimed',
    crowds,
    rounds,
    async (callers, round) => {
      const put = await together(150, async (number) => {
        await outbox().put(item(`${round}:${number}`));
        return `${round}:${number}`;
      });
      const claim = () => outbox().claim('letter', 10, 1000, 7);
      const claimed = ids((await together(callers, claim)).flat());
      expect(claimed).toHaveLength(Math.min(150, callers * 7));
      for (let more = await claim(); more.length > 0; more = await claim()) claimed.push(...ids(more));
      expect(claimed.toSorted()).toEqual(put.toSorted());
      const ended = await Promise.all(claimed.map((id) => outbox().done(id, 1000, 11)));
      expect(count(ended, true)).toBe(150);
    },
  );

  test('what is not due, of another kind or leased is not claimed; the longest due comes first', async () => {
    await outbox().put(item('later', { createdAt: 11 }));
    await outbox().put(item('second', { createdAt: 9 }));
    await outbox().put(item('first', { createdAt: 8 }));
    await outbox().put(item('logout', { kind: 'backchannel-logout' }));
    const claimed = await outbox().claim('letter', 10, 20, 9);
    expect(ids(claimed)).toEqual(['first', 'second']);
    expect(claimed.map(({ attempts, leasedUntil }) => [attempts, leasedUntil])).toEqual([
      [1, 20],
      [1, 20],
    ]);
    expect(ids(await outbox().claim('letter', 19, 30, 9))).toEqual(['later']);
  });

  test('a lease that ended is claimed by one other, and its late holder ends nothing', async () => {
    await outbox().put(item('x'));
    await outbox().claim('letter', 10, 20, 9);
    const claims = await together(20, () => outbox().claim('letter', 20, 30, 9));
    expect(claims.flat().map(({ attempts }) => attempts)).toEqual([2]);
    expect(await outbox().done('x', 20, 25)).toBe(false);
    expect(await outbox().retry('x', 20, 25, 'late')).toBe(false);
    expect(await outbox().failed('x', 20, 25, 'late')).toBe(false);
    expect(await outbox().done('x', 30, 25)).toBe(true);
    expect(await outbox().done('x', 30, 25)).toBe(false);
  });

  test('what is due is claimed as of now while leases count as over as of earlier', async () => {
    await outbox().put(item('leased'));
    await outbox().claim('letter', 10, 20, 9);
    await outbox().put(item('new', { createdAt: 25 }));
    expect(ids(await outbox().claim('letter', 30, 40, 9, { leasesAsOf: 19 }))).toEqual(['new']);
    expect(ids(await outbox().claim('letter', 30, 40, 9, { leasesAsOf: 20 }))).toEqual(['leased']);
  });

  test('a lease that is prolonged in time is claimed by nobody, and ends its claim under its new end', async () => {
    await outbox().put(item('x'));
    await outbox().claim('letter', 10, 20, 9);
    expect(await outbox().prolong('x', 19, 40)).toBe(false);
    const prolonged = await together(20, (caller) => outbox().prolong('x', 20, 30 + caller));
    expect(count(prolonged, true)).toBe(1);
    const until = 30 + prolonged.indexOf(true);
    expect(await outbox().claim('letter', until - 1, 90, 9)).toEqual([]);
    expect(await outbox().done('x', 20, 25)).toBe(false);
    const claims = await together(20, () => outbox().claim('letter', until, 90, 9));
    expect(claims.flat()).toHaveLength(1);
    expect(await outbox().prolong('x', until, 99)).toBe(false);
    expect(await outbox().done('x', 90, 80)).toBe(true);
    expect(await outbox().prolong('x', 90, 99)).toBe(false);
  });

  test('an item tried in vain waits for its time under no lease', async () => {
    await outbox().put(item('x'));
    await outbox().claim('letter', 10, 20, 9);
    expect(await outbox().retry('x', 20, 50, 'refused')).toBe(true);
    expect(await outbox().claim('letter', 49, 60, 9)).toEqual([]);
    const [again] = await outbox().claim('letter', 50, 60, 9);
    expect(again).toMatchObject({ attempts: 2, lastError: 'refused', payload: { sealedSecret: 'sealed' } });
  });

  test('two claims that never ended set an item aside: one caller is told, and nobody is given it by itself', async () => {
    await outbox().put(item('x'));
    await outbox().claim('letter', 10, 20, 9);
    const [second] = await outbox().claim('letter', 20, 30, 9);
    expect(second).toMatchObject({ state: 'waiting', attempts: 2, lostClaims: 1 });
    const claims = await together(20, () => outbox().claim('letter', 30, 40, 9));
    const aside = {
      state: 'set-aside',
      attempts: 2,
      lostClaims: 2,
      finishedAt: 30,
      lastError: expect.stringContaining('set aside'),
      payload: { sealedSecret: 'sealed' },
    };
    expect(claims.flat()).toEqual([
      expect.objectContaining({ ...aside, payload: expect.objectContaining(aside.payload) }),
    ]);
    expect(await outbox().claim('letter', 1e9, 2e9, 9)).toEqual([]);
    expect(await outbox().done('x', 30, 31)).toBe(false);
    expect(await outbox().list({ state: 'set-aside' }, undefined, 9)).toHaveLength(1);
    expect(await outbox().backlog(1e9)).toEqual({ waiting: 0, failed: 0, setAside: 1, oldestDueAt: undefined });
  });

  test('what is urgent is claimed before what has been due for longer, also behind hundreds', async () => {
    const first = Array.from({ length: 150 }, (_, each) => `patient-${String(each).padStart(3, '0')}`);
    await together(150, (each) => outbox().put(item(first[each] ?? '', { createdAt: 1 })));
    await outbox().put(item('urgent-2', { createdAt: 9, urgent: true }));
    await outbox().put(item('urgent-1', { createdAt: 8, urgent: true }));
    await outbox().put(item('of another kind', { createdAt: 8, urgent: true, kind: 'webhook' }));
    await outbox().put(item('not due', { createdAt: 11, urgent: true }));
    const claimed = await outbox().claim('letter', 10, 20, 4);
    expect(ids(claimed)).toEqual(['urgent-1', 'urgent-2', expect.stringMatching(/^patient/), expect.any(String)]);
    expect(claimed.map(({ urgent }) => urgent)).toEqual([true, true, undefined, undefined]);
    await outbox().put(item('urgent-3', { createdAt: 10, urgent: true }));
    expect(ids(await outbox().claim('letter', 10, 21, 9, { patient: 0 }))).toEqual(['urgent-3']);
    expect(await outbox().claim('letter', 10, 22, 9, { patient: 2 })).toHaveLength(2);
    expect((await outbox().list({ kind: 'letter' }, 'patient-149', 9)).map(({ urgent }) => urgent)).toEqual(
      [1, 2, 3].map(() => true),
    );
    const lost = await outbox().claim('letter', 20, 30, 200);
    expect(ids(lost.filter(({ lostClaims }) => lostClaims !== undefined))).toEqual(['urgent-1']);
  });

  test('of those that lost a claim one is held at a time, beside all others, and keeps none of these waiting', async () => {
    const lost = Array.from({ length: 12 }, (_, each) => `lost-${String(each).padStart(2, '0')}`);
    for (const id of lost) await outbox().put(item(id, { createdAt: 1 }));
    await outbox().claim('letter', 10, 20, 99);
    for (const id of ['x', 'y', 'z']) await outbox().put(item(id));
    const first = await outbox().claim('letter', 20, 30, 3);
    expect(first.map(({ id, lostClaims }) => [id, lostClaims])).toEqual([
      ['lost-00', 1],
      ['x', undefined],
      ['y', undefined],
    ]);
    expect(ids(await outbox().claim('letter', 20, 31, 9, { doubted: 0 }))).toEqual(['z']);
    expect(await outbox().claim('letter', 20, 32, 9, { doubted: 0 })).toEqual([]);
    expect(ids(await outbox().claim('letter', 20, 33, 9, { doubted: 2 }))).toEqual(['lost-01', 'lost-02']);
    expect(await outbox().backlog(20)).toMatchObject({ waiting: 15 });
    expect(ids(await outbox().claim('letter', 20, 34, 1))).toEqual(['lost-03']);
  });

  test('however many lost a claim, what lost none is found behind them, and what is urgent first', async () => {
    const put = (name: string, many: number, more: Partial<OutboxItem>) =>
      together(many, (each) => outbox().put(item(`${name}-${each}`, more)));
    await put('lost', 101, { createdAt: 1 });
    await put('lost-urgent', 9, { createdAt: 1, urgent: true });
    await outbox().claim('letter', 5, 8, 200);
    await put('fresh', 9, { createdAt: 9 });
    await outbox().put(item('reset', { createdAt: 9, urgent: true }));
    expect(ids(await outbox().claim('letter', 10, 20, 3, { doubted: 0 }))).toEqual([
      'reset',
      expect.stringMatching(/^fresh/),
      expect.stringMatching(/^fresh/),
    ]);
    await outbox().put(item('late', { createdAt: 9, urgent: true }));
    expect(ids(await outbox().claim('letter', 10, 21, 1, { doubted: 0, inOrder: true }))).toEqual([
      expect.stringMatching(/^fresh/),
    ]);
  });

  test('however many are to be set aside, they keep nobody from what may be delivered', async () => {
    for (const id of ['a', 'b', 'c']) await outbox().put(item(id, { createdAt: 1 }));
    for (const at of [10, 20]) await outbox().claim('letter', at, at + 10, 9, { doubted: 9 });
    await outbox().put(item('x'));
    const told = await outbox().claim('letter', 30, 40, 9, { doubted: 0 });
    expect(told.map(({ id, state }) => [id, state])).toEqual([
      ['a', 'set-aside'],
      ['b', 'set-aside'],
      ['c', 'set-aside'],
      ['x', 'waiting'],
    ]);
  });

  test('what is set aside is due again when somebody says so, and may lose two claims more', async () => {
    await outbox().put(item('x'));
    for (const at of [10, 20, 30]) await outbox().claim('letter', at, at + 10, 9);
    expect(await outbox().tryAgain('x', 40)).toBe(true);
    expect(await outbox().tryAgain('x', 40)).toBe(false);
    expect(await outbox().tryAgain('nobody', 40)).toBe(false);
    const [again] = await outbox().claim('letter', 40, 50, 9);
    expect(again).toMatchObject({ state: 'waiting', attempts: 3, nextAttemptAt: 40 });
    expect(again?.lostClaims).toBeUndefined();
    expect(again?.finishedAt).toBeUndefined();
    expect(await outbox().done('x', 50, 41)).toBe(true);
    expect(await outbox().tryAgain('x', 60)).toBe(false);
  });

  test('what was done and came back has failed, once, and what was not done has not', async () => {
    for (const id of ['x', 'y']) await outbox().put(item(id));
    await outbox().claim('letter', 10, 20, 1);
    const [done] = (await outbox().list({}, undefined, 9)).filter(({ leasedUntil }) => leasedUntil !== undefined);
    expect(await outbox().done(done?.id ?? '', 20, 11)).toBe(true);
    const other = done?.id === 'x' ? 'y' : 'x';
    expect(await outbox().bounced(other, 30, '552')).toBe(false);
    expect(await outbox().bounced(done?.id ?? '', 30, '552 5.2.2')).toBe(true);
    expect(await outbox().bounced(done?.id ?? '', 40, 'again')).toBe(false);
    const [came] = await outbox().list({ state: 'failed' }, undefined, 9);
    expect(came).toMatchObject({ id: done?.id, lastError: '552 5.2.2', finishedAt: 30 });
  });

  test('a logout or message that was given up is due again when somebody says so; a letter, which has lost its link, is not', async () => {
    for (const kind of ['webhook', 'letter'] as const) {
      await outbox().put({ ...item(kind), kind });
      const [claimed] = await outbox().claim(kind, 10, 20, 9);
      expect(await outbox().failed(kind, claimed?.leasedUntil ?? 0, 11, 'given up')).toBe(true);
    }
    expect([await outbox().tryAgain('webhook', 30), await outbox().tryAgain('letter', 30)]).toEqual([true, false]);
    const [again] = await outbox().claim('webhook', 30, 40, 9);
    expect(again).toMatchObject({ state: 'waiting', attempts: 2, lastError: 'given up' });
    expect(again?.finishedAt).toBeUndefined();
  });

  test('a claim that was ended is not lost, however often it was in vain', async () => {
    await outbox().put(item('x'));
    for (const at of [10, 20, 30, 40]) {
      const [claimed] = await outbox().claim('letter', at, at + 10, 9);
      expect(claimed?.lostClaims).toBeUndefined();
      await outbox().retry('x', at + 10, at + 10, '451');
    }
  });

  test('what is done or given up forgets its secret and stays visible', async () => {
    await outbox().put(item('sent'));
    await outbox().put(item('given up'));
    await outbox().claim('letter', 10, 20, 9);
    expect(await outbox().done('sent', 20, 11)).toBe(true);
    expect(await outbox().failed('given up', 20, 12, '550 no such user')).toBe(true);
    const [givenUp, sent] = await outbox().list({}, undefined, 9);
    expect(sent).toMatchObject({ state: 'done', finishedAt: 11, payload: { template: 'reset' } });
    expect(givenUp).toMatchObject({ state: 'failed', finishedAt: 12, lastError: '550 no such user' });
    expect(JSON.stringify([sent, givenUp])).not.toContain('sealed');
    expect(await outbox().claim('letter', 1000, 2000, 9)).toEqual([]);
  });

  test('a letter that was delivered is found by its Message-ID, and nothing else', async () => {
    for (const id of ['1', '2', '3', '4']) await outbox().put(item(id));
    await outbox().put(item('logout', { kind: 'backchannel-logout' }));
    for (const kind of ['letter', 'backchannel-logout'] as const) await outbox().claim(kind, 10, 20, 3);
    for (const id of ['1', '2', '3', 'logout']) await outbox().done(id, 20, 11);
    const sent = (id: string) => outbox().sentAs(messageIdOf(id));
    const [, , third] = await outbox().list({ kind: 'letter' }, undefined, 9);
    expect(await sent('3')).toEqual(third);
    expect(await sent('3')).toMatchObject({ id: '3', kind: 'letter', state: 'done', finishedAt: 11 });
    for (const none of ['4', '5', 'logout', '']) expect(await sent(none)).toBeUndefined();
    for (const none of ['3', '', '%']) expect(await outbox().sentAs(none)).toBeUndefined();
  });

  test('they are listed by kind and state in pages, and by account, the newest first', async () => {
    await outbox().put(item('1', { createdAt: 1 }));
    await outbox().put(item('2', { createdAt: 2 }));
    await outbox().put(item('3', { createdAt: 3, accountId: 'b' }));
    await outbox().put(item('4', { kind: 'backchannel-logout' }));
    await outbox().claim('letter', 1, 20, 9);
    await outbox().done('1', 20, 2);
    expect(ids(await outbox().list({ kind: 'letter', state: 'waiting' }, undefined, 9))).toEqual(['2', '3']);
    expect(ids(await outbox().list({ state: 'waiting' }, undefined, 2))).toEqual(['2', '3']);
    expect(ids(await outbox().list({ state: 'waiting' }, '3', 2))).toEqual(['4']);
    expect(ids(await outbox().byAccount('a', 2))).toEqual(['4', '2']);
    expect(ids(await outbox().byAccount('b', 9))).toEqual(['3']);
  });

  test('letters of an account are removed, whatever became of them, and none of others, nor its logouts', async () => {
    await outbox().put(item('1', { createdAt: 1 }));
    await outbox().put(item('2', { createdAt: 2 }));
    await outbox().put(item('3', { createdAt: 3, accountId: 'b' }));
    await outbox().put(item('4', { kind: 'backchannel-logout' }));
    await outbox().claim('letter', 1, 20, 9);
    await outbox().done('1', 20, 2);
    expect(await outbox().removeLetters('a')).toBe(2);
    expect(await outbox().removeLetters('a')).toBe(0);
    expect(ids(await outbox().list({}, undefined, 9))).toEqual(['3', '4']);
  });

  test('the backlog tells how many wait, how many were given up, and since when the oldest is due', async () => {
    expect(await outbox().backlog(0)).toEqual({ waiting: 0, failed: 0, setAside: 0, oldestDueAt: undefined });
    for (const createdAt of [10, 12, 14]) await outbox().put(item(String(createdAt), { createdAt }));
    await outbox().claim('letter', 10, 20, 1);
    await outbox().failed('10', 20, 11, 'no');
    expect(await outbox().backlog(11)).toEqual({ waiting: 2, failed: 1, setAside: 0, oldestDueAt: undefined });
    expect(await outbox().backlog(13)).toEqual({ waiting: 2, failed: 1, setAside: 0, oldestDueAt: 12 });
  });
}
