/** An application for requests that the campus does not send: openid-client, and a callback page. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as client from 'openid-client';
import type { Page } from 'playwright-core';
import type { Campus } from './campus.ts';

export type OwnApplication = Awaited<ReturnType<typeof startApplication>>;

/** Registers it by the command line, as an administrator would, and listens; `close` when the stories are told. */
export async function startApplication(campus: Campus) {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><html lang="en"><title>Back</title><main>Back at the application</main></html>');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const redirectUri = `http://localhost:${(server.address() as AddressInfo).port}/callback`;
  const secret = 'only-the-stories-know-this-secret-of-theirs';
  const file = join(campus.folder, 'own-application.json');
  const registration = {
    client_id: 'story',
    client_secret: secret,
    client_name: 'Story',
    redirect_uris: [redirectUri],
    scope: 'openid profile',
    pedel_first_party: true,
  };
  writeFileSync(file, JSON.stringify([registration]));
  await campus.run('clients', 'apply', file);
  const configuration = await client.discovery(
    new URL(campus.urls.pedel),
    'story',
    {},
    client.ClientSecretBasic(secret),
    { execute: [client.allowInsecureRequests] },
  );

  return {
    redirectUri,
    /** Sends the visitor to sign in; `finish` exchanges what the page came back with, or throws the error it came with. */
    async begin(page: Page, parameters: Record<string, string> = {}) {
      const [state, nonce, pkceCodeVerifier] = [
        client.randomState(),
        client.randomNonce(),
        client.randomPKCECodeVerifier(),
      ];
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'openid profile',
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        ...parameters,
      });
      await page.goto(url.href);
      return {
        isBack: () => page.url().startsWith(redirectUri),
        /** the claims of the ID token */
        async finish() {
          const tokens = await client.authorizationCodeGrant(configuration, new URL(page.url()), {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier,
          });
          const claims = tokens.claims();
          if (claims === undefined) throw new Error('no ID token');
          return claims;
        },
        /** the error that it came back with */
        error: () => new URL(page.url()).searchParams.get('error'),
      };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
