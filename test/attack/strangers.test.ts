/** What a stranger who knows only a number can do: it must not lock out the owner, nor fill the disk. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { takeFactorGuess } from '../../src/domain/rate-limits/factor-guess.ts';
import { limits } from '../../src/domain/rate-limits/limits.ts';
import {
  application,
  closeAll as closeProtocol,
  redirectOf,
  secret,
  setClock,
  startOidc,
  visitor,
} from '../oidc/support.ts';
import { type HttpVisitor, httpVisitor } from '../support/http-visitor.ts';
import { openTestStorage } from '../support/storage.ts';
import { alumna, closeAll, PASSWORD, product, titleOf } from './product.ts';

afterEach(closeAll);
afterEach(closeProtocol);

const browser = () => httpVisitor({ 'accept-language': 'en' });
const NEW_PASSWORD = 'seven brass lanterns wander';

/** A form that needs no page: from the visitor's own browser, as its address bar would. */
const ask = (address: string, login: string) =>
  fetch(`${address}/forgotten`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ action: 'send-link', login }),
  });

async function activating(address: string, mailed: () => Promise<{ code?: string }>): Promise<HttpVisitor> {
  const owner = browser();
  await owner.open(`${address}/activate?number=q0000001`);
  await owner.press('send-code', { email: 'eva@example.org' });
  await owner.press('verify', { code: (await mailed()).code ?? '' });
  expect(titleOf(owner.page())).toBe('Choose your password');
  return owner;
}

function neverActive() {
  const { activatedAt: _, password: __, ...account } = alumna('eva', 'q0000001');
  return account;
}

describe('a stranger who asks for codes of somebody else', () => {
  test('does not break the activation that its owner has under way', async () => {
    const { address, mailed, stored } = await product({ accounts: [neverActive()] });
    const owner = await activating(address, () => mailed('eva'));
    for (let times = 0; times < 4; times += 1) expect((await ask(address, 'q0000001')).status).toBe(303);
    await owner.press('set-password', { password: NEW_PASSWORD, password_again: NEW_PASSWORD });
    expect(titleOf(owner.page())).toBe('Choose your second step');
    expect((await stored('eva')).activatedAt).toBeDefined();
    expect((await stored('eva')).tickets).toEqual([]);
  });

  test('rule 4: has no more codes to try for it: the newest is the only one that opens', async () => {
    const { address, mailed, stored } = await product({ accounts: [neverActive()] });
    await ask(address, 'q0000001');
    const { code: first = '' } = await mailed('eva');
    await ask(address, 'q0000001');
    const visitor = browser();
    await visitor.open(`${address}/activate?number=q0000001`);
    await visitor.press('verify', { code: first });
    expect(visitor.page().status).toBe(422);
    expect((await stored('eva')).tickets.filter(({ codeMac }) => codeMac !== undefined)).toHaveLength(1);
  });

  test('does not use up the emails with which the owner sets up a first factor (rule 7)', async () => {
    const { address, mailed } = await product({
      accounts: [
        alumna('eva', 'q0000001', { affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }] }),
      ],
    });
    for (let times = 0; times < limits.mailsPerAccount.tries; times += 1) await ask(address, 'q0000001');
    const owner = browser();
    await owner.open(`${address}/account`);
    await owner.press('sign-in', { login: 'q0000001', password: PASSWORD });
    await owner.press('send-code');
    expect(owner.page().status).toBe(200);
    expect((await mailed('eva')).code ?? (await mailed('eva')).link).toBeDefined();
    expect(owner.page().html).toContain('name="code"');
  });
});

test('rule 3: a browser that was known before there was a second factor has no endless tries at it, and the owner hears of it', async () => {
  const { attempts, close } = await openTestStorage();
  const limiter = { attempts, onLimitHit: () => {} };
  const network = { groups: ['192.0.2.1'] };
  const guess = { accountId: 'adam', network, attempt: 'a sign-in', knownBrowser: 'once shared' };
  let tried = 0;
  let told = 0;
  const start = Date.UTC(2026, 8, 21);
  // a day of attempts, ten every quarter of an hour
  for (let quarter = 0; quarter < 95; quarter += 1) {
    for (let n = 0; n < 11; n += 1) {
      const taken = await takeFactorGuess(limiter, guess, start + quarter * 15 * 60_000 + n);
      if (taken.allowed) tried += 1;
      if (taken.allowed ? (await taken.wrong()).tellOwner : taken.tellOwner) told += 1;
    }
  }
  expect([tried, told]).toEqual([limits.factorInKnownBrowserPerDay.tries, 1]);
  await close();
});

test('numbers looked up beyond the limit of a network leave nothing in the database', async () => {
  const { address, storage } = await product();
  const look = (number: string) => fetch(`${address}/activate?number=${number}`).then(({ status }) => status);
  for (let n = 0; n <= limits.numbersPerNetwork.tries; n += 1) await look(`q${1_000_000 + n}`);
  const { attempts } = await storage.archive.counts();
  expect(attempts).toBeGreaterThan(limits.numbersPerNetwork.tries);
  for (const number of ['q7777777', 'q7777778']) expect(await look(number)).toBe(429);
  expect((await storage.archive.counts()).attempts).toBe(attempts);
});

describe('a stranger who begins sign-ins and finishes none', () => {
  const state = 's'.repeat(1500);
  const mayStore = { network: 30_000, client: 1_000_000 };

  async function begun(options: Partial<Parameters<typeof startOidc>[0]> = {}) {
    const spa = application('spa', { token_endpoint_auth_method: 'none', pedel_require_pkce: false });
    const kit = await startOidc({
      clients: [application('toledo'), application('other'), spa],
      strangersMayStore: mayStore,
      network: (ctx) => ({
        groups: [ctx.get('x-network') || 'home', ctx.get('x-provider') || 'provider'],
        ...(ctx.get('x-network') === 'campus' ? { limits: { megabytesBegunPerNetwork: 1 } } : {}),
      }),
      knownBrowser: (ctx) => ctx.get('x-known') || undefined,
      ...options,
    });
    const stored: { model: string; bytes: number; seconds: number }[] = [];
    const { put } = kit.storage.protocolRecords;
    kit.storage.protocolRecords.put = (model, key, record, expiresAt) => {
      const seconds = Math.round((Number(expiresAt) - Date.now()) / 1000);
      stored.push({ model, bytes: JSON.stringify(record).length, seconds });
      return put(model, key, record, expiresAt);
    };
    const begin = (network: string, client = 'toledo', more: { known?: string; state?: string } = {}) =>
      fetch(kit.authUrl({ client_id: client, state: more.state ?? state }), {
        redirect: 'manual',
        headers: { 'x-network': network, 'x-known': more.known ?? '', accept: 'text/html' },
      });
    const bytes = () => stored.reduce((sum, each) => sum + each.bytes, 0);
    return { kit, stored, bytes, begin };
  }

  test('fills the disk up to the limit of the network, and others begin theirs', async () => {
    const { kit, stored, begin } = await begun();
    const known = visitor();
    expect(await kit.authorize(known, { client_id: 'toledo' })).toHaveProperty('code');
    const before = stored.length;
    const answers = [];
    for (let times = 0; times < 20; times += 1) answers.push((await begin('home')).status);
    expect(new Set(answers)).toEqual(new Set([303, 429]));
    expect(answers.at(-1)).toBe(429);
    const bytes = stored.slice(before).reduce((sum, each) => sum + each.bytes, 0);
    expect(bytes).toBeGreaterThan(15_000);
    expect(bytes).toBeLessThanOrEqual(mayStore.network);
    expect(kit.logged.filter(({ message }) => message.includes('strangers may store'))).toHaveLength(1);
    expect((await begin('elsewhere')).status).toBe(303);
    // who is signed in goes on, from the same network
    expect(await kit.authorize(known, { client_id: 'other' })).toHaveProperty('code');
    // whose provider may store twice as much, whichever of its networks it comes from
    for (let times = 0; times < 20; times += 1) answers.push((await begin(`n${times}`)).status);
    expect(answers.at(-1)).toBe(429);
    setClock(Date.now() + 16 * 60_000);
    expect((await begin('home')).status).toBe(303);
  });

  const large = { state: 's'.repeat(5000) };
  /** How many are begun until one is refused. */
  async function until429(begin: () => Promise<{ status: number }>): Promise<number> {
    let begun = 0;
    while (begun < 2000 && (await begin()).status === 303) begun += 1;
    return begun;
  }

  test('with large requests takes a third of what the network may store: ordinary ones begin all the same', async () => {
    const { begin, bytes } = await begun({ strangersMayStore: { network: 60_000, client: 1_000_000 } });
    expect(await until429(() => begin('home', 'toledo', large))).toBeGreaterThan(1);
    expect(bytes()).toBeLessThanOrEqual(20_000);
    expect(await until429(() => begin('home'))).toBeGreaterThan(10);
    expect(bytes()).toBeLessThanOrEqual(60_000);
  });

  test('keeps no browser out that signed in before; that has bytes of its own, and no more', async () => {
    const { begin, bytes } = await begun({ strangersMayStore: { network: 30_000, client: 1_000_000, known: 20_000 } });
    await until429(() => begin('home'));
    const before = bytes();
    expect(await until429(() => begin('home', 'toledo', { ...large, known: 'laptop' }))).toBeGreaterThan(1);
    expect(bytes() - before).toBeLessThanOrEqual(20_000);
    expect((await begin('home', 'toledo', { known: 'phone' })).status).toBe(303);
  });

  test('in a configured network has its limit', async () => {
    const { begin, bytes } = await begun();
    await until429(() => begin('home'));
    const before = bytes();
    expect(await until429(() => begin('campus', 'toledo', large))).toBeGreaterThan(30);
    expect(bytes() - before).toBeLessThanOrEqual((1024 * 1024) / 3);
  });

  test('from many networks fills it up to the limit of the application', async () => {
    const { stored, begin } = await begun({ strangersMayStore: { network: 1_000_000, client: 30_000 } });
    const answers = [];
    for (let times = 0; times < 20; times += 1) answers.push((await begin(`n${times}`)).status);
    expect(answers.at(-1)).toBe(429);
    expect(stored.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(30_000);
    expect((await begin('home', 'other')).status).toBe(303);
  });

  test('from one network closes the application to nobody who began little', async () => {
    const { begin } = await begun({ strangersMayStore: { network: 10_000_000, client: 1_000_000 } });
    expect(await until429(() => begin('home'))).toBeGreaterThan(50);
    expect(await until429(() => begin('elsewhere'))).toBeGreaterThan(0);
    expect(await until429(() => begin('elsewhere'))).toBe(0);
  });

  test('leaves each of them for twenty minutes; who has signed in there has the hour', async () => {
    const { kit, stored, begin } = await begun();
    setClock(Date.now()); // stands still: a second later it would be a second less
    await begin('home');
    expect(stored).toMatchObject([{ model: 'Interaction', seconds: 20 * 60 }]);
    await kit.authorize(visitor(), { client_id: 'toledo' });
    expect(stored.filter(({ model }) => model === 'Interaction').at(-1)?.seconds).toBe(3600);
  });

  test('is bounded when it confirms signing out, and when it pushes requests of a public application', async () => {
    const { kit } = await begun({ strangersMayStore: { network: 3000, client: 3000 } });
    const statuses = async (act: () => Promise<Response>) => {
      const seen = [];
      for (let times = 0; times < 30; times += 1) seen.push((await act()).status);
      return seen;
    };
    const leaving = `${kit.issuer}/session/end?client_id=toledo&state=${'s'.repeat(500)}`;
    expect((await statuses(() => fetch(leaving))).at(-1)).toBe(429);
    const push = () =>
      kit.post(
        '/request',
        {
          client_id: 'spa',
          response_type: 'code',
          scope: 'openid',
          redirect_uri: redirectOf('spa'),
          code_challenge: 'c'.repeat(43),
          code_challenge_method: 'S256',
        },
        { 'x-network': 'elsewhere' },
      );
    const pushed = await statuses(push);
    expect([pushed[0], pushed.at(-1)]).toEqual([201, 429]);
    const refused = await push();
    expect(await refused.json()).toMatchObject({ error: 'temporarily_unavailable' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('pushes no request that a URL could not hold', async () => {
    const { kit, stored } = await begun({ strangersMayStore: { network: 1e9, client: 1e9 } });
    const push = (length: number) =>
      kit.post('/request', {
        client_id: 'toledo',
        client_secret: secret,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: redirectOf('toledo'),
        state: 's'.repeat(length),
      });
    expect((await push(7000)).status).toBe(201);
    const before = stored.length;
    for (const [length, status] of [
      [8200, 400],
      [17_000, 413],
      [60_000, 413],
    ] as const) {
      const answer = await push(length);
      expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([status, 'invalid_request']);
    }
    expect(stored).toHaveLength(before);
  });
});

test('rule 30: large sign-ins from a campus keep out neither ordinary ones nor browsers that signed in before', async () => {
  const networks = [{ name: 'campus', cidrs: ['127.0.0.0/8', '::1/128'], limits: { megabytesBegunPerNetwork: 1 } }];
  const { signInUrl } = await product({ accounts: [alumna('eva', 'q0000001')], networks });
  const eva = browser();
  await eva.open(signInUrl());
  await eva.press('sign-in', { login: 'q0000001', password: PASSWORD });
  for (const key of eva.cookies.keys()) if (!key.includes('device')) eva.cookies.delete(key); // tomorrow
  const large = signInUrl({ state: 's'.repeat(5000) });
  const stranger = (url: string) => fetch(url, { redirect: 'manual' }).then(({ status }) => status);
  let begun = 0;
  while (begun < 500 && (await stranger(large)) === 303) begun += 1;
  expect(begun).toBeLessThan(100);
  expect(await stranger(signInUrl())).toBe(303);
  expect(titleOf(await eva.open(large))).toContain('Sign in');
});

test('an unreadable address of a proxy is told of at the protocol too, once', async () => {
  const pedel = await product({ trustedProxies: '127.0.0.1/32,::1/128' });
  const ask = () =>
    fetch(pedel.signInUrl(), { headers: { 'x-forwarded-for': '192.0.2.1, unknown' }, redirect: 'manual' });
  expect((await ask()).status).toBe(303);
  expect((await ask()).status).toBe(303);
  expect(pedel.warnings.filter((each) => each.includes('not an address'))).toHaveLength(1);
});
