/** Signing out without a question: of an application that may, and only with a hint of this very session. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { Problem } from '../../src/domain/problem.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';
import { application, closeAll, type Kit, person, startOidc, twinOf, visitor } from './support.ts';

afterEach(closeAll);

const goodbye = 'https://toledo.example/goodbye';
const toledo = application('toledo', { post_logout_redirect_uris: [goodbye] });
const toToledo = { client_id: 'toledo' };

const isSignedIn = async (kit: Kit, browser: HttpVisitor) => (await kit.session(twinOf(browser))) !== null;
const leave = (kit: Kit, browser: HttpVisitor, parameters: Record<string, string>) =>
  kit.land(browser, `${kit.issuer}/session/end?${new URLSearchParams(parameters)}`);

describe('an application of the association', () => {
  test('signs its person out at once, tells the others and goes back with its state', async () => {
    const kit = await startOidc({
      clients: [toledo, application('mail', { backchannel_logout_uri: 'https://mail.example/logout' })],
    });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'mail' });
    const { id_token: hint, access_token: token } = await kit.tokens(browser, toToledo);
    const before = twinOf(browser);
    const landed = await leave(kit, browser, {
      id_token_hint: hint,
      post_logout_redirect_uri: goodbye,
      state: 'a b&c',
    });
    expect(landed.url).toBe(`${goodbye}?state=a+b%26c`);
    expect([await isSignedIn(kit, browser), await isSignedIn(kit, before)]).toEqual([false, false]);
    expect([...browser.cookies.keys()].some((key) => key.includes('session'))).toBe(false);
    expect((await kit.me(token)).status).toBe(401);
    expect(await kit.storage.outbox.byAccount('an', 5)).toMatchObject([{ payload: { clientId: 'mail' } }]);
    const entries = await kit.storage.auditLog.page({ subject: 'an', action: 'session.ended' }, undefined, 10);
    expect(entries).toMatchObject([{ details: { reason: 'sign-out' } }]);
  });

  test('without an address to go to ends on our page that says so', async () => {
    const kit = await startOidc({ clients: [toledo] });
    const browser = visitor();
    const { id_token: hint } = await kit.tokens(browser, toToledo);
    expect((await leave(kit, browser, { id_token_hint: hint })).url).toBe(`${kit.issuer}/session/end/success`);
    expect(await isSignedIn(kit, browser)).toBe(false);
  });

  test('does so by POST as well, and with a hint that has expired', async () => {
    const kit = await startOidc({ clients: [toledo] });
    const browser = visitor();
    const { id_token: hint } = await kit.tokens(browser, toToledo);
    expect(decodeJwt(hint).sid).toEqual(expect.any(String));
    const answer = await kit.post('/session/end', { id_token_hint: hint });
    expect(answer.url).toContain('/session/end?id_token_hint='); // the GET of the same parameters, in no browser
    await leave(kit, browser, { id_token_hint: hint });
    expect(await isSignedIn(kit, browser)).toBe(false);
  });

  test('knows a person by a pairwise subject, too', async () => {
    const kit = await startOidc({ clients: [{ ...toledo, subject_type: 'pairwise' }] });
    const browser = visitor();
    const { id_token: hint } = await kit.tokens(browser, toToledo);
    expect(decodeJwt(hint).sub).not.toBe('an');
    await leave(kit, browser, { id_token_hint: hint });
    expect(await isSignedIn(kit, browser)).toBe(false);
  });

  test('keeps tokens that outlive the session', async () => {
    const kit = await startOidc({ clients: [toledo] });
    const browser = visitor();
    const tokens = await kit.tokens(browser, { ...toToledo, scope: 'openid offline_access' });
    await leave(kit, browser, { id_token_hint: tokens.id_token });
    expect((await kit.me(tokens.access_token)).status).toBe(200);
  });

  test('twenty times at once signs out once, and every answer goes back', async () => {
    const kit = await startOidc({ clients: [{ ...toledo, backchannel_logout_uri: 'https://toledo.example/logout' }] });
    const browser = visitor();
    const { id_token: hint } = await kit.tokens(browser, toToledo);
    const all = await Promise.all(
      Array.from({ length: 20 }, () =>
        leave(kit, twinOf(browser), { id_token_hint: hint, post_logout_redirect_uri: goodbye }),
      ),
    );
    // who comes after the end is nobody any more, and may be sent on by the form for that
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200, 303]));
    expect(all.some(({ url }) => url === goodbye)).toBe(true);
    expect(await kit.storage.outbox.byAccount('an', 5)).toHaveLength(1);
  });

  test('whose notice cannot be stored keeps the session, so that the person can try again', async () => {
    const kit = await startOidc({ clients: [{ ...toledo, backchannel_logout_uri: 'https://toledo.example/logout' }] });
    const browser = visitor();
    const { id_token: hint } = await kit.tokens(browser, toToledo);
    const { put } = kit.storage.outbox;
    kit.storage.outbox.put = async () => {
      throw new Problem('storage_unavailable', 'away', { retryAfterSeconds: 5 });
    };
    expect((await leave(kit, browser, { id_token_hint: hint })).status).toBe(503);
    expect(await isSignedIn(kit, browser)).toBe(true);
    kit.storage.outbox.put = put;
    await leave(kit, browser, { id_token_hint: hint });
    expect(await isSignedIn(kit, browser)).toBe(false);
  });
});

describe('the question is asked', () => {
  const asks = async (kit: Kit, browser: HttpVisitor, parameters: Record<string, string>) => {
    const landed = await leave(kit, browser, parameters);
    expect(landed.html).toContain('op.logoutForm');
    expect(await isSignedIn(kit, browser)).toBe(true);
  };

  const told = { backchannel_logout_uri: 'https://toledo.example/logout' }; // their ID tokens name the session, too
  test.each([
    ['of an application of others', { pedel_first_party: false, ...told }],
    ['of the association’s own that wants it', { pedel_confirm_logout: true, ...told }],
  ])('at the request %s', async (_what, change) => {
    const kit = await startOidc({ clients: [{ ...toledo, ...change }] });
    const browser = visitor();
    const { id_token: hint } = await kit.tokens(browser, toToledo);
    expect(decodeJwt(hint).sid).toEqual(expect.any(String));
    await asks(kit, browser, { id_token_hint: hint, post_logout_redirect_uri: goodbye });
  });

  test('not at the request of an application of others that an operator trusts so far', async () => {
    const kit = await startOidc({ clients: [{ ...toledo, pedel_first_party: false, pedel_confirm_logout: false }] });
    const browser = visitor();
    const { id_token: hint } = await kit.tokens(browser, toToledo);
    expect((await leave(kit, browser, { id_token_hint: hint, post_logout_redirect_uri: goodbye })).url).toBe(goodbye);
  });

  test('where nothing proves whose request it is: without a hint', async () => {
    const kit = await startOidc({ clients: [toledo] });
    const browser = visitor();
    await kit.tokens(browser, toToledo);
    await asks(kit, browser, { client_id: 'toledo', post_logout_redirect_uri: goodbye });
  });

  test('where the hint is of another session of the same person', async () => {
    const kit = await startOidc({ clients: [toledo] });
    const [browser, elsewhere] = [visitor(), visitor()];
    await kit.tokens(browser, toToledo);
    const { id_token: hint } = await kit.tokens(elsewhere, toToledo);
    await asks(kit, browser, { id_token_hint: hint });
    expect(await isSignedIn(kit, elsewhere)).toBe(true);
  });

  test('where the hint is of an earlier session in this browser', async () => {
    const kit = await startOidc({ clients: [toledo] });
    const browser = visitor();
    const { id_token: hint } = await kit.tokens(browser, toToledo);
    await leave(kit, browser, { id_token_hint: hint });
    await kit.tokens(browser, toToledo);
    await asks(kit, browser, { id_token_hint: hint });
  });

  test('where the hint is of another person', async () => {
    const accounts = [person(), person({ id: 'bo', userNumbers: ['u0000002'], emails: [] })];
    const kit = await startOidc({ clients: [toledo], accounts });
    const [browser, others] = [visitor(), visitor()];
    await kit.tokens(browser, toToledo);
    kit.page.signIn = kit.signInAs('bo', ['pwd']);
    const { id_token: hint } = await kit.tokens(others, toToledo);
    await asks(kit, browser, { id_token_hint: hint });
  });

  test('where the hint was made for another application, whatever the request calls itself', async () => {
    const kit = await startOidc({ clients: [toledo, application('survey', { pedel_first_party: false, ...told })] });
    const browser = visitor();
    await kit.tokens(browser, toToledo);
    const { id_token: hint } = await kit.tokens(browser, { client_id: 'survey' });
    await asks(kit, browser, { id_token_hint: hint });
    const landed = await leave(kit, browser, { id_token_hint: hint, client_id: 'toledo' });
    expect([landed.status, await isSignedIn(kit, browser)]).toEqual([400, true]);
  });
});
