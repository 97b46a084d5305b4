/** The actions of people and applications on a day, each run once against Pedel. */
import { createHash, randomBytes } from 'node:crypto';
import { generateSync } from 'otplib';
import { linkIn } from '../test/support/campus.ts';
import { type HttpVisitor, httpVisitor, textOf } from '../test/support/http-visitor.ts';
import type { Tally } from './counting.ts';
import { CALLBACK, type Installation, SECRET } from './installation.ts';

const PASSWORD = 'negen koperen lampen dwalen';
const NUMBER = 'r0011111';
const FEED = `person,number,given_name,family_name,email,personal_email,phone,language,organisation,role,from,until,birthdate
vives-1,${NUMBER},Wout,Claes,wout.claes@vives.be,wout.claes@example.org,+32 470 11 11 11,nl,vives,student,2026-09-21,2099-09-20,2006-03-14
`;

/** In these all jobs run that are due. */
export const withJobs: ReadonlySet<string> = new Set([
  'one person fed in, and invited',
  'two letters delivered',
  'two applications told',
]);

/** Runs each action once, in this order, and returns the cost of each. */
export async function allActs(pedel: Installation): Promise<Map<string, Tally>> {
  const { issuer, now } = pedel;
  const costs = new Map<string, Tally>();
  const act = async (name: string, what: () => Promise<unknown>) => void costs.set(name, await pedel.count(what));
  const newBrowser = () => httpVisitor({}, { follow: (url) => url.startsWith(`${issuer}/`) });
  const codeOf = (seed: string) => generateSync({ secret: seed, epoch: Math.floor(now() / 1000) });

  await act('one person fed in, and invited', async () => {
    await pedel.feed(FEED);
    await pedel.deliver();
  });
  const invitation = pedel.letters.find(({ text }) => text.includes('/activate?ticket='));
  if (invitation === undefined) throw new Error('no invitation came');
  let seed = '';
  await act('activation with password and TOTP (6 pages)', async () => {
    const browser = newBrowser();
    await browser.open(linkIn(invitation));
    await browser.press('continue');
    await browser.press('set-password', { password: PASSWORD, password_again: PASSWORD });
    await browser.press('choose-totp');
    seed = /id="key">([^<]+)</.exec(browser.page().html)?.[1]?.replaceAll(' ', '') ?? '';
    await browser.press('enrol', { code: codeOf(seed) });
    await browser.press('kept');
    expectPath(browser, '/activate');
  });
  await act('two letters delivered', () => pedel.deliver());

  const browser = newBrowser();
  async function signIn(): Promise<Asked> {
    const asked = ask(issuer, 'toledo', 'openid profile email eduperson');
    await browser.open(asked.url);
    await browser.press('sign-in', { login: NUMBER, password: PASSWORD });
    await browser.press('verify', { code: codeOf(seed) });
    return asked;
  }
  let asked: Asked | undefined;
  await act('sign-in, password and TOTP, to a first application; new browser', async () => {
    asked = await signIn();
  });
  let tokens: Tokens = {};
  await act('code exchange', async () => {
    tokens = await exchange(issuer, 'toledo', codeAt(browser), asked);
  });
  const idToken = tokens.id_token ?? '';
  await act('userinfo', () => bearer(`${issuer}/me`, tokens));
  await act('introspection', () =>
    post(`${issuer}/token/introspection`, 'toledo', { token: tokens.access_token ?? '' }),
  );
  await act('silent sign-on to a second application', async () => {
    asked = ask(issuer, 'loket', 'openid profile email');
    await browser.open(asked.url);
  });
  await exchange(issuer, 'loket', codeAt(browser), asked);
  await act('silent sign-on to an application of this session, once more', async () => {
    asked = ask(issuer, 'toledo', 'openid profile email eduperson');
    await browser.open(asked.url);
    codeAt(browser);
  });

  for (const [id, what] of [
    ['webmail', 'refresh, application with a secret (its refresh token stays)'],
    ['app', 'refresh, application without a secret (rotates)'],
  ] as const) {
    asked = ask(issuer, id, 'openid profile email offline_access', { prompt: 'consent' });
    await browser.open(asked.url);
    const { refresh_token: token = '' } = await exchange(issuer, id, codeAt(browser), asked);
    await act(what, () => post(`${issuer}/token`, id, { grant_type: 'refresh_token', refresh_token: token }));
  }

  await act('account page', async () => {
    await browser.open(`${issuer}/account`);
    expectPath(browser, '/account');
  });
  await act('sign-out, two applications to be told', async () => {
    await browser.open(`${issuer}/session/end?${new URLSearchParams({ id_token_hint: idToken, client_id: 'toledo' })}`);
    if (browser.page().html.includes('op.logoutForm')) await browser.press('logout');
  });
  await act('two applications told', () => pedel.deliver());
  await act('sign-in, the same, in a browser that is known', signIn);
  codeAt(browser);

  const stranger = newBrowser();
  await act('sign-in page opened and left', () => stranger.open(ask(issuer, 'toledo', 'openid').url));
  const guess = (login: string) => stranger.press('sign-in', { login, password: 'een verkeerd wachtwoord' });
  await act('wrong password, first from this network', () => guess(NUMBER));
  await act('wrong password, once more', () => guess(NUMBER));
  await act('unknown login', () => guess('r0999999'));
  for (const path of [
    '/',
    '/activate',
    '/forgotten',
    '/.well-known/openid-configuration',
    '/jwks',
    '/healthz',
    '/readyz',
  ])
    await act(`GET ${path}`, () => fetch(issuer + path));
  return costs;
}

export type Asked = { url: string; verifier: string };
export type Tokens = { access_token?: string; id_token?: string; refresh_token?: string };

/** An authorization request as a careful application makes it. */
export function ask(issuer: string, client: string, scope: string, more: Record<string, string> = {}): Asked {
  const verifier = randomBytes(32).toString('base64url');
  const parameters = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope,
    state: randomBytes(16).toString('base64url'),
    nonce: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return { url: `${issuer}/auth?${parameters}`, verifier };
}

/** The code with which this browser was sent back. */
export function codeAt(browser: HttpVisitor): string {
  const { url, html } = browser.page();
  const code = url.startsWith(CALLBACK) ? new URL(url).searchParams.get('code') : null;
  if (code === null) throw new Error(`no code at ${url}: ${textOf(html).slice(0, 500)}`);
  return code;
}

export function exchange(issuer: string, client: string, code: string, asked?: Asked): Promise<Tokens> {
  const grant = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: asked?.verifier ?? '',
  };
  return post(`${issuer}/token`, client, grant);
}

/** A request of the application, with its secret if it has one. */
async function post(url: string, client: string, fields: Record<string, string>): Promise<Tokens> {
  const basic = `Basic ${Buffer.from(`${client}:${encodeURIComponent(SECRET)}`).toString('base64')}`;
  return answered(
    await fetch(url, {
      method: 'POST',
      headers: client === 'app' ? {} : { authorization: basic },
      body: new URLSearchParams({ ...fields, ...(client === 'app' ? { client_id: client } : {}) }),
    }),
  );
}

export async function bearer(url: string, tokens: Tokens): Promise<unknown> {
  return answered(await fetch(url, { headers: { authorization: `Bearer ${tokens.access_token}` } }));
}

async function answered(answer: Response): Promise<Tokens> {
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} from ${answer.url}: ${body.slice(0, 500)}`);
  return JSON.parse(body) as Tokens;
}

function expectPath(browser: HttpVisitor, path: string): void {
  const { url, status, html } = browser.page();
  if (new URL(url).pathname !== path || status !== 200)
    throw new Error(`not at ${path} but at ${url} (${status}): ${textOf(html).slice(0, 500)}`);
}
