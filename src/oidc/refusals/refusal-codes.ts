/**
 * Turns an error of the library into the refusal that operators read, by its error code and by the detail that only its
 * events have. The details are the library's own words, and may change with it (test/oidc/refusals.test.ts has each): one
 * that is not known becomes `other`, with the answer that the application got.
 */
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { likeliest } from '../../domain/clients/refusals/address-difference.ts';
import {
  asWord,
  type BareCode,
  compared,
  type Hint,
  type Refusal,
  type ToldCode,
  told,
} from '../../domain/clients/refusals/refusal.ts';
import type { ScopeDrop } from '../../domain/clients/release/asked-scopes.ts';
import type { RefusalReason } from '../../domain/sign-in/reason.ts';
import { memoryOfRequest } from '../request.ts';
import { everydayErrors } from './everyday-errors.ts';
import { comparisonOf, reasonOf, withoutValues } from './refusal.ts';

/** An error of the library, or another: then its members are absent. */
export type ProtocolError = {
  error?: string;
  error_description?: string | undefined;
  error_detail?: string | undefined;
  cause?: unknown;
};

/**
 * What an error says only here. Of one behind it the library repeats no more than the code, which hides that the keys of an
 * application could not be fetched, and why.
 */
export function detailOf({ error_detail: detail, cause }: ProtocolError): string | undefined {
  const { error, error_description: said, cause: behind } = (cause ?? {}) as ProtocolError;
  if (said === undefined || error !== detail) return detail;
  const { message, cause: root } = (behind ?? {}) as Error;
  const why = (root as Error | undefined)?.message ?? message;
  // errors of JSON quote their text
  return why === undefined ? said : `${said}: ${/JSON/.test(why) ? 'the answer cannot be read' : why}`;
}

/** Undefined: a person's own doing, or what happens to every session in the end; no application is to be changed for it. */
const ofReason: Record<RefusalReason, BareCode | ResourceCode | undefined> = {
  'account-closed': undefined,
  'credentials-changed': undefined,
  'session-too-old': undefined,
  'broken-off': undefined,
  'second-factor-declined': undefined,
  'consent-declined': undefined,
  'not-open-to-person': 'not-open-to-person',
  'application-disabled': 'application-disabled',
  'application-expired': 'application-expired',
  'application-pending': 'application-pending',
  'consent-missing': 'consent-missing',
  'application-removed': 'application-removed',
  'offline-access-taken-away': 'offline-access-taken-away',
  'second-factor-demanded-since': 'second-factor-demanded-since',
  'acr-unobtainable': 'acr-unobtainable',
  'resource-missing': 'resource-missing',
  'resource-unknown': 'resource-unknown',
  'resource-not-allowed': 'resource-not-allowed',
  'scope-not-allowed': 'scope-not-allowed',
  'exchange-not-allowed': 'exchange-not-allowed',
  'subject-token-refused': 'subject-token-refused',
};

type ResourceCode = 'resource-unknown' | 'resource-not-allowed' | 'scope-not-allowed';
const isOfResource = (code: string): code is ResourceCode =>
  ['resource-unknown', 'resource-not-allowed', 'scope-not-allowed'].includes(code);

/** By what the error says of itself, to the application or only here. */
const ofDetail: [words: RegExp, code: BareCode | undefined][] = [
  [/policy requires PKCE/, 'pkce-missing'],
  [/^invalid secret provided/, 'secret-wrong'],
  [/^no client authentication mechanism/, 'auth-missing'],
  [/^authorization code already consumed/, 'code-used'],
  // two that raced, of either kind (adapter.ts)
  [/^already used/, 'code-used'],
  [/^authorization code (?:not found|is expired)/, 'code-unknown'],
  [/^refresh token already used/, 'refresh-token-used'],
  [/^client mismatch/, 'issued-to-another'],
  [/code_verifier/, 'pkce-mismatch'],
  [/id_token_hint/, 'id-token-hint-invalid'],
  [/^access token missing openid scope/, 'userinfo-without-openid'],
  // whoever comes back after a sign-out, or after a month
  [/^refresh token (?:not found|is expired)/, undefined],
  [/^grant (?:not found|is expired)/, undefined],
  [/^request_uri is invalid, expired, or was already used/, undefined],
];

const ofError: Record<string, ToldCode | undefined> = {
  invalid_request: 'request-invalid',
  invalid_request_object: 'request-object-invalid',
  invalid_request_uri: 'request-object-invalid',
  request_not_supported: 'request-object-invalid',
  invalid_dpop_proof: 'dpop-invalid',
};

/** Answers with which nobody does anything wrong: tokens end. */
const ordinary = new Set(['invalid_token', 'use_dpop_nonce', 'authorization_pending', 'slow_down', 'expired_token']);

/** What it asked for in vain. */
function askedOf({ oidc }: KoaContextWithOIDC, code: ResourceCode): string {
  const { resource, scope } = (oidc.params ?? {}) as { resource?: unknown; scope?: unknown };
  if (code === 'scope-not-allowed')
    return String(scope ?? '')
      .split(' ')
      .map(asWord)
      .join(' ');
  return [resource ?? []]
    .flat()
    .map((each) => asAddress(withoutValues(String(each))))
    .join(', ');
}

/** What an application did not get of what it asked for. */
export function hintOf({ scope, because }: ScopeDrop, registered: string | undefined): Hint {
  if (because === 'scope-not-registered') return compared('scope-not-registered', asWord(scope), registered ?? '');
  return because === 'scope-unknown' ? told('scope-unknown', asWord(scope)) : { code: because };
}

/** What the request was refused for. Undefined: nobody has to know. */
export function refusalOf(ctx: KoaContextWithOIDC, error: ProtocolError): Refusal | undefined {
  const { error: code = '', error_description: description = '' } = error;
  const detail = detailOf(error) ?? '';
  const memory = memoryOfRequest(ctx);
  const reason = reasonOf(ctx);
  const because = reason === undefined ? undefined : ofReason[reason];
  if (because !== undefined) return isOfResource(because) ? told(because, askedOf(ctx, because)) : { code: because };
  if (reason !== undefined || code === '' || everydayErrors.has(code) || ordinary.has(code)) return undefined;
  const known = comparedIn(ctx, code, description, detail) ?? unknownClient(ctx, code, detail);
  if (known !== undefined) return known;
  const words = [detail, description].filter((each) => each !== '');
  const matched = ofDetail.find(([pattern]) => words.some((each) => pattern.test(each)));
  if (matched !== undefined) {
    const [, is] = matched;
    if (is === 'secret-wrong' && memory?.expiredSecret !== undefined) return expired(memory.expiredSecret);
    if (is === 'code-used' && comparisonOf(ctx).asked.grant_type === 'refresh_token')
      return { code: 'refresh-token-used' };
    return is === undefined ? undefined : { code: is };
  }
  const said = inOwnWords(code, description, detail);
  if (code === 'invalid_client' && clientIn(ctx)?.clientAuthMethod?.endsWith('_jwt'))
    return told('assertion-invalid', said);
  if (code === 'invalid_target') return told('resource-unknown', askedOf(ctx, 'resource-unknown'));
  return told(ofError[code] ?? 'other', ofError[code] === undefined ? `${code}: ${said}` : said);
}

/** When it ended, and what operators call it. */
function expired({ expiresAt = 0, name }: { expiresAt?: number; name?: string }): Refusal {
  const day = new Date(expiresAt).toISOString().slice(0, 10);
  return told('secret-expired', name === undefined ? day : `${day} (${name})`);
}

/** What the library says of it, and nothing of what came: errors of JSON quote their text. */
function inOwnWords(code: string, description: string, detail: string): string {
  const said = (code === 'invalid_client' || code === 'invalid_grant' ? detail : '') || description || code;
  return /JSON(?! Web Key)/.test(said) ? 'it is not JSON' : said;
}

function unknownClient(ctx: KoaContextWithOIDC, code: string, detail: string): Refusal | undefined {
  if (code !== 'invalid_client' || detail !== 'client not found') return undefined;
  return told('client-unknown', comparisonOf(ctx).client ?? '');
}

/** What does not agree with the registration, or with what was said before. */
function comparedIn(ctx: KoaContextWithOIDC, code: string, description: string, detail: string): Refusal | undefined {
  const { asked } = comparisonOf(ctx);
  const client = clientIn(ctx);
  if (client === undefined) return undefined;
  // a pushed request gets this sentence under `invalid_request`
  if (code === 'invalid_redirect_uri' || description.startsWith('redirect_uri did not match'))
    return address('redirect-uri-unregistered', asked.redirect_uri, client.redirectUris);
  if (description === 'post_logout_redirect_uri not registered')
    return address(
      'post-logout-redirect-uri-unregistered',
      asked.post_logout_redirect_uri,
      client.postLogoutRedirectUris,
    );
  if (detail === 'authorization code redirect_uri mismatch')
    return address('redirect-uri-differs', asked.redirect_uri, [memoryOfRequest(ctx)?.codeRedirectUri ?? '']);
  if (code === 'invalid_scope') return scopeOf(client, asked.scope);
  if (code === 'unsupported_response_type' || description.startsWith('requested response_type'))
    return listed('response-type-unregistered', asked.response_type, client.responseTypes);
  if (code === 'unsupported_response_mode' || description.startsWith('requested response_mode'))
    return listed('response-mode-unregistered', asked.response_mode, client.responseModes);
  if (code === 'unsupported_grant_type' || description.startsWith('requested grant type'))
    return listed('grant-type-unregistered', asked.grant_type, client.grantTypes);
  if (detail.startsWith('the provided authentication mechanism'))
    return compared('auth-method-differs', methodOf(ctx), client.clientAuthMethod ?? '');
  const [, origin] = /^origin (\S*) not allowed for client/.exec(description) ?? [];
  if (origin !== undefined) {
    const origins = client.metadata().pedel_cors_origins;
    return listed('origin-unregistered', origin, Array.isArray(origins) ? origins.map(String) : []);
  }
  return undefined;
}

const asAddress = (text: string) => (URL.canParse(text) ? text : asWord(text));

type Listed = readonly (string | undefined)[] | undefined;

const address = (
  code: 'redirect-uri-unregistered' | 'post-logout-redirect-uri-unregistered' | 'redirect-uri-differs',
  got: string | undefined,
  registered: readonly string[] = [],
) => compared(code, asAddress(got ?? ''), likeliest(got ?? '', registered) ?? '');

const listed = (
  code: 'response-type-unregistered' | 'response-mode-unregistered' | 'grant-type-unregistered' | 'origin-unregistered',
  got: string | undefined,
  registered: Listed,
) =>
  compared(
    code,
    (got ?? '').split(' ').map(asWord).join(' '),
    (registered ?? []).filter((each) => each !== undefined).join(', '),
  );

/** The words that are not registered: a refresh token asks for less than its grant has, and everything else for less than that. */
function scopeOf(client: Client, asked = ''): Refusal {
  const registered = client.scope?.split(' ') ?? [];
  const beyond = asked.split(' ').filter((word) => !registered.includes(word));
  return compared(
    'scope-unregistered',
    (beyond.length === 0 ? asked.split(' ') : beyond).map(asWord).join(' '),
    client.scope ?? '',
  );
}

/** How the application tried to prove who it is. */
function methodOf({ headers, oidc }: KoaContextWithOIDC): string {
  const sent = { ...oidc.body, ...oidc.params } as Record<string, unknown>;
  if (sent.client_assertion !== undefined) return 'private_key_jwt';
  if (sent.client_secret !== undefined) return 'client_secret_post';
  return headers.authorization === undefined ? 'none' : 'client_secret_basic';
}

const clientIn = (ctx: KoaContextWithOIDC): Client | undefined => ctx.oidc?.client;
