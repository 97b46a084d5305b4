/** Makes of an accepted registration the record to store, and says which members change: the same for a file, a form and a request. */
import { isDeepStrictEqual } from 'node:util';
import { logoOf } from '../../domain/clients/client-logo.ts';
import { clientSecretMatches, hashClientSecret, newClientSecret } from '../../domain/clients/client-secret.ts';
import { originOf } from '../../domain/clients/client-validity.ts';
import { clientMembers, isClientMember } from '../../domain/clients/metadata/client-members.ts';
import type { AcceptedMetadata, MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';
import type { UnknownName } from '../../domain/clients/metadata/known-names.ts';
import type { ClientOrigin, ClientRecord, ClientSecret } from '../../domain/ports/clients.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { type FetchedLogo, logoWarning } from './fetch-logo.ts';
import { withSector } from './kept-subject.ts';

/** A refusal of the library names its member first, where it concerns one. */
export function judgedFault(refusal: string | UnknownName): MetadataFault {
  if (typeof refusal !== 'string') return { ...refusal, expected: clientMembers[refusal.member].expected };
  const [first = ''] = refusal.split(/[^\w#]/);
  const member = isClientMember(first) ? first : undefined;
  const expected = member === undefined ? 'a registration that can be used' : clientMembers[member].expected;
  return { member: member ?? '(registration)', expected, remedy: `it would be refused at use: ${refusal}` };
}

/** What operators call a secret that is made with a registration, and when it ends (epoch ms). */
export type FirstSecret = Pick<ClientSecret, 'name' | 'expiresAt' | 'by'>;
/**
 * What a new secret is made with; `now` in ms. `by`: who registers it, if it is new. `origin`: how it came to be registered, if
 * not by a file. `firstSecret`: not for one that the list gives, which says itself what holds.
 */
type Making = {
  now: () => number;
  randomBytes: RandomBytes;
  by?: string | undefined;
  origin?: ((at: number) => ClientOrigin) | undefined;
  firstSecret?: FirstSecret | undefined;
};

/**
 * `members`: those that differ from the stored one; none: it is as it was. `secret`: a new one, because it needs one and has
 * none. What is stored beside the metadata and does not follow from it stays, except that an operator takes over an application
 * that registered itself.
 */
export function nextRecord(
  id: string,
  accepted: AcceptedMetadata,
  stored: ClientRecord | undefined,
  { now: clock, randomBytes, by, origin, firstSecret }: Making,
): { record: ClientRecord; members: string[]; secret: string | undefined } {
  const now = clock();
  const before = stored?.metadata ?? {};
  const metadata = withOwner(withSector(id, accepted.metadata, stored?.metadata), stored);
  const names = new Set([...Object.keys(before), ...Object.keys(metadata)]);
  const members = [...names].filter((name) => !isDeepStrictEqual(before[name], metadata[name]));
  let secrets = stored?.secrets ?? [];
  let made: string | undefined;
  const living = secrets.filter(({ expiresAt }) => expiresAt === undefined || now < expiresAt);
  if (!accepted.needsSecret) secrets = [];
  else if (accepted.secret !== undefined ? !clientSecretMatches(accepted.secret, living, now) : living.length === 0) {
    // a given secret replaces all others, because the list says what holds
    if (accepted.secret === undefined) made = newClientSecret(randomBytes);
    const hash = hashClientSecret(accepted.secret ?? made ?? '');
    secrets = [{ id: randomId(randomBytes), hash, createdAt: now, ...(made === undefined ? {} : firstSecret) }];
  }
  if (secrets !== stored?.secrets && (secrets.length > 0 || (stored?.secrets.length ?? 0) > 0))
    members.push('client_secret');
  if (stored?.validUntil !== accepted.validUntil) members.push('pedel_valid_until');
  // the file is what holds from now on: the application no longer changes its registration itself
  if (stored?.registration !== undefined) members.push('registration');
  if (stored === undefined) members.unshift('client_id');
  const logo = stored && logoOf({ ...stored, metadata });
  const record: ClientRecord = {
    id,
    revision: (stored?.revision ?? 0) + 1,
    metadata,
    secrets,
    ...(logo === undefined ? {} : { logo }),
    ...(accepted.validUntil === undefined ? {} : { validUntil: accepted.validUntil }),
    ...(stored?.disabled === undefined ? {} : { disabled: stored.disabled }),
    origin: stored === undefined ? (origin?.(now) ?? byFile(now, by)) : originOf(stored),
    createdAt: stored?.createdAt ?? now,
    updatedAt: now,
  };
  return { record, members, secret: made };
}

/** What registered itself before its organisation was a member of it stays that organisation's when an operator takes it over. */
function withOwner(metadata: ClientRecord['metadata'], stored: ClientRecord | undefined): ClientRecord['metadata'] {
  const owner = stored?.registration?.terms.organisation;
  if (owner === undefined || stored?.metadata.pedel_organisation !== undefined) return metadata;
  return { pedel_organisation: owner, ...metadata };
}

function byFile(at: number, by: string | undefined): ClientOrigin {
  return { kind: 'apply', at, ...(by === undefined ? {} : { by }) };
}

const NOT_ASKED: FetchedLogo = { fault: 'not fetched, because no other host was to be asked' };

/** The record with its logo, where one is named and not there yet. `fetch` never rejects; undefined: no other host is asked. */
export async function logoFor(
  record: ClientRecord,
  fetch: ((uri: string) => Promise<FetchedLogo>) | undefined,
): Promise<{ record: ClientRecord; picture?: string; warning?: string[] }> {
  const { logo_uri: uri } = record.metadata;
  if (typeof uri !== 'string' || record.logo !== undefined) return { record };
  const fetched = fetch === undefined ? NOT_ASKED : await fetch(uri);
  if ('fault' in fetched) return { record, warning: [logoWarning(fetched.fault)] };
  return { record: { ...record, logo: fetched.logo }, picture: fetched.picture };
}
