/** Which scopes of a request go on: what it asks in vain is dropped and told, not refused (RFC 6749, 3.3). */
import { scopes as knownScopes } from './scopes.ts';

/** Why an application does not get a scope that it asked for. */
export const scopeDropReasons = [
  /** its registration does not name it */
  'scope-not-registered',
  /** there is no such scope, nor did the request name a resource that may know it */
  'scope-unknown',
  /** `offline_access` without the grant type `refresh_token` */
  'refresh-not-registered',
  /** `offline_access` of an application that people must be asked for, without `prompt=consent` (OpenID Connect Core 11) */
  'refresh-without-consent-prompt',
  /** `offline_access` with a response type that gives no code (OpenID Connect Core 11) */
  'refresh-without-code',
] as const;
export type ScopeDropReason = (typeof scopeDropReasons)[number];
export type ScopeDrop = { scope: string; because: ScopeDropReason };

/**
 * Drops the scopes of ours that a registration does not name; what we do not know may belong to a resource.
 * `registered`: as stored; absent: every scope.
 */
export function narrowScopes(asked: readonly string[], registered: readonly string[] | undefined) {
  const isOutside = (scope: string) =>
    knownScopes.includes(scope) && registered !== undefined && !registered.includes(scope);
  return { kept: asked.filter((scope) => !isOutside(scope)), dropped: asked.filter(isOutside) };
}

/** Why a request for `offline_access` gives no refresh token; undefined: it does. */
export function whyNoRefresh(request: {
  /** The grant type is registered. */
  mayRefresh: boolean;
  /** The answer has a code, or the request is of a kind that knows no response type. */
  givesCode: boolean;
  firstParty: boolean;
  /** `prompt=consent`, or the request is of a kind that always asks its person. */
  asksConsent: boolean;
}): Exclude<ScopeDropReason, `scope-${string}`> | undefined {
  if (!request.mayRefresh) return 'refresh-not-registered';
  if (!request.givesCode) return 'refresh-without-code';
  return request.firstParty || request.asksConsent ? undefined : 'refresh-without-consent-prompt';
}

/** What the people who run an application can do about it, in one sentence. */
export function remedyOfDrop(because: ScopeDropReason): string {
  switch (because) {
    case 'scope-not-registered':
      return 'add it to the scope of the registration, or do not ask for it';
    case 'scope-unknown':
      return 'correct its spelling, or do not ask for it';
    case 'refresh-not-registered':
      return 'add refresh_token to the grant_types of the registration, or do not ask for it';
    case 'refresh-without-code':
      return 'ask for a response type with a code, or not for a refresh token';
    case 'refresh-without-consent-prompt':
      return 'send prompt=consent with offline_access; only first-party applications need not';
  }
}
