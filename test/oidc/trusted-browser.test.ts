/** What the protocol makes of a session that a trusted browser opened (rule 10). */
import { afterEach, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { application, closeAll, MFA, person, SFA, setClock, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const start = Date.UTC(2026, 8, 21);
const DAY = 86_400_000;
const none = { client_id: 'toledo', prompt: 'none' };

/** A person of an organisation that requires a second step, signed in with the password in a trusted browser. */
async function trusting(trustedBrowserDays = 30) {
  setClock(start);
  const kit = await startOidc({
    trustedBrowserDays,
    clients: [application('toledo'), application('exams', { pedel_acr: MFA })],
    accounts: [
      person({
        affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }],
        totps: [{ id: '1', name: '', sealedSeed: '', lastStep: 0, createdAt: 0 }],
        trustedBrowsers: [{ id: 'b1', hash: 'h', epoch: 1, since: start }],
      }),
    ],
  });
  const browser = visitor();
  kit.page.signIn = (interaction, ctx) =>
    kit.oidc.interactions.finishLogin(ctx, interaction, {
      accountId: 'an',
      amr: ['pwd'],
      epoch: 1,
      trustedBrowser: 'b1',
    });
  return { kit, browser };
}

test('it passes at every application that demands no more, and its tokens say one factor', async () => {
  const { kit, browser } = await trusting();
  const { id_token } = await kit.tokens(browser, { client_id: 'toledo' });
  expect(decodeJwt(id_token)).toMatchObject({ amr: ['pwd'], acr: SFA });
  expect(await kit.authorize(browser, none)).toMatchObject({ code: expect.anything() });
});

test('it does not pass where two factors are demanded, by registration, request or wish', async () => {
  const { kit, browser } = await trusting();
  await kit.tokens(browser, { client_id: 'toledo' });
  const claims = JSON.stringify({ id_token: { acr: { essential: true, value: MFA } } });
  for (const asked of [{ client_id: 'exams' }, { claims }, { acr_values: MFA }])
    expect(await kit.authorize(browser, { ...none, ...asked })).toMatchObject({ error: 'login_required' });
});

test.each<[string, object]>([
  ['the browser is forgotten', { trustedBrowsers: [] }],
  ['the person gets a role', { roles: ['desk'] }],
])('it asks for the second step from the moment at which %s', async (_what, change) => {
  const { kit, browser } = await trusting();
  await kit.tokens(browser, { client_id: 'toledo' });
  await kit.change('an', change);
  expect(await kit.authorize(browser, none)).toMatchObject({ error: 'login_required' });
});

test('it asks for it after the days, and nobody is trusted where it is switched off', async () => {
  const { kit, browser } = await trusting();
  setClock(start + 30 * DAY - 1000);
  await kit.tokens(browser, { client_id: 'toledo' });
  setClock(start + 30 * DAY);
  expect(await kit.authorize(browser, none)).toMatchObject({ error: 'login_required' });
  const off = await trusting(0);
  off.kit.page.signIn = async (interaction, ctx) => {
    off.kit.page.signIn = (again, at) => off.kit.oidc.interactions.finishDeclined(at, again, 'broken-off');
    return off.kit.oidc.interactions.finishLogin(ctx, interaction, {
      accountId: 'an',
      amr: ['pwd'],
      epoch: 1,
      trustedBrowser: 'b1',
    });
  };
  expect(await off.kit.authorize(off.browser, { client_id: 'toledo' })).toMatchObject({ error: 'access_denied' });
});
