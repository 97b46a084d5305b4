/**
 * Checks client metadata (RFC 7591, OpenID Connect Registration) for `clients apply`, and gives every fault a remedy.
 */
import type { z } from 'zod';
import type { JsonValue } from '../../json-value.ts';
import { readValidUntil } from '../client-validity.ts';
import { defaultBundle, scopesOfBundle } from '../release/bundles.ts';
import { scopesUnnamed } from '../release/scopes.ts';
import { contradictionRules } from './client-contradictions.ts';
import {
  type ClientMemberName,
  type ClientMetadata,
  clientDefaults,
  clientMembers,
  isClientMember,
  membersNotTaken,
} from './client-members.ts';
import type { CompleteMetadata } from './contradiction.ts';
import type { ClientMember } from './members/member.ts';
import { impliedMembers } from './profile.ts';
import { lacksPurpose } from './release-contradictions.ts';
import { signsIn } from './sector.ts';

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
  /** sentences for who registers it, each beginning with a member */
  warnings: string[];
};

/**
 * Checks one registration. `before`: its metadata as stored, where there is one: what decides about people and is left out
 * stays as it was.
 * @returns what to store, or all faults at once
 */
export function readClientMetadata(
  input: unknown,
  before?: Record<string, JsonValue>,
): { accepted: AcceptedMetadata } | { faults: MetadataFault[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const expected = 'a JSON object, such as { "client_name": "Library", "redirect_uris": [ … ] }';
    return { faults: [{ member: '(registration)', expected, remedy: `write ${expected}` }] };
  }
  const given = input as Record<string, unknown>;
  const faults = Object.entries(given).flatMap(([name, value]) => memberFault(name, value) ?? []);
  const usable = Object.fromEntries(
    Object.entries(given).filter(([name]) => !faults.some((fault) => fault.member === name)),
  );
  const { client, keeps } = withDefaults(usable as ClientMetadata, before);
  for (const rule of contradictionRules)
    rule(client, given, (name, remedy, value = given[name]) => faults.push(faultOf(name, remedy, value)), before);
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
      metadata: { ...rest, scope: client.scope, ...storedDefaults(client) },
      needsSecret: client.token_endpoint_auth_method.startsWith('client_secret_'),
      warnings: [
        ...(keeps ? [`scope: neither it nor pedel_bundle is named, so "${client.scope}" stays; name one of them`] : []),
        ...(lacksPurpose(client) ? [NO_PURPOSE] : []),
      ],
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

const NO_PURPOSE =
  'pedel_purpose: people are asked for more than a pseudonym and read no reason; give it in one sentence, by language ' +
  '("pedel_purpose#nl")';

/**
 * Adds what the profile implies and the defaults of the registry. Without scope and bundle: the pseudonymous bundle, except
 * that a registration of before, which has none, keeps its scopes (`keeps`).
 */
function withDefaults(
  given: ClientMetadata,
  before: Record<string, JsonValue> | undefined,
): { client: CompleteMetadata; keeps: boolean } {
  const client = {
    ...(clientDefaults as ClientMetadata),
    redirect_uris: [],
    ...impliedMembers(given),
    ...given,
  } as CompleteMetadata;
  const names = given.scope !== undefined || given.pedel_bundle !== undefined;
  if (!names && !signsIn(client)) {
    const subject_type = given.subject_type ?? subjectBefore(before) ?? 'public';
    return { client: { ...client, subject_type, scope: 'openid' }, keeps: false }; // always stored (rule 15)
  }
  const keeps = !names && before !== undefined && before.pedel_bundle === undefined;
  const bundle = given.pedel_bundle ?? (names || keeps ? undefined : defaultBundle);
  const subject_type = given.subject_type ?? subjectBefore(before) ?? (bundle === undefined ? 'public' : 'pairwise');
  const kept = keeps ? (typeof before?.scope === 'string' ? before.scope.split(' ') : scopesUnnamed) : [];
  const released = bundle === undefined ? kept.filter((each) => each !== 'offline_access') : scopesOfBundle(bundle);
  const refreshing = client.grant_types.includes('refresh_token') ? ['offline_access'] : [];
  return {
    client: {
      ...client,
      subject_type,
      scope: given.scope ?? [...released, ...refreshing].join(' '),
      ...(bundle === undefined ? {} : { pedel_bundle: bundle }),
    },
    keeps,
  };
}

/** By which `sub` people are known stays where it is not named. Undefined: it is new. */
function subjectBefore(before: Record<string, JsonValue> | undefined): 'public' | 'pairwise' | undefined {
  if (before === undefined) return undefined;
  return before.subject_type === 'pairwise' ? 'pairwise' : 'public';
}

/** Defaults that are stored, because another version may have others. */
function storedDefaults({ pedel_bundle: bundle, subject_type }: CompleteMetadata): Record<string, JsonValue> {
  if (bundle === undefined) return subject_type === 'pairwise' ? { subject_type } : {};
  return { pedel_bundle: bundle, subject_type };
}

function clipped(value: unknown): string {
  const shown = (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replace(/\p{C}/gu, '\uFFFD');
  return shown.length > 80 ? `${shown.slice(0, 79)}…` : shown;
}
