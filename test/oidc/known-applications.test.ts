/** What a person sees of applications that know something, and taking it back: the whole of it, once, and told. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { knownApplications, takeBack } from '../../src/use-cases/account/known-applications.ts';
import { application, closeAll, type Kit, organisations, person, secret, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const hears = { backchannel_logout_uri: 'https://survey.example/logout' };
const ofOthers = { pedel_first_party: false, ...hears };
const offline = { scope: 'openid email offline_access', prompt: 'consent' };

const house = () =>
  startOidc({
    clients: [
      application('survey', { scope: 'openid email offline_access', ...ofOthers }),
      application('poll', { scope: 'openid profile', ...ofOthers }),
      application('toledo', hears),
      application('unused'),
    ],
    accounts: [person(), person({ id: 'bo', userNumbers: ['u0000002'], emails: [] })],
  });

async function seen(kit: Kit, id = 'an') {
  const account = await kit.storage.accounts.findById(id);
  if (account === undefined) throw new Error('nobody');
  const known = await knownApplications(account, kit.storage, { organisations, domain: 'x', now: Date.now() });
  return known.map(({ id, consentedAt, signedIn, holds, told }) => ({
    id,
    consented: consentedAt !== undefined,
    signedIn,
    holds,
    told,
  }));
}

const back = (kit: Kit, clientId: string, accountId = 'an') =>
  takeBack(accountId, clientId, {
    consents: kit.storage.consents,
    withdraw: kit.oidc.withdraw,
    now: Date.now,
    randomBytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
  });

const entries = async (kit: Kit) =>
  (await kit.storage.auditLog.page({ action: 'access.withdrawn' }, undefined, 99)).map(
    ({ actor, subject, client, details }) => ({ actor, subject, client, details }),
  );

describe('what applications know', () => {
  test('is what they are told: by consent, by a session, by a token that outlives it; never another person’s', async () => {
    const kit = await house();
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'survey', ...offline });
    await kit.tokens(browser, { client_id: 'toledo', scope: 'openid' });
    const email = ['email', 'email_verified'];
    const [survey, toledo, ...others] = await seen(kit);
    expect(others).toEqual([]);
    expect(survey).toEqual({ id: 'survey', consented: true, signedIn: true, holds: true, told: email });
    expect(toledo).toMatchObject({ id: 'toledo', consented: false, signedIn: true, holds: false });
    expect(toledo?.told).toEqual(expect.arrayContaining(['name', 'email']));
    await kit.onPage(browser, (ctx) => kit.oidc.sessions.end(ctx));
    expect(await seen(kit)).toEqual([{ id: 'survey', consented: true, signedIn: false, holds: true, told: email }]);
    expect(await seen(kit, 'bo')).toEqual([]);
  });

  test('a consent to an application of that id that was removed since is none', async () => {
    const kit = await house();
    await kit.tokens(visitor(), { client_id: 'poll', scope: 'openid profile' });
    const stored = await kit.storage.clients.find('poll');
    if (stored === undefined) throw new Error('it is not registered');
    const createdAt = Date.now() + 60_000;
    await kit.storage.clients.put({ ...stored, revision: stored.revision + 1, createdAt }, stored.revision);
    expect(await seen(kit)).toMatchObject([{ id: 'poll', consented: false, told: [] }]);
  });
});

describe('what is taken back', () => {
  test('ends consent, tokens and the part of the session, tells the application once, and leaves one entry of the person', async () => {
    const kit = await house();
    const browser = visitor();
    const tokens = await kit.tokens(browser, { client_id: 'survey', ...offline });
    await kit.tokens(browser, { client_id: 'toledo', scope: 'openid' });
    const results = await Promise.all([1, 2, 3].map(() => back(kit, 'survey')));
    expect(results).toContain(true);
    expect(await kit.introspect('survey', tokens.access_token)).toEqual({ active: false });
    const refreshed = await kit.refresh('survey', tokens.refresh_token ?? '', { client_secret: secret });
    expect(refreshed.status).toBe(400);
    expect(await kit.storage.consents.find('an', 'survey')).toBeUndefined();
    const told = await kit.storage.outbox.list({ kind: 'backchannel-logout' }, undefined, 99);
    expect(told.map(({ payload }) => payload.clientId)).toEqual(['survey']);
    expect(await seen(kit)).toMatchObject([{ id: 'toledo', signedIn: true }]);
    const entry = {
      actor: { kind: 'person', id: 'an' },
      subject: 'an',
      client: 'survey',
      details: { because: 'taken-back' },
    };
    expect(new Set((await entries(kit)).map((each) => JSON.stringify(each)))).toEqual(new Set([JSON.stringify(entry)]));
    expect(await back(kit, 'survey')).toBe(false);
    // who comes back is asked again
    const asked = await kit.authorize(browser, { client_id: 'survey', scope: 'openid email', prompt: 'none' });
    expect(asked).toMatchObject({ error: 'consent_required' });
  });

  test('of one person by another: nothing', async () => {
    const kit = await house();
    await kit.tokens(visitor(), { client_id: 'survey', ...offline });
    expect(await back(kit, 'survey', 'bo')).toBe(false);
    expect(await seen(kit)).toMatchObject([{ id: 'survey', consented: true, holds: true }]);
    expect(await entries(kit)).toEqual([]);
  });
});
