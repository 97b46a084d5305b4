/** Why an application does not work: what was refused, watching it, trying it, and applications that register themselves. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { compared, told } from '../../src/domain/clients/refusals/refusal.ts';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import { headingOf, pathOf, startConsole, type TestConsole } from '../support/console.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';

const KNOWN = 'https://grafana.example/login';

let pedel: TestConsole;
let browser: HttpVisitor;
beforeAll(async () => {
  pedel = await startConsole({ dynamicRegistration: { enabled: true, approval: 'required', pendingDays: 30 } });
  const metadata = {
    client_name: 'Grafana',
    redirect_uris: [KNOWN],
    scope: 'openid profile',
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'none',
    pedel_first_party: true,
  };
  for (const [id, organisation] of [
    ['grafana', undefined],
    ['other', 'kuleuven'],
  ] as const)
    await pedel.storage.clients.put(
      {
        id,
        revision: 1,
        metadata: { ...metadata, ...(organisation === undefined ? {} : { pedel_organisation: organisation }) },
        secrets: [],
        createdAt: 0,
        updatedAt: 0,
      },
      0,
    );
  browser = pedel.browser();
  const login = await pedel.person('Olga', ['owner']);
  await browser.open(`${pedel.issuer}/admin`);
  await pedel.signIn(browser, login);
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

const refuse = (got: string, client: string | null = 'grafana', n = 0) =>
  pedel.storage.refusals.add([
    {
      party: client === null ? { named: 'grafna' } : { client },
      refusal: client === null ? told('client-unknown', 'grafna') : compared('redirect-uri-unregistered', got, KNOWN),
      proven: true,
      firstAt: Date.now() - 1000,
      lastAt: Date.now() + n,
      count: 38,
      incident: 'abcdef0123',
    },
  ]);
const html = () => browser.page().html;
const entries = async (action: string) => pedel.storage.auditLog.page({ action }, undefined, 99);
/** Signs in once more where an act asks for it, and sends what was kept. */
async function actRecently(): Promise<void> {
  if (pathOf(browser).startsWith('/interaction/')) {
    await pedel.signIn(browser, 'u-olga');
    await browser.press('confirm');
  }
}

describe('problems of an application', () => {
  test('are got and registered, one under the other, with the difference marked, in both languages', async () => {
    await browser.open('/admin/applications/grafana/problems');
    expect([headingOf(browser), html().includes('Nothing was refused in the last 14 days')]).toEqual(['Grafana', true]);
    await refuse(`${KNOWN}/`);
    await browser.open('/admin/applications/grafana/problems');
    expect(html()).toContain('The redirect URI is not registered.');
    expect(html()).toContain(`<code>${KNOWN}<del>/</del></code>`);
    expect(html()).toContain(`<code>${KNOWN}</code>`);
    expect(html()).toMatch(/38 times/);
    expect(html()).toContain('incident abcdef0123');
    await browser.open('/admin/applications/grafana/problems?lang=nl');
    expect(html()).toContain('Gekregen');
    expect(html()).toContain('Dit adres toevoegen');
    await browser.open('/admin/applications/grafana/problems?lang=en');
  });

  test('what a stranger wrote stays text, however odd, and is offered to nobody', async () => {
    const odd = [
      '"><script>alert(1)</script>',
      '\u202Egnp.exe\u0000',
      `https://evil.example/${'x'.repeat(10_000)}`,
      '🌱',
    ];
    for (const [n, each] of odd.entries()) await refuse(each, 'grafana', n);
    await browser.open('/admin/applications/grafana/problems');
    expect(html()).not.toMatch(/<script>alert|\u202E|\0/);
    expect(html()).toContain('&lt;script&gt;');
    expect(html().length).toBeLessThan(100_000);
    expect(html().match(/name="uri"/g)).toHaveLength(1); // that of the registered host
    expect(html()).toContain('Whoever owns it would get what people sign in with.');
  });

  test('an address is added once, with a sign-in of now and one audit entry, and only on a registered host', async () => {
    pedel.wait(600);
    await browser.open('/admin/applications/grafana/problems');
    await browser.press('add', { uri: `${KNOWN}/`, revision: '1' });
    expect((await pedel.storage.clients.find('grafana'))?.revision).toBe(1);
    await actRecently();
    expect(pathOf(browser)).toBe('/admin/applications/grafana/problems?done=added');
    expect(html()).toContain('The address is registered. It works at once.');
    expect(await pedel.storage.clients.find('grafana')).toMatchObject({
      revision: 2,
      metadata: { redirect_uris: [KNOWN, `${KNOWN}/`] },
    });
    await browser.reload();
    expect(await entries('client.changed')).toMatchObject([
      { client: 'grafana', actor: { kind: 'person', id: 'account-Olga' }, details: { members: 'redirect_uris' } },
    ]);
    // a form of our own page with another address, and one that saw an older registration
    await refuse(`${KNOWN}/third`);
    await browser.open('/admin/applications/grafana/problems');
    await browser.press('add', { uri: 'https://evil.example/login', revision: '2' });
    expect(browser.page().status).toBe(422);
    await browser.open('/admin/applications/grafana/problems');
    await browser.press('add', { uri: `${KNOWN}/third`, revision: '1' });
    expect(html()).toContain('The registration was changed meanwhile.');
    expect((await pedel.storage.clients.find('grafana'))?.revision).toBe(2);
  });

  test('ten at once add one address, and the others see that it is there', async () => {
    const cookies = [...browser.cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        fetch(`${pedel.issuer}/admin/applications/grafana/problems`, {
          method: 'POST',
          redirect: 'manual',
          headers: { cookie: cookies, 'sec-fetch-site': 'same-origin' },
          body: new URLSearchParams({ uri: `${KNOWN}/parallel`, revision: '2' }),
        }),
      ),
    );
    expect(answers.map(({ status }) => status).filter((status) => status === 303 || status === 422)).toHaveLength(10);
    const { revision, metadata } = (await pedel.storage.clients.find('grafana')) as ClientRecord;
    expect([revision, (metadata.redirect_uris as string[]).length]).toEqual([3, 3]);
  });

  test('requests of unknown applications have a page of the association', async () => {
    await refuse('', null);
    await browser.open('/admin/problems');
    expect([headingOf(browser), html().includes('grafna')]).toEqual(['Requests of unknown applications', true]);
    for (const odd of ['before=x&id=y', 'before=-1', 'before=1e400&id=%F0%9F%8C%B1']) {
      await browser.open(`/admin/problems?${odd}`);
      expect(browser.page().status).toBe(200);
    }
  });

  test('are not there for somebody without a role for them', async () => {
    const login = await pedel.person('Dirk', ['desk']);
    const desk = pedel.browser();
    await desk.open(`${pedel.issuer}/admin/problems`);
    await pedel.signIn(desk, login);
    for (const path of [
      '/admin/problems',
      '/admin/applications/grafana/problems',
      '/admin/applications/grafana/watch',
      '/admin/applications/grafana/try',
      '/admin/registration',
      '/admin/applications/nobody/problems',
    ]) {
      await desk.open(path);
      expect([path, desk.page().status]).toEqual([path, 404]);
    }
  });
});

describe('watching', () => {
  test('begins with one audit entry, shows what the application does, and works without script', async () => {
    await browser.open('/admin/applications/grafana/watch');
    expect(html()).toContain('Watch for 15 minutes');
    await browser.press('start-watch');
    expect(pathOf(browser)).toBe('/admin/applications/grafana/watch');
    expect(html()).toContain('No step yet');
    expect(await entries('client.watched')).toHaveLength(1);
    await fetch(
      `${pedel.issuer}/auth?client_id=grafana&response_type=code&scope=openid&redirect_uri=https://grafana.example/wrong`,
    );
    await browser.reload();
    await browser.open('/admin/applications/grafana/watch');
    expect(html()).toContain('A request arrived');
    expect(html()).toContain('<del>wron');
    pedel.wait(16 * 60);
    await browser.open('/admin/applications/grafana/watch');
    expect(html()).toContain('The watch ended at');
  });
});

describe('trying', () => {
  test('signs in for real, shows what arrived and why, and leaves a trace in the audit log', async () => {
    await browser.open('/admin/applications/grafana/try');
    await browser.press('start-try');
    await actRecently();
    expect(pathOf(browser)).toMatch(/^\/admin\/applications\/grafana\/try\?trial=[\w-]{43}$/);
    expect(html()).toContain('The sign-in works');
    expect(html()).toMatch(/<code>given_name<\/code>[\s\S]*?<code>Olga<\/code>[\s\S]*?Scope profile[\s\S]*?userinfo/);
    expect(html()).toMatch(/because you have no value of them: [^<]*birthdate/);
    expect(browser.page().headers.get('cache-control')).toBe('no-store');
    expect(await entries('client.tried')).toMatchObject([{ client: 'grafana', subject: 'account-Olga' }]);
    const shown = pathOf(browser);
    // the same page in another session shows nothing
    const login = await pedel.person('Otto', ['owner']);
    const other = pedel.browser();
    await other.open(`${pedel.issuer}${shown}`);
    await pedel.signIn(other, login);
    expect(other.page().html).toContain('This trial is over');
    expect(other.page().html).not.toContain('given_name');
    await browser.open('/admin/trial?state=x&code=y&iss=z');
    expect(browser.page().status).toBe(410);
  });

  test('says why an application cannot be tried', async () => {
    const known = (await pedel.storage.clients.find('other')) as ClientRecord;
    await pedel.storage.clients.put({ ...known, revision: 2, validUntil: 1 }, 1);
    await browser.open('/admin/applications/other/try');
    expect(html()).toContain('The registration of the application has expired');
    expect(html()).not.toContain('id="start-try"');
  });
});

describe('registration', () => {
  const pending = (id: string): ClientRecord => ({
    id,
    revision: 1,
    metadata: {
      client_name: `<b>${id}</b>`,
      redirect_uris: [`https://${id}.example/back`],
      logo_uri: 'https://10.0.0.1/logo.png',
    },
    secrets: [],
    registration: {
      state: 'pending',
      accessToken: 'hash',
      terms: { organisation: 'kuleuven', hosts: ['*.example'], kinds: ['web'], approval: 'required', pkce: 'required' },
    },
    createdAt: Date.now(),
    updatedAt: 0,
  });
  const press = async (action: string, fields: Record<string, string> = {}) => {
    await browser.open('/admin/registration');
    await browser.press(action, fields);
    await actRecently();
  };

  test('a pending application is approved or refused as it was looked at', async () => {
    for (const id of ['one', 'two', 'three']) await pedel.storage.clients.put(pending(id), 0);
    await browser.open('/admin/registration');
    expect(html()).toContain('&lt;b&gt;one&lt;/b&gt;');
    await press('approve-one');
    expect(html()).toContain('The application is approved');
    expect(html()).toContain('logo_uri: 10.0.0.1 is no public address');
    expect(html()).toContain('Until a later run fetches it, letters of the name stand in its place');
    expect((await pedel.storage.clients.find('one'))?.registration?.state).toBe('approved');
    await press('refuse-two');
    expect(await pedel.storage.clients.find('two')).toBeUndefined();
    await press('approve-three', { revision: '7' });
    expect(html()).toContain('The application has changed itself since you looked at it.');
    expect((await pedel.storage.clients.find('three'))?.registration?.state).toBe('pending');
    const actor = { kind: 'person', id: 'account-Olga' };
    expect(await entries('client.approved')).toMatchObject([{ client: 'one', actor }]);
    expect(await entries('client.refused')).toMatchObject([{ client: 'two', actor }]);
  });

  test('one whose logo is not taken is approved all the same, and its page says so in Dutch as well', async () => {
    await pedel.storage.clients.put(pending('four'), 0);
    await browser.open('/admin/registration?lang=nl');
    await browser.press('approve-four');
    expect(html()).toContain('De toepassing is goedgekeurd');
    expect(html()).toContain('logo_uri: 10.0.0.1 is geen openbaar adres');
    expect((await pedel.storage.clients.find('four'))?.registration?.state).toBe('approved');
    await browser.open('/admin/registration?lang=en');
  });

  test('a token is made, shown once, listed without itself, and revoked', async () => {
    await press('make', {
      organisation: 'kuleuven',
      hosts: 'https://wiki.example/',
      kind: 'web',
      uses: '1',
      days: '30',
    });
    expect([browser.page().status, html().includes('Type 1 to 20 hosts')]).toEqual([422, true]);
    await press('make', {
      organisation: 'kuleuven',
      hosts: 'wiki.example.edu',
      kind: 'web',
      uses: '1',
      days: '30',
      note: '🌱',
    });
    const [secret = ''] = /pedel_iat_[\w-]{43}/.exec(html()) ?? [];
    expect(secret).not.toBe('');
    await browser.open('/admin/registration');
    expect(html()).not.toContain(secret);
    const [token] = await pedel.storage.initialAccessTokens.list(undefined, 9);
    expect(token).toMatchObject({
      by: 'account-Olga',
      note: '🌱',
      terms: { organisation: 'kuleuven', approval: 'required' },
    });
    expect(pedel.logged.join()).not.toContain(secret);
    await browser.press(`revoke-${token?.id}`);
    expect(await pedel.storage.initialAccessTokens.list(undefined, 9)).toEqual([]);
    expect(await entries('initial-access-token.made')).toMatchObject([
      { actor: { kind: 'person', id: 'account-Olga' } },
    ]);
    expect(await entries('initial-access-token.revoked')).toHaveLength(1);
  });
});
