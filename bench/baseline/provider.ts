/**
 * oidc-provider as somebody who knows it would run it for one university, without any rule of Pedel's: the same
 * applications, claims, lifetimes, pages and algorithms; people are invented and all have one password.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { verify } from '@node-rs/argon2';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type AdapterFactory, type Configuration, interactionPolicy } from 'oidc-provider';
import { verifySync } from 'otplib';

export type World = {
  clients: string[];
  secret: string;
  redirectUri: string;
  scope: string;
  totpSeed: string;
  /** of everybody's password, as a PHC string; absent: any password is right at once */
  passwordHash?: string | undefined;
  /** whether the person of this login has an authenticator */
  hasTotp(login: string): boolean;
};

const DAY = 86_400;

/** Answers every request. `adapter`: undefined is the library's own, which keeps nothing. */
export async function createBaseline(
  issuer: string,
  world: World,
  adapter: AdapterFactory | undefined,
): Promise<Server> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const provider = new Provider(issuer, configuration(world, await exportJWK(privateKey), adapter));
  provider.proxy = true;
  const protocol = provider.callback();
  return createServer((request, response) => {
    if (!request.url?.startsWith('/interaction/')) return protocol(request, response);
    interact(provider, world, request, response).catch((error: Error) => {
      response.writeHead(error.name === 'SessionNotFound' ? 400 : 500).end(error.message);
    });
  });
}

function configuration(world: World, key: object, adapter: AdapterFactory | undefined): Configuration {
  return {
    ...(adapter === undefined ? {} : { adapter }),
    jwks: { keys: [{ ...key, alg: 'ES256', use: 'sig' }] } as never,
    clients: world.clients.map((client_id) => ({
      client_id,
      client_secret: world.secret,
      redirect_uris: [world.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: world.scope,
      id_token_signed_response_alg: 'ES256',
    })),
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      profile: ['name', 'given_name', 'family_name', 'preferred_username', 'locale'],
      email: ['email', 'email_verified'],
      acr: null,
      amr: null,
      auth_time: null,
      sid: null,
    },
    cookies: {
      keys: ['a key that only the baseline knows'],
      long: { httpOnly: true, sameSite: 'lax', signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      revocation: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) {
          const button = '<button form="op.logoutForm" name="logout" value="yes">Sign out</button>';
          ctx.body = page('Sign out', '', form + button);
        },
        postLogoutSuccessSource(ctx) {
          ctx.body = page('You are signed out', '', '');
        },
      },
    },
    // invented at once, so nothing is read
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        name: 'Annelies Peeters',
        given_name: 'Annelies',
        family_name: 'Peeters',
        preferred_username: sub,
        locale: 'nl',
        email: `${sub}@student.kuleuven.be`,
        email_verified: true,
      }),
    }),
    interactions: { policy: firstPartyPolicy(), url: (_ctx, { uid }) => `/interaction/${uid}` },
    // first-party: nobody is asked for consent
    async loadExistingGrant(ctx) {
      const { client, session, account } = ctx.oidc;
      if (client === undefined || session === undefined || account === undefined) return undefined;
      const known = session.grantIdFor(client.clientId);
      const existing = known === undefined ? undefined : await ctx.oidc.provider.Grant.find(known);
      if (existing !== undefined) return existing;
      const grant = new ctx.oidc.provider.Grant({ accountId: account.accountId, clientId: client.clientId });
      grant.addOIDCScope(world.scope);
      await grant.save();
      return grant;
    },
    pkce: { required: () => false },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 7 * DAY + 600,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 30 * DAY,
      Session: 12 * 3600,
    },
  };
}

/** `prompt=consent` is asked for by applications that want a refresh token; it shows no page to the association's own. */
function firstPartyPolicy() {
  const policy = interactionPolicy.base();
  policy.get('consent')?.checks.remove('consent_prompt');
  return policy;
}

/** The pages of a sign-in: login and password, and the code of an authenticator for those who have one. */
async function interact(provider: Provider, world: World, request: IncomingMessage, response: ServerResponse) {
  const details = await provider.interactionDetails(request, response);
  const path = `/interaction/${details.uid}`;
  const proven = details.result as { login?: string } | undefined;
  if (request.method !== 'POST') {
    const page = proven?.login === undefined ? passwordPage(path, '') : codePage(path, '');
    return send(response, page);
  }
  const form = new URLSearchParams(await bodyOf(request));
  if (form.get('action') === 'verify' && proven?.login !== undefined) {
    const right = verifySync({ secret: world.totpSeed, token: form.get('code') ?? '', epochTolerance: 30 }).valid;
    if (!right) return send(response, codePage(path, 'That code is not right.'));
    return finish(proven.login, ['pwd', 'otp', 'mfa']);
  }
  const login = form.get('login') ?? '';
  const { passwordHash } = world;
  if (passwordHash !== undefined && !(await verify(passwordHash, form.get('password') ?? '')))
    return send(response, passwordPage(path, 'That login or password is not right.'));
  if (!world.hasTotp(login)) return finish(login, ['pwd']);
  details.result = { login } as never;
  await details.save(details.exp - Math.floor(Date.now() / 1000));
  response.writeHead(303, { Location: path }).end();

  async function finish(accountId: string, amr: string[]) {
    const acr = amr.includes('mfa') ? 'https://refeds.org/profile/mfa' : 'https://refeds.org/profile/sfa';
    const result = { login: { accountId, amr, acr } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
}

function send(response: ServerResponse, html: string): void {
  response
    .writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': Buffer.byteLength(html),
      'Content-Security-Policy': "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
      'Cache-Control': 'no-store',
    })
    .end(html);
}

const page = (title: string, error: string, form: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<title>${title}</title><link rel="stylesheet" href="/style.css"></head><body><main><h1>${title}</h1>` +
  `${error === '' ? '' : `<p id="error">${error}</p>`}${form}</main></body></html>`;

const passwordPage = (path: string, error: string) =>
  page(
    'Sign in',
    error,
    `<form method="post" action="${path}"><label>User number<input name="login" autocomplete="username"></label>` +
      '<label>Password<input name="password" type="password" autocomplete="current-password"></label>' +
      '<button name="action" value="sign-in">Sign in</button></form>',
  );

const codePage = (path: string, error: string) =>
  page(
    'Code of your app',
    error,
    `<form method="post" action="${path}"><label>Code<input name="code" inputmode="numeric"></label>` +
      '<button name="action" value="verify">Go on</button></form>',
  );

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > 10_000) throw new Error('the form is too large');
  }
  return body;
}
