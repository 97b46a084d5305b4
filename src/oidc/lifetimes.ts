/**
 * Decides how long sessions, grants and tokens live: by configuration, partly per client, and never beyond the end of
 * the account (rules 12, 13).
 */
import {
  type AccessToken,
  type Client,
  type ClientCredentials,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { accessOf } from '../domain/account/account-access.ts';
import { LONGEST_REFRESHING_SECONDS } from '../domain/clients/metadata/members/operator.ts';
import { isFapi, PROFILE_CODE_SECONDS } from '../domain/clients/metadata/profile.ts';
import { LONGEST_OPAQUE_SECONDS } from '../domain/clients/resources/resource-servers.ts';
import { acrDemandOf, isMultiFactor } from '../domain/sign-in/acr.ts';
import { inProtocol, type RefusalReason } from '../domain/sign-in/reason.ts';
import { DEVICE_CODE_SECONDS } from '../domain/tickets/device-code.ts';
import { extraMember } from './clients/client-metadata.ts';
import { noteRefusal } from './request.ts';
import { accountIn } from './sign-in/account.ts';

/** Seconds. The defaults are in the configuration. */
export type Lifetimes = {
  sessionIdleSeconds: number;
  sessionMaxSeconds: number;
  accessTokenSeconds: number;
  refreshTokenIdleSeconds: number;
  interactionSeconds: number;
  codeSeconds: number;
};

const ID_TOKEN_SECONDS = 3600;

/** The library's `ttl`: functions of the request that return seconds. */
export function createTtls(lifetimes: Lifetimes, now: () => number): NonNullable<Configuration['ttl']> {
  const capped = (ctx: KoaContextWithOIDC | undefined, seconds: number) => {
    const endsAt = ctx?.oidc === undefined ? undefined : endIn(ctx, now());
    const left = endsAt === undefined ? seconds : Math.floor((endsAt - now()) / 1000);
    return Math.max(1, Math.min(seconds, left));
  };
  /** Of an API, at most what its registration and the format allow (rule 12). */
  const tokenSeconds = (token: AccessToken | ClientCredentials, client: Client) => {
    const seconds = extraMember(client, 'pedel_access_token_seconds') ?? lifetimes.accessTokenSeconds;
    return Math.min(seconds, token.resourceServer?.accessTokenTTL ?? seconds);
  };
  return {
    AccessToken: (ctx, token, client) => capped(ctx, tokenSeconds(token, client)),
    // The library refuses one without a resource server (resources.ts).
    ClientCredentials: (_ctx, token, client) => Math.min(tokenSeconds(token, client), LONGEST_OPAQUE_SECONDS),
    RefreshToken: (ctx, _token, client) => capped(ctx, refreshIdleSeconds(client, lifetimes)),
    AuthorizationCode: (ctx, _code, client) => capped(ctx, codeSeconds(client, lifetimes)),
    DeviceCode: () => DEVICE_CODE_SECONDS,
    IdToken: (ctx) => capped(ctx, ID_TOKEN_SECONDS),
    Interaction: () => lifetimes.interactionSeconds,
    Grant: (ctx) => capped(ctx, grantSeconds(ctx, lifetimes)),
    Session: (ctx, session) => {
      // A session without a sign-in, or a logout form that waits for its answer.
      if (session.loginTs === undefined) return lifetimes.interactionSeconds;
      const left = session.loginTs + lifetimes.sessionMaxSeconds - Math.floor(now() / 1000);
      return capped(ctx, Math.max(1, Math.min(lifetimes.sessionIdleSeconds, left)));
    },
  };
}

/** Epoch ms at which the account of this request closes, where that is known: now, if it is closed. */
function endIn(ctx: KoaContextWithOIDC, now: number): number | undefined {
  const account = accountIn(ctx);
  if (account === undefined) return undefined;
  const access = accessOf(account, now);
  return access.kind === 'open' ? access.until : now;
}

/**
 * Whether something of this request that expires at `exp` (epoch seconds) does so because its account ends; the two differ by
 * what rounding takes.
 */
export function endsWithAccount(ctx: KoaContextWithOIDC | undefined, exp: unknown, now: number): boolean {
  const endsAt = ctx?.oidc === undefined ? undefined : endIn(ctx, now);
  return endsAt !== undefined && typeof exp === 'number' && exp * 1000 >= endsAt - 2000;
}

/** How long, in seconds, a grant of this request must live: as long as what may be issued under it. */
export function grantSeconds(ctx: KoaContextWithOIDC, lifetimes: Lifetimes): number {
  return ctx.oidc.requestParamScopes.has('offline_access')
    ? LONGEST_REFRESHING_SECONDS
    : lifetimes.sessionMaxSeconds + lifetimes.accessTokenSeconds;
}

function codeSeconds(client: Client | undefined, lifetimes: Lifetimes): number {
  return isFapi(client) ? Math.min(lifetimes.codeSeconds, PROFILE_CODE_SECONDS) : lifetimes.codeSeconds;
}

function refreshIdleSeconds(client: Client | undefined, lifetimes: Lifetimes): number {
  return extraMember(client, 'pedel_refresh_token_idle_seconds') ?? lifetimes.refreshTokenIdleSeconds;
}

/**
 * Whether the application may refresh at all as it is registered and allowed now; which scopes it still gets, the grant
 * says (allowance.ts). @throws the library's InvalidGrant: the person must sign in to it again
 */
function refuseTakenAway(ctx: KoaContextWithOIDC, client: Client, amr: string[]): void {
  const scopes = ctx.oidc.entities.Grant?.getOIDCScope().split(' ') ?? [];
  if (!scopes.includes('offline_access')) throw noLonger('offline-access-taken-away');
  const demand = acrDemandOf({}, { acr: extraMember(client, 'pedel_acr') });
  if (demand.secondFactor !== undefined && !isMultiFactor(amr)) throw noLonger('second-factor-demanded-since');
}

function noLonger(because: RefusalReason): errors.InvalidGrant {
  noteRefusal(because);
  return new errors.InvalidGrant(inProtocol(because).description);
}

/**
 * The library's `rotateRefreshToken`: a token is replaced on use for public clients without a sender-constrained
 * token, and not for others (rule 16). A token that stays starts its idle time anew. That is written only after a
 * thirtieth of the idle time, to save writes.
 */
export function createRotation(lifetimes: Lifetimes, now: () => number): Configuration['rotateRefreshToken'] {
  return async (ctx) => {
    const { RefreshToken: token, Client: client } = ctx.oidc.entities;
    if (token === undefined || client === undefined) return false;
    refuseTakenAway(ctx, client, token.amr ?? []);
    if (client.clientAuthMethod === 'none' && !token.isSenderConstrained()) return true;
    const idle = refreshIdleSeconds(client, lifetimes);
    if (token.remainingTTL < idle - idle / 30) {
      const endsAt = endIn(ctx, now()) ?? Number.POSITIVE_INFINITY;
      token.exp = Math.floor(Math.min(now() + idle * 1000, endsAt) / 1000);
      await token.save();
    }
    return false;
  };
}
