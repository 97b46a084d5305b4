/** The baselines do the protocol: a ratio to one that leaves something out would say nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import * as client from 'openid-client';
import { generateSync } from 'otplib';
import { createBaseline } from '../../bench/baseline/provider.ts';
import { openSqlite } from '../../bench/baseline/sqlite.ts';
import { loginOf, SCOPE, world } from '../../bench/speed/target.ts';
import { httpVisitor } from '../support/http-visitor.ts';
import { freePort } from '../support/ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'pedel-baseline-'));
const ends: (() => void)[] = [];
// the library says of its own adapter that it keeps nothing, which is what that baseline is for
beforeEach(() => void jest.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => {
  for (const end of ends.splice(0)) end();
  jest.restoreAllMocks();
});
afterAll(() => rmSync(folder, { recursive: true }));

const withTotp = loginOf(world.people.totp.first);
const passwordHash = await hash(world.password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

async function start(storage: 'memory' | 'sqlite') {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const kept = storage === 'memory' ? undefined : openSqlite(join(folder, `${port}.db`));
  const server: Server = await createBaseline(
    issuer,
    { ...world, scope: `${SCOPE} offline_access`, passwordHash, hasTotp: (login) => login === withTotp },
    kept?.adapter,
  );
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
    kept?.close();
  });
  const [id = ''] = world.clients;
  const application = await client.discovery(new URL(issuer), id, {}, client.ClientSecretBasic(world.secret), {
    execute: [client.allowInsecureRequests],
  });
  const visitor = httpVisitor({}, { follow: (url) => url.startsWith(`${issuer}/`) });
  return { application, visitor };
}

async function ask(application: client.Configuration, more: Record<string, string> = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(application, {
    redirect_uri: world.redirectUri,
    scope: SCOPE,
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...more,
  });
  return { url: url.href, checks: { pkceCodeVerifier, expectedState, expectedNonce } };
}

describe.each(['memory', 'sqlite'] as const)('the baseline on %s', (storage) => {
  test('signs a person in, refreshes, and signs the browser on silently', async () => {
    const { application, visitor } = await start(storage);
    const login = loginOf(world.people.password.first);
    const first = await ask(application, { scope: `${SCOPE} offline_access`, prompt: 'consent' });
    await visitor.open(first.url);
    await visitor.press('sign-in', { login, password: 'a wrong one' });
    expect(visitor.page().html).toContain('not right');
    await visitor.press('sign-in', { login, password: world.password });
    const tokens = await client.authorizationCodeGrant(application, new URL(visitor.page().url), first.checks);
    expect(tokens.claims()).toMatchObject({ sub: login, amr: ['pwd'], acr: expect.stringContaining('sfa') });

    const claims = {
      name: 'Annelies Peeters',
      locale: 'nl',
      email: `${login}@student.kuleuven.be`,
      email_verified: true,
    };
    expect(await client.fetchUserInfo(application, tokens.access_token, login)).toMatchObject(claims);
    expect(await client.tokenIntrospection(application, tokens.access_token)).toMatchObject({
      active: true,
      sub: login,
    });
    const refreshed = await client.refreshTokenGrant(application, tokens.refresh_token ?? '');
    expect(await client.fetchUserInfo(application, refreshed.access_token, login)).toMatchObject(claims);

    const second = await ask(application);
    await visitor.open(second.url);
    const again = await client.authorizationCodeGrant(application, new URL(visitor.page().url), second.checks);
    expect(again.claims()).toMatchObject({ sub: login });
    // a code opens once, and what it opened ends with its second use
    const replay = client.authorizationCodeGrant(application, new URL(visitor.page().url), second.checks);
    await expect(replay).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await client.tokenIntrospection(application, again.access_token)).toEqual({ active: false });
  });

  test('asks for the code of an authenticator where a person has one', async () => {
    const { application, visitor } = await start(storage);
    const asked = await ask(application);
    await visitor.open(asked.url);
    await visitor.press('sign-in', { login: withTotp, password: world.password });
    await visitor.press('verify', { code: '000000' });
    expect(visitor.page().html).toContain('not right');
    await visitor.press('verify', { code: generateSync({ secret: world.totpSeed }) });
    const tokens = await client.authorizationCodeGrant(application, new URL(visitor.page().url), asked.checks);
    expect(tokens.claims()).toMatchObject({ amr: ['pwd', 'otp', 'mfa'], acr: expect.stringContaining('mfa') });
  });
});
