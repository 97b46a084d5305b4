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

export async function open({ line, jar, network }: Visitor, path: string, form?: string): Promise<Answer> {
  const headers = browserHeaders(network) + jar.header(path);
  const answer = await (form === undefined ? line.ask('GET', path, headers) : line.ask('POST', path, headers, form));
  jar.keep(answer);
  return answer;
}

/** From the application's request over all pages to the code with which it is sent back. */
export async function signIn(target: Target, visitor: Visitor, asked: Asked, person: number): Promise<string> {
  let path = asked.path;
  let answer = await open(visitor, path);
  for (let steps = 0; steps < 12; steps += 1) {
    const location = locationOf(answer);
    if (location?.startsWith(target.redirectUri)) return codeIn(location);
    if (location !== undefined) {
      path = pathOf(location);
      answer = await open(visitor, path);
      continue;
    }
    const form = formFor(target, answer, person);
    if (form === undefined) throw new Error(`${answer.status} at ${path}: ${textOf(answer.body)}`);
    path = form.path;
    answer = await open(visitor, path, form.body);
  }
  throw new Error(`twelve steps and not signed in, at ${path}`);
}

/** What a person answers to this page; undefined where it asks nothing that belongs to a sign-in, or refuses. */
function formFor({ password, totpSeed }: Target, { status, body: html }: Answer, person: number) {
  if (status !== 200 || html.includes('id="error"')) return undefined;
  const path = /<form method="post" action="([^"]+)"/.exec(html)?.[1];
  if (path === undefined) return undefined;
  if (html.includes('value="sign-in"'))
    return { path, body: `login=${loginOf(person)}&password=${encodeURIComponent(password)}&action=sign-in` };
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
