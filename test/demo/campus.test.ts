/** The demo campus against an issuer that is not Pedel: it must work with any issuer. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { importJWK, SignJWT } from 'jose';
import { portOf, siteOf } from '../../demo/addresses.ts';
import { prepare } from '../../demo/prepare.ts';
import { openSessions, type Visitor } from '../../demo/relying-party/sessions.ts';
import { serveCampus } from '../../demo/serve.ts';
import { pictureFault } from '../../src/domain/brand/picture.ts';
import { freeDemoPorts } from '../support/ports.ts';
import { openBrowser } from './browser.ts';
import { startStubIssuer } from './stub-process.ts';

const basePort = await freeDemoPorts();
const data = mkdtempSync(join(tmpdir(), 'campus-'));
// biome-ignore format: one person, few lines
const people = {
  wout: {
    name: 'Wout Claes', given_name: 'Wout', family_name: 'Claes', preferred_username: 'r0011111', locale: 'nl',
    email: 'wout.claes@vives.be', birthdate: '2006-03-14', eduperson_scoped_affiliation: ['student@vives.be'],
  },
  jan: { name: 'Jan Vermeulen', given_name: 'Jan', preferred_username: 'q0234567', email: 'jan.vermeulen@alum.kuleuven.be' },
  noor: { name: 'Noor El Amrani', preferred_username: 'r0044444', email: 'noor.elamrani@vives.be', email_verified: true },
  sofia: { name: 'Sofia Marchetti', given_name: 'Sofia', preferred_username: 'q0123456', email: 'sofia@example.org' },
};
const wout = { person: 'wout', acr: 'https://refeds.org/profile/mfa', refuse: false };
const faults: string[] = [];
const options = {
  data,
  basePort,
  issuer: `http://localhost:${basePort}`,
  report: (sentence: string) => faults.push(sentence),
};
const toledo = siteOf('toledo', basePort);
const webmail = siteOf('webmail', basePort);
const kuLoket = siteOf('ku-loket', basePort);
const portal = siteOf('alumni-portal', basePort);
const mailbox = siteOf('mailbox', basePort);

let campus: Awaited<ReturnType<typeof serveCampus>>;
let stub: Awaited<ReturnType<typeof startStubIssuer>>;
let browser: ReturnType<typeof openBrowser>;

beforeAll(async () => {
  await prepare(data, basePort, new Date());
  campus = await serveCampus(options);
});
afterAll(async () => {
  await campus.close();
  await stub?.close();
  rmSync(data, { recursive: true });
});

test('every application has a logo that an issuer takes', async () => {
  for (const site of [toledo, webmail, kuLoket, portal, mailbox]) {
    const logo = await fetch(`${site}/logo.svg`);
    expect([site, logo.headers.get('content-type')]).toEqual([site, 'image/svg+xml']);
    expect([site, pictureFault(new Uint8Array(await logo.arrayBuffer()), 'image/svg+xml')]).toEqual([site, undefined]);
  }
});

test('before the issuer is up, the applications answer and say so', async () => {
  const page = await openBrowser().go(`${toledo}/login`);
  expect(page.status).toBe(503);
  expect(page.html).toContain('The sign-in service is not available');
  const clients = JSON.parse(readFileSync(join(data, 'clients.json'), 'utf8'));
  stub = await startStubIssuer(basePort, clients, people);
});

describe('with the issuer up', () => {
  beforeEach(async () => {
    browser = openBrowser();
    await stub.expectNext(wout);
    faults.length = 0;
  });

  test('a deep link leads through sign-in and back to its place', async () => {
    const page = await browser.go(`${toledo}/courses/V1N102`);
    expect(page.url.href).toBe(`${toledo}/courses/V1N102`);
    expect(page.html).toContain('Netwerken en beveiliging');
    expect((await browser.go(`${toledo}/courses/H02A5A`)).status).toBe(403);
  });

  test('one sign-in opens every application', async () => {
    expect((await browser.go(`${toledo}/login`)).html).toContain('My courses');
    await stub.expectNext({ ...wout, refuse: true }); // a second request to sign in fails
    expect((await browser.go(`${webmail}/login`)).html).toContain('wout.claes@vives.be');
    expect((await browser.go(`${kuLoket}/my-data`)).html).toContain('14 March 2006');
    expect((await browser.go(`${mailbox}/mine`)).html).toContain('wout.claes@example.org');
    const posted = await browser.submit(await browser.go(`${portal}/login`));
    expect(posted.html).toContain('Dit portaal is voor alumni');
    expect(faults).toEqual([]);
  });

  test('KU Loket shows nothing after a password alone', async () => {
    await stub.expectNext({ ...wout, acr: 'https://refeds.org/profile/sfa' });
    const page = await browser.go(`${kuLoket}/my-data`);
    expect(page.status).toBe(403);
    expect(page.html).toContain('A second step is needed');
    expect(page.html).not.toContain('2006');
  });

  test('a paying member finds alumni and gets a card; another one is told how to become a member', async () => {
    await stub.expectNext({ ...wout, person: 'jan' });
    await browser.submit(await browser.go(`${portal}/login`));
    const found = await browser.go(`${portal}/zoeken?naam=willems`);
    expect(found.html).toContain('Willems, Simon');
    const card = await browser.go(`${portal}/lidkaart`);
    const checkAddress = /href="([^"]*\/controle\/[^"]*)"/.exec(card.html)?.[1] ?? '';
    expect((await openBrowser().go(checkAddress)).html).toContain('Deze lidkaart is geldig');

    browser = openBrowser();
    await stub.expectNext({ ...wout, person: 'sofia' });
    await browser.submit(await browser.go(`${portal}/login`));
    expect((await browser.go(`${portal}/zoeken`)).html).toContain('+++000/0123/45672+++');
    const form = await browser.go(`${portal}/gegevens`);
    // The first form of the page is the one of the sign-out button.
    const changed = { ...form, html: form.html.replace(/<form class="account"[\s\S]*?<\/form>/, '') };
    const saved = await browser.submit(changed, { city: 'Genova', phone: '+39 010 555 123' });
    expect(saved.html).toContain('Uw gegevens zijn bewaard');
    expect(saved.html).toContain('value="Genova"');
  });

  test('an alumna who signs in as a student is known by the address that the issuer verified', async () => {
    await stub.expectNext({ ...wout, person: 'noor' });
    const page = await browser.submit(await browser.go(`${portal}/login`));
    expect(page.html).toContain('Dag Noor');
  });

  test('signing out ends the session here and at the issuer, and comes back', async () => {
    const asked = await browser.submit(await browser.go(`${toledo}/login`));
    expect(asked.url.port).toBe(String(basePort));
    const page = await browser.submit(asked);
    expect(page.url.href).toContain(`${toledo}/signed-out?state=`);
    expect(page.html).toContain('You are signed out here and at the association');
    await stub.expectNext({ ...wout, refuse: true });
    expect((await browser.go(`${toledo}/courses/V1N102`)).html).toContain('You are not signed in');
  });

  test('signing out of one application reaches the others by the back channel', async () => {
    await browser.go(`${webmail}/login`);
    const asked = await browser.submit(await browser.go(`${toledo}/login`));
    await browser.submit(asked);
    expect((await browser.go(`${webmail}/`)).html).toContain('Your email, wherever you are');
  });

  test('a logout token ends only the session it names, and counts once', async () => {
    await browser.go(`${toledo}/login`);
    const other = openBrowser();
    await other.go(`${toledo}/login`);
    const [, payload = ''] = visitorOf('toledo', browser).idToken.split('.');
    const { sub, sid } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const token = await logoutToken({ sub, sid });
    expect((await sendLogout(await logoutToken({ sub, sid, nonce: 'n' }))).status).toBe(400);
    expect((await sendLogout(await logoutToken({ sub, sid }, { aud: 'webmail' }))).status).toBe(400);
    expect((await sendLogout(await logoutToken({ sub, sid }, { events: {} }))).status).toBe(400);
    expect((await browser.go(`${toledo}/`)).html).toContain('My courses</h1>');
    expect((await sendLogout(token)).status).toBe(200);
    expect((await sendLogout(token)).status).toBe(400);
    expect((await browser.go(`${toledo}/`)).html).toContain('id="sign-in"');
    expect((await other.go(`${toledo}/`)).html).toContain('My courses</h1>');
  });

  test('the answer to a sign-in that another browser began is refused', async () => {
    const victim = openBrowser();
    const page = await victim.go(`${toledo}/callback?code=stolen&state=unknown`);
    expect(page.status).toBe(400);
    expect(page.html).toContain('This sign-in has expired');
  });

  test('a visitor who declines gets a page that leads on', async () => {
    await stub.expectNext({ ...wout, refuse: true });
    const page = await browser.go(`${toledo}/courses/V1N102`);
    expect(page.status).toBe(403);
    expect(page.html).toContain('/login?again=1&amp;to=%2Fcourses%2FV1N102');
  });

  test('no one is redirected to another site after sign-in', async () => {
    for (const place of ['https://evil.example/', '//evil.example/', '/\\evil.example', 'javascript:alert(1)']) {
      const page = await openBrowser().go(`${toledo}/login?to=${encodeURIComponent(place)}`);
      expect(page.url.href).toBe(`${toledo}/`);
    }
  });

  test('a page of another site can neither post here nor read under a name of its own', async () => {
    const post = await fetch(`${toledo}/logout`, { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-site' } });
    expect(post.status).toBe(403);
    const rebound = await statusForHost(portOf('toledo', basePort), 'evil.example');
    expect(rebound).toBe(403);
  });

  test('webmail keeps its session with the refresh token, and a restart keeps every session', async () => {
    await browser.go(`${webmail}/login`);
    // The stub's access tokens are due for renewal within a second or two.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const before = visitorOf('webmail', browser).tokens?.accessToken;
    expect((await browser.go(`${webmail}/`)).html).toContain('Inbox</h1>');
    expect(visitorOf('webmail', browser).tokens?.accessToken).not.toBe(before);
    await campus.close();
    campus = await serveCampus(options);
    // fetch needs a moment to see that its kept connections are gone.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await browser.go(`${webmail}/`)).html).toContain('Inbox</h1>');
  });
});

test('a port that is taken is named, with the remedy', async () => {
  await expect(serveCampus(options)).rejects.toMatchObject({ code: 'EADDRINUSE', port: basePort + 25 });
});

test('preparing again keeps secrets and people as they are', async () => {
  const files = ['clients.json', 'people.csv', 'people.json', 'credentials.json'];
  const before = files.map((file) => readFileSync(join(data, file), 'utf8'));
  await prepare(data, basePort, new Date());
  expect(files.map((file) => readFileSync(join(data, file), 'utf8'))).toEqual(before);
  const rows = parse<Record<string, string>>(before[1] ?? '', { columns: true });
  expect(rows).toHaveLength(15);
  expect(rows.map(({ number }) => number)).toContain('q0123456');
  expect(before[0]).not.toContain('"d":');
});

function visitorOf(name: string, { jar }: ReturnType<typeof openBrowser>): Visitor {
  const sessions = openSessions(join(data, `${name}.sqlite`));
  const visitor = sessions.find(String(jar.get(`${name}_session`)?.value));
  sessions.close();
  if (!visitor) throw new Error(`nobody is signed in to ${name}`);
  return visitor;
}

/** What the issuer would send to Toledo, with whatever a test wants to be wrong. */
async function logoutToken(claims: Record<string, unknown>, wrong: Record<string, unknown> = {}): Promise<string> {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const jwk = stub.keys.find(({ alg }) => alg === 'ES256') ?? {};
  return new SignJWT({ iss: stub.issuer, aud: 'toledo', jti: randomUUID(), events, ...claims, ...wrong })
    .setProtectedHeader({ alg: 'ES256', kid: 'ES256', typ: 'logout+jwt' })
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(await importJWK(jwk, 'ES256'));
}

function sendLogout(token: string): Promise<Response> {
  return fetch(`${toledo}/backchannel-logout`, { method: 'POST', body: new URLSearchParams({ logout_token: token }) });
}

/** The status of a request that names another host, which fetch does not allow. */
function statusForHost(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/', headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}
