/**
 * Reads what an application says of itself (RFC 7591, 2; RFC 7592, 2.2) within the terms of its token, and gives every
 * fault at once. What is not known is ignored, as the standard says; what only an operator sets is refused.
 */
import { clientMembers, isClientMember } from '../clients/metadata/client-members.ts';
import { type AcceptedMetadata, type MetadataFault, readClientMetadata } from '../clients/metadata/client-metadata.ts';
import { sectorToKeep } from '../clients/metadata/sector.ts';
import { scopesOfBundle } from '../clients/release/bundles.ts';
import type { JsonValue } from '../json-value.ts';
import { addressesOf, type Described, heldAddresses, isOnHosts, kindOf, type RegistrationTerms } from './terms.ts';

/** Whatever it asks for: who comes back, as a pseudonym, and of which organisation (REFEDS pseudonymous access). */
const BUNDLE = 'pseudonymous';
const scopesOfSelfRegistered: readonly string[] = [...scopesOfBundle(BUNDLE), 'offline_access'];
const grantTypes: readonly string[] = ['authorization_code', 'refresh_token'];
const NAME_LENGTH = 100;

/** Of a client that works: what people and operators know it by, and what its subjects rest on. */
const approvedMembers = (name: string) =>
  /^client_name(#|$)/.test(name) || ['client_uri', 'logo_uri', 'subject_type', 'sector_identifier_uri'].includes(name);

export type Held = {
  /** the client_id, which the application does not choose */
  id: string;
  terms: RegistrationTerms;
  /** as stored; absent: it is new. People stay who they are to it */
  before?: Record<string, JsonValue>;
  /** what is stored was approved: a change must not widen it */
  approved?: boolean;
};

/** @param input the body of the request, without what identifies the client */
export function readRegistration(
  input: unknown,
  { id, terms, before, approved }: Held,
): { accepted: AcceptedMetadata } | { faults: MetadataFault[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const expected = 'a JSON object';
    return { faults: [{ member: '(registration)', expected, remedy: `send ${expected}` }] };
  }
  const said = Object.entries(input).filter(([, value]) => value !== null && value !== ''); // RFC 7592, 2.2: omitted
  const own = said.filter(([name]) => isClientMember(name) && clientMembers[name].setBy === 'anyone');
  const given: Record<string, unknown> = { subject_type: 'pairwise', ...Object.fromEntries(own) };
  const faults = [
    ...said.flatMap(([name]) => operatorFault(name) ?? []),
    ...textFaults(given),
    ...termFaults(given, terms),
  ];
  const read = readClientMetadata({ ...given, pedel_bundle: BUNDLE, client_id: id });
  if ('faults' in read) return { faults: [...faults, ...read.faults] };
  const { metadata, ...rest } = read.accepted;
  if (approved && before !== undefined) faults.push(...widened(metadata, before));
  if (faults.length > 0) return { faults };
  const sector = sectorToKeep(id, metadata, before);
  return {
    accepted: {
      needsSecret: rest.needsSecret,
      warnings: rest.warnings,
      metadata: {
        ...metadata,
        pedel_organisation: before?.pedel_organisation ?? terms.organisation,
        ...(terms.pkce === 'required' ? { pedel_require_pkce: true } : {}),
        ...(sector === undefined ? {} : { pedel_sector: sector }),
      },
    },
  };
}

function operatorFault(name: string): MetadataFault | undefined {
  const isOperators = isClientMember(name) ? clientMembers[name].setBy === 'operator' : name.startsWith('pedel_');
  if (!isOperators) return undefined;
  return fault(name, 'only what an application may say of itself', 'leave it out: only an operator sets it');
}

/** Texts that a page would show otherwise than they are, or that are too long for one. */
function textFaults(given: Described): MetadataFault[] {
  return Object.entries(given).flatMap(([name, value]) => {
    if (textsIn(value).some((text) => unseen.test(text)))
      return [fault(name, 'a text of one line', 'leave out line breaks and other characters that nobody sees')];
    if (!name.startsWith('client_name') || typeof value !== 'string') return [];
    if (value.length > NAME_LENGTH)
      return [fault(name, `at most ${NAME_LENGTH} characters`, `shorten it to ${NAME_LENGTH} characters`)];
    return /[\p{L}\p{N}]/u.test(value)
      ? []
      : [fault(name, 'a name', 'give a name with letters or digits, or leave it out')];
  });
}

/**
 * Controls, what turns a line around, halves of characters, and what has no width: with it two names look the same. Not the
 * selector that makes an emoji of a sign.
 */
const unseen = /[[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--[\u{fe0f}]]/v;

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.entries(value).flat().flatMap(textsIn) : [];
}

function termFaults(given: Described, terms: RegistrationTerms): MetadataFault[] {
  const faults: MetadataFault[] = [];
  const kind = kindOf(given);
  const places = terms.hosts.join(', ') || 'this machine';
  for (const member of heldAddresses)
    for (const uri of addressesOf(given, member))
      if (!isOnHosts(uri, terms, kind))
        faults.push(fault(member, `an address on ${places}`, `give one on ${places}: its token allows no other`, uri));
  if (!terms.kinds.includes(kind))
    faults.push(
      fault(
        kind === 'native' ? 'application_type' : kind === 'service' ? 'response_types' : 'token_endpoint_auth_method',
        `an application of the kind ${terms.kinds.join(' or ')}`,
        `it is of the kind ${kind}, and its token is for ${terms.kinds.join(', ')}`,
      ),
    );
  const [beyond] = [given.scope].filter((scope) => typeof scope === 'string').map(beyondPseudonymous);
  if (beyond !== undefined && beyond.length > 0)
    faults.push(
      fault(
        'scope',
        scopesOfSelfRegistered.join(' '),
        `remove ${beyond.join(', ')}: an application that registers itself learns no names. An operator may add scopes`,
      ),
    );
  if (given.subject_type !== 'pairwise')
    faults.push(fault('subject_type', 'pairwise', 'give pairwise, or leave it out: an operator may change it'));
  const allowed = kind === 'service' ? ['client_credentials'] : grantTypes;
  if (Array.isArray(given.grant_types) && given.grant_types.some((type) => !allowed.includes(String(type))))
    faults.push(fault('grant_types', allowed.join(', '), `give only ${allowed.join(' and ')}`));
  if (Array.isArray(given.response_types) && given.response_types.some((type) => type !== 'code'))
    faults.push(fault('response_types', 'code', 'give only "code"'));
  return faults;
}

const beyondPseudonymous = (scope: unknown) =>
  String(scope)
    .split(' ')
    .filter((word) => !scopesOfSelfRegistered.includes(word));

/** What a change would add to, or take from under, what was approved. */
function widened(given: Described, approved: Record<string, JsonValue>): MetadataFault[] {
  const names = new Set([...Object.keys(given), ...Object.keys(approved)].filter(approvedMembers));
  const faults = [...names].flatMap((name) =>
    JSON.stringify(given[name]) === JSON.stringify(approved[name])
      ? []
      : [fault(name, 'what was approved', 'leave it as it was approved, or ask an operator to change it')],
  );
  const before = String(approved.scope ?? '').split(' ');
  if (typeof given.scope === 'string' && given.scope.split(' ').some((word) => !before.includes(word)))
    faults.push(fault('scope', before.join(' '), 'leave it as it was approved, or ask an operator to change it'));
  return faults;
}

function fault(member: string, expected: string, remedy: string, value?: string): MetadataFault {
  return {
    member: member.slice(0, 80),
    ...(value === undefined ? {} : { value: value.slice(0, 80) }),
    expected,
    remedy,
  };
}
