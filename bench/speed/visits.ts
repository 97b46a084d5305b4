/** What people and applications ask of a provider, over HTTP and nothing else; the same requests for every system. */
import { createHash, randomBytes } from 'node:crypto';
import { generateSync } from 'otplib';
import { type Answer, type Jar, type Line, locationOf } from './http.ts';
import { loginOf, SCOPE, type Target } from './target.ts';

export type Asked = { path: string; verifier: string };
export type Tokens = { access_token: string; id_token: string; refresh_token?: string };

/** What a browser sends with a page; a proxy in front tells whose request it is. */
const browserHeaders = (network: string) =>
  `X-Forwarded-For: ${network}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n` +
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: nl,en;q=0.5\r\n' +
  'Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n';

let networks = 0;
/** A visitor's address; each another one of 65,536, as those of a campus are. */
export function newNetwork(): string {
  networks = (networks + 1) % 65_536;
  return `10.20.${networks >> 8}.${networks & 255}`;
}

const random = (size: number) => randomBytes(size).toString('base64url');

/** An authorization request as a careful application makes it. */
export function ask(target: Target, client: string, more: Record<string, string> = {}): Asked {
  const verifier = random(32);
  const parameters = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    redirect_uri: target.redirectUri,
    scope: SCOPE,
    state: random(16),
    nonce: random(16),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return { path: `${target.paths.authorization}?${parameters}`, verifier };
}

export type Visitor = { line: Line; jar: Jar; network: string };

async function open({ line, jar, network }: Visitor, path: string, form?: string): Promise<Answer> {
  const headers = browserHeaders(network) + jar.header(path);
  const answer = await (form === undefined ? line.ask('GET', path, headers) : line.ask('POST', path, headers, form));
  jar.keep(answer);
  return answer;
}

/** Another answer than what was asked for. `ms`: how long it took. */
export class Refused extends Error {
  readonly status: number;
  readonly ms: number;
  constructor({ status, body }: Answer, at: string, ms: number) {
    super(`${status} at ${at.slice(0, 60)}: ${textOf(body)}`);
    this.status = status;
    this.ms = ms;
  }
}

/** From the application's request over all pages to the code with which it is sent back. */
export async function signIn(target: Target, visitor: Visitor, asked: Asked, person: number): Promise<string> {
  let next: { path: string; body?: string } = asked;
  let path = '';
  for (let steps = 0; steps < 12; steps += 1) {
    path = next.path;
    const began = performance.now();
    const answer = await open(visitor, path, next.body);
    const location = locationOf(answer);
    if (location?.startsWith(target.redirectUri)) return codeIn(location);
    const form = location === undefined ? formFor(target, answer, person) : { path: pathOf(location) };
    if (form === undefined) throw new Refused(answer, path, performance.now() - began);
    next = form;
  }
  throw new Error(`twelve steps and not signed in, at ${path}`);
}

/** What a person answers to this page; undefined where it asks nothing that belongs to a sign-in, or refuses. */
function formFor({ password, totpSeed, logins }: Target, { status, body: html }: Answer, person: number) {
  if (status !== 200 || html.includes('id="error"')) return undefined;
  const path = /<form method="post" action="([^"]+)"/.exec(html)?.[1];
  if (path === undefined) return undefined;
  if (html.includes('value="sign-in"')) {
    const login = encodeURIComponent(logins?.[person % logins.length] ?? loginOf(person));
    return { path, body: `login=${login}&password=${encodeURIComponent(password)}&action=sign-in` };
  }
  if (html.includes('value="verify"')) return { path, body: `code=${codeAt(totpSeed, Date.now())}&action=verify` };
  return undefined;
}

const codes = new Map<number, string>();
function codeAt(secret: string, now: number): string {
  const step = Math.floor(now / 30_000);
  const code = codes.get(step) ?? generateSync({ secret, epoch: step * 30 });
  codes.set(step, code);
  return code;
}

/** The code with which a browser is sent back at once, because it is signed in. */
export async function silent(target: Target, visitor: Visitor, asked: Asked): Promise<string> {
  const answer = await open(visitor, asked.path);
  const location = locationOf(answer) ?? '';
  if (!location.startsWith(target.redirectUri))
    throw new Error(`${answer.status} to a browser that is signed in: ${location || textOf(answer.body)}`);
  return codeIn(location);
}

/** Out of everything, as the application's button begins it and the person, where asked, confirms it. */
export async function signOut(target: Target, visitor: Visitor, client: string, idToken: string): Promise<void> {
  const query = new URLSearchParams({ id_token_hint: idToken, client_id: client });
  const first = await open(visitor, `${target.paths.endSession}?${query}`);
  const { status, body: html } = first;
  const done = locationOf(first);
  if (done !== undefined) return expectEnd(visitor, done);
  const [, path] = /<form id="op.logoutForm" method="post" action="([^"]+)"/.exec(html) ?? [];
  const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(html) ?? [];
  const button = /<button[^>]*form="op.logoutForm"[^>]*>/.exec(html)?.[0] ?? '';
  const [, name] = / name="([^"]+)"/.exec(button) ?? [];
  const [, value] = / value="([^"]+)"/.exec(button) ?? [];
  if (path === undefined || name === undefined) throw new Error(`${status}: nothing to confirm: ${textOf(html)}`);
  const answer = await open(visitor, pathOf(path), `xsrf=${xsrf}&${name}=${value}`);
  const location = locationOf(answer);
  if (location === undefined) throw new Error(`${answer.status} after signing out: ${textOf(answer.body)}`);
  await expectEnd(visitor, location);
}

async function expectEnd(visitor: Visitor, location: string): Promise<void> {
  const { status } = await open(visitor, pathOf(location));
  if (status !== 200) throw new Error(`${status} where a sign-out ends`);
}

/** A request of the application itself, with its secret. */
export async function post(
  target: Target,
  line: Line,
  path: string,
  client: string,
  fields: Record<string, string>,
): Promise<Record<string, unknown>> {
  const basic = Buffer.from(`${client}:${encodeURIComponent(target.secret)}`).toString('base64');
  const headers = `Authorization: Basic ${basic}\r\nAccept: application/json\r\n`;
  return json(await line.ask('POST', path, headers, new URLSearchParams(fields).toString()));
}

export async function exchange(target: Target, line: Line, client: string, code: string, asked: Asked) {
  const { redirectUri: redirect_uri, paths } = target;
  const fields = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: asked.verifier };
  const tokens = await post(target, line, paths.token, client, fields);
  if (typeof tokens.id_token !== 'string') throw new Error('no ID token');
  return tokens as Tokens;
}

export function json({ status, body }: Answer): Record<string, unknown> {
  if (status !== 200) throw new Error(`${status}: ${body.slice(0, 300)}`);
  return JSON.parse(body) as Record<string, unknown>;
}

export async function bearer(line: Line, path: string, token: string): Promise<Record<string, unknown>> {
  return json(await line.ask('GET', path, `Authorization: Bearer ${token}\r\nAccept: application/json\r\n`));
}

export function pathOf(location: string): string {
  return location.startsWith('/') ? location : location.replace(/^[a-z]+:\/\/[^/]+/, '');
}

function codeIn(location: string): string {
  const code = /[?&]code=([^&]+)/.exec(location)?.[1];
  if (code === undefined) throw new Error(`sent back without a code: ${location}`);
  return code;
}

export function textOf(html: string): string {
  return html
    .replace(/<(style|script|svg)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .slice(0, 300);
}
