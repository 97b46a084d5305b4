/** Applications that hold refresh tokens are told, once each, when the account ends or they are no longer open to the person. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { runAccountExpiry } from '../../src/jobs/account-expiry.ts';
import { sweepEffects } from '../../src/jobs/effects.ts';
import { sweepExpired } from '../../src/jobs/sweep.ts';
import { withdrawClosedAccess } from '../../src/jobs/withdrawn-access.ts';
import { systemActor } from '../../src/use-cases/actor.ts';
import { endClient } from '../../src/use-cases/clients/end-client.ts';
import { keepLog } from '../jobs/support/quiet.ts';
import { receiver } from './receiver.ts';
import {
  application,
  type Client,
  closeAll,
  type Kit,
  organisations,
  person,
  register,
  secret,
  setClock,
  startOidc,
  visitor,
} from './support.ts';

afterEach(closeAll);

let log = keepLog();
beforeEach(() => {
  log = keepLog();
});

const start = Date.UTC(2026, 8, 21, 12);
const HOUR = 3_600_000;
const offline = { scope: 'openid offline_access', prompt: 'consent' };
const staff = { organisation: 'kuleuven', role: 'staff', source: 'csv' };
const notified = { backchannel_logout_uri: 'https://mail.example/logout' };
const mail = (change: object = {}): Client => application('mail', { ...notified, ...change });

async function house(clients: Client[] = [mail()], change: object = {}) {
  setClock(start);
  const other = person({ id: 'bo', userNumbers: ['u0000002'], emails: [] });
  return startOidc({ clients: [application('toledo', notified), ...clients], accounts: [person(change), other] });
}

/** Signs in to mail for good, and out again, of which mail is told. */
async function holdsOnly(kit: Kit, client_id = 'mail'): Promise<string> {
  const browser = visitor();
  const { refresh_token: token = '' } = await kit.tokens(browser, { client_id, ...offline });
  await kit.onPage(browser, (ctx) => kit.oidc.sessions.end(ctx));
  return token;
}

async function told(kit: Kit): Promise<{ client: unknown; sid?: unknown; ofGrant: boolean }[]> {
  const entries = await kit.storage.outbox.list({}, undefined, 100);
  const notices = entries.filter(({ kind }) => kind === 'backchannel-logout');
  return notices.map(({ id, payload: { clientId, sid } }) => ({
    client: clientId,
    ...(sid === undefined ? {} : { sid }),
    ofGrant: id.startsWith('backchannel-logout:grant:'),
  }));
}

const grantsOf = async (kit: Kit) =>
  (await kit.storage.protocolRecords.grantsOf('an', ['mail', 'toledo'], Date.now())).map(({ clientId }) => clientId);

async function refreshes(kit: Kit, token: string): Promise<boolean> {
  return (await kit.refresh('mail', token, { client_secret: secret })).status === 200;
}

const job = (kit: Kit, holder = 'one') =>
  withdrawClosedAccess({ storage: kit.storage, withdraw: kit.oidc.withdraw, holder, now: () => Date.now(), log });

async function changed(kit: Kit, client: Client): Promise<void> {
  await register(kit.storage, client);
  await kit.oidc.reload();
}

describe('when an account ends', () => {
  test('who holds a refresh token of a session that is over is told, once, by two nodes at the same moment', async () => {
    const kit = await house([mail(), application('calendar')], { endsAt: start + HOUR });
    await holdsOnly(kit);
    await holdsOnly(kit, 'calendar'); // wants no notices
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' }); // open until the end
    expect(await told(kit)).toMatchObject([{ client: 'mail', ofGrant: false }]);
    setClock(start + 3 * HOUR); // no node ran at the end
    await sweepExpired(kit.storage, 'one', () => Date.now());
    const { accounts, auditLog, outbox } = kit.storage;
    const now = () => Date.now();
    const ends = async (holder: string) => {
      await runAccountExpiry({ storage: kit.storage, organisations, warningDays: [], holder, now, log });
      const forget = async () => {};
      const onFailure = (error: unknown) => Promise.reject(error);
      await sweepEffects({
        accounts,
        outbox,
        auditLog,
        endSessions: kit.oidc.sessions.endAll,
        forget,
        finishMerge: forget,
        finishPart: forget,
        now,
        onFailure,
      });
    };
    await Promise.all([ends('one'), ends('other')]);
    await Promise.all([1, 2].map(() => kit.oidc.sessions.endAll('an', 'again')));
    const notices = (await told(kit)).map(({ client, ofGrant }) => `${client} ${ofGrant}`);
    expect(notices.sort()).toEqual(['mail false', 'mail true', 'toledo false']);
    expect(await grantsOf(kit)).toEqual([]);
  });

  test('who has a session open as well is told of that session, and no second time', async () => {
    const kit = await house();
    await kit.tokens(visitor(), { client_id: 'mail', ...offline });
    await Promise.all([1, 2, 3].map((each) => kit.oidc.sessions.endAll('an', String(each))));
    await kit.oidc.sessions.endAll('an', 'again');
    expect(await told(kit)).toMatchObject([{ client: 'mail', ofGrant: false }]);
    expect(await grantsOf(kit)).toEqual([]);
  });

  test('what was granted after a change of the credentials stays, and what was granted to others', async () => {
    const kit = await house();
    const before = await holdsOnly(kit);
    await kit.change('an', { credentialsEpoch: 2 });
    const after = await holdsOnly(kit);
    kit.page.signIn = kit.signInAs('bo', ['pwd']);
    const ofBo = await holdsOnly(kit);
    await kit.oidc.sessions.endAll('an', 'the password was changed', undefined, 2);
    expect([await refreshes(kit, before), await refreshes(kit, after), await refreshes(kit, ofBo)]).toEqual([
      false,
      true,
      true,
    ]);
    expect((await told(kit)).filter(({ ofGrant }) => ofGrant)).toHaveLength(1);
  });

  test('a node that dies between the notice and the end of the grant repeats nothing', async () => {
    const kit = await house();
    await holdsOnly(kit);
    const { revokeByGrant } = kit.storage.protocolRecords;
    kit.storage.protocolRecords.revokeByGrant = () => Promise.reject(new Error('killed'));
    await expect(kit.oidc.sessions.endAll('an', 'test')).rejects.toThrow('killed');
    kit.storage.protocolRecords.revokeByGrant = revokeByGrant;
    await kit.oidc.sessions.endAll('an', 'test');
    expect((await told(kit)).filter(({ ofGrant }) => ofGrant)).toHaveLength(1);
    expect(await grantsOf(kit)).toEqual([]);
  });

  test('an application that was registered anew is not told of people who used the one before', async () => {
    const kit = await house();
    await holdsOnly(kit);
    const record = await kit.storage.clients.find('mail');
    if (record === undefined) throw new Error('it is gone');
    const { revision } = record;
    await kit.storage.clients.put({ ...record, revision: revision + 1, createdAt: start + HOUR }, revision);
    await kit.oidc.reload();
    await kit.oidc.sessions.endAll('an', 'test');
    expect((await told(kit)).filter(({ ofGrant }) => ofGrant)).toEqual([]);
  });
});

describe('the notice of a grant', () => {
  test.each([
    ['names the session, as the application demands unless it says otherwise', {}, true],
    ['names only the person where it does not', { backchannel_logout_session_required: false }, false],
  ])('%s', async (_what, change, withSid) => {
    const app = await receiver();
    const kit = await house([mail({ backchannel_logout_uri: app.url, ...change })]);
    await holdsOnly(kit);
    await kit.oidc.sessions.endAll('an', 'test');
    const entries = await kit.storage.outbox.list({}, undefined, 10);
    for (const entry of entries) await kit.oidc.deliverBackchannelLogout(entry);
    const tokens = app.tokens.map((token) => decodeJwt(token));
    expect(tokens).toHaveLength(2);
    for (const token of tokens) {
      expect(token.sub).toBe('an');
      expect(typeof token.sid).toBe(withSid ? 'string' : 'undefined');
    }
    expect(tokens[0]?.sid).toBe(tokens[1]?.sid);
  });

  test('is not sent where the application demands a session since, of which its token does not know', async () => {
    const kit = await house([mail({ backchannel_logout_session_required: false, pedel_confirm_logout: true })]);
    await holdsOnly(kit);
    await changed(kit, mail());
    await kit.oidc.sessions.endAll('an', 'test');
    expect((await told(kit)).filter(({ ofGrant }) => ofGrant)).toEqual([]);
    expect(await grantsOf(kit)).toEqual([]);
  });
});

describe('when an application is no longer open to a person', () => {
  const closed = mail({ pedel_access: { affiliations: ['student'] } });

  test('by its registration, it is told once, and what it held is gone for good', async () => {
    const kit = await house();
    const token = await holdsOnly(kit);
    expect(await job(kit)).toBe(0);
    await changed(kit, closed);
    expect(await Promise.all([job(kit, 'one'), job(kit, 'other')])).toContain(1);
    await job(kit);
    expect((await told(kit)).filter(({ ofGrant }) => ofGrant)).toHaveLength(1);
    await changed(kit, mail());
    expect(await refreshes(kit, token)).toBe(false);
    const [entry] = await kit.storage.auditLog.page({ action: 'access.withdrawn' }, undefined, 10);
    expect(entry).toMatchObject({ subject: 'an', client: 'mail', details: { because: 'not-open-to-person' } });
  });

  test('with a session there, it is told of that session, not again at its end, and anew of the next', async () => {
    const kit = await house();
    const browser = visitor();
    const sidOf = async () => {
      await kit.tokens(browser, { client_id: 'mail', ...offline });
      const [session] = await kit.storage.protocolRecords.sessionsOf('an');
      return session?.record.authorizations?.mail?.sid;
    };
    const first = await sidOf();
    await kit.tokens(browser, { client_id: 'toledo' });
    await changed(kit, closed);
    expect(await job(kit)).toBe(1);
    expect(await told(kit)).toEqual([{ client: 'mail', sid: first, ofGrant: false }]);
    expect((await kit.session(browser))?.accountId).toBe('an'); // and signed in elsewhere as before
    expect(await grantsOf(kit)).toEqual(['toledo']);
    await changed(kit, mail());
    const second = await sidOf();
    expect(second).not.toBe(first);
    await kit.oidc.sessions.endAll('an', 'test');
    const sids = (await told(kit)).filter(({ client }) => client === 'mail').map(({ sid }) => sid);
    expect(sids.sort()).toEqual([first, second].sort());
  });

  test('switched off, it is told of each session there once, and everybody signs in anew when it is on again', async () => {
    const kit = await house();
    const browser = visitor();
    const { refresh_token: refresh = '' } = await kit.tokens(browser, { client_id: 'mail', ...offline });
    const [session] = await kit.storage.protocolRecords.sessionsOf('an');
    const actor = systemActor('root');
    const ports = { clients: kit.storage.clients, now: () => Date.now(), randomBytes, grants: async () => [] };
    const ended = await endClient(actor, { id: 'mail', revision: undefined, act: 'disable' }, ports);
    expect(ended.kind).toBe('done');
    await kit.oidc.reload();
    expect(await Promise.all([job(kit, 'one'), job(kit, 'other')])).toContain(1);
    await job(kit);
    const { sid } = session?.record.authorizations?.mail ?? {};
    expect((await told(kit)).filter(({ client }) => client === 'mail')).toEqual([
      { client: 'mail', sid, ofGrant: false },
    ]);
    const [entry] = await kit.storage.auditLog.page({ action: 'access.withdrawn' }, undefined, 10);
    expect(entry).toMatchObject({ subject: 'an', client: 'mail', details: { because: 'application-disabled' } });
    await endClient(actor, { id: 'mail', revision: undefined, act: 'enable' }, ports);
    await kit.oidc.reload();
    expect(await refreshes(kit, refresh)).toBe(false);
    expect(await kit.tokens(browser, { client_id: 'mail', ...offline })).toMatchObject({
      access_token: expect.anything(),
    });
  });

  test('at midnight in Brussels, when an affiliation ends', async () => {
    const kit = await house([mail({ pedel_access: { affiliations: ['staff'] } })], {
      affiliations: [
        { ...staff, until: '2026-09-21' },
        { ...staff, role: 'guest' },
      ],
    });
    await holdsOnly(kit);
    setClock(Date.UTC(2026, 8, 21, 21, 59));
    expect(await job(kit)).toBe(0);
    setClock(Date.UTC(2026, 8, 21, 22));
    expect(await job(kit)).toBe(1);
    expect(await grantsOf(kit)).toEqual([]);
  });

  test('within the hour, when a feed takes something away; nobody is read meanwhile', async () => {
    const kit = await house([mail({ pedel_access: { affiliations: ['staff'] } })]);
    await holdsOnly(kit);
    expect(await job(kit)).toBe(0);
    await kit.change('an', { affiliations: [{ ...staff, role: 'guest' }] });
    const { accountsGranted } = kit.storage.protocolRecords;
    let read = 0;
    kit.storage.protocolRecords.accountsGranted = (...given) => {
      read += 1;
      return accountsGranted(...given);
    };
    setClock(start + HOUR - 1);
    expect([await job(kit), read]).toEqual([undefined, 0]);
    setClock(start + HOUR);
    expect(await job(kit)).toBe(1);
  });

  test('at once when its rule changes, and nobody is read for another change of a client', async () => {
    const kit = await house([mail({ pedel_access: { affiliations: ['staff'] } })]);
    await holdsOnly(kit);
    expect(await job(kit)).toBe(0);
    await changed(kit, mail({ pedel_access: { affiliations: ['staff'] }, client_name: 'Mail' }));
    expect([await job(kit), await job(kit)]).toEqual([undefined, undefined]);
    await changed(kit, mail({ pedel_access: { affiliations: ['faculty'] }, client_name: 'Mail' }));
    expect(await job(kit)).toBe(1);
  });

  test('and one who cannot be dealt with now hinders no other, and is dealt with at the next call', async () => {
    const kit = await house();
    await holdsOnly(kit);
    kit.page.signIn = kit.signInAs('bo', ['pwd']);
    await holdsOnly(kit);
    await changed(kit, closed);
    const { withdraw } = kit.oidc;
    kit.oidc.withdraw = async (clientId, accountId, because) => {
      if (accountId === 'an') throw new Error('the database is away');
      return withdraw(clientId, accountId, because);
    };
    expect(await job(kit)).toBe(1);
    expect(log.written).toHaveLength(1);
    kit.oidc.withdraw = withdraw;
    expect(await job(kit)).toBe(1);
    expect(await job(kit)).toBeUndefined();
  });
});
