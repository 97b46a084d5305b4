/**
 * Checks client metadata (RFC 7591, OpenID Connect Registration) for `clients apply`, and gives every fault a remedy.
 */
import type { z } from 'zod';
import type { JsonValue } from '../account/account.ts';
import {
  type ClientMember,
  type ClientMemberName,
  type ClientMetadata,
  clientDefaults,
  clientMembers,
  isClientMember,
  loopbackHosts,
  membersNotTaken,
} from './client-members.ts';
import { survivesBasic } from './client-secret.ts';
import { readValidUntil } from './client-validity.ts';
import { impliedMembers, profileContradictions } from './profile.ts';
import { scopes } from './scopes.ts';

export type MetadataFault = {
  member: string;
  /**
   * The value as given (of a list, the faulty element), at most 80 characters. Absent for secrets and missing values.
   */
  value?: string;
  /** What is accepted. */
  expected: string;
  remedy: string;
};
/**
 * What to store: the given members, and always `scope`. `client_id`, `client_secret` and `pedel_valid_until` are stored
 * beside it.
 */
export type AcceptedMetadata = {
  id?: string;
  secret?: string;
  /** epoch ms */
  validUntil?: number;
  metadata: Record<string, JsonValue>;
  needsSecret: boolean;
};

/** Checks one registration. @returns what to store, or all faults at once */
export function readClientMetadata(input: unknown): { accepted: AcceptedMetadata } | { faults: MetadataFault[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const expected = 'a JSON object, such as { "client_name": "Library", "redirect_uris": [ … ] }';
    return { faults: [{ member: '(registration)', expected, remedy: `write ${expected}` }] };
  }
  const given = input as Record<string, unknown>;
  const faults = Object.entries(given).flatMap(([name, value]) => memberFault(name, value) ?? []);
  const usable = Object.fromEntries(
    Object.entries(given).filter(([name]) => !faults.some((fault) => fault.member === name)),
  );
  const client = withDefaults(usable as ClientMetadata);
  faults.push(...contradictions(client, given));
  if (faults.length > 0) return { faults };

  const {
    client_id: id,
    client_secret: secret,
    pedel_valid_until: until,
    ...rest
  } = usable as Record<string, JsonValue>;
  const validUntil = typeof until === 'string' ? readValidUntil(until) : undefined;
  return {
    accepted: {
      ...(typeof id === 'string' ? { id } : {}),
      ...(typeof secret === 'string' ? { secret } : {}),
      ...(validUntil === undefined ? {} : { validUntil }),
      metadata: { ...rest, scope: client.scope },
      needsSecret: client.token_endpoint_auth_method.startsWith('client_secret_'),
    },
  };
}

/** The fault of one member by itself; undefined if it is valid. */
export function memberFault(name: string, value: unknown): MetadataFault | undefined {
  if (!isClientMember(name)) {
    const remedy = Object.hasOwn(membersNotTaken, name) ? membersNotTaken[name] : undefined;
    return {
      member: name,
      expected: 'a member that `pedel clients members` lists',
      remedy: remedy ?? 'remove it, or correct the spelling: it is not known',
    };
  }
  const known: ClientMember = clientMembers[name];
  const { error } = known.schema.safeParse(value);
  if (error === undefined) return undefined;
  const issue = error.issues.find(({ code, message }) => code === 'custom' && message !== '') ?? error.issues[0];
  return faultOf(
    name,
    issue?.code === 'custom' && issue.message !== '' ? issue.message : `give ${known.expected}`,
    partAt(value, issue),
  );
}

function partAt(value: unknown, issue: z.core.$ZodIssue | undefined): unknown {
  return (issue?.path ?? []).reduce<unknown>(
    (part, step) => (part as Record<PropertyKey, unknown> | null | undefined)?.[step],
    value,
  );
}

function faultOf(name: ClientMemberName, remedy: string, value: unknown): MetadataFault {
  const { expected, secret }: ClientMember = clientMembers[name];
  return { member: name, ...(value === undefined || secret ? {} : { value: clipped(value) }), expected, remedy };
}

type Known = ClientMetadata & Required<Pick<ClientMetadata, NeverAbsent>>;
type NeverAbsent =
  | 'application_type'
  | 'redirect_uris'
  | 'post_logout_redirect_uris'
  | 'response_types'
  | 'grant_types'
  | 'token_endpoint_auth_method'
  | 'scope'
  | 'subject_type';

/** Adds what the profile implies and the defaults of the registry. Without a scope: every scope that the grant types permit. */
function withDefaults(given: ClientMetadata): Known {
  const client = {
    ...(clientDefaults as ClientMetadata),
    redirect_uris: [],
    ...impliedMembers(given),
    ...given,
  } as Known;
  const withoutSignIn = given.response_types?.length === 0;
  return {
    ...client,
    scope:
      given.scope ??
      (withoutSignIn
        ? 'openid' // a scope is always stored (rule 15)
        : scopes.filter((each) => each !== 'offline_access' || client.grant_types.includes('refresh_token')).join(' ')),
  };
}

/** Faults that concern several members. `given` also has the members that are faulty by themselves. */
function contradictions(client: Known, given: Record<string, unknown>): MetadataFault[] {
  const faults: MetadataFault[] = [];
  const refuse = (name: ClientMemberName, remedy: string, value: unknown = given[name]) =>
    faults.push(faultOf(name, remedy, value));
  const responseWords = new Set(client.response_types.flatMap((type) => type.split(' ')));
  const implicit = responseWords.has('id_token') || responseWords.has('token');
  const method = client.token_endpoint_auth_method;

  for (const { member, remedy } of profileContradictions(client)) refuse(member, remedy);
  if (given.client_id === undefined && given.client_name === undefined) {
    refuse('client_name', 'give a client_name or a client_id, so that the next run recognises this application');
  }
  if (client.response_types.length > 0 && client.redirect_uris.length === 0 && given.redirect_uris === undefined) {
    refuse(
      'redirect_uris',
      'give at least one (an application without sign-in: "response_types": [] and "grant_types": [])',
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
  if (method === 'client_secret_basic') {
    const otherwise =
      'most applications send it in a Basic header without encoding it. Or give "token_endpoint_auth_method": ' +
      '"client_secret_post", if it is encoded or sent in the body';
    if (client.client_id !== undefined && !survivesBasic.id(client.client_id))
      refuse('client_id', `choose one without +, % and colon: ${otherwise}`);
    if (client.client_secret !== undefined && !survivesBasic.secret(client.client_secret))
      refuse('client_secret', `choose one without + and %: ${otherwise}`);
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
      'remove the private parts: only public keys belong here. Replace this key, because it was disclosed',
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
      if (remedy !== undefined) refuse(name, remedy, uri);
    }
  }
  return faults;
}

/**
 * The remedy for a redirect URI that is not allowed: OpenID Connect Registration 2 (application_type), RFC 8252, and
 * RFC 9700, 4.1.3.
 */
function redirectFault(uri: string, applicationType: string, implicit: boolean): string | undefined {
  const url = URL.parse(uri);
  if (url === null) return 'give a whole address';
  if (uri.includes('#')) return 'remove the # and what follows it';
  if (uri.includes('*')) return 'give every address in full: patterns are not possible';
  const loopback = loopbackHosts.has(url.hostname);
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
