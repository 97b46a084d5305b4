/** From the number on a page to what the service desk and the console say of it. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { headingOf, pathOf, startConsole, type TestConsole } from '../support/console.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';

let pedel: TestConsole;
let tom: HttpVisitor;
let owner: HttpVisitor;
let hanne: HttpVisitor;
const at = (organisation: string) => ({ affiliations: [{ organisation, role: 'student', source: 'csv' }] });

async function signedIn(login: string, path: string): Promise<HttpVisitor> {
  const browser = pedel.browser('en');
  await browser.open(`${pedel.issuer}${path}`);
  await pedel.signIn(browser, login);
  return browser;
}

beforeAll(async () => {
  pedel = await startConsole();
  const agent = await pedel.person('Tom', [], at('vives'));
  await pedel.grant({ kind: 'person', id: 'account-Tom' }, [{ role: 'desk', organisations: ['vives'] }]);
  tom = await signedIn(agent, '/desk');
  owner = await signedIn(await pedel.person('Olga', ['owner']), '/admin');
  hanne = await signedIn(await pedel.person('Hanne', [], { ...at('vives'), familyName: 'Goossens' }), '/account');
  const metadata = {
    client_name: 'Laboratory',
    redirect_uris: ['https://lab.example.org/cb'],
    scope: 'openid',
    response_types: ['code'],
    grant_types: ['authorization_code'],
    pedel_access: { affiliations: ['staff'] },
  };
  const record = { id: 'lab', revision: 1, metadata, secrets: [], createdAt: 1, updatedAt: 1 };
  await pedel.storage.clients.put(record, 0);
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

const numberOn = (browser: HttpVisitor) => /<code>([0-9a-f]{10})<\/code>/.exec(browser.page().html)?.[1] ?? 'none';
const auth = (redirect: string) =>
  `${pedel.issuer}/auth?${new URLSearchParams({ client_id: 'lab', redirect_uri: redirect, response_type: 'code', scope: 'openid', state: 's3cret', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' })}`;
async function lookedUp(browser: HttpVisitor, number: string): Promise<string> {
  await browser.open(`${pedel.issuer}/desk?${new URLSearchParams({ q: number })}`);
  return browser.page().html;
}

test('a request of an application that is refused: the number leads the agent to application, reason and remedy', async () => {
  const stranger = pedel.browser('en');
  await stranger.open(auth('https://evil.example/?token=s3cret'));
  const number = numberOn(stranger);
  const html = await lookedUp(tom, ` ${number.toUpperCase().replace(/(.{4})/g, '$1 ')}`);
  expect(pathOf(tom)).toBe(`/desk/incidents/${number}`);
  expect(headingOf(tom)).toBe(`Incident ${number}`);
  expect(html).toContain('The application sent a request that is not accepted.');
  expect(html).toContain('The redirect URI is not registered.');
  expect(html).toContain('Laboratory · lab');
  expect(html).toContain('Nobody was signed in');
  expect(JSON.stringify(await pedel.storage.incidents.find(number))).not.toMatch(/s3cret|evil/);
});

test('a refused sign-in shows a number, which leads to the person', async () => {
  await hanne.open(auth('https://lab.example.org/cb'));
  expect(hanne.page().html).toContain('staff');
  const number = numberOn(hanne);
  expect(pedel.logged.join('\n')).toContain(number);
  const html = await lookedUp(tom, number);
  expect(html).toContain('The application is not open to this person.');
  expect(html).toContain('<a href="/desk/people/account-Hanne">Hanne Goossens</a>');
  expect(html).toContain('/interaction/:uid');
});

test('an error page of somebody who is signed in leads to the person; another desk and a made-up number learn the same', async () => {
  await hanne.open(`${pedel.issuer}/account`);
  await hanne.send(`${pedel.issuer}/account/sessions`, { action: 'x'.repeat(200_000) });
  const number = numberOn(hanne);
  expect(await lookedUp(tom, number)).toContain('Hanne Goossens');
  const agent = await pedel.person('Ula', [], at('kuleuven'));
  await pedel.grant({ kind: 'person', id: 'account-Ula' }, [{ role: 'desk', organisations: ['kuleuven'] }]);
  const ula = await signedIn(agent, '/desk');
  const [hers, made] = [await lookedUp(ula, number), await lookedUp(ula, '0000000000')];
  expect(hers).toContain('Nobody found');
  const bare = (html: string, typed: string) => html.replaceAll(typed, '').replaceAll(/nonce="[^"]+"/g, '');
  expect(bare(hers, number)).toBe(bare(made, '0000000000'));
});

test('owners look it up in the console, others there do not, and it is whole in Dutch', async () => {
  await hanne.send(`${pedel.issuer}/account/sessions`, { action: 'x'.repeat(200_000) });
  const number = numberOn(hanne);
  await owner.open(`${pedel.issuer}/admin/audit`);
  expect(owner.page().html).toContain('href="/admin/incidents"');
  await owner.open(`${pedel.issuer}/admin/incidents?number=${number}`);
  expect(owner.page().html).toContain('Hanne Goossens');
  await owner.open(`${pedel.issuer}/admin/incidents?number=${number}&lang=nl`);
  expect(owner.page().html).toContain('De browser stuurde meer dan er in een formulier past.');
  for (const wrong of ['0000000000', 'x', '🌱'.repeat(40)]) {
    await owner.open(`${pedel.issuer}/admin/incidents?${new URLSearchParams({ number: wrong, lang: 'en' })}`);
    expect(owner.page().html).toContain('Nothing found under this number');
  }
  await tom.open(`${pedel.issuer}/admin/incidents?number=${number}`);
  expect(tom.page().status).toBe(404);
});
