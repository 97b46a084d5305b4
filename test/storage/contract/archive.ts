import { afterEach, expect, test } from '@jest/globals';
import { pictureHash } from '../../../src/domain/clients/client-logo.ts';
import { compared, REFUSALS_KEPT_MS, told as toldRefusal } from '../../../src/domain/clients/refusals/refusal.ts';
import { INCIDENTS_KEPT_MS } from '../../../src/domain/incidents/incident.ts';
import { archiveKinds, createTally } from '../../../src/domain/installation/archive.ts';
import type { ArchiveKind } from '../../../src/domain/ports/archive.ts';
import { recordKeyOf } from '../../../src/domain/ports/record-key.ts';
import type { Storage } from '../../../src/domain/ports/storage.ts';
import { openStorage } from '../../../src/storage/open.ts';
import { aClient, aToken } from './initial-access-tokens.ts';
import { numbered } from './numbered.ts';
import { aGrant, aRegister } from './role-grants.ts';
import { NOW } from './together.ts';
import { aWebhook } from './webhooks.ts';

const DAY = 24 * 3600 * 1000;
const STRANGE = JSON.parse('{"$where":1,"a.b":{"$set":[null]},"__proto__":{"x":1},"":0,"ÿ \\u0000 🌱":"\\ud83c"}');

const STRANGE_ID = '$where.__proto__';

const SVG = Buffer.from('<svg viewBox="0 0 1 1"/>');

/** Records of every kind, in every state, made through the ordinary ports. */
async function fill({ accounts, clients, consents, attempts, ...others }: Storage): Promise<void> {
  const { initialAccessTokens, protocolRecords, signingKeys, values, outbox, leases, auditLog, refusals, roleGrants } =
    others;
  const { clientUses } = others;
  await accounts.insert(
    numbered(1, {
      endsAt: NOW + DAY,
      tickets: [{ id: 'ticket', purpose: 'activation', createdAt: 0, expiresAt: NOW, tries: 0 }],
      feeds: [{ source: 'sap', key: '17', fields: { name: 'Ä\u0000"' } }],
      effects: [{ id: 'id-0000001:1:0', kind: 'end-sessions', reason: 'test' }],
      claims: STRANGE,
    }),
  );
  await accounts.insert(numbered(2));
  await accounts.replace(numbered(2, { revision: 2, familyName: 'Maes' }), 1);
  await accounts.insert(numbered(3, { userNumbers: [], emails: [], givenName: '', familyName: '' }));
  const client = { id: 'toledo', revision: 1, metadata: STRANGE, secrets: [], createdAt: 1, updatedAt: 1 };
  await clients.put(client, 0);
  const logo = { uri: 'https://toledo.example/logo.svg', hash: pictureHash(SVG), type: 'image/svg+xml' } as const;
  const secrets = [{ id: 's', hash: 'h', createdAt: 2 }];
  const apis = [{ identifier: 'urn:api', audience: 'api', scopes: [], token_format: 'opaque' }];
  const metadata = { ...STRANGE, pedel_resource_servers: apis };
  await clients.put({ ...client, revision: 2, metadata, secrets, logo }, 1, undefined, SVG.toString('base64'));
  const consent = { accountId: 'id-0000001', clientId: 'toledo', claims: ['name'], givenAt: 5 };
  const resourceScopes = { 'https://api.example': ['read', 'write'], 'https://none.example': [], __proto__: [] };
  await consents.add({ ...consent, scopes: ['profile', 'openid'], resourceScopes });
  await consents.add({ ...consent, scopes: ['email'], resourceScopes: {}, clientId: '","' });
  await initialAccessTokens.add(aToken({ note: 'Ä"' }));
  await initialAccessTokens.add(aToken({ id: 'gone', hash: 'gone' }));
  await initialAccessTokens.register('hash of one', aClient('self'), NOW);
  await initialAccessTokens.revoke('gone');
  await others.webhooks.put(aWebhook({ note: 'Ä"' }), 0);
  const register = aRegister(1, aGrant({ organisations: ['Ä"'] }));
  await roleGrants.replace({ ...register, effects: [{ id: 'roles:1:0', kind: 'protect', account: 'an' }] }, 0);
  for (const key of ['one', 'two', 'two']) await attempts.take(key, NOW + 1000, NOW);
  const end = NOW + 1000;
  await protocolRecords.put('Grant', recordKeyOf('g'), { accountId: 'a' }, end);
  await protocolRecords.put('AuthorizationCode', 'code', { grantId: 'g', extra: STRANGE }, end);
  await protocolRecords.consume('AuthorizationCode', 'code', NOW);
  await protocolRecords.put('AuthorizationCode', 'unused', { grantId: 'g' }, end);
  await protocolRecords.put('RefreshToken', 'endless', { grantId: 'g' }, undefined);
  await protocolRecords.insert('ReplayDetection', 'jti', { iss: 'c' }, end, NOW);
  await protocolRecords.put('AccessToken', 'revoked', { grantId: 'revoked' }, end);
  await protocolRecords.revokeByGrant('revoked');
  for (const uid of ['living', 'destroyed', 'anonymous'])
    await protocolRecords.saveSession({
      key: `key of ${uid}`,
      record: { uid, ...(uid === 'anonymous' ? {} : { accountId: 'a', authorizations: { c: { sid: uid } } }) },
      expiresAt: end,
      now: NOW,
    });
  await protocolRecords.destroySession('destroyed');
  // expired, and its applications not told yet
  const expired = { uid: 'expired', accountId: 'a', authorizations: { c: { sid: 'expired' } } };
  await protocolRecords.saveSession({ key: 'key of expired', record: expired, expiresAt: NOW - 1, now: 0 });
  const signingKey = { alg: 'RS256', publicJwk: { kty: 'RSA' }, sealedPrivateJwk: 's', createdAt: 1 } as const;
  await signingKeys.insert({ ...signingKey, kid: 'old', generation: 1, usedFrom: 1, usedUntil: 5, removedAt: 9 });
  await signingKeys.insert({ ...signingKey, kid: 'new', generation: 2, usedFrom: 5 });
  await values.getOrInsert('salt', 'a salt');
  await values.getOrInsert('empty', '');
  for (const id of ['sent', 'given up', 'waits again', 'leased', 'waits'])
    await outbox.put({
      id,
      kind: 'letter',
      ...(id === 'waits' ? {} : { accountId: 'id-0000001', expiresAt: NOW + DAY }),
      payload: { template: 'reset', sealedSecret: 'sealed', data: STRANGE },
      createdAt: id === 'waits' ? NOW + 1 : NOW,
      ...(id === 'leased' ? { urgent: true } : {}),
    });
  await outbox.claim('letter', NOW, NOW + 500, 4);
  await outbox.done('sent', NOW + 500, NOW + 10);
  await outbox.failed('given up', NOW + 500, NOW + 10, '550');
  await outbox.retry('waits again', NOW + 500, NOW + 100, '450');
  const logout = (id: string, createdAt: number) =>
    outbox.put({ id, kind: 'backchannel-logout', payload: { sid: id }, createdAt });
  await logout('set aside', NOW - 9);
  for (const at of [NOW - 9, NOW - 8, NOW - 7]) await outbox.claim('backchannel-logout', at, at + 1, 1);
  await logout('lost once', NOW - 5);
  for (const at of [NOW - 5, NOW - 4]) await outbox.claim('backchannel-logout', at, at + 1, 1);
  await leases.acquire('held', 'node', NOW + 100, NOW);
  for (const holder of ['one', 'other']) {
    await leases.acquire('released', holder, NOW + 100, NOW);
    await leases.release('released', holder);
  }
  const actor = { kind: 'system' } as const;
  for (const at of [3, 1, 2]) await auditLog.append({ id: `e${at}`, at, action: 'consent.given', actor });
  await auditLog.append({
    id: 'whole',
    at: 2,
    action: 'secret.resealed',
    actor,
    subject: 's',
    client: 'c',
    details: STRANGE,
  });
  await auditLog.addCheckpoint({
    number: 1,
    at: 3,
    previousHash: '',
    heads: await auditLog.heads(),
    looseTo: 0,
    mac: 'm',
  });
  const noted = { proven: false, firstAt: NOW - 5, lastAt: NOW, count: 2 };
  const refusal = compared('redirect-uri-unregistered', 'https://a.example/\u0000', 'https://a.example');
  await refusals.add([
    { ...noted, party: { client: 'toledo' }, refusal, incident: '00aa' },
    { ...noted, party: { named: STRANGE_ID }, refusal: toldRefusal('client-unknown', STRANGE_ID) },
    { ...noted, party: {}, refusal: { code: 'pkce-missing' }, proven: true, lastAt: NOW - REFUSALS_KEPT_MS + 1 },
    ...Array.from({ length: 16 }, (_, n) => ({
      ...noted,
      party: { client: 'full' },
      refusal: toldRefusal('other', `${n}`),
    })),
  ]);
  await others.incidents.add([
    { id: '0123456789', at: NOW, kind: 'bug', page: '/account', account: 'id-0000001' },
    { id: 'ffffffffff', at: NOW - INCIDENTS_KEPT_MS + 1, kind: 'request-refused', client: STRANGE_ID },
  ]);
  await clientUses.note([
    { client: 'toledo', of: 'sign-in', hour: NOW },
    { client: STRANGE_ID, of: 's1', hour: NOW },
  ]);
}

/** All that the ordinary ports tell of what `fill` stored, without changing it. */
async function told({ accounts, clients, consents, attempts, ...others }: Storage) {
  const { initialAccessTokens, protocolRecords, signingKeys, values, outbox, auditLog, refusals, roleGrants } = others;
  const record = (model: string, key: string) => protocolRecords.find(model, key, NOW);
  return {
    people: await accounts.search('', undefined, 9),
    found: await Promise.all([
      accounts.findByLogin('r0000001'),
      accounts.findByTicket('ticket'),
      accounts.findByFeedKey('sap', '17'),
      accounts.withEffects(9),
      accounts.endingBetween(0, NOW + 2 * DAY, undefined, 9),
      accounts.search('maes', undefined, 9),
      accounts.search('peeters', undefined, 9),
    ]),
    clients: [
      await clients.list(undefined, 9),
      await clients.version(),
      await clients.picture('toledo'),
      await clients.history('toledo'),
      await clients.findByResource('api'),
    ],
    consents: await consents.byAccount('id-0000001'),
    tokens: [await initialAccessTokens.list(undefined, 9), await initialAccessTokens.find('hash of one')],
    roles: await roleGrants.read(),
    attempts: await attempts.peek(['one', 'two'], NOW),
    records: await Promise.all([
      record('Grant', recordKeyOf('g')),
      record('AuthorizationCode', 'code'),
      record('AuthorizationCode', 'unused'),
      record('RefreshToken', 'endless'),
      record('ReplayDetection', 'jti'),
      record('AccessToken', 'revoked'),
    ]),
    sessions: await Promise.all([
      protocolRecords.sessionsOf('a').then((all) => all.toSorted((one, other) => one.expiresAt - other.expiresAt)),
      ...['living', 'destroyed', 'anonymous'].map(async (uid) => {
        const found = await protocolRecords.findSession({ uid }, NOW);
        return found && { key: found.key, record: found.record }; // its revision is each backend's own, or not told
      }),
    ]),
    keys: await signingKeys.list(),
    webhooks: await others.webhooks.list(undefined, 9),
    values: await Promise.all(['salt', 'empty', 'none'].map((name) => values.get(name))),
    outbox: [await outbox.list({}, undefined, 9), await outbox.backlog(NOW + 50)],
    log: await auditLog.page({}, undefined, 9),
    chained: await auditLog.chained(undefined, 9),
    checkpoints: await auditLog.checkpoints(0, 9),
    refusals: await refusals.page('all', undefined, 99),
    incidents: [await others.incidents.byAccount('id-0000001', 9), await others.incidents.find('ffffffffff')],
    clientUses: [await others.clientUses.of(['toledo']), await others.clientUses.of([STRANGE_ID])],
  };
}

async function copy(from: Storage, to: Storage, limit: number): Promise<void> {
  const one = async <Kind extends ArchiveKind>(kind: Kind) => {
    for (let after: string | undefined; ; ) {
      const { records, next } = await from.archive.page(kind, NOW, after, limit);
      await to.archive.put(kind, records);
      if (next === undefined) return;
      after = next;
    }
  };
  for (const kind of archiveKinds) await one(kind);
}

async function tallies({ archive }: Storage, limit: number) {
  const all: Partial<Record<ArchiveKind, unknown>> = {};
  for (const kind of archiveKinds) {
    const tally = createTally();
    for (let after: string | undefined; ; ) {
      const { records, next } = await archive.page(kind, NOW, after, limit);
      expect(records.length).toBeLessThanOrEqual(limit);
      for (const record of records) tally.add(record);
      if (next === undefined) break;
      after = next;
    }
    all[kind] = tally.result();
  }
  return all;
}

/** Of every record of every kind that has any, the name and the faults. */
async function inspected({ archive }: Storage) {
  const faulty: unknown[] = [];
  let seen = 0;
  for (const kind of archiveKinds)
    await archive.inspect(kind, ({ name, record, faults }) => {
      seen += 1;
      if (record === undefined || faults.length > 0) faulty.push({ kind, name, faults });
    });
  return { seen, faulty };
}

export function archiveContract(storage: () => Storage): void {
  const others: Storage[] = [];
  const another = async () => {
    const opened = await openStorage('sqlite::memory:', { now: () => NOW });
    others.push(opened);
    return opened;
  };
  afterEach(async () => {
    for (const opened of others.splice(0)) await opened.close();
  });

  test('what is copied here from elsewhere is told by every port as it was there, and goes on from there', async () => {
    const source = await another();
    await fill(source);
    await copy(source, storage(), 2);
    expect(await told(storage())).toEqual(await told(source));
    expect(await tallies(storage(), 3)).toEqual(await tallies(source, 100));
    const back = await another();
    await copy(storage(), back, 100);
    expect(await told(back)).toEqual(await told(source));
    expect(await tallies(back, 3)).toEqual(await tallies(source, 3));

    const { accounts, clients, attempts, protocolRecords, outbox, leases } = storage();
    expect(await accounts.replace(numbered(2, { revision: 3 }), 2)).toBe(true);
    await expect(accounts.insert(numbered(4, { userNumbers: ['r0000001'] }))).rejects.toMatchObject({
      code: 'login_taken',
    });
    const before = await clients.version();
    expect(await clients.remove('toledo')).toBe(true);
    expect(await clients.version()).not.toBe(before);
    expect(await attempts.take('two', NOW + 9999, NOW)).toBe(3);
    expect(await protocolRecords.consume('AuthorizationCode', 'code', NOW)).toBe(false);
    expect(await protocolRecords.consume('AuthorizationCode', 'unused', NOW)).toBe(true);
    expect(await protocolRecords.insert('ReplayDetection', 'jti', {}, NOW + 5000, NOW)).toBe(false);
    await protocolRecords.put('AccessToken', 'late', { grantId: 'revoked' }, NOW + 1000);
    expect(await protocolRecords.find('AccessToken', 'late', NOW)).toBeUndefined();
    await protocolRecords.revokeByGrant('g');
    expect(await protocolRecords.find('RefreshToken', 'endless', NOW)).toBeUndefined();
    const revive = { key: 'k', record: { uid: 'destroyed' }, expiresAt: NOW + 9999, now: NOW };
    expect(await protocolRecords.saveSession(revive)).toBe('gone');
    const read = { uid: 'living', accountId: 'a', authorizations: { c: { sid: 'living' } } };
    expect(
      await protocolRecords.saveSession({ ...revive, record: { ...read, x: 1 }, read: JSON.stringify(read) }),
    ).toBe('saved');
    // leased by a process that is no more: due when that lease ends, neither lost nor sent by two
    const ids = async (now: number) => (await outbox.claim('letter', now, now + 1000, 9)).map(({ id }) => id);
    expect(await ids(NOW + 499)).toEqual(['waits', 'waits again']);
    expect(await ids(NOW + 500)).toEqual(['leased']);
    expect(await leases.acquire('held', 'another', NOW + 999, NOW + 99)).toBeUndefined();
    expect(await leases.acquire('held', 'another', NOW + 999, NOW + 100)).toBe(2);
    expect(await leases.acquire('released', 'another', NOW + 999, NOW)).toBe(3);
  });

  test('what is copied from here is told elsewhere as it was here', async () => {
    await fill(storage());
    const copied = await another();
    await copy(storage(), copied, 2);
    expect(await told(copied)).toEqual(await told(storage()));
    expect(await tallies(copied, 3)).toEqual(await tallies(storage(), 2));
  });

  test('every kind is counted, and nothing is counted in an empty storage', async () => {
    expect(Object.values(await storage().archive.counts())).toEqual(archiveKinds.map(() => 0));
    await fill(storage());
    expect(await storage().archive.counts()).toEqual({
      accounts: 3,
      clients: 2,
      clientVersion: 1,
      consents: 2,
      initialAccessTokens: 1,
      roleGrants: 1,
      attempts: 2,
      revokedGrants: 1,
      protocolRecords: 5,
      sessions: 4,
      signingKeys: 2,
      values: 2,
      outbox: 7,
      leases: 2,
      auditCheckpoints: 1,
      auditLog: 4,
      refusals: 19,
      incidents: 2,
      clientUses: 2,
      webhooks: 1,
    });
    const { applied, minimum, bytes } = await storage().archive.state();
    expect(applied).toBeGreaterThanOrEqual(1);
    expect(minimum).toBeLessThanOrEqual(applied);
    expect(bytes).toBeGreaterThan(1000);
  });

  test('a logo that is not the picture which its record names is a fault', async () => {
    await fill(storage());
    const { clients } = storage();
    const toledo = await clients.find('toledo');
    if (toledo === undefined) throw new Error('it is there');
    await clients.put({ ...toledo, revision: 3 }, 2, undefined, Buffer.from('<svg/>').toString('base64'));
    const { faulty } = await inspected(storage());
    expect(faulty).toEqual([{ kind: 'clients', name: 'toledo', faults: [expect.stringContaining('its logo')] }]);
  });

  test('what may be cleared away at any moment is left out', async () => {
    await fill(storage());
    const left = async (kind: ArchiveKind, at: number) =>
      (await storage().archive.page(kind, at, undefined, 99)).records.length;
    for (const [kind, stay] of [
      ['attempts', 0],
      ['protocolRecords', 1], // one without an end
      ['sessions', 3], // all but the tombstone: their applications have not been told
    ] as const)
      expect([kind, await left(kind, NOW + 1000)]).toEqual([kind, stay]);
    expect(await left('revokedGrants', NOW + DAY)).toBe(0);
    expect(await left('outbox', NOW + 91 * DAY)).toBe(4);
    expect(await left('refusals', NOW + 1)).toBe(18);
    expect(await left('incidents', NOW + 1)).toBe(1);
  });

  test('what is there already is not overwritten', async () => {
    await fill(storage());
    const { records } = await storage().archive.page('accounts', NOW, undefined, 9);
    await expect(storage().archive.put('accounts', records)).rejects.toMatchObject({ code: 'login_taken' });
    await expect(storage().archive.put('values', [{ name: 'salt', value: 'other' }])).rejects.toMatchObject({
      code: 'login_taken',
    });
    expect(await storage().values.get('salt')).toBe('a salt');
  });

  test('nothing is wrong with what the ports stored', async () => {
    await fill(storage());
    expect(await inspected(storage())).toEqual({ seen: 64, faulty: [] });
  });

  test('a copy is begun once, begun anew only over the one that was seen, and ended by its own', async () => {
    const { archive, values } = storage();
    const mark = (id: string) => ({ id, from: 'sqlite:elsewhere', startedAt: NOW });
    expect(await archive.beginCopy(mark('one'))).toBe(true);
    expect(await archive.beginCopy(mark('two'))).toBe(false);
    expect(await archive.noteEmpty('two')).toBe(false);
    expect(await archive.noteEmpty('one')).toBe(true);
    await values.getOrInsert('v', 'half');
    expect(await archive.restartCopy('other', mark('two'))).toBe('none');
    expect(await values.get('v')).toBe('half');
    expect(await archive.restartCopy('one', mark('two'))).toBe('restarted');
    expect(await values.get('v')).toBeUndefined();
    expect(await archive.endCopy('one')).toBe(false);
    await values.getOrInsert('v', 'half again');
    expect(await archive.restartCopy('two', mark('three'))).toBe('restarted');
    expect(await values.get('v')).toBeUndefined();
    expect(await archive.endCopy('three')).toBe(true);
    expect(await archive.beginCopy(mark('four'))).toBe(true);
  });

  test('what was there when a copy was begun is never deleted: where none saw it empty only the mark goes', async () => {
    const { archive, values } = storage();
    const mark = (id: string) => ({ id, from: 'sqlite:elsewhere', startedAt: NOW });
    await values.getOrInsert('v', 'in use');
    expect(await archive.beginCopy(mark('one'))).toBe(true);
    expect(await archive.restartCopy('one', mark('two'))).toBe('unmarked');
    expect(await values.get('v')).toBe('in use');
    expect(await archive.restartCopy('one', mark('two'))).toBe('none');
    expect(await archive.beginCopy(mark('three'))).toBe(true);
  });
}
