/** `pedel_access`: rules × people × ways to use an application, on the library; and what an application that is closed gets. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import type { AccessRule } from '../../src/domain/clients/access-rule.ts';
import { DEVICE_GRANT } from '../../src/domain/clients/metadata/members/protocol.ts';
import {
  application,
  type Client,
  closeAll,
  type Kit,
  MFA,
  person,
  register,
  secret,
  setClock,
  startOidc,
  visitor,
} from './support.ts';

afterEach(closeAll);

const start = Date.UTC(2026, 8, 21, 12);
const scope = 'openid profile offline_access';
const totps = [{ id: '1', name: '', sealedSeed: '', lastStep: 0, createdAt: 0 }];
const staff = { organisation: 'kuleuven', role: 'staff', source: 'csv' };
const student = { organisation: 'vives', role: 'student', source: 'csv' };
const everyone: Account[] = [
  person({ affiliations: [staff] }),
  person({ id: 'bo', userNumbers: ['r0000002'], emails: [], affiliations: [student], totps }),
];
const rules: [rule: AccessRule | undefined, allowed: string[]][] = [
  [undefined, ['an', 'bo']],
  ['everybody', ['an', 'bo']],
  [{ affiliations: ['staff'] }, ['an']],
  [{ affiliations: ['student@vives'] }, ['bo']],
  [{ organisations: ['kuleuven'] }, ['an']],
  [{ people: ['r0000002'] }, ['bo']],
  [{ people: ['an'] }, ['an']],
  [{ groups: ['readers@kuleuven'] }, []],
];
const under = (rule: AccessRule | undefined): Client =>
  application('grades', {
    grant_types: ['authorization_code', 'refresh_token', DEVICE_GRANT],
    ...(rule === undefined ? {} : { pedel_access: rule as never }),
  });

async function house(clients: Client[] = []) {
  setClock(start);
  return startOidc({ clients: [application('toledo'), ...clients], accounts: structuredClone(everyone) });
}

/** Signs in with all factors; an application that stays closed is left by the button that leads back to it. */
function signsIn(kit: Kit, who: string): void {
  const signIn = kit.signInAs(who, who === 'bo' ? ['pwd', 'otp', 'mfa'] : ['pwd']);
  kit.page.signIn = async (interaction, ctx) =>
    interaction.asked.step === 'refused'
      ? kit.oidc.interactions.finishDeclined(ctx, interaction, interaction.asked.because)
      : signIn(interaction, ctx);
}

async function changed(kit: Kit, client: Client): Promise<void> {
  await register(kit.storage, client);
  await kit.oidc.reload();
}

const proof = { client_id: 'grades', client_secret: secret };

/** A device asks; returns what its person does with the code, and what the device then gets. */
async function device(kit: Kit) {
  const answer = await kit.post('/device/auth', { ...proof, scope });
  const { device_code, user_code } = (await answer.json()) as Record<string, string>;
  return {
    async confirm(browser: ReturnType<typeof visitor>): Promise<void> {
      kit.page.other = async (ctx) => {
        const found = await kit.oidc.devices.find(ctx, user_code ?? '');
        ctx.type = 'html';
        ctx.body =
          `<form method="post" action="/device/sign-in"><input type="hidden" name="user_code" value="${found?.code}">` +
          `<input type="hidden" name="proof" value="${found?.proof}"><button value="yes">Yes</button></form>`;
      };
      await browser.open(`${kit.issuer}/page/device`);
      await browser.press('yes', { confirm: 'yes' });
    },
    async poll(): Promise<Record<string, string>> {
      const asked = { ...proof, grant_type: DEVICE_GRANT, device_code: device_code ?? '' };
      return (await (await kit.post('/token', asked)).json()) as Record<string, string>;
    },
  };
}

/** Tokens from before the rule, for each way of using them; then the rule, and what each way answers. */
async function waysUnder(rule: AccessRule | undefined, who: string): Promise<Record<string, boolean>> {
  const kit = await house([under(undefined)]);
  signsIn(kit, who);
  const browser = visitor();
  const before = await kit.tokens(browser, { client_id: 'grades', scope, prompt: 'consent' });
  const { code = '' } = await kit.authorize(browser, { client_id: 'grades', scope, prompt: 'consent' });
  const [waiting, confirmed] = [await device(kit), await device(kit)];
  await confirmed.confirm(browser);
  await changed(kit, under(rule));
  await waiting.confirm(visitor());
  const [onDevice, since] = [await waiting.poll(), await confirmed.poll()];
  const isOk = async (answer: Promise<Response>) => (await answer).status === 200;
  const introspected = await kit.introspect('grades', before.access_token);
  const post = { client_secret: secret };
  const first = await kit.authorize(visitor(), { client_id: 'grades' });
  const silent = await kit.authorize(browser, { client_id: 'grades', prompt: 'none' });
  if (onDevice.access_token === undefined) expect(onDevice.error).toBe('access_denied');
  if (since.access_token === undefined) expect(since.error).toBe('invalid_grant');
  for (const answer of [first, silent]) if (answer.code === undefined) expect(answer.error).toBe('access_denied');
  return {
    'first sign-in': first.code !== undefined,
    silent: silent.code !== undefined,
    device: onDevice.access_token !== undefined,
    'device that was confirmed before': since.access_token !== undefined,
    code: await isOk(kit.exchange('grades', code)),
    userinfo: await isOk(kit.me(before.access_token)),
    introspection: introspected.active === true,
    refresh: await isOk(kit.refresh('grades', before.refresh_token ?? '', post)),
  };
}

describe('a rule holds for every way to use an application', () => {
  test.each(rules)('%j lets in %j', async (rule, allowed) => {
    for (const { id } of everyone) {
      const ways = await waysUnder(rule, id);
      expect([id, ways]).toEqual([id, Object.fromEntries(Object.keys(ways).map((way) => [way, allowed.includes(id)]))]);
    }
  });
});

describe('an application that is not open to a person', () => {
  const closed = under({ affiliations: ['student'] });

  test('gets no grant, no part of the session and no notice of its end', async () => {
    const kit = await house([{ ...closed, backchannel_logout_uri: 'https://grades.example/logout' }]);
    signsIn(kit, 'an');
    const browser = visitor();
    expect(await kit.authorize(browser, { client_id: 'grades', scope })).toMatchObject({ error: 'access_denied' });
    const [session] = await kit.storage.protocolRecords.sessionsOf('an');
    expect(session?.record.authorizations?.grades).toBeUndefined();
    await kit.oidc.sessions.endAll('an', 'test');
    expect(await kit.storage.outbox.list({}, undefined, 10)).toEqual([]);
  });

  test('is closed after the sign-in with all that it asks, and before consent', async () => {
    const kit = await house([{ ...under({ people: ['u0000001'] }), pedel_first_party: false, pedel_acr: MFA }]);
    signsIn(kit, 'bo');
    await kit.authorize(visitor(), { client_id: 'grades' });
    expect(kit.page.seen.map(({ asked }) => asked.step)).toEqual(['password', 'refused']);
    kit.page.seen.length = 0;
    // signed in by a password only, with a factor to prove: a stranger at this browser learns nothing
    await kit.change('bo', { affiliations: [staff] });
    kit.page.signIn = kit.signInAs('bo', ['pwd']);
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    signsIn(kit, 'bo');
    await kit.authorize(browser, { client_id: 'grades' });
    expect(kit.page.seen.map(({ asked }) => asked.step)).toEqual(['password', 'second-factor', 'refused']);
  });

  test('makes nobody set up a factor first', async () => {
    const kit = await house([{ ...closed, pedel_acr: MFA }]);
    signsIn(kit, 'an');
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    kit.page.seen.length = 0;
    expect(await kit.authorize(browser, { client_id: 'grades' })).toMatchObject({ error: 'access_denied' });
    expect(kit.page.seen.map(({ asked }) => asked.step)).toEqual(['refused']);
    expect(await kit.authorize(browser, { client_id: 'grades', prompt: 'none' })).toMatchObject({
      error: 'access_denied',
      error_description: 'the application is not open to this person',
    });
  });

  test('asks who is signed in nowhere to sign in, silently or not', async () => {
    const kit = await house([closed]);
    const answer = await kit.authorize(visitor(), { client_id: 'grades', prompt: 'none' });
    expect(answer.error).toBe('login_required');
  });

  test('opens to somebody else in the same browser, by the same request', async () => {
    const kit = await house([closed]);
    signsIn(kit, 'an');
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    kit.page.signIn = kit.signInAs('bo', ['pwd', 'otp', 'mfa']);
    const { code = '' } = await kit.authorize(browser, { client_id: 'grades' });
    expect(kit.page.seen.at(-1)?.asked.step).toBe('refused');
    expect((await kit.exchange('grades', code)).status).toBe(200);
    expect((await kit.session(browser))?.accountId).toBe('bo');
  });

  test('opens at once when the rule or the person changes, also on the page that is open', async () => {
    const kit = await house([closed]);
    signsIn(kit, 'an');
    kit.page.signIn = async (interaction, ctx) => {
      if (interaction.asked.step !== 'refused') return kit.signInAs('an', ['pwd'])(interaction, ctx);
      await kit.change('an', { affiliations: [staff, { ...student, organisation: 'kuleuven' }] });
      return kit.oidc.interactions.reconsider(ctx, interaction);
    };
    expect(await kit.authorize(visitor(), { client_id: 'grades' })).toHaveProperty('code');
  });

  test('is told in one line of the log, with the account and the reason', async () => {
    const kit = await house([closed]);
    signsIn(kit, 'an');
    await kit.authorize(visitor(), { client_id: 'grades' });
    expect(kit.logged).toContainEqual({
      level: 'info',
      fields: { client: 'grades', account: 'an', because: 'not-open-to-person' },
      message: 'a person may not use an application',
    });
  });
});

test('at midnight in Brussels an affiliation ends, and with it what was granted', async () => {
  const kit = await house([under({ affiliations: ['staff'] })]);
  await kit.change('an', {
    affiliations: [
      { ...staff, until: '2026-09-21' },
      { ...staff, role: 'guest' },
    ],
  });
  signsIn(kit, 'an');
  const { refresh_token: token = '' } = await kit.tokens(visitor(), { client_id: 'grades', scope, prompt: 'consent' });
  const refresh = async () => (await kit.refresh('grades', token, { client_secret: secret })).status;
  setClock(Date.UTC(2026, 8, 21, 21, 59, 59));
  expect(await refresh()).toBe(200);
  setClock(Date.UTC(2026, 8, 21, 22));
  expect(await refresh()).toBe(400);
});
