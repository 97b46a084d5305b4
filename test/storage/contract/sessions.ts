import { expect, test } from '@jest/globals';
import type { ProtocolRecords, SessionRecord } from '../../../src/domain/ports/protocol-records.ts';
import { count, crowds, meeting, race, together, turns } from './together.ts';

const session = (change: Partial<SessionRecord> = {}): SessionRecord => ({
  uid: 'uid',
  accountId: 'a',
  authorizations: {},
  ...change,
});
const END = 1000;

export function sessionsContract(records: () => ProtocolRecords, rounds: number): void {
  const create = (record = session(), key = 'key') => records().saveSession({ key, record, expiresAt: END, now: 0 });
  const stored = async (uid = 'uid') => (await records().findSession({ uid }, 0))?.record;
  /** what a round of a race works on */
  const named = (round: number) => ({ uid: `uid ${round}`, key: `key ${round}` });

  /** What every request does: reads, lets others have a turn, changes, writes. */
  async function request(
    change: (record: SessionRecord) => void,
    {
      key = 'key',
      newKey = key,
      thinks = 1,
      after,
      allHaveRead,
    }: {
      key?: string;
      newKey?: string;
      thinks?: number;
      after?: Promise<unknown>;
      allHaveRead?: () => Promise<void>;
    } = {},
  ) {
    const found = await records().findSession({ key }, 0);
    if (found === undefined) return 'not found';
    const record = structuredClone(found.record);
    change(record);
    await allHaveRead?.();
    await turns(thinks);
    await after;
    return records().saveSession({
      key: newKey,
      readKey: found.key,
      record,
      read: found.text,
      readRevision: thinks % 2 === 0 ? undefined : found.revision,
      expiresAt: END,
      now: 0,
    });
  }
  const signOn = (client: string) => (record: SessionRecord) => {
    record.authorizations = { ...record.authorizations, [client]: { sid: `sid of ${client}`, grantId: client } };
  };
  const signOff = (client: string) => (record: SessionRecord) => {
    delete record.authorizations?.[client];
  };

  test('a session is found whole by its key and its uid, until it expires', async () => {
    expect(await create(session({ amr: ['pwd'] }))).toBe('saved');
    const found = { key: 'key', record: session({ amr: ['pwd'] }) };
    expect(await records().findSession({ key: 'key' }, END - 1)).toMatchObject(found);
    expect(await records().findSession({ uid: 'uid' }, END - 1)).toMatchObject(found);
    for (const by of [{ key: 'key' }, { uid: 'uid' }]) expect(await records().findSession(by, END)).toBeUndefined();
    for (const by of [{ key: 'uid' }, { uid: 'key' }]) expect(await records().findSession(by, 0)).toBeUndefined();
    const lives = [END - 1, END].map((now) => records().sessionLives('uid', now));
    expect(await Promise.all([...lives, records().sessionLives('key', 0)])).toEqual([true, false, false]);
  });

  race('of %i who start a session of one uid, one does', crowds, rounds, async (callers, round) => {
    const { uid, key } = named(round);
    const results = await together(callers, (caller) => create(session({ uid, caller }), `${key} ${caller}`));
    expect(count(results, 'saved')).toBe(1);
    expect((await stored(uid))?.caller).toBe(results.indexOf('saved'));
  });

  race('%i clients that sign on silently at once are all in the session', [25, 100], rounds, async (clients, round) => {
    const { uid, key } = named(round);
    await create(session({ uid }), key);
    const results = await together(clients, (client) => request(signOn(`client ${client}`), { key }));
    expect(count(results, 'saved')).toBe(clients);
    const authorizations = (await stored(uid))?.authorizations ?? {};
    expect(Object.keys(authorizations)).toHaveLength(clients);
    expect(authorizations['client 7']).toEqual({ sid: 'sid of client 7', grantId: 'client 7' });
  });

  test('a client that signed off stays off, whatever requests under way had read', async () => {
    await create(session({ authorizations: { gone: { sid: '1' }, stays: { sid: '2' } } }));
    await together(25, (caller) =>
      request(caller === 12 ? signOff('gone') : signOn(`client ${caller}`), { thinks: caller % 5 }),
    );
    const authorizations = (await stored())?.authorizations ?? {};
    expect(Object.keys(authorizations)).toHaveLength(25);
    expect(authorizations).not.toHaveProperty('gone');
    expect(authorizations.stays).toEqual({ sid: '2' });
  });

  test('a client that signed off and on again is on', async () => {
    await create(session({ authorizations: { c: { sid: 'old' } } }));
    const off = request(signOff('c'));
    await Promise.all([off, request(signOn('c'), { after: off })]);
    expect((await stored())?.authorizations?.c).toEqual({ sid: 'sid of c', grantId: 'c' });
  });

  test('other members are merged in the same way: changed, removed, left alone', async () => {
    await create(session({ acr: 'sfa', state: { a: 1 }, loginTs: 5 }));
    const allHaveRead = meeting(3);
    await Promise.all([
      request(
        (record) => {
          record.acr = 'mfa';
        },
        { allHaveRead },
      ),
      request(
        (record) => {
          delete record.state;
        },
        { thinks: 2, allHaveRead },
      ),
      request(
        (record) => {
          record.added = true;
        },
        { thinks: 3, allHaveRead },
      ),
    ]);
    expect(await stored()).toEqual(session({ acr: 'mfa', loginTs: 5, added: true }));
  });

  test('members in another order, or undefined, are no change', async () => {
    await create(session({ state: { a: 1, b: 2 }, acr: 'sfa' }));
    const allHaveRead = meeting(2);
    await Promise.all([
      request(
        (record) => {
          record.state = { a: 9, b: 2 };
        },
        { allHaveRead },
      ),
      request(
        (record) => {
          record.state = { b: 2, a: 1 };
          record.transient = undefined;
        },
        { thinks: 3, allHaveRead },
      ),
    ]);
    expect(await stored()).toEqual(session({ state: { a: 9, b: 2 }, acr: 'sfa' }));
  });

  test('a rotated key works, the old one no longer, and a request under way does not rotate it back', async () => {
    await create();
    const allHaveRead = meeting(2);
    const results = await Promise.all([
      request(signOn('one'), { newKey: 'rotated', thinks: 1, allHaveRead }),
      request(signOn('two'), { thinks: 4, allHaveRead }),
    ]);
    expect(results).toEqual(['saved', 'saved']);
    expect(await records().findSession({ key: 'key' }, 0)).toBeUndefined();
    const found = await records().findSession({ key: 'rotated' }, 0);
    expect(Object.keys(found?.record.authorizations ?? {}).toSorted()).toEqual(['one', 'two']);
    expect(await create(session({ uid: 'other' }), 'key')).toBe('saved'); // nobody holds the old key
  });

  test('without what it was read under, a key counts as changed', async () => {
    await create();
    const read = session();
    expect(
      await records().saveSession({ key: 'k2', record: read, read: JSON.stringify(read), expiresAt: END, now: 0 }),
    ).toBe('saved');
    expect((await records().findSession({ uid: 'uid' }, 0))?.key).toBe('k2');
  });

  test('a session that is not there is not written to', async () => {
    const read = session();
    expect(
      await records().saveSession({ key: 'key', record: read, read: JSON.stringify(read), expiresAt: END, now: 0 }),
    ).toBe('gone');
    expect(await stored()).toBeUndefined();
  });

  test('an expired session is not revived, and its uid not used again', async () => {
    await create();
    const read = session();
    const late = { key: 'key', record: read, expiresAt: 5000, now: END };
    const { revision: readRevision } = (await records().findSession({ key: 'key' }, 0)) ?? {};
    expect(await records().saveSession({ ...late, read: JSON.stringify(read) })).toBe('gone');
    expect(await records().saveSession({ ...late, read: JSON.stringify(read), readKey: 'key', readRevision })).toBe(
      'gone',
    );
    expect(await records().saveSession(late)).toBe('gone');
    expect(await records().findSession({ uid: 'uid' }, END)).toBeUndefined();
  });

  test('a use moves the end', async () => {
    await create();
    const read = session();
    await records().saveSession({
      key: 'key',
      record: read,
      read: JSON.stringify(read),
      expiresAt: 5000,
      now: END - 1,
    });
    expect(await records().findSession({ uid: 'uid' }, 4999)).toBeDefined();
  });

  race('of %i who destroy a session, one is told that it did', crowds, rounds, async (callers, round) => {
    const { uid, key } = named(round);
    await create(session({ uid }), key);
    const ended = await together(callers, () => records().destroySession(uid));
    expect(ended.filter((record) => record !== undefined)).toEqual([session({ uid })]);
    expect(await stored(uid)).toBeUndefined();
    expect(await records().destroySession('unknown')).toBeUndefined();
  });

  race(
    'of %i clients that sign on while it ends, those that got in are in what it ended with',
    [25, 100],
    rounds,
    async (clients, round) => {
      const { uid, key } = named(round);
      await create(session({ uid }), key);
      let ended: SessionRecord | undefined;
      const results = await together(clients + 1, async (client) => {
        if (client < clients) return request(signOn(`client ${client}`), { key, thinks: client % 7 });
        await turns(3);
        ended = await records().destroySession(uid);
        return 'ended';
      });
      const joined = results.flatMap((result, client) => (result === 'saved' ? [`client ${client}`] : []));
      expect(Object.keys(ended?.authorizations ?? {}).toSorted()).toEqual(joined.toSorted());
    },
  );

  test('an expired session, too, ends for one caller, and is listed until then', async () => {
    await create();
    const read = session();
    await records().saveSession({ key: 'key', record: read, read: JSON.stringify(read), expiresAt: 900, now: 0 });
    expect(await records().sessionsOf('a')).toEqual([{ key: 'key', record: read, expiresAt: 900 }]);
    const ended = await together(5, () => records().destroySession('uid'));
    expect(ended.filter((record) => record !== undefined)).toEqual([read]);
    expect(await records().sessionsOf('a')).toEqual([]);
    expect((await records().expiredSessions(END, undefined, 9)).sessions).toEqual([]);
  });

  test('expired sessions that nobody ended are read page by page, longest expired first', async () => {
    const ends = { b: 30, a: 10, 'c:d': 10, e: 20, living: 41, ended: 10, f: 40 };
    for (const [uid, expiresAt] of Object.entries(ends))
      await records().saveSession({ key: `key of ${uid}`, record: session({ uid }), expiresAt, now: 0 });
    await records().destroySession('ended');
    const pages: string[][] = [];
    for (let after: string | undefined; ; ) {
      const { sessions, next } = await records().expiredSessions(40, after, 2);
      pages.push(sessions.map(({ uid }) => uid));
      if (next === undefined) break;
      after = next;
    }
    expect(pages.flat().slice(0, 2).toSorted()).toEqual(['a', 'c:d']);
    expect(pages.flat().slice(2)).toEqual(['e', 'b', 'f']);
    expect(pages.every((page) => page.length <= 2)).toBe(true);
    expect((await records().expiredSessions(9, undefined, 9)).sessions).toEqual([]);
  });

  race(
    'whatever the order of %i requests, a destroyed session is never seen again',
    crowds,
    rounds,
    async (callers, round) => {
      const { uid, key } = named(round);
      const accountId = `a ${round}`;
      const destroyedBy = (round * 7) % callers; // another one each round, early or late
      await create(session({ uid, accountId }), key);
      const results = await together(callers, async (caller) => {
        if (caller === destroyedBy) {
          await turns(caller % 4);
          return (await records().destroySession(uid)) !== undefined;
        }
        const newKey = caller % 3 === 0 ? `rotated ${uid} ${caller}` : key;
        return request(signOn(`client ${caller}`), { key, newKey, thinks: caller % 7 });
      });
      expect(count(results, true)).toBe(1);
      expect(await records().findSession({ uid }, 0)).toBeUndefined();
      expect(await records().sessionLives(uid, 0)).toBe(false);
      for (let caller = 0; caller < callers; caller += 3)
        expect(await records().findSession({ key: `rotated ${uid} ${caller}` }, 0)).toBeUndefined();
      expect(await create(session({ uid }), `new ${key}`)).toBe('gone');
      expect(await records().sessionsOf(accountId)).toEqual([]);
    },
  );

  test('the sessions of an account are those that nobody ended, with their keys and ends', async () => {
    await create(session({ uid: '1' }), 'k1');
    await create(session({ uid: '2' }), 'k2');
    await create(session({ uid: '3', accountId: 'b' }), 'k3');
    await create(session({ uid: '4' }), 'k4');
    await records().destroySession('2');
    await request(
      (record) => {
        record.accountId = 'b';
      },
      { key: 'k4' },
    );
    expect(await records().sessionsOf('a')).toEqual([{ key: 'k1', record: session({ uid: '1' }), expiresAt: END }]);
    expect((await records().sessionsOf('b')).map(({ key }) => key).toSorted()).toEqual(['k3', 'k4']);
  });

  test('revoking a grant leaves the session alone', async () => {
    await create(session({ authorizations: { c: { grantId: 'g' } } }));
    await records().revokeByGrant('g');
    expect(await stored()).toBeDefined();
  });
}
