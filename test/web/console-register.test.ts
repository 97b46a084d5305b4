/** Registering an application by a preset in the console: what is asked, stored and shown, and what is refused. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { headingOf, startConsole, type TestConsole } from '../support/console.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';

let pedel: TestConsole;
let owner: HttpVisitor;
beforeAll(async () => {
  pedel = await startConsole();
  const login = await pedel.person('Olga', ['owner']);
  owner = pedel.browser();
  await owner.open(`${pedel.issuer}/admin`);
  await pedel.signIn(owner, login);
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

const NEXTCLOUD = '/admin/applications/new/nextcloud?address=https://cloud.example.edu&check=1';
const text = () => owner.page().html.replace(/<[^>]+>/g, ' ');
/** Sends the form of the second step as it stands, with these changes. */
async function send(changes: Record<string, string> = {}) {
  const { html, url } = owner.page();
  const form = /<form method="post" action="\/admin\/applications[\s\S]*?<\/form>/.exec(html)?.[0] ?? '';
  const fields = Object.fromEntries([
    ...[...form.matchAll(/<input[^>]*name="([^"]*)"[^>]*?value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
    ...[...form.matchAll(/<textarea[^>]*name="([^"]*)"[^>]*>([^<]*)</g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
    ...[...form.matchAll(/<select[^>]*name="([^"]*)"[\s\S]*?value="([^"]*)" selected/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  ]);
  const target = new URL(/action="([^"]*)"/.exec(form)?.[1] ?? '', url).href;
  const body = new URLSearchParams({ ...fields, ...changes });
  return { body, answer: await owner.post(target, body) };
}
const stored = (id: string) => pedel.storage.clients.find(id);
const entries = async (client: string) =>
  (await pedel.storage.auditLog.page({ client }, undefined, 20)).map(({ action, actor }) => ({ action, actor }));

describe('registering by a preset', () => {
  test('asks one address, shows what will be registered, and answers with the secret in its place, once', async () => {
    await owner.open('/admin/applications/new?q=NEXTC');
    expect(owner.page().html.match(/href="\/admin\/applications\/new\/\w[^"]*"/g)?.[0]).toContain('nextcloud');
    await owner.open(NEXTCLOUD);
    const { body } = await send();
    const page = owner.page();
    const secret = /--clientsecret=&#39;(pedel_cs_[\w-]{43})&#39;/.exec(page.html)?.[1] ?? '';
    expect([page.status, headingOf(owner), page.headers.get('cache-control')]).toEqual([200, 'Nextcloud', 'no-store']);
    expect(secret).not.toBe('');

    const record = await stored('nextcloud');
    expect(record).toMatchObject({
      metadata: {
        client_name: 'Nextcloud',
        redirect_uris: [
          'https://cloud.example.edu/apps/user_oidc/code',
          'https://cloud.example.edu/index.php/apps/user_oidc/code',
        ],
        pedel_bundle: 'personalised',
      },
      origin: {
        kind: 'added',
        via: 'console',
        by: 'account-Olga',
        preset: 'nextcloud',
        answers: { address: 'https://cloud.example.edu' },
      },
    });
    expect(JSON.stringify(record)).not.toContain(secret);
    expect(pedel.logged.join('\n')).not.toContain(secret);
    expect(await entries('nextcloud')).toMatchObject([
      { action: 'client.created', actor: { kind: 'person', id: 'account-Olga' } },
    ]);

    // sent again, as by reloading: not a second one, and no second secret
    await owner.post(`${pedel.issuer}/admin/applications/new/nextcloud`, body);
    expect([owner.page().status, headingOf(owner)]).toEqual([200, 'Nextcloud']);
    expect(text()).toContain('its secret was shown');
    expect(owner.page().html).not.toContain('pedel_cs_');
    expect((await stored('nextcloud'))?.secrets).toHaveLength(1);
    expect(await entries('nextcloud')).toHaveLength(1);

    await owner.open('/admin/applications/nextcloud/connect');
    expect(owner.page().html).toContain('--clientid=&#39;nextcloud&#39;');
    expect(owner.page().html).not.toContain('pedel_cs_');
  });

  test('two that are sent at once make one application', async () => {
    await owner.open('/admin/applications/new/grafana?address=https://grafana.example.edu&check=1');
    const { body } = await send({ client_id: 'not sent yet!' }); // refused, so that the form is known
    body.set('client_id', 'grafana');
    const answers = await Promise.all(
      [1, 2, 3].map(() => owner.twin().post(`${pedel.issuer}/admin/applications/new/grafana`, body)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.filter(({ html }) => /pedel_cs_[\w-]{43}/.test(html))).toHaveLength(1);
    expect((await stored('grafana'))?.secrets).toHaveLength(1);
  });

  test('asks a contact, and names and ends the first secret as later ones', async () => {
    await owner.open(NEXTCLOUD);
    await send({ client_id: 'reached', set_contacts: ' ' });
    expect(owner.page().status).toBe(422);
    expect(text()).toContain('Name at least one contact');
    await send({ set_contacts: 'cloud@example.edu', secret_name: '\u202ex' });
    expect(text()).toContain('Give the first secret a name');
    expect(await stored('reached')).toBeUndefined();
    await send({ set_contacts: 'cloud@example.edu\nteam@example.edu', secret_name: 'live', secret_life: '90-days' });
    const { metadata, secrets = [] } = (await stored('reached')) ?? {};
    expect(metadata?.contacts).toEqual(['cloud@example.edu', 'team@example.edu']);
    expect(secrets).toMatchObject([{ name: 'live', by: { kind: 'person', id: 'account-Olga' } }]);
    const days = ((secrets[0]?.expiresAt ?? 0) - (secrets[0]?.createdAt ?? 0)) / 86_400_000;
    expect(Math.round(days)).toBe(90);
  });

  test('takes the next id where the first is taken, and says so where a taken one is typed', async () => {
    await owner.open(NEXTCLOUD);
    expect(owner.page().html).toContain('value="nextcloud-2"');
    await send({ client_id: 'nextcloud' });
    expect([owner.page().status, text()]).toEqual([
      422,
      expect.stringContaining('Another application has this client ID'),
    ]);
    expect((await stored('nextcloud'))?.revision).toBe(1);
  });

  test('what is corrected is stored, and nothing else that is sent', async () => {
    await owner.open(NEXTCLOUD);
    await send({
      client_id: 'cloud',
      set_client_name: 'Our cloud <script>',
      set_redirect_uris: 'https://cloud.example.edu/a\r\n\r\n https://cloud.example.edu/b ',
      'set_pedel_purpose#nl': '',
      set_pedel_first_party: 'true',
      set_jwks_uri: 'https://elsewhere.example/keys',
      pedel_first_party: 'true',
    });
    expect(owner.page().html).toContain('Our cloud &lt;script&gt;');
    const { metadata } = (await stored('cloud')) ?? { metadata: {} };
    expect(metadata).toMatchObject({
      client_name: 'Our cloud <script>',
      redirect_uris: ['https://cloud.example.edu/a', 'https://cloud.example.edu/b'],
    });
    for (const name of ['pedel_purpose#nl', 'pedel_first_party', 'jwks_uri'])
      expect(metadata).not.toHaveProperty([name]);
  });

  test('says what is not accepted, keeps what was typed, and registers nothing', async () => {
    await owner.open(NEXTCLOUD);
    await send({ client_id: 'cloud-3', set_redirect_uris: 'http://cloud.example.edu/a#b', set_client_name: 'Kept' });
    expect(owner.page().status).toBe(422);
    expect(text()).toContain('redirect_uris');
    expect(owner.page().html).toMatch(
      /<textarea id="set_redirect_uris"[^>]* aria-invalid="true" aria-describedby="set_redirect_uris-error why-redirect_uris"/,
    );
    expect(owner.page().html).toMatch(
      /<p class="fault" id="set_redirect_uris-error">http:\/\/cloud\.example\.edu\/a#b: [a-z]/,
    );
    expect(owner.page().html).not.toContain('id="set_client_name-error"');
    expect(owner.page().html).toContain('value="Kept"');
    expect(await stored('cloud-3')).toBeUndefined();

    for (const address of [
      'http://cloud.example.edu',
      'https://cloud.example.edu/?a=b',
      'javascript:alert(1)',
      `https://${'a'.repeat(600)}.example`,
      'https://x.example/"><b>',
      '👋',
    ])
      expect(
        (await owner.open(`/admin/applications/new/nextcloud?${new URLSearchParams({ address, check: '1' })}`)).status,
      ).toBe(422);
    expect((await owner.open('/admin/applications/new/nextcloud?address=%00&check=1')).status).toBe(400);
    expect((await owner.open('/admin/applications/new/nextcloud?address=a&address=b')).status).toBe(400);
    expect((await owner.open('/admin/applications/new/nothing')).status).toBe(404);
    expect((await owner.open(`${NEXTCLOUD}&organisation=elsewhere`)).status).toBe(404);
  });

  test('a product that speaks SAML only leads to its bridge, and cannot be registered itself', async () => {
    await owner.open('/admin/applications/new/toledo');
    expect(owner.page().html).toContain('href="/admin/applications/new/satosa"');
    const answer = await owner.post(
      `${pedel.issuer}/admin/applications/new/toledo`,
      new URLSearchParams({ client_id: 'toledo' }),
    );
    expect(answer.status).toBe(404);
  });

  test('what only an owner may set is refused to an administrator of applications, with its name', async () => {
    const login = await pedel.person('Anna', ['client-administrator']);
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/admin/applications/new/dovecot?address=https://mail.example.edu&check=1`);
    await pedel.signIn(browser, login);
    const [keep, page] = [owner, browser];
    owner = page;
    await send({ client_id: 'dovecot' });
    owner = keep;
    expect([browser.page().status, browser.page().html]).toEqual([422, expect.stringContaining('pedel_introspects')]);
    expect(await stored('dovecot')).toBeUndefined();
  });
});

test('an administrator of one organisation registers for it alone, and is not told of others', async () => {
  const login = await pedel.person('Bart');
  await pedel.grant({ kind: 'person', id: 'account-Bart' }, [
    { role: 'client-administrator', organisations: ['vives'] },
  ]);
  const [keep, browser] = [owner, pedel.browser()];
  owner = browser;
  await owner.open(`${pedel.issuer}/admin/applications/new/nextcloud`);
  await pedel.signIn(owner, login);
  expect(owner.page().html).not.toContain('name="organisation"');
  expect((await owner.open(`${NEXTCLOUD}&organisation=kuleuven`)).status).toBe(404);
  expect((await owner.open(`${NEXTCLOUD}&organisation=`)).status).toBe(404);
  await owner.open(NEXTCLOUD);
  for (const organisation of ['kuleuven', ''])
    expect((await send({ client_id: 'theirs', organisation })).answer.status).toBe(404);
  await owner.open(NEXTCLOUD);
  await send({ client_id: 'ours', set_pedel_organisation: 'kuleuven', pedel_organisation: 'kuleuven' });
  expect((await stored('ours'))?.metadata.pedel_organisation).toBe('vives');
  expect(await stored('theirs')).toBeUndefined();
  expect((await owner.open('/admin/applications/nextcloud/connect')).status).toBe(404);
  await owner.open('/admin/applications');
  expect(owner.page().html.match(/<code>[^<]*/g)).toEqual(['<code>ours']);
  owner = keep;
});

test('an application is followed from its first request to its first token', async () => {
  await owner.open('/admin/applications/cloud/connect');
  expect(owner.page().html.match(/Waiting for/g)).toHaveLength(3);
  await pedel.storage.clientUses.note([
    { client: 'cloud', of: 'request', hour: 0 },
    { client: 'cloud', of: 'code', hour: 0 },
  ]);
  await owner.open('/admin/applications/cloud/connect');
  expect(owner.page().html.match(/Waiting for/g)).toHaveLength(1);
  expect(owner.page().html).toContain('data-refresh="/admin/applications/cloud/connect"');
  await pedel.storage.clientUses.note([{ client: 'cloud', of: 'token', hour: 0 }]);
  await owner.open('/admin/applications/cloud/connect');
  expect(owner.page().html).not.toContain('data-refresh');
});
