/** Handles the library's events: what a sign-in carries, and what becomes a log line. */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import type { Client, errors, KoaContextWithOIDC } from 'oidc-provider';
import { DEVICE_GRANT } from '../domain/clients/metadata/members/protocol.ts';
import { contained } from '../domain/contained.ts';
import type { Log } from './page-sources.ts';
import { memoryOfRequest } from './request.ts';
import { isAboutConsent } from './seams.ts';
import type { Cookies } from './sign-in/browser.ts';
import type { Place } from './sign-in/open-sessions.ts';
import { askedOf, type InterruptedBy } from './sign-in/policy.ts';

/** Events in which an application is refused. */
const refusals = [
  'authorization.error',
  'pushed_authorization_request.error',
  'device_authorization.error',
  'code_verification.error',
  'device_resume.error',
  'grant.error',
  'userinfo.error',
  'introspection.error',
  'revocation.error',
  'end_session.error',
  'end_session_confirm.error',
];

export type EventListeners = {
  cookies: Pick<Cookies, 'set'>;
  lifetimes: { interactionSeconds: number };
  now: () => number;
  log: Log;
  onServerError: (ctx: KoaContextWithOIDC, error: unknown) => void;
  onRefused: (event: string, ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => void;
  /** From where a person signs in (open-sessions.ts). */
  placeOf: (ctx: Koa.Context) => Place;
  /** Called with the client_id where an application got to know who its visitor is. */
  onSignedIn: (clientId: string, amr: readonly string[]) => void;
  /** Called where an application sent a request that holds, got a code for it, or a token. */
  onReached: (clientId: string, step: 'request' | 'code' | 'token') => void;
};

/** Grants that an application redeems once for each sign-in. */
const signInGrants: ReadonlySet<unknown> = new Set(['authorization_code', DEVICE_GRANT]);

/**
 * Listens to a provider. Call it before the provider's first request. The library emits while it answers a request, and
 * sometimes after: a listener that only tells must neither fail the request nor end the process.
 */
export function listenTo(provider: Provider, listeners: EventListeners): void {
  const { log } = listeners;
  const telling = <Input extends unknown[]>(listener: (...input: Input) => unknown) =>
    contained(listener, (err) => log.error({ err }, 'an event of the protocol could not be told'));
  carryOnSignIns(provider, listeners);
  logEvents(provider, listeners, telling);
  provider.on('server_error', telling(listeners.onServerError));
  provider.on('grant.success', telling(tellSignIn(listeners)));
  provider.on('authorization.success', telling(tellAtOnce(listeners)) as never);
  tellSteps(provider, listeners, telling);
}

/** How far an application has come, for who connects it. */
function tellSteps(provider: Provider, { onReached }: EventListeners, telling: Telling): void {
  const reached =
    (step: 'request' | 'code' | 'token') =>
    ({ oidc }: KoaContextWithOIDC) => {
      // an administrator who tries it is not the application
      if (oidc.client !== undefined && memoryOfRequest()?.trial === undefined) onReached(oidc.client.clientId, step);
    };
  const gotCode = (ctx: KoaContextWithOIDC, out: { code?: string } = {}) => {
    if (out.code !== undefined) reached('code')(ctx);
  };
  provider.on('interaction.started', telling(reached('request')));
  provider.on('authorization.accepted', telling(reached('request')));
  provider.on('authorization.success', telling(gotCode) as never);
  provider.on('grant.success', telling(reached('token')));
}

const tellSignIn =
  ({ onSignedIn }: Pick<EventListeners, 'onSignedIn'>) =>
  ({ oidc }: KoaContextWithOIDC) => {
    if (oidc.client !== undefined && signInGrants.has(oidc.params?.grant_type))
      onSignedIn(oidc.client.clientId, provenBy(oidc));
  };

/** Without a code there is no request for tokens: the answer itself tells who the visitor is. */
const tellAtOnce =
  ({ onSignedIn }: Pick<EventListeners, 'onSignedIn'>) =>
  ({ oidc }: KoaContextWithOIDC, out: { id_token?: string; access_token?: string; code?: string } = {}) => {
    const told = out.code === undefined && (out.id_token ?? out.access_token) !== undefined;
    if (told && oidc.client !== undefined) onSignedIn(oidc.client.clientId, provenBy(oidc));
  };

/** The `amr` of the sign-in that the code, the device code or the session stands for. */
const provenBy = ({ entities }: KoaContextWithOIDC['oidc']): readonly string[] => {
  const { AuthorizationCode: code, DeviceCode: device, Session: session } = entities;
  const { amr } = (code ?? device ?? session ?? {}) as { amr?: unknown };
  return Array.isArray(amr) ? amr.map(String) : [];
};

type Telling = <Input extends unknown[]>(listener: (...input: Input) => unknown) => (...input: Input) => void;

function carryOnSignIns(provider: Provider, { cookies, lifetimes, now, placeOf }: EventListeners): void {
  provider.on('interaction.ended', (ctx) => {
    // Set the epoch of this sign-in before any decision about it.
    const { result, session } = ctx.oidc;
    if (result?.login === undefined || session === undefined || isAboutConsent()) return;
    const { epoch, trustedBrowser } = result.login;
    Object.assign(session, { epoch, trustedBrowser, place: placeOf(ctx as Koa.Context) });
  });
  provider.on('interaction.started', (ctx, prompt) => {
    if (prompt.name !== 'login') return;
    const expires = new Date(now() + lifetimes.interactionSeconds * 1000);
    cookies.set(ctx as Koa.Context, 'waiting', ctx.oidc.entities.Interaction?.uid, expires);
  });
}

function logEvents(provider: Provider, { log, onRefused }: EventListeners, telling: Telling): void {
  const notStored = (_ctx: KoaContextWithOIDC, err: Error, client: Client) =>
    log.warn({ client: client.clientId, err }, 'a logout notice was not stored at the first try');
  provider.on('backchannel.error', telling(notStored));
  const interrupted = ({ oidc }: KoaContextWithOIDC, prompt: InterruptedBy) => {
    const asked = askedOf(prompt);
    const client = oidc.client?.clientId;
    if (asked.step !== 'refused') log.debug({ client, ...asked }, 'a request waits for its person');
    else
      log.info(
        { client, account: oidc.account?.accountId, because: asked.because },
        'a person may not use an application',
      );
  };
  provider.on('interaction.started', telling(interrupted as never));
  for (const event of refusals) {
    const refused = (ctx: KoaContextWithOIDC, err: errors.OIDCProviderError) => onRefused(event, ctx, err);
    provider.on(event as 'grant.error', telling(refused));
  }
}
