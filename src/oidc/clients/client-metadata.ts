/**
 * Turns a stored client into the library's metadata, checks the members that the library does not know, and defines
 * the built-in client.
 */
import { randomBytes } from 'node:crypto';
import { type Client, errors, type KoaContextWithOIDC, type ClientMetadata as LibraryMetadata } from 'oidc-provider';
import { inEveryLanguage, type Localized, languageIds } from '../../domain/account/languages.ts';
import {
  type ClientMemberName,
  type ClientMetadata,
  clientDefaults,
  clientMemberList,
  clientMembers,
  isClientMember,
} from '../../domain/clients/metadata/client-members.ts';
import { memberFault } from '../../domain/clients/metadata/client-metadata.ts';
import { DEVICE_GRANT } from '../../domain/clients/metadata/members/protocol.ts';
import { impliedMembers, profileContradictions } from '../../domain/clients/metadata/profile.ts';
import { ownClientId } from '../../domain/clients/own-client.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';

/** Members that the library does not know: Pedel's own, and names by language. */
export const extraMembers: readonly ExtraMember[] = clientMemberList
  .map(({ name }) => name)
  .filter((name): name is ExtraMember => /^pedel_|#/.test(name));
export type ExtraMember = Extract<ClientMemberName, `pedel_${string}` | `client_name#${string}`>;

/**
 * The library calls it for every extra member. `ctx` is set if a registration request brings it (rule 15). `client`:
 * all members, because a profile concerns others beside itself.
 * @throws the library's InvalidClientMetadata
 */
export function checkExtraMember(
  ctx: KoaContextWithOIDC | undefined,
  name: string,
  value: unknown,
  client: object = {},
): void {
  if (value === undefined) return;
  if (ctx !== undefined && (!isClientMember(name) || clientMembers[name].setBy === 'operator')) {
    throw new errors.InvalidClientMetadata(`${name} cannot be registered by the client itself`);
  }
  const fault = memberFault(name, value);
  if (fault !== undefined) throw new errors.InvalidClientMetadata(`${name} is not acceptable: ${fault.remedy}`);
  const [contradiction] = name === 'pedel_profile' ? profileContradictions({ ...client, pedel_profile: value }) : [];
  if (contradiction !== undefined)
    throw new errors.InvalidClientMetadata(`${contradiction.member}: ${contradiction.remedy}`);
}

// The library requires a secret of clients that authenticate with one. Ours are stored as hashes, so this one matches
// nothing.
const neverMatching = randomBytes(32).toString('base64url');

// The library demands a document that lists the addresses of several hosts. An operator has said that they belong together
// (`pedel_sector`), so nothing is fetched; the sector is that of domain/clients/sector.ts.
const NO_DOCUMENT = 'https://sector.invalid/';

/** A stored record as the library's metadata, with what its profile implies, and without secrets. */
export function metadataOf(record: ClientRecord): LibraryMetadata {
  const { client_secret: _secret, client_secret_expires_at: _expires, ...metadata } = record.metadata;
  const implied = impliedMembers(metadata);
  const { token_endpoint_auth_method: method } = { ...clientDefaults, ...implied, ...metadata };
  return {
    ...implied,
    ...(metadata.pedel_sector === undefined ? {} : { sector_identifier_uri: NO_DOCUMENT }),
    ...metadata,
    client_id: record.id,
    // also where the last one was retired: people are still signed in, and the application learns that its secret is wrong
    ...(record.secrets.length > 0 || String(method).startsWith('client_secret_')
      ? { client_secret: neverMatching }
      : {}),
  } as LibraryMetadata;
}

/** What builds the library's client of a provider. */
export type ClientConstructor = new (metadata: LibraryMetadata) => Client;

/**
 * The library's client of a stored record. Of one with pairwise subjects that signs people in on devices, the library
 * demands a `jwks_uri`, to have a sector; here it has one without (domain/clients/sector.ts). So it hears of that grant type
 * after its check.
 * @throws the library's InvalidClientMetadata
 */
export function clientOf(Constructor: ClientConstructor, record: ClientRecord): Client {
  const metadata = metadataOf(record);
  const client = new Constructor(checkable(metadata));
  if (metadata.grant_types !== undefined) Object.assign(client, { grantTypes: metadata.grant_types });
  return client;
}

/** What the library may check of the metadata of a client. */
export function checkable(metadata: LibraryMetadata): LibraryMetadata {
  const { grant_types: granted, subject_type: subject } = metadata;
  if (subject !== 'pairwise' || granted === undefined) return metadata;
  return { ...metadata, grant_types: granted.filter((type) => type !== DEVICE_GRANT) };
}

/**
 * Pedel's own pages as a client. They learn only that a person is signed in (`response_type=none`). `name`: what people
 * call them, to be read after "continue to".
 */
export function ownClientMetadata(issuer: string, name: Localized): LibraryMetadata {
  return {
    client_id: ownClientId,
    ...Object.fromEntries(Object.entries(name).map(([language, text]) => [`client_name#${language}`, text])),
    client_uri: issuer,
    redirect_uris: [`${issuer}/account`],
    response_types: ['none'],
    grant_types: [],
    token_endpoint_auth_method: 'none',
    // Loopback http is for development.
    application_type: 'web',
    pedel_first_party: true,
  };
}

/** Whether the application is the association's own, so that people are not asked for consent. */
export function isFirstParty(client: object | undefined): boolean {
  return extraMember(client, 'pedel_first_party') === true;
}

/** An extra member of a client, as stored; undefined if it is absent. */
export function extraMember<Name extends ExtraMember>(
  client: object | undefined,
  name: Name,
): ClientMetadata[Name] | undefined {
  return (client as ClientMetadata | undefined)?.[name];
}

/**
 * The client's name in every language: `client_name#nl` and so on (OpenID Connect Registration 2.1), else
 * `client_name`, else its id.
 */
export function clientNameOf(client: { clientId: string; clientName?: string | undefined }): Localized {
  return inEveryLanguage(
    (language) => extraMember(client, `client_name#${language}`) ?? client.clientName ?? client.clientId,
  );
}

/** For what it needs what it learns, in each language in which that was registered; undefined: in none. */
export function clientPurposeOf(client: object): Partial<Localized> | undefined {
  const inAll = extraMember(client, 'pedel_purpose');
  const purposes = languageIds.flatMap((language) => {
    const purpose = extraMember(client, `pedel_purpose#${language}`) ?? inAll;
    return purpose === undefined ? [] : [[language, purpose] as const];
  });
  return purposes.length === 0 ? undefined : Object.fromEntries(purposes);
}
