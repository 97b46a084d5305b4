/** Registration metadata (RFC 7591, OpenID Connect Registration) as `clients apply` takes it: every fault with its remedy. */
import type { JsonValue } from '../account/account.ts';
import { LOOPBACK, MEMBERS, NOT_HERE, SCOPES } from './client-members.ts';

export type MetadataFault = { member: string; value?: string; remedy: string };
/** What is stored: the members given, `scope` always; never `client_id` and `client_secret`, which stand beside it. */
export type AcceptedMetadata = {
  id?: string;
  secret?: string;
  metadata: Record<string, JsonValue>;
  needsSecret: boolean;
};

/** Reads one registration. All faults at once. */
export function readClientMetadata(input: unknown): { accepted: AcceptedMetadata } | { faults: MetadataFault[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { faults: [{ member: '(registration)', remedy: 'write a JSON object' }] };
  }
  const given = input as Record<string, unknown>;
  const faults: MetadataFault[] = [];
  for (const [name, value] of Object.entries(given)) {
    const known = Object.hasOwn(MEMBERS, name) ? MEMBERS[name] : undefined;
    if (known === undefined) {
      faults.push({ member: name, remedy: remedyFor(name) });
    } else if (!known.accepts(value)) {
      faults.push({
        member: name,
        ...(name === 'client_secret' || name === 'jwks' ? {} : { value: clipped(value) }),
        remedy: known.remedy,
      });
    }
  }
  const usable = Object.fromEntries(
    Object.entries(given).filter(([name]) => !faults.some((fault) => fault.member === name)),
  );
  const client = withDefaults(usable as Partial<Known>);
  faults.push(...contradictions(client, given));
  if (faults.length > 0) return { faults };

  const { client_id: id, client_secret: secret, ...rest } = usable as Record<string, JsonValue>;
  return {
    accepted: {
      ...(typeof id === 'string' ? { id } : {}),
      ...(typeof secret === 'string' ? { secret } : {}),
      metadata: { ...rest, scope: client.scope },
      needsSecret: client.token_endpoint_auth_method.startsWith('client_secret_'),
    },
  };
}

function remedyFor(unknown: string): string {
  const known = Object.hasOwn(NOT_HERE, unknown) ? NOT_HERE[unknown] : undefined;
  return known ?? 'remove it, or correct the spelling: it is not known';
}

type Known = {
  application_type: string;
  client_name?: string;
  client_id?: string;
  client_secret?: string;
  redirect_uris: string[];
  post_logout_redirect_uris: string[];
  response_types: string[];
  grant_types: string[];
  token_endpoint_auth_method: string;
  scope: string;
  subject_type: string;
  sector_identifier_uri?: string;
  jwks?: { keys: Record<string, unknown>[] };
  jwks_uri?: string;
  request_object_signing_alg?: string;
  require_signed_request_object?: boolean;
  token_endpoint_auth_signing_alg?: string;
};

/** The defaults of RFC 7591, section 2; where no scope is named, all that people are asked about. */
function withDefaults(given: Partial<Known>): Known {
  const grants = given.grant_types ?? ['authorization_code'];
  const scope =
    given.response_types?.length === 0
      ? 'openid' // signs nobody in; a scope is stored all the same (rule 15)
      : SCOPES.filter((each) => each !== 'offline_access' || grants.includes('refresh_token')).join(' ');
  return {
    application_type: 'web',
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    subject_type: 'public',
    redirect_uris: [],
    post_logout_redirect_uris: [],
    scope,
    ...given,
    grant_types: grants,
  };
}

/** What no single member can see. `given` also has the members that are faulty by themselves. */
function contradictions(client: Known, given: Record<string, unknown>): MetadataFault[] {
  const faults: MetadataFault[] = [];
  const refuse = (name: string, remedy: string, value?: string) =>
    faults.push({ member: name, ...(value === undefined ? {} : { value }), remedy });
  const responseWords = new Set(client.response_types.flatMap((type) => type.split(' ')));
  const implicit = responseWords.has('id_token') || responseWords.has('token');
  const method = client.token_endpoint_auth_method;

  if (given.client_id === undefined && given.client_name === undefined) {
    refuse('client_name', 'give a client_name or a client_id, so that the next run recognises this application');
  }
  if (client.response_types.length > 0 && client.redirect_uris.length === 0 && given.redirect_uris === undefined) {
    refuse(
      'redirect_uris',
      'give at least one (an application that signs nobody in: "response_types": [] and "grant_types": [])',
    );
  } else if (client.response_types.length > 0 && client.redirect_uris.length === 0) {
    refuse('redirect_uris', 'give at least one');
  }
  if (responseWords.has('code') && !client.grant_types.includes('authorization_code')) {
    refuse('grant_types', 'add authorization_code, which the response types ask for');
  }
  if (
    !responseWords.has('code') &&
    given.grant_types !== undefined &&
    client.grant_types.includes('authorization_code')
  ) {
    refuse('grant_types', 'remove authorization_code, or add the response type code');
  }
  if (implicit && given.grant_types !== undefined && !client.grant_types.includes('implicit')) {
    refuse('grant_types', 'add implicit, which the response types ask for');
  }
  if (client.grant_types.includes('refresh_token') && !client.grant_types.includes('authorization_code')) {
    refuse('grant_types', 'refresh_token needs authorization_code beside it');
  }
  if (client.scope.split(' ').includes('offline_access') && !client.grant_types.includes('refresh_token')) {
    refuse('scope', 'offline_access needs "refresh_token" among the grant_types');
  }
  if (!client.scope.split(' ').includes('openid') && client.response_types.length > 0) refuse('scope', 'add openid');
  if (given.client_secret !== undefined && !method.startsWith('client_secret_')) {
    refuse('client_secret', `leave it out: with token_endpoint_auth_method ${method} there is none`);
  }
  if (client.jwks !== undefined && client.jwks_uri !== undefined) refuse('jwks_uri', 'give jwks or jwks_uri, not both');
  const needsKeys =
    method === 'private_key_jwt' ||
    client.request_object_signing_alg !== undefined ||
    client.require_signed_request_object === true;
  if (needsKeys && given.jwks === undefined && given.jwks_uri === undefined)
    refuse('jwks', 'give jwks or jwks_uri: its signatures must be checked');
  if (client.token_endpoint_auth_signing_alg !== undefined && method !== 'private_key_jwt') {
    refuse('token_endpoint_auth_signing_alg', 'leave it out: it goes with private_key_jwt');
  }
  if (client.jwks?.keys.some((key) => ['d', 'p', 'q', 'k', 'priv'].some((part) => part in key))) {
    refuse(
      'jwks',
      'remove the private parts: only public keys belong here, and this private key is not private any more',
    );
  }
  const hosts = new Set(client.redirect_uris.map((uri) => URL.parse(uri)?.host));
  if (client.subject_type === 'pairwise' && hosts.size > 1 && given.sector_identifier_uri === undefined) {
    refuse('sector_identifier_uri', 'give one: a pairwise subject with redirect_uris of several hosts needs it');
  }
  for (const [name, uris] of [
    ['redirect_uris', client.redirect_uris],
    ['post_logout_redirect_uris', client.post_logout_redirect_uris],
  ] as const) {
    for (const uri of uris) {
      const remedy = redirectFault(uri, client.application_type, implicit && name === 'redirect_uris');
      if (remedy !== undefined) refuse(name, remedy, clipped(uri));
    }
  }
  return faults;
}

/** OpenID Connect Registration 2 (application_type), RFC 8252 and RFC 9700, 4.1.3. */
function redirectFault(uri: string, applicationType: string, implicit: boolean): string | undefined {
  const url = URL.parse(uri);
  if (url === null) return 'give a whole address';
  if (uri.includes('#')) return 'remove the # and what follows it';
  if (uri.includes('*')) return 'give every address in full: patterns are not possible';
  const loopback = LOOPBACK.has(url.hostname);
  if (applicationType === 'web') {
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      return 'give an https address, or "application_type": "native" for a scheme of its own';
    if (url.protocol === 'http:' && !loopback) return 'give an https address (http only for localhost)';
    if (implicit && url.protocol === 'http:')
      return 'http on localhost with these response types needs "application_type": "native"';
    return implicit && url.hostname === 'localhost'
      ? 'localhost with these response types needs "application_type": "native"'
      : undefined;
  }
  if (url.protocol === 'http:')
    return loopback ? undefined : 'give localhost, 127.0.0.1 or [::1]: http is for them only';
  if (url.protocol === 'https:') return loopback ? 'give http for an address of this machine' : undefined;
  return /^(?:javascript|vbscript|data|blob|file|about):$/.test(url.protocol)
    ? "give a scheme of the application's own, such as edu.example.app:/callback"
    : undefined;
}

function clipped(value: unknown): string {
  const shown = (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replace(/\p{C}/gu, '\uFFFD');
  return shown.length > 80 ? `${shown.slice(0, 79)}…` : shown;
}
