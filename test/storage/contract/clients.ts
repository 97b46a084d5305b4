import { expect, test } from '@jest/globals';
import type { ClientRecord, Clients } from '../../../src/domain/ports/clients.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { count, crowds, race, together } from './together.ts';

const client = (change: Partial<ClientRecord> = {}): ClientRecord => ({
  id: 'toledo',
  revision: 1,
  metadata: { redirect_uris: ['https://toledo.example/cb'] },
  secrets: [{ id: 's1', hash: 'h', createdAt: 1 }],
  createdAt: 1,
  updatedAt: 1,
  ...change,
});

export function clientsContract(clients: () => Clients, rounds: number): void {
  test('what was put is found whole, and nothing else', async () => {
    expect(await clients().put(client(), 0)).toBe(true);
    expect(await clients().find('toledo')).toEqual(client());
    expect(await clients().find('Toledo')).toBeUndefined();
  });

  test('until when it is valid and where it came from are read back as they were put, and taken away as well', async () => {
    const origin = { kind: 'apply', at: 8, by: 'an' } as const;
    const valid = client({ validUntil: 8.64e15, origin });
    await clients().put(valid, 0);
    expect(await clients().find('toledo')).toEqual(valid);
    expect(await clients().list(undefined, 9)).toEqual([valid]);
    await clients().put(client({ revision: 2, origin }), 1);
    expect(await clients().find('toledo')).toEqual(client({ revision: 2, origin }));
  });

  race('of %i who register the same id, one does', crowds, rounds, async (callers, round) => {
    const id = `toledo ${round}`;
    const results = await together(callers, (caller) => clients().put(client({ id, updatedAt: caller }), 0));
    expect(count(results, true)).toBe(1);
    expect((await clients().find(id))?.updatedAt).toBe(results.indexOf(true));
  });

  race('of %i who change the same revision, one does', crowds, rounds, async (callers, round) => {
    const id = `toledo ${round}`;
    await clients().put(client({ id }), 0);
    const results = await together(callers, (caller) =>
      clients().put(client({ id, revision: 2, updatedAt: caller }), 1),
    );
    expect(count(results, true)).toBe(1);
    expect((await clients().find(id))?.updatedAt).toBe(results.indexOf(true));
  });

  test('a client that is not there is neither changed nor removed', async () => {
    expect(await clients().put(client({ revision: 2 }), 1)).toBe(false);
    expect(await clients().remove('toledo')).toBe(false);
    expect(await clients().list(undefined, 9)).toEqual([]);
  });

  test('of 20 who remove it, one is told that it did, and the id may be used again', async () => {
    await clients().put(client(), 0);
    expect(count(await together(20, () => clients().remove('toledo')), true)).toBe(1);
    expect(await clients().find('toledo')).toBeUndefined();
    expect(await clients().put(client(), 0)).toBe(true);
  });

  test('they are listed by id, in pages', async () => {
    for (const id of ['c', 'a', 'b']) await clients().put(client({ id }), 0);
    expect((await clients().list(undefined, 2)).map(({ id }) => id)).toEqual(['a', 'b']);
    expect((await clients().list('b', 2)).map(({ id }) => id)).toEqual(['c']);
  });

  test('those of some ids are found together, by id, and ids that none has are passed over', async () => {
    for (const id of ['c', 'a', 'b', 'é"\\']) await clients().put(client({ id }), 0);
    await clients().remove('b');
    expect((await clients().findAll(['é"\\', 'c', 'none', 'b', 'a', 'a', 'C'])).map(({ id }) => id)).toEqual([
      'a',
      'c',
      'é"\\',
    ]);
    expect(await clients().findAll([])).toEqual([]);
  });

  test('the picture of a logo is stored with the record, stays with its logo, and goes with it and with the client', async () => {
    const logo = { uri: 'https://toledo.example/logo.svg', hash: 'h', type: 'image/svg+xml' } as const;
    expect(await clients().picture('toledo')).toBeUndefined();
    await clients().put(client({ logo }), 0, undefined, 'b25l');
    expect(await clients().picture('toledo')).toBe('b25l');
    expect(await clients().find('toledo')).toEqual(client({ logo }));
    expect(await clients().list(undefined, 9)).toEqual([client({ logo })]);
    await clients().put(client({ logo, revision: 2 }), 1);
    expect(await clients().picture('toledo')).toBe('b25l');
    expect(await clients().put(client({ logo, revision: 2 }), 1, undefined, 'dHdv')).toBe(false);
    expect(await clients().picture('toledo')).toBe('b25l');
    await clients().put(client({ logo, revision: 3 }), 2, undefined, 'dHdv');
    expect(await clients().picture('toledo')).toBe('dHdv');
    await clients().put(client({ revision: 4 }), 3);
    expect(await clients().picture('toledo')).toBeUndefined();
    await clients().put(client({ logo, revision: 5 }), 4, undefined, 'b25l');
    const actor = { kind: 'command', id: 'clients' } as const;
    await clients().remove('toledo', { id: 'gone', at: 1, action: 'client.removed', actor, client: 'toledo' });
    expect(await clients().picture('toledo')).toBeUndefined();
    await clients().put(client({ logo }), 0);
    expect(await clients().picture('toledo')).toBeUndefined();
  });

  test('each change leaves its revision in the history, with who did it and old and new values, and no secret', async () => {
    const actor = { kind: 'person', id: 'an' } as const;
    const entry = (id: string, at: number) => ({ id, at, action: 'client.changed', actor, client: 'toledo' }) as const;
    const secrets = [{ id: 's2', hash: 'sha256$new', createdAt: 2 }];
    await clients().put(client(), 0, { ...entry('e1', 5), action: 'client.created' });
    const second = client({ revision: 2, metadata: { client_name: 'Toledo' }, secrets, validUntil: 0 });
    await clients().put(second, 1, entry('e2', 6));
    expect(await clients().put(client({ revision: 2 }), 1, entry('e3', 7))).toBe(false);
    await clients().put({ ...second, revision: 3, disabled: { at: 8 } }, 2);
    expect(await clients().history('toledo')).toEqual([
      { revision: 1, at: 5, entry: { id: 'e1', action: 'client.created', actor }, changes: [] },
      {
        revision: 2,
        at: 6,
        entry: { id: 'e2', action: 'client.changed', actor },
        changes: [
          { member: 'redirect_uris', before: ['https://toledo.example/cb'] },
          { member: 'pedel_valid_until', after: '1970-01-01T00:00:00.000Z' },
          { member: 'client_name', after: 'Toledo' },
          { member: 'client_secret' },
        ],
      },
      { revision: 3, at: 1, changes: [{ member: 'disabled', after: { at: 8 } }] },
    ]);
    expect(JSON.stringify(await clients().list(undefined, 9))).not.toContain('changes');
  });

  test('the history goes with its client, and one of the same id begins anew', async () => {
    const actor = { kind: 'command', id: 'clients' } as const;
    await clients().put(client(), 0);
    await clients().put(client({ revision: 2 }), 1);
    await clients().remove('toledo', { id: 'gone', at: 1, action: 'client.removed', actor, client: 'toledo' });
    expect(await clients().history('toledo')).toEqual([]);
    await clients().put(client(), 0);
    expect(await clients().history('toledo')).toMatchObject([{ revision: 1 }]);
    expect(await clients().history('nobody')).toEqual([]);
  });

  race('of %i who change the same revision, the history has one', crowds, rounds, async (callers, round) => {
    const id = `toledo ${round}`;
    await clients().put(client({ id }), 0);
    await together(callers, (caller) =>
      clients().put(client({ id, revision: 2, metadata: { client_name: `${caller}` } }), 1),
    );
    const { metadata } = (await clients().find(id)) ?? {};
    const [, second, ...others] = await clients().history(id);
    expect(second?.changes).toContainEqual({ member: 'client_name', after: metadata?.client_name });
    expect(others).toEqual([]);
  });

  const api = (...servers: { identifier: string; audience?: string }[]) => ({
    metadata: { pedel_resource_servers: servers.map((each) => ({ ...each, scopes: [], token_format: 'opaque' })) },
  });
  /** 'taken' where the port says so, by its code. */
  const taken = (error: unknown) => {
    if (error instanceof Problem && error.code === 'resource_taken') return 'taken' as const;
    throw error;
  };

  test('one is found by the identifiers and audiences of its APIs, as they are now', async () => {
    const first = client(api({ identifier: 'urn:a', audience: 'a' }, { identifier: 'urn:b' }));
    await clients().put(first, 0);
    await clients().put(client({ id: 'other' }), 0);
    for (const key of ['urn:a', 'a', 'urn:b']) expect(await clients().findByResource(key)).toEqual(first);
    for (const key of ['urn:A', 'b', '', 'toledo']) expect(await clients().findByResource(key)).toBeUndefined();
    const second = client({ revision: 2, ...api({ identifier: 'urn:b' }, { identifier: 'urn:c' }) });
    expect(await clients().put(second, 1)).toBe(true);
    expect(await clients().findByResource('urn:c')).toEqual(second);
    for (const key of ['urn:a', 'a']) expect(await clients().findByResource(key)).toBeUndefined();
    await clients().put(client({ revision: 3 }), 2);
    expect(await clients().findByResource('urn:b')).toBeUndefined();
  });

  test('an identifier or audience of another is refused, nothing of that write stays, and it is free once it is given up', async () => {
    await clients().put(client(api({ identifier: 'urn:a', audience: 'a' })), 0);
    const wish = (change: Partial<ClientRecord>) => client({ id: 'other', ...change });
    for (const taking of [{ identifier: 'urn:a' }, { identifier: 'a' }, { identifier: 'urn:x', audience: 'a' }]) {
      const entry = { id: `made ${taking.identifier}`, at: 1, action: 'client.created' } as never;
      const put = clients().put(wish(api({ identifier: 'urn:y' }, taking)), 0, entry);
      expect(await put.catch(taken)).toBe('taken');
    }
    expect(await clients().find('other')).toBeUndefined();
    expect(await clients().findByResource('urn:y')).toBeUndefined();
    await clients().put(wish(api({ identifier: 'urn:y' })), 0);
    const change = clients().put(wish({ revision: 2, ...api({ identifier: 'urn:a' }) }), 1);
    expect(await change.catch(taken)).toBe('taken');
    expect(await clients().find('other')).toEqual(wish(api({ identifier: 'urn:y' })));
    expect((await clients().findByResource('urn:y'))?.id).toBe('other');
    const actor = { kind: 'command', id: 'clients' } as const;
    await clients().remove('toledo', { id: 'gone', at: 1, action: 'client.removed', actor, client: 'toledo' });
    expect(await clients().findByResource('urn:a')).toBeUndefined();
    expect(await clients().put(wish({ revision: 2, ...api({ identifier: 'urn:a' }) }), 1)).toBe(true);
    expect(await clients().put(client(api({ identifier: 'urn:y' })), 0)).toBe(true);
  });

  race('of %i who register the same API, one has it', crowds, rounds, async (callers, round) => {
    const identifier = `urn:api ${round}`;
    const results = await together(callers, (caller) =>
      clients()
        .put(client({ id: `client ${round} ${caller}`, ...api({ identifier }) }), 0)
        .catch(taken),
    );
    expect([count(results, true), count(results, 'taken')]).toEqual([1, callers - 1]);
    expect((await clients().findByResource(identifier))?.id).toBe(`client ${round} ${results.indexOf(true)}`);
  });

  test('the version differs after every change, and after nothing else', async () => {
    const seen = [await clients().version()];
    const change = async (act: () => Promise<boolean>) => {
      expect(await act()).toBe(true);
      seen.push(await clients().version());
    };
    await change(() => clients().put(client(), 0));
    await change(() => clients().put(client({ revision: 2 }), 1));
    await change(() => clients().remove('toledo'));
    await change(() => clients().put(client(), 0));
    expect(new Set(seen).size).toBe(5);
    await clients().put(client(), 0);
    await clients().remove('nobody');
    expect(await clients().version()).toBe(seen.at(-1));
  });
}
