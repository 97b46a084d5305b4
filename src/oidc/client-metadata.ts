/** A registered client as the library takes it: its metadata, our own attributes, and the one client that is built in. */
import { randomBytes } from 'node:crypto';
import { type ClientMetadata, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Language } from '../domain/account/account.ts';
import type { Localized } from '../domain/account/organisation.ts';
import type { ClientRecord } from '../domain/ports/clients.ts';
import { acrValues } from '../domain/sign-in/acr.ts';

/** Pedel's own pages, as a client: reserved, never in storage. */
export const ownClientId = 'pedel';

type Judge = (value: unknown) => boolean;
const isBoolean: Judge = (value) => typeof value === 'boolean';
const isText: Judge = (value) => typeof value === 'string' && value !== '';
const isSeconds: Judge = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isListOf =
  (judge: Judge): Judge =>
  (value) =>
    Array.isArray(value) && value.every(judge);

/** Attributes of ours beside RFC 7591, and what each must be. */
export const ownAttributes: Record<string, Judge> = {
  /** the association's own: no consent is asked */
  pedel_first_party: isBoolean,
  /** demanded of every sign-in to it, whatever the organisation says */
  pedel_acr: (value) => acrValues.includes(value as string),
  /** clients whose tokens it may introspect (rule 14) */
  pedel_introspects: isListOf(isText),
  /** PKCE demanded though it has credentials */
  pedel_require_pkce: isBoolean,
  /** `fapi2`: the FAPI 2.0 security profile is enforced */
  pedel_profile: (value) => value === 'fapi2',
  /** origins of its pages beside those of its redirect URIs */
  pedel_cors_origins: isListOf((value) => typeof value === 'string' && URL.parse(value)?.origin === value),
  pedel_access_token_seconds: isSeconds,
  pedel_refresh_token_idle_seconds: isSeconds,
  /** for whom it is: roles, or `role@organisation`; absent = everybody. Decides which links are shown, not yet who may sign in */
  pedel_affiliations: isListOf(isText),
  'client_name#nl': isText,
  'client_name#en': isText,
};

/** Called by the library for every own attribute; `ctx` is there where metadata comes from a registration (rule 15). */
export function validateOwnAttribute(ctx: KoaContextWithOIDC | undefined, key: string, value: unknown): void {
  if (value === undefined) return;
  if (ctx !== undefined && key.startsWith('pedel_')) {
    throw new errors.InvalidClientMetadata(`${key} cannot be registered by the client itself`);
  }
  if (ownAttributes[key]?.(value) !== true) throw new errors.InvalidClientMetadata(`${key} has no acceptable value`);
}

/** Defaults where registration metadata is silent; RS256 is the standard's (rule 17). */
export const clientDefaults = {
  grant_types: ['authorization_code'],
  response_types: ['code' as const],
  id_token_signed_response_alg: 'RS256' as const,
  token_endpoint_auth_method: 'client_secret_basic' as const,
  // a logout without sid that arrives days later would end new sessions
  backchannel_logout_session_required: true,
};

// The library wants a secret of clients that authenticate with one; ours are hashes, so this one matches nothing.
const neverMatching = randomBytes(32).toString('base64url');

/** The stored record as metadata for the library, without secrets. */
export function metadataOf(record: ClientRecord): ClientMetadata {
  const { client_secret: _secret, client_secret_expires_at: _expires, ...metadata } = record.metadata;
  return {
    ...metadata,
    client_id: record.id,
    ...(record.secrets.length > 0 ? { client_secret: neverMatching } : {}),
  } as ClientMetadata;
}

/** Pedel's own pages: they learn nothing but that somebody is signed in (`response_type=none`). */
export function ownClientMetadata(issuer: string): ClientMetadata {
  return {
    client_id: ownClientId,
    client_name: 'Pedel',
    client_uri: issuer,
    redirect_uris: [`${issuer}/account`],
    response_types: ['none'],
    grant_types: [],
    token_endpoint_auth_method: 'none',
    // loopback http in development
    application_type: 'web',
    pedel_first_party: true,
  };
}

export function isFirstParty(client: object | undefined): boolean {
  return (client as { pedel_first_party?: boolean } | undefined)?.pedel_first_party === true;
}

/** An own attribute of a client, as stored. */
export function ownAttribute<T>(client: object | undefined, name: string): T | undefined {
  return (client as Record<string, unknown> | undefined)?.[name] as T | undefined;
}

/** The client's name in both languages: `client_name#nl` and `#en` (OpenID Connect Registration 2.1), else the plain one. */
export function clientNameOf(client: { clientId: string; clientName?: string | undefined }): Localized {
  const named = (language: Language) =>
    ownAttribute<string>(client, `client_name#${language}`) ?? client.clientName ?? client.clientId;
  return { nl: named('nl'), en: named('en') };
}
