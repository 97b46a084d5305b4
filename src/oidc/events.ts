/** Handles the library's events: what a sign-in carries, and what becomes a log line. */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Cookies } from './browser.ts';
import type { Log } from './page-sources.ts';

/** Events in which an application is refused. */
const refusals = [
  'authorization.error',
  'pushed_authorization_request.error',
  'grant.error',
  'userinfo.error',
  'introspection.error',
  'revocation.error',
];
const everydayErrors = new Set(['login_required', 'interaction_required', 'consent_required', 'access_denied']);

export type EventListeners = {
  cookies: Pick<Cookies, 'set'>;
  lifetimes: { interactionSeconds: number };
  now: () => number;
  log: Log;
  onServerError: (ctx: KoaContextWithOIDC, error: unknown) => void;
};

/** Listens to a provider. Call it before the provider's first request. */
export function listenTo(provider: Provider, listeners: EventListeners): void {
  carryOnSignIns(provider, listeners);
  logEvents(provider, listeners.log);
  provider.on('server_error', listeners.onServerError);
}

function carryOnSignIns(provider: Provider, { cookies, lifetimes, now }: EventListeners): void {
  provider.on('interaction.ended', (ctx) => {
    // Set the epoch of this sign-in before any decision about it.
    const { result, session } = ctx.oidc;
    if (result?.login !== undefined && session !== undefined) Object.assign(session, { epoch: result.login.epoch });
  });
  provider.on('interaction.started', (ctx, prompt) => {
    if (prompt.name !== 'login') return;
    const expires = new Date(now() + lifetimes.interactionSeconds * 1000);
    cookies.set(ctx as Koa.Context, 'waiting', ctx.oidc.entities.Interaction?.uid, expires);
  });
}

function logEvents(provider: Provider, log: Log): void {
  provider.on('backchannel.error', (_ctx, err, client) =>
    log.warn({ client: client.clientId, err }, 'a logout notice was not stored at the first try'),
  );
  for (const event of refusals) {
    provider.on(event as 'grant.error', (ctx, err) => {
      // Silent sign-on gets these errors all the time, so they are not worth an info line.
      const level = everydayErrors.has(err.error) ? 'debug' : 'info';
      const { error, error_detail: details } = err;
      log[level]({ event, client: ctx.oidc.client?.clientId, error, details }, 'a protocol request was refused');
    });
  }
}
