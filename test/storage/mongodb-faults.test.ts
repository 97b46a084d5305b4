/** A failing database: a retried command takes effect once, and a command that may not be retried gives an error. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SessionRecord } from '../../src/domain/ports/protocol-records.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { openStorage } from '../../src/storage/open.ts';
import { type Line, startLine } from '../support/line.ts';
import { mongodb, testMongodb } from '../support/mongodb.ts';
import { databaseIn } from '../support/mongodb-server.ts';
import { aToken } from './contract/initial-access-tokens.ts';
import { numbered } from './contract/numbered.ts';

/**
 * A write of each kind. `command` on `collection` is the one that stumbles; `answers` is what who wrote must be told, as
 * if nothing had been; `left`, where the answer does not say it, what is stored then. Each `n` is used once.
 */
type Write = {
  command: string;
  collection: string;
  before?: (storage: Storage, n: number) => Promise<unknown>;
  act: (storage: Storage, n: number) => Promise<unknown>;
  answers?: unknown;
  left?: [look: (storage: Storage, n: number) => Promise<unknown>, expected: unknown];
};

const later = 1e15;
const session = (n: number): SessionRecord => ({ uid: `u${n}`, accountId: `a${n}` });
const save = (storage: Storage, n: number, change: object = {}) =>
  storage.protocolRecords.saveSession({ key: `s${n}`, record: session(n), expiresAt: later, now: 0, ...change });
const client = (n: number, revision: number) => ({
  id: `c${n}`,
  revision,
  metadata: {},
  secrets: [],
  createdAt: 0,
  updatedAt: 0,
});
const letter = (n: number) => ({ id: `l${n}`, kind: 'letter' as const, payload: {}, createdAt: 0, accountId: `a${n}` });
const signingKey = (n: number) => ({
  kid: `k${n}`,
  alg: 'ES256' as const,
  generation: n,
  publicJwk: {},
  sealedPrivateJwk: '',
  createdAt: 0,
  usedFrom: 0,
});
const consent = (n: number) => ({
  accountId: `a${n}`,
  clientId: 'c',
  scopes: ['openid'],
  claims: [],
  resourceScopes: {},
  givenAt: 0,
});
const entry = (n: number) => ({
  id: `e${n}`,
  at: n,
  action: 'consent.given' as const,
  actor: { kind: 'system' as const },
  subject: `a${n}`,
});
const record = (n: number) => ({ grantId: `g${n}` });
const putCode = ({ protocolRecords }: Storage, n: number) =>
  protocolRecords.put('AuthorizationCode', `r${n}`, record(n), later);
/** Takes what is waiting, so that the next one claims what it put itself. */
const claimAll = ({ outbox }: Storage) => outbox.claim('letter', 0, 10, 100);

const writes: Record<string, Write> = {
  'the first try of a window': {
    ...{ command: 'findAndModify', collection: 'attempts' },
    act: ({ attempts }, n) => attempts.take(`k${n}`, later, 0),
    answers: 1,
    left: [({ attempts }, n) => attempts.peek([`k${n}`], 0), [1]],
  },
  'a further try': {
    ...{ command: 'findAndModify', collection: 'attempts' },
    before: ({ attempts }, n) => attempts.take(`k${n}`, later, 0),
    act: ({ attempts }, n) => attempts.take(`k${n}`, later, 0),
    answers: 2,
    left: [({ attempts }, n) => attempts.peek([`k${n}`], 0), [2]],
  },
  'a try in a new window': {
    ...{ command: 'update', collection: 'attempts' },
    before: async ({ attempts }, n) => {
      for (const _ of [1, 2]) await attempts.take(`k${n}`, 10, 0);
    },
    act: ({ attempts }, n) => attempts.take(`k${n}`, later, 20),
    answers: 1,
    left: [({ attempts }, n) => attempts.peek([`k${n}`], 20), [1]],
  },
  'a try that is given back': {
    ...{ command: 'update', collection: 'attempts' },
    before: async ({ attempts }, n) => {
      for (const _ of [1, 2, 3]) await attempts.take(`k${n}`, later, 0);
    },
    act: ({ attempts }, n) => attempts.giveBack([{ key: `k${n}`, by: 1 }], 0),
    left: [({ attempts }, n) => attempts.peek([`k${n}`], 0), [2]],
  },
  'a new account': {
    ...{ command: 'insert', collection: 'accounts' },
    act: ({ accounts }, n) => accounts.insert(numbered(n)),
    left: [async ({ accounts }, n) => (await accounts.findByLogin(numbered(n).userNumbers[0] ?? ''))?.revision, 1],
  },
  'a changed account': {
    ...{ command: 'update', collection: 'accounts' },
    before: ({ accounts }, n) => accounts.insert(numbered(n)),
    act: ({ accounts }, n) => accounts.replace(numbered(n, { revision: 2 }), 1),
    answers: true,
    left: [async ({ accounts }, n) => (await accounts.findById(numbered(n).id))?.revision, 2],
  },
  'a new client': {
    ...{ command: 'insert', collection: 'clients' },
    act: ({ clients }, n) => clients.put(client(n, 1), 0),
    answers: true,
    left: [async ({ clients }, n) => (await clients.find(`c${n}`))?.revision, 1],
  },
  'a changed client': {
    ...{ command: 'update', collection: 'clients' },
    before: ({ clients }, n) => clients.put(client(n, 1), 0),
    act: ({ clients }, n) => clients.put(client(n, 2), 1),
    answers: true,
    left: [async ({ clients }, n) => (await clients.find(`c${n}`))?.revision, 2],
  },
  'a client that goes': {
    ...{ command: 'delete', collection: 'clients' },
    before: ({ clients }, n) => clients.put(client(n, 1), 0),
    act: ({ clients }, n) => clients.remove(`c${n}`),
    answers: true,
  },
  'the beginning of a change of clients': {
    ...{ command: 'findAndModify', collection: 'clientVersion' },
    act: ({ clients }, n) => clients.put(client(n, 1), 0),
    answers: true,
    left: [settledVersion, true],
  },
  'the end of a change of clients': {
    ...{ command: 'update', collection: 'clientVersion' },
    act: ({ clients }, n) => clients.put(client(n, 1), 0),
    answers: true,
    left: [settledVersion, true],
  },
  'a use of an initial access token': {
    ...{ command: 'findAndModify', collection: 'initialAccessTokens' },
    before: ({ initialAccessTokens: tokens }, n) =>
      tokens.add(aToken({ id: `t${n}`, hash: `h${n}`, expiresAt: later })),
    act: ({ initialAccessTokens: tokens }, n) => tokens.register(`h${n}`, client(n, 1), n),
    answers: 'registered',
    left: [async ({ initialAccessTokens: tokens }, n) => (await tokens.find(`h${n}`))?.left, 2],
  },
  'a consent': {
    ...{ command: 'findAndModify', collection: 'consents' },
    act: ({ consents }, n) => consents.add(consent(n)),
    left: [({ consents }, n) => consents.find(`a${n}`, 'c'), expect.objectContaining({ scopes: ['openid'] })],
  },
  'a consent that goes': {
    ...{ command: 'delete', collection: 'consents' },
    before: ({ consents }, n) => consents.add(consent(n)),
    act: ({ consents }, n) => consents.remove(`a${n}`, 'c'),
    answers: true,
  },
  'a record': {
    ...{ command: 'findAndModify', collection: 'protocolRecords' },
    act: putCode,
    left: [
      ({ protocolRecords }, n) => protocolRecords.find('AuthorizationCode', `r${n}`, 0),
      { grantId: expect.any(String) },
    ],
  },
  'the first use of an identifier': {
    ...{ command: 'update', collection: 'protocolRecords' },
    act: ({ protocolRecords }, n) => protocolRecords.insert('ReplayDetection', `r${n}`, {}, later, 0),
    answers: true,
    left: [({ protocolRecords }, n) => protocolRecords.insert('ReplayDetection', `r${n}`, {}, later, 0), false],
  },
  'the use of a code': {
    ...{ command: 'findAndModify', collection: 'protocolRecords' },
    before: putCode,
    act: ({ protocolRecords }, n) => protocolRecords.consume('AuthorizationCode', `r${n}`, 0),
    answers: true,
    left: [({ protocolRecords }, n) => protocolRecords.consume('AuthorizationCode', `r${n}`, 0), false],
  },
  'a record that goes': {
    ...{ command: 'delete', collection: 'protocolRecords' },
    before: putCode,
    act: ({ protocolRecords }, n) => protocolRecords.destroy('AuthorizationCode', `r${n}`),
    left: [({ protocolRecords }, n) => protocolRecords.find('AuthorizationCode', `r${n}`, 0), undefined],
  },
  'a grant that is revoked': {
    ...{ command: 'findAndModify', collection: 'revokedGrants' },
    before: putCode,
    act: ({ protocolRecords }, n) => protocolRecords.revokeByGrant(`g${n}`),
    left: [({ protocolRecords }, n) => protocolRecords.find('AuthorizationCode', `r${n}`, 0), undefined],
  },
  'a new session': {
    ...{ command: 'insert', collection: 'sessions' },
    act: (storage, n) => save(storage, n),
    answers: 'saved',
  },
  'a changed session': {
    ...{ command: 'update', collection: 'sessions' },
    before: (storage, n) => save(storage, n),
    act: (storage, n) =>
      save(storage, n, { record: { ...session(n), acr: 'x' }, read: JSON.stringify(session(n)), readKey: `s${n}` }),
    answers: 'saved',
    left: [
      async ({ protocolRecords }, n) => (await protocolRecords.findSession({ uid: `u${n}` }, 0))?.record,
      expect.objectContaining({ acr: 'x' }),
    ],
  },
  'a changed session that was not written since it was read': {
    ...{ command: 'update', collection: 'sessions' },
    before: (storage, n) => save(storage, n),
    act: async (storage, n) => {
      const { revision } = (await storage.protocolRecords.findSession({ uid: `u${n}` }, 0)) ?? {};
      const read = { read: JSON.stringify(session(n)), readKey: `s${n}`, readRevision: revision };
      return save(storage, n, { record: { ...session(n), acr: 'x' }, ...read });
    },
    answers: 'saved',
    left: [
      async ({ protocolRecords }, n) => (await protocolRecords.findSession({ uid: `u${n}` }, 0))?.revision,
      2, // once
    ],
  },
  'a session that is ended': {
    ...{ command: 'update', collection: 'sessions' },
    before: (storage, n) => save(storage, n),
    act: ({ protocolRecords }, n) => protocolRecords.destroySession(`u${n}`),
    answers: { uid: expect.any(String), accountId: expect.any(String) },
    left: [(storage, n) => save(storage, n), 'gone'],
  },
  'a signing key': {
    ...{ command: 'insert', collection: 'signingKeys' },
    act: ({ signingKeys }, n) => signingKeys.insert(signingKey(n)),
    answers: true,
  },
  'a changed signing key': {
    ...{ command: 'update', collection: 'signingKeys' },
    before: ({ signingKeys }, n) => signingKeys.insert(signingKey(n)),
    act: ({ signingKeys }, n) => signingKeys.update(`k${n}`, { usedUntil: 7 }),
    answers: true,
  },
  'a signing key that goes': {
    ...{ command: 'delete', collection: 'signingKeys' },
    before: ({ signingKeys }, n) => signingKeys.insert(signingKey(n)),
    act: ({ signingKeys }, n) => signingKeys.remove(`k${n}`),
    answers: true,
  },
  'a value made once': {
    ...{ command: 'findAndModify', collection: 'values' },
    act: ({ values }, n) => values.getOrInsert(`v${n}`, 'first'),
    answers: 'first',
  },
  'a new value': {
    ...{ command: 'insert', collection: 'values' },
    act: ({ values }, n) => values.replace(`v${n}`, 'first', undefined),
    answers: true,
  },
  'a replaced value': {
    ...{ command: 'update', collection: 'values' },
    before: ({ values }, n) => values.replace(`v${n}`, 'first', undefined),
    act: ({ values }, n) => values.replace(`v${n}`, 'second', 'first'),
    answers: true,
  },
  'a letter put into the outbox': {
    ...{ command: 'insert', collection: 'outbox' },
    act: ({ outbox }, n) => outbox.put(letter(n)),
    answers: true,
    left: [async ({ outbox }, n) => (await outbox.byAccount(`a${n}`, 9)).length, 1],
  },
  'a letter that is claimed': {
    ...{ command: 'findAndModify', collection: 'outbox' },
    before: async (storage, n) => {
      await claimAll(storage);
      await storage.outbox.put(letter(n));
    },
    act: claimAll,
    answers: [expect.objectContaining({ attempts: 1, leasedUntil: 10 })],
    left: [async ({ outbox }, n) => (await outbox.byAccount(`a${n}`, 9)).map(({ attempts }) => attempts), [1]],
  },
  'a letter that is done': {
    ...{ command: 'update', collection: 'outbox' },
    before: async (storage, n) => {
      await storage.outbox.put(letter(n));
      await claimAll(storage);
    },
    act: ({ outbox }, n) => outbox.done(`l${n}`, 10, 5),
    answers: true,
  },
  'a lease that is taken': {
    ...{ command: 'findAndModify', collection: 'leases' },
    act: ({ leases }, n) => leases.acquire(`lease ${n}`, 'me', 10, 0),
    answers: 1,
    left: [({ leases }, n) => leases.acquire(`lease ${n}`, 'another', 30, 20), 2],
  },
  'a lease that is given back': {
    ...{ command: 'update', collection: 'leases' },
    before: ({ leases }, n) => leases.acquire(`lease ${n}`, 'me', 10, 0),
    act: ({ leases }, n) => leases.release(`lease ${n}`, 'me'),
    left: [({ leases }, n) => leases.acquire(`lease ${n}`, 'another', 10, 0), 2],
  },
  'an audit entry': {
    ...{ command: 'insert', collection: 'auditLog' },
    act: ({ auditLog }, n) => auditLog.append(entry(n)),
    left: [async ({ auditLog }, n) => (await auditLog.page({ subject: `a${n}` }, undefined, 9)).length, 1],
  },
};

/** No change is noted as under way any more: asked twice, the version is the same. */
async function settledVersion({ clients }: Storage): Promise<boolean> {
  const version = await clients.version();
  return (await clients.version()) === version;
}

// a server that was named may be anyone's: it is not made to fail
if (mongodb === undefined || mongodb.uri !== undefined)
  describe.skip('MongoDB', () => test('there is no server whose faults can be ordered', () => undefined));
else {
  const { running, newUri } = testMongodb();
  let line: Line;
  let storage: Storage;
  let used = 0;

  beforeAll(async () => {
    line = await startLine(Number(new URL(running().uri.replace('mongodb:', 'http:')).port));
    const uri = newUri();
    const options = `directConnection=true&${uri.split('?')[1]?.replace(/replicaSet=[^&]*&?/, '')}`;
    storage = await openStorage(`mongodb://127.0.0.1:${line.port}/${databaseIn(uri)}?${options}`, { now: () => 0 });
  }, 60_000);
  afterAll(async () => {
    await storage?.close();
    await line?.close();
  });

  const failPoint = (mode: object | string, data: object = {}) =>
    running().admin.db('admin').command({ configureFailPoint: 'failCommand', mode, data });

  /** Orders a fault for the next times that this command comes. */
  async function failing<T>(command: string, times: number, fault: object, act: () => Promise<T>): Promise<T> {
    await failPoint({ times }, { failCommands: [command], ...fault });
    try {
      return await act();
    } finally {
      await failPoint('off');
    }
  }

  const stumbles: [name: string, stumble: (write: Write, act: () => Promise<unknown>) => Promise<unknown>][] = [
    [
      'where it was carried out and the answer was lost with the connection',
      async ({ command, collection }, act) => {
        const lost = line.unanswered(command, collection, 'lost');
        const [answer] = await Promise.all([act(), lost]);
        return answer;
      },
    ],
    ['where the connection is cut before', ({ command }, act) => failing(command, 1, { closeConnection: true }, act)],
    ...[10107, 91].map((errorCode): (typeof stumbles)[number] => [
      `where the server refuses with ${errorCode}, as when it steps down or ends`,
      ({ command }, act) => failing(command, 1, { errorCode, errorLabels: ['RetryableWriteError'] }, act),
    ]),
  ];

  describe.each(stumbles)('%s', (_, stumble) => {
    test.each(Object.keys(writes))('%s takes effect once, and the caller learns so', async (name) => {
      const write = writes[name] as Write;
      used += 1;
      const n = used;
      await write.before?.(storage, n);
      const sent = line.count(write.command, write.collection);
      expect(await stumble(write, () => write.act(storage, n))).toEqual(write.answers);
      expect(sent()).toBeGreaterThan(1); // it did stumble
      if (write.left !== undefined) expect(await write.left[0](storage, n)).toEqual(write.left[1]);
    });
  });

  test.each(Object.keys(writes))('%s of which no majority is known is not called done', async (name) => {
    const write = writes[name] as Write;
    const writeConcernError = { code: 64, codeName: 'WriteConcernFailed', errmsg: 'waiting for replication timed out' };
    used += 1;
    const n = used;
    await write.before?.(storage, n);
    await failing(write.command, 9, { writeConcernError }, () =>
      expect(write.act(storage, n)).rejects.toMatchObject({ code: 'storage_unavailable' }),
    );
  });

  test('emails that are claimed too late for their caller are released, and closing waits for that', async () => {
    const uri = newUri();
    const options = 'socketTimeoutMS=2000&connectTimeoutMS=60000&serverSelectionTimeoutMS=60000&directConnection=true';
    const open = () => openStorage(`mongodb://127.0.0.1:${line.port}/${databaseIn(uri)}?${options}`, { now: () => 0 });
    const node = await open();
    for (const n of [1, 2, 3]) await node.outbox.put(letter(n));
    line.delay(1500); // less than a command may take, and two are more than a call may
    await expect(node.outbox.claim('letter', 1, 1000, 5)).rejects.toMatchObject({ code: 'storage_unavailable' });
    await node.close();
    line.delay(0);
    const other = await open();
    const claimed = await other.outbox.claim('letter', 1, 1000, 5);
    expect(claimed.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
    await other.close();
  }, 60_000);

  test('a lasting failure gives storage_unavailable, and later the same call works', async () => {
    await storage.accounts.insert(numbered(0));
    const fault = { errorCode: 10107, errorLabels: ['RetryableWriteError'] };
    await failing('findAndModify', 50, fault, async () => {
      await expect(storage.ready()).rejects.toMatchObject({ code: 'storage_unavailable', retryAfterSeconds: 5 });
    });
    await failing('find', 50, fault, async () => {
      await expect(storage.accounts.findById('id-0000000')).rejects.toMatchObject({ code: 'storage_unavailable' });
    });
    await storage.ready();
    expect(await storage.accounts.findById('id-0000000')).toBeDefined();
  });
}
