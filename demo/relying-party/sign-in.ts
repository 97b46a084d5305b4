/** The authorization code flow with PKCE, state and nonce; it ends on the page that the visitor asked for. */
import { randomBytes } from 'node:crypto';
import type Router from '@koa/router';
import type { Context } from 'koa';
import * as client from 'openid-client';
import type { Application } from './character.ts';
import { fault, faultOf } from './faults.ts';
import { readForm } from './form.ts';
import type { Visitor } from './sessions.ts';

export function signInRoutes(router: Router, application: Application): void {
  router.get('/login', (ctx) => begin(ctx, application));
  if (application.request.response_mode === 'form_post') router.post('/callback', (ctx) => finish(ctx, application));
  router.get('/callback', (ctx) => finish(ctx, application));
}

/** Also the start of a sign-in that the issuer or another site suggests (OpenID Connect Core 4). */
async function begin(ctx: Context, application: Application): Promise<void> {
  const asked = ctx.URL.searchParams;
  const returnTo = ownPath(application, asked.get('to') ?? asked.get('target_link_uri'));
  if (application.visitor(ctx) && !asked.has('again')) return redirect(ctx, returnTo);

  const { configuration } = await application.issuer.reach();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const codeVerifier = client.randomPKCECodeVerifier();
  const browser = application.cookie(ctx, 'browser') ?? randomBytes(32).toString('base64url');
  application.sessions.begin(state, browser, { codeVerifier, nonce, returnTo });
  application.setCookie(ctx, 'browser', browser);

  const loginHint = asked.get('login_hint');
  const parameters: Record<string, string> = {
    ...application.request,
    redirect_uri: application.redirectUri,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(loginHint ? { login_hint: loginHint } : {}),
  };
  try {
    const url = application.pushed
      ? await client.buildAuthorizationUrlWithPAR(configuration, parameters)
      : client.buildAuthorizationUrl(configuration, parameters);
    redirect(ctx, url.href);
  } catch (error) {
    throw faultOf(error);
  }
}

async function finish(ctx: Context, application: Application): Promise<void> {
  const answer = ctx.method === 'POST' ? await readForm(ctx) : ctx.URL.searchParams;
  const browser = application.cookie(ctx, 'browser');
  const state = answer.get('state');
  const begun = browser && state ? application.sessions.take(state, browser) : undefined;
  if (!begun) {
    // A reload of the callback or the back button: the sign-in is already done.
    if (application.visitor(ctx)) return redirect(ctx, application.path('/'));
    throw fault('not-begun-here');
  }

  ctx.state.returnTo = begun.returnTo;
  const visitor = await exchange(application, answer, ctx.method, String(state), begun);
  const previous = application.cookie(ctx, 'session');
  if (previous) application.sessions.end(previous);
  const id = application.sessions.start(visitor.visitor, visitor.idToken);
  if (!id) throw fault('signed-out-meanwhile');
  application.setCookie(ctx, 'session', id);
  redirect(ctx, begun.returnTo);
}

async function exchange(
  application: Application,
  answer: URLSearchParams,
  method: string,
  expectedState: string,
  expected: { codeVerifier: string; nonce: string },
): Promise<{ visitor: Visitor; idToken: client.IDToken }> {
  const { configuration } = await application.issuer.reach();
  try {
    const current =
      method === 'POST'
        ? new Request(application.redirectUri, { method, body: answer })
        : new URL(`${application.redirectUri}?${answer}`);
    const tokens = await client.authorizationCodeGrant(configuration, current, {
      pkceCodeVerifier: expected.codeVerifier,
      expectedNonce: expected.nonce,
      expectedState,
      idTokenExpected: true,
    });
    const idToken = tokens.claims();
    if (!idToken || !tokens.id_token) throw new Error('no ID token');
    const claims = await client.fetchUserInfo(configuration, tokens.access_token, idToken.sub);
    return {
      idToken,
      visitor: {
        sub: idToken.sub,
        ...(typeof idToken.sid === 'string' ? { sid: idToken.sid } : {}),
        ...(typeof idToken.acr === 'string' ? { acr: idToken.acr } : {}),
        claims,
        idToken: tokens.id_token,
        ...(application.keepsTokens ? { tokens: tokensOf(tokens) } : {}),
      },
    };
  } catch (error) {
    throw faultOf(error);
  }
}

export function tokensOf(tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers) {
  return {
    accessToken: tokens.access_token,
    expiresAt: Date.now() + (tokens.expiresIn() ?? 300) * 1000,
    ...(tokens.refresh_token ? { refreshToken: tokens.refresh_token } : {}),
  };
}

/** A path in this application; anything else would make the sign-in an open redirect. */
function ownPath(application: Application, wanted: string | null): string {
  const home = application.path('/');
  if (!wanted) return home;
  const url = URL.parse(wanted, application.site);
  if (!url || url.origin !== new URL(application.site).origin || !url.pathname.startsWith(home)) return home;
  return url.pathname + url.search;
}

function redirect(ctx: Context, to: string): void {
  ctx.status = 303;
  ctx.redirect(to);
}
