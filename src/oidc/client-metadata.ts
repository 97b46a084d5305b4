/** A registered client as the library takes it: its metadata, the members that are ours, and the one client that is built in. */
import { randomBytes } from 'node:crypto';
import { errors, type KoaContextWithOIDC, type ClientMetadata as LibraryMetadata } from 'oidc-provider';
import { inEveryLanguage, type Localized } from '../domain/account/languages.ts';
import {
  type ClientMemberName,
  type ClientMetadata,
  clientMemberList,
  clientMembers,
  isClientMember,
  ownClientId,
} from '../domain/clients/client-members.ts';
import { memberFault } from '../domain/clients/client-metadata.ts';
import type { ClientRecord } from '../domain/ports/clients.ts';

/** Members that the library does not know by itself: Pedel's own, and names by language. */
export const extraMembers: readonly ExtraMember[] = clientMemberList
  .map(({ name }) => name)
  .filter((name): name is ExtraMember => /^pedel_|#/.test(name));
export type ExtraMember = Extract<ClientMemberName, `pedel_${string}` | `client_name#${string}`>;

/** Called by the library for every extra member; `ctx` is there where metadata comes from a registration (rule 15). */
export function checkExtraMember(ctx: KoaContextWithOIDC | undefined, name: string, value: unknown): void {
  if (value === undefined) return;
  if (ctx !== undefined && (!isClientMember(name) || clientMembers[name].setBy === 'operator')) {
    throw new errors.InvalidClientMetadata(`${name} cannot be registered by the client itself`);
  }
  const fault = memberFault(name, value);
  if (fault !== undefined) throw new errors.InvalidClientMetadata(`${name} is not acceptable: ${fault.remedy}`);
}

// The library wants a secret of clients that authenticate with one; ours are hashes, so this one matches nothing.
const neverMatching = randomBytes(32).toString('base64url');

/** The stored record as metadata for the library, without secrets. */
export function metadataOf(record: ClientRecord): LibraryMetadata {
  const { client_secret: _secret, client_secret_expires_at: _expires, ...metadata } = record.metadata;
  return {
    ...metadata,
    client_id: record.id,
    ...(record.secrets.length > 0 ? { client_secret: neverMatching } : {}),
  } as LibraryMetadata;
}

/** Pedel's own pages: they learn nothing but that somebody is signed in (`response_type=none`). */
export function ownClientMetadata(issuer: string): LibraryMetadata {
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
  return extraMember(client, 'pedel_first_party') === true;
}

/** An extra member of a client, as stored. */
export function extraMember<Name extends ExtraMember>(
  client: object | undefined,
  name: Name,
): ClientMetadata[Name] | undefined {
  return (client as ClientMetadata | undefined)?.[name];
}

/** The client's name in every language: `client_name#nl` and so on (OpenID Connect Registration 2.1), else the plain one. */
export function clientNameOf(client: { clientId: string; clientName?: string | undefined }): Localized {
  return inEveryLanguage(
    (language) => extraMember(client, `client_name#${language}`) ?? client.clientName ?? client.clientId,
  );
}
