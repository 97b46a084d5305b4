/** Signing out: here and at the association (RP-Initiated Logout), or here because the association said so (Back-Channel Logout). */
import type Router from '@koa/router';
import { errors, jwtVerify } from 'jose';
import type { Context } from 'koa';
import { buildEndSessionUrl, randomState } from 'openid-client';
import type { Application } from './character.ts';
import { isFault, isOutOfReach } from './faults.ts';
import { readForm } from './form.ts';
import type { LogoutTarget } from './sessions.ts';

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
const clockToleranceSeconds = 15;

export function signOutRoutes(router: Router, application: Application): void {
  router.get('/logout', (ctx) => application.page(ctx, 'sign-out', {}));
  router.post('/logout', (ctx) => signOut(ctx, application));
  router.get('/signed-out', (ctx) => signedOut(ctx, application));
  router.post('/backchannel-logout', (ctx) => logoutHeard(ctx, application));
}

async function signOut(ctx: Context, application: Application): Promise<void> {
  const visitor = application.visitor(ctx);
  const id = application.cookie(ctx, 'session');
  if (id) application.sessions.end(id);
  application.setCookie(ctx, 'session', undefined);
  ctx.state.visitor = undefined;
  ctx.status = 303;
  if (!visitor) return ctx.redirect(application.path('/signed-out'));

  const { configuration } = await application.issuer.reach();
  const state = randomState();
  application.setCookie(ctx, 'signed_out', state);
  const url = buildEndSessionUrl(configuration, {
    id_token_hint: visitor.idToken,
    post_logout_redirect_uri: `${application.site}/signed-out`,
    state,
  });
  ctx.redirect(url.href);
}

async function signedOut(ctx: Context, application: Application): Promise<void> {
  const expectedState = application.cookie(ctx, 'signed_out');
  const everywhere = expectedState !== undefined && ctx.URL.searchParams.get('state') === expectedState;
  application.setCookie(ctx, 'signed_out', undefined);
  await application.page(ctx, 'signed-out', { everywhere });
}

/** OpenID Connect Back-Channel Logout 1.0, sections 2.6 to 2.8. */
async function logoutHeard(ctx: Context, application: Application): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  try {
    const token = (await readForm(ctx)).get('logout_token');
    if (!token) throw new InvalidToken('logout_token is missing');
    const { jti, ...target } = await verify(token, application);
    if (!application.sessions.logOut(jti, target)) throw new InvalidToken('this logout token was used before');
    ctx.status = 200;
    ctx.body = '';
  } catch (error) {
    const unavailable =
      (isFault(error) && error.fault === 'unavailable') || error instanceof errors.JWKSTimeout || isOutOfReach(error);
    const invalid = error instanceof InvalidToken || error instanceof errors.JOSEError || isFault(error);
    if (!unavailable && !invalid) throw error;
    // 503 for what another try may cure, 400 for a token that stays wrong.
    ctx.status = unavailable ? 503 : 400;
    ctx.body = unavailable
      ? { error: 'temporarily_unavailable' }
      : { error: 'invalid_request', error_description: (error as Error).message };
  }
}

async function verify(token: string, application: Application): Promise<LogoutTarget & { jti: string }> {
  const { configuration, keys } = await application.issuer.reach();
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: configuration.serverMetadata().issuer,
    audience: application.registration.client_id,
    algorithms: [application.registration.id_token_signed_response_alg ?? 'RS256'],
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
    clockTolerance: clockToleranceSeconds,
  });
  const { typ } = protectedHeader;
  if (typ !== undefined && !['logout+jwt', 'jwt'].includes(typ.toLowerCase())) throw new InvalidToken('typ is wrong');
  const events = payload.events as Record<string, unknown>;
  if (typeof events !== 'object' || events === null || typeof events[logoutEvent] !== 'object') {
    throw new InvalidToken('events does not say logout');
  }
  if ('nonce' in payload) throw new InvalidToken('a logout token has no nonce: this is another kind of token');
  const sid = typeof payload.sid === 'string' ? payload.sid : undefined;
  if (payload.sub === undefined && sid === undefined) throw new InvalidToken('neither sub nor sid');
  return { jti: String(payload.jti), sub: payload.sub, sid };
}

class InvalidToken extends Error {}
