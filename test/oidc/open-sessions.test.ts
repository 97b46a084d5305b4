/** Where a person is signed in, and ending it from elsewhere. About 1 s. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { httpVisitor } from '../support/http-visitor.ts';
import { application, closeAll, type Kit, person, secret, setClock, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const start = Date.UTC(2026, 8, 21, 12);
const hears = { backchannel_logout_uri: 'https://mail.example/logout' };
const offline = { scope: 'openid offline_access' };

async function house() {
  setClock(start);
  return startOidc({
    clients: [application('mail', hears), application('toledo')],
    accounts: [person(), person({ id: 'bo', userNumbers: ['u0000002'], emails: [] })],
  });
}

const list = (kit: Kit, id = 'an') => kit.oidc.openSessions.list(id);

describe('where one is signed in', () => {
  test('each session says from where, since when and to what; none of another person, none that ended', async () => {
    const kit = await house();
    const [laptop, phone] = [visitor(), visitor()];
    await kit.tokens(laptop, { client_id: 'mail', scope: 'openid' });
    await kit.tokens(laptop, { client_id: 'toledo', scope: 'openid' });
    setClock(start + 60_000);
    await kit.tokens(phone, { client_id: 'toledo', scope: 'openid' });
    const [second, first, ...more] = await list(kit);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ since: start, clients: ['mail', 'toledo'] });
    expect(second).toMatchObject({ since: start + 60_000, clients: ['toledo'] });
    expect(await list(kit, 'bo')).toEqual([]);
    await kit.onPage(phone, (ctx) => kit.oidc.sessions.end(ctx));
    expect((await list(kit)).map(({ since }) => since)).toEqual([start]);
    const account = await kit.storage.accounts.findById('an');
    if (account === undefined) throw new Error('nobody');
    const revision = account.revision + 1;
    await kit.storage.accounts.replace(
      { ...account, revision, credentialsEpoch: account.credentialsEpoch + 1 },
      account.revision,
    );
    expect(await list(kit)).toEqual([]);
  });

  test('what a browser says of itself is clipped, and stays as it is', async () => {
    const kit = await house();
    const odd = httpVisitor({ accept: 'text/html', 'user-agent': `Mozilla/5.0 <script>${'x'.repeat(900)}` });
    await kit.tokens(odd, { client_id: 'toledo', scope: 'openid' });
    expect((await list(kit))[0]?.place.agent?.length).toBe(300);
  });
});

describe('ended from elsewhere', () => {
  test('a session ends with all that applications hold of it; whoever does it twice ends it once', async () => {
    const kit = await house();
    const [thief, own] = [visitor(), visitor()];
    const { refresh_token: stolen = '' } = await kit.tokens(thief, { client_id: 'mail', ...offline });
    setClock(start + 1000);
    const { refresh_token: kept = '' } = await kit.tokens(own, { client_id: 'mail', ...offline });
    const [, { uid = '' } = {}] = await list(kit);
    expect(await kit.oidc.openSessions.end('bo', uid)).toBe(false);
    const ends = await Promise.all([1, 2, 3].map(() => kit.oidc.openSessions.end('an', uid)));
    expect(ends.filter(Boolean)).toHaveLength(1);
    expect(await list(kit)).toHaveLength(1);
    expect((await kit.refresh('mail', stolen, { client_secret: secret })).status).toBe(400);
    expect((await kit.refresh('mail', kept, { client_secret: secret })).status).toBe(200);
    const told = await kit.storage.outbox.list({ kind: 'backchannel-logout' }, undefined, 9);
    expect(told).toHaveLength(1);
    const [entry, ...more] = await kit.storage.auditLog.page({ action: 'session.ended' }, undefined, 9);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ actor: { kind: 'person', id: 'an' }, details: { reason: 'ended-elsewhere' } });
  });

  test('all but this one: the others, and what is left of sessions long over', async () => {
    const kit = await house();
    const [gone, other, own] = [visitor(), visitor(), visitor()];
    const { refresh_token: left = '' } = await kit.tokens(gone, { client_id: 'mail', ...offline });
    await kit.onPage(gone, (ctx) => kit.oidc.sessions.end(ctx));
    await kit.tokens(other, { client_id: 'toledo', scope: 'openid' });
    setClock(start + 1000);
    const { refresh_token: kept = '' } = await kit.tokens(own, { client_id: 'mail', ...offline });
    const [{ uid = '' } = {}] = await list(kit);
    expect(await kit.oidc.openSessions.endOthers('an', uid)).toBe(1);
    expect((await list(kit)).map((each) => each.uid)).toEqual([uid]);
    expect((await kit.refresh('mail', left, { client_secret: secret })).status).toBe(400);
    expect((await kit.refresh('mail', kept, { client_secret: secret })).status).toBe(200);
  });
});
