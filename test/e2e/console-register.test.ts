/**
 * An administrator registers an application in a browser, in under ten clicks; an ordinary relying party that knows only
 * what the page said signs somebody in; and the page says that it works.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import type { Page } from 'playwright-core';
import { describeInBrowser, expectAccessible, visitor } from '../support/browser.ts';
import { PASSWORD, startConsole, type TestConsole } from '../support/console.ts';

let pedel: TestConsole;
let login: string;
beforeAll(async () => {
  pedel = await startConsole();
  login = await pedel.person('Olga', ['owner']);
  await pedel.person('Anna', [], { totps: [] });
});
afterAll(() => pedel?.close());

async function signIn(page: Page, path: string, sendsItself: boolean): Promise<void> {
  await page.goto(`${pedel.issuer}${path}`);
  await page.fill('#login', login);
  await page.fill('#password', PASSWORD);
  await page.click('#sign-in');
  await page.waitForSelector('#code');
  await page.fill('#code', await pedel.freshCode('Olga'));
  if (!sendsItself) await page.click('#verify');
  await page.waitForURL((url) => url.pathname.startsWith('/admin'));
}

/** The address at which the relying party is called back, and a wait for the first call. */
async function callback() {
  let called = (_url: URL) => {};
  const arrived = new Promise<URL>((resolve) => {
    called = resolve;
  });
  const server = createServer((request, response) => {
    response.end('signed in');
    called(new URL(request.url ?? '', address));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = `http://localhost:${(server.address() as AddressInfo).port}`;
  return { uri: `${address}/callback`, arrived, close: () => new Promise((closed) => server.close(closed)) };
}

describeInBrowser('registering an application', () => {
  test.each([
    ['en', true, 1280],
    ['nl', false, 390],
  ] as const)(
    'in %s, with script: %s, on %d pixels',
    async (language, javaScriptEnabled, width) => {
      const { context, page } = await visitor({
        javaScriptEnabled,
        locale: language === 'nl' ? 'nl-BE' : 'en-GB',
        viewport: { width, height: 800 },
      });
      const look = () => (javaScriptEnabled ? expectAccessible(page) : Promise.resolve());
      await signIn(page, `/admin?lang=${language}`, javaScriptEnabled);
      await look();
      let clicks = 0;
      const click = async (selector: string) => {
        clicks += 1;
        await page.click(selector);
        await page.waitForLoadState();
      };
      const relyingParty = await callback();
      await page.goto(`${pedel.issuer}/admin/applications`);
      await look();
      await click('a[href="/admin/applications/new"]');
      await look();
      await click('a[href="/admin/applications/new/openid-client"]');
      await look();
      await page.fill('#callback', relyingParty.uri);
      await click('#continue');
      await look();
      // a key of its own is the first choice; without script the other one
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      if (javaScriptEnabled) await page.fill('#keys', own.publicKey.export({ type: 'spki', format: 'pem' }) as string);
      else await click('#secret-way');
      await click('#register');
      expect(clicks).toBeLessThan(10);
      await look();
      const lines = (await page.textContent('#snippet-0')) ?? '';
      const [, issuer = '', id = '', secret = ''] =
        /discovery\(new URL\("([^"]+)"\), "([^"]+)", "?(\w[^",]+)/.exec(lines) ?? [];
      expect([secret === 'undefined', lines.includes('PrivateKeyJwt')]).toEqual([javaScriptEnabled, javaScriptEnabled]);
      expect(await page.textContent('h1')).toContain('openid-client');
      expect(await page.$$('.ticks .good')).toHaveLength(0);

      // the relying party knows nothing but this
      const key = own.privateKey.toCryptoKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
      const proof = javaScriptEnabled ? client.PrivateKeyJwt(key) : client.ClientSecretPost(secret);
      const config = await client.discovery(new URL(issuer), id, undefined, proof, {
        execute: [client.allowInsecureRequests],
      });
      const verifier = client.randomPKCECodeVerifier();
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: relyingParty.uri,
        scope: 'openid profile email',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      const person = await visitor({ locale: 'en-GB' });
      await person.page.goto(url.href);
      await person.page.fill('#login', 'u-anna');
      await person.page.fill('#password', PASSWORD);
      await person.page.click('#sign-in');
      await person.page.click('#consent');
      const tokens = await client.authorizationCodeGrant(config, await relyingParty.arrived, {
        pkceCodeVerifier: verifier,
      });
      expect(tokens.claims()?.sub).toEqual(expect.any(String));
      expect(await client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '')).toMatchObject({
        given_name: 'Anna',
      });

      // the page fills itself; without script by its link
      await pedel.app.jobs.runDueNow();
      if (!javaScriptEnabled) await page.click('#steps a');
      await page.waitForSelector('.ticks li:nth-child(3) .good');
      expect(await page.$$('.ticks .good')).toHaveLength(3);
      await look();
      if (!javaScriptEnabled) expect(await page.content()).not.toContain(secret);
      await Promise.all([context.close(), person.context.close(), relyingParty.close()]);
    },
    60_000,
  );
});
