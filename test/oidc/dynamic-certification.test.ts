/**
 * What the modules of `oidcc-dynamic-certification-test-plan` (OpenID Foundation, release 5.2.4) ask of us, each by its name:
 * private_key_jwt, code flow, no PKCE, a token that needs no approval. `request_uri` by reference is not supported.
 */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterEach, expect, jest, test } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, exportJWK, jwtVerify, SignJWT } from 'jose';
import needs from '../support/needs.cjs';
import { house } from './registration-support.ts';
import { answerIn, closeAll, listening, setClock, visitor } from './support.ts';

afterEach(async () => {
  jest.restoreAllMocks();
  await closeAll();
});

const REDIRECT = 'https://suite.example/test/a/pedel/callback';
type Key = { privateKey: KeyObject; publicKey: KeyObject; kid: string };
const aKey = (): Key => ({ ...generateKeyPairSync('rsa', { modulusLength: 2048 }), kid: randomUUID() });
const jwksOf = async ({ publicKey, kid }: Key) => ({
  keys: [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' }],
});

type House = Awaited<ReturnType<typeof house>>;
/** A module of the plan: its registration, and what it does with the client. `at`: where another one registered before. */
async function module(change: object = {}, keys = aKey(), at?: House) {
  const kit = at ?? (await house('by-token', { allowNetworks: ['127.0.0.0/8', '::1/128'] }));
  const terms = { approval: 'none' as const, pkce: 'optional' as const, hosts: ['suite.example', 'localhost'] };
  const { status, body } = await kit.register(await kit.token(terms), {
    client_name: 'OIDF conformance suite',
    grant_types: ['authorization_code'],
    jwks: await jwksOf(keys),
    token_endpoint_auth_method: 'private_key_jwt',
    response_types: ['code'],
    redirect_uris: [REDIRECT],
    contacts: ['certification@oidf.org'],
    ...change,
  });
  const id = String(body.client_id);
  const assertion = (key: Key, audience: string = kit.issuer) =>
    new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('60s')
      .sign(key.privateKey);
  async function token(parameters: Record<string, string>, key = keys) {
    const answer = await kit.post('/token', {
      client_id: id,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion(key),
      ...parameters,
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  }
  const land = (parameters: Record<string, string> = {}) =>
    kit.land(visitor(), kit.authUrl({ client_id: id, redirect_uri: REDIRECT, nonce: 'n', state: 's', ...parameters }));
  const signIn = async (parameters: Record<string, string> = {}, key = keys) => {
    const { code = '', state } = answerIn((await land(parameters)).url);
    expect(state).toBe('s');
    const redirect_uri = parameters.redirect_uri ?? REDIRECT;
    return token({ grant_type: 'authorization_code', code, redirect_uri }, key);
  };
  return { kit, status, body, id, keys, token, land, signIn };
}

const published = ({ kit }: Awaited<ReturnType<typeof module>>) => createRemoteJWKSet(new URL('/jwks', kit.issuer));

test('oidcc-server, oidcc-idtoken-rs256, oidcc-ensure-client-assertion-with-iss-aud-succeeds', async () => {
  const suite = await module({ id_token_signed_response_alg: 'RS256' });
  expect(suite.status).toBe(201);
  const { status, body } = await suite.signIn();
  expect(status).toBe(200);
  const expected = { issuer: suite.kit.issuer, audience: suite.id };
  const { payload, protectedHeader } = await jwtVerify(body.id_token ?? '', published(suite), expected);
  expect([protectedHeader.alg, payload.nonce]).toEqual(['RS256', 'n']);
  expect(await (await suite.kit.me(body.access_token ?? '')).json()).toEqual({ sub: payload.sub });
  const { body: made } = suite; // the suite takes its client away at the end
  const path = new URL(String(made.registration_client_uri)).pathname;
  expect((await suite.kit.send('DELETE', path, String(made.registration_access_token))).status).toBe(204);
});

test('oidcc-idtoken-unsigned is skipped by the suite, because discovery does not offer it; it is refused', async () => {
  const { kit, status } = await module({ id_token_signed_response_alg: 'none' });
  expect(status).toBe(400);
  const discovery = (await (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json()) as object;
  expect(discovery).not.toMatchObject({ id_token_signing_alg_values_supported: expect.arrayContaining(['none']) });
});

test('oidcc-userinfo-rs256', async () => {
  const suite = await module({ userinfo_signed_response_alg: 'RS256' });
  const { body } = await suite.signIn();
  const answer = await suite.kit.me(body.access_token ?? '');
  expect(answer.headers.get('content-type')).toMatch(/^application\/jwt/);
  const { payload } = await jwtVerify(await answer.text(), published(suite));
  expect(payload).toMatchObject({ iss: suite.kit.issuer, aud: suite.id });
  expect(payload.nonce).toBeUndefined();
});

test('oidcc-ensure-redirect-uri-in-authorization-request, and of redirect URIs with a query -ok, -mismatch, -added', async () => {
  const withQuery = `${REDIRECT}?foo=bar`;
  const suite = await module({ redirect_uris: [withQuery] });
  expect((await suite.signIn({ redirect_uri: withQuery })).status).toBe(200);
  for (const redirect_uri of ['', REDIRECT, `${REDIRECT}?foo=baz`, `${withQuery}&a=b`]) {
    const url = new URL(suite.kit.authUrl({ client_id: suite.id, redirect_uri }));
    if (redirect_uri === '') url.searchParams.delete('redirect_uri');
    const { status, url: at } = await suite.kit.land(visitor(), url);
    expect([redirect_uri, status, at.startsWith(suite.kit.issuer)]).toEqual([redirect_uri, 400, true]);
  }
});

test('oidcc-redirect-uri-regfrag', async () => {
  const { status, body } = await module({ redirect_uris: [`${REDIRECT}#foobar`] });
  expect([status, body.error]).toEqual([400, 'invalid_redirect_uri']);
});

test('oidcc-discovery-endpoint-verification', async () => {
  const { kit } = await module();
  const discovery = await (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json();
  expect(discovery).toMatchObject({
    issuer: kit.issuer,
    registration_endpoint: `${kit.issuer}/reg`,
    claims_parameter_supported: true,
    scopes_supported: expect.arrayContaining(['openid']),
    response_types_supported: expect.arrayContaining(['code', 'id_token', 'id_token token']),
    subject_types_supported: expect.arrayContaining(['public', 'pairwise']),
    id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']),
    userinfo_signing_alg_values_supported: expect.arrayContaining(['RS256']),
    request_uri_parameter_supported: false,
  });
});

/** A host with a logo at /logo.svg alone, and what was asked of it. */
async function withLogo() {
  const asked: (string | undefined)[] = [];
  const host = await listening(
    createServer(({ url }, answer) => {
      asked.push(url);
      if (url !== '/logo.svg') answer.writeHead(404).end();
      else answer.end('<svg viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>');
    }),
  );
  return { asked, host };
}

test('oidcc-registration-logo-uri, -policy-uri, -tos-uri: registered, and only the logo is fetched', async () => {
  const { asked, host } = await withLogo();
  const addresses = { logo_uri: `${host}/logo.svg`, policy_uri: `${host}/policy`, tos_uri: `${host}/tos` };
  const suite = await module(addresses);
  expect([suite.status, suite.body]).toEqual([201, expect.objectContaining(addresses)]);
  expect((await suite.signIn()).status).toBe(200);
  const { clients } = suite.kit.storage;
  expect((await clients.find(suite.id))?.logo).toMatchObject({ uri: addresses.logo_uri, type: 'image/svg+xml' });
  expect(Buffer.from((await clients.picture(suite.id)) ?? '', 'base64').toString()).toContain('<svg');
  expect(asked).toEqual(['/logo.svg']);
});

test('a logo that is not there, is elsewhere, or whose application waits for approval is not shown, and hinders nothing', async () => {
  const { asked, host } = await withLogo();
  const suite = await module({ logo_uri: `${host}/none.svg` });
  expect([suite.status, (await suite.kit.storage.clients.find(suite.id))?.logo]).toEqual([201, undefined]);
  const logo = { logo_uri: `${host}/logo.svg`, redirect_uris: [REDIRECT] };
  const elsewhere = await suite.kit.token({ approval: 'none', hosts: ['suite.example'] });
  expect((await suite.kit.register(elsewhere, logo)).status).toBe(201);
  const waiting = await suite.kit.token({ approval: 'required', hosts: ['suite.example', 'localhost'] });
  expect((await suite.kit.register(waiting, logo)).status).toBe(201);
  expect(asked).toEqual(['/none.svg']);
});

test('oidcc-registration-jwks-uri, oidcc-refresh-token, oidcc-refresh-token-rp-key-rotation', async () => {
  const keys = [aKey(), aKey()] as const;
  let current = await jwksOf(keys[0]);
  const host = await listening(
    createServer((_, answer) =>
      answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(current)),
    ),
  );
  const byUri = { jwks: null, jwks_uri: `${host}/jwks`, grant_types: ['authorization_code', 'refresh_token'] };
  const suite = await module(byUri, keys[0]);
  expect([suite.status, suite.body.jwks_uri]).toEqual([201, `${host}/jwks`]);
  const { status, body } = await suite.signIn({ scope: 'openid offline_access', prompt: 'consent' });
  expect([status, body.refresh_token]).toEqual([200, expect.any(String)]);
  const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token ?? '' };
  expect((await suite.token(refresh)).status).toBe(200);
  current = await jwksOf(keys[1]);
  // the suite waits for a minute: an application's keys are not asked for more often
  setClock(Date.now() + 61_000);
  const elapsed = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => elapsed() + 61_000);
  expect((await suite.token(refresh, keys[1])).status).toBe(200);
});

test('oidcc-request-uri-unsigned, -signed-rs256, oidcc-ensure-request-object-with-redirect-uri: by reference not supported', async () => {
  const suite = await module({ request_uris: ['https://suite.example/request'] });
  expect([suite.status, suite.body.request_uris]).toEqual([201, undefined]);
  const { url } = await suite.land({ request_uri: 'https://suite.example/request' });
  expect(answerIn(url).error).toBe('request_uri_not_supported');
});

/** An https host with a certificate for a day, which this process trusts while the test runs. */
async function trusted(answer: () => unknown): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-sector-'));
  const before = tls.getCACertificates('default');
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const kind = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    const names = ['-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    const given = { key: readFileSync(key), cert: readFileSync(cert) };
    tls.setDefaultCACertificates([...before, given.cert.toString()]);
    const server = createTlsServer(given, (_, response) => response.end(JSON.stringify(answer())));
    await listening(server as never);
    return `https://localhost:${(server.address() as AddressInfo).port}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

(needs.shell ? test : test.skip)('oidcc-registration-sector-uri, oidcc-registration-sector-bad', async () => {
  const before = tls.getCACertificates('default');
  let listed = [REDIRECT];
  const host = await trusted(() => listed);
  const sector = { subject_type: 'pairwise', sector_identifier_uri: `${host}/redirect_uris.json` };
  const good = await module(sector);
  expect([good.status, good.body.sector_identifier_uri]).toEqual([201, sector.sector_identifier_uri]);
  expect((await good.signIn()).status).toBe(200);
  listed = ['https://elsewhere.example/callback'];
  const bad = await module(sector, aKey(), good.kit); // the same address, a moment later
  expect([bad.status, bad.body.error]).toEqual([400, 'invalid_client_metadata']);
  expect(bad.body.error_description).toContain('sector_identifier_uri');
  tls.setDefaultCACertificates(before);
});

test('the header of every ID token names a published key', async () => {
  const suite = await module();
  const { body } = await suite.signIn();
  const { kid } = decodeProtectedHeader(body.id_token ?? '');
  const { keys } = (await (await fetch(`${suite.kit.issuer}/jwks`)).json()) as { keys: { kid: string }[] };
  expect(keys.map((key) => key.kid)).toContain(kid);
});
