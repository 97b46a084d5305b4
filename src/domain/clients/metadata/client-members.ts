/**
 * The registry of client metadata: the schema, help, default and permitted author of each member. The check, `pedel
 * clients apply --help`, docs/client-metadata.md and the library's configuration are made from it.
 */
import type { z } from 'zod';
import type { JsonValue } from '../../json-value.ts';
import { administrationMembers } from './members/administration.ts';
import { derivedMembers } from './members/derived.ts';
import { identityMembers } from './members/identity.ts';
import type { ClientMember } from './members/member.ts';
import { operatorMembers } from './members/operator.ts';
import { protocolMembers } from './members/protocol.ts';
import { releaseMembers } from './members/release.ts';
import { resourceMembers } from './members/resources.ts';
import { signInMembers } from './members/sign-in.ts';
import { signingMembers } from './members/signing.ts';

/** In the order of the help and the documentation. */
export const clientMembers = {
  ...identityMembers,
  ...protocolMembers,
  ...signingMembers,
  ...signInMembers,
  ...releaseMembers,
  ...derivedMembers,
  ...operatorMembers,
  ...resourceMembers,
  ...administrationMembers,
} satisfies Record<string, ClientMember>;

export type ClientMemberName = keyof typeof clientMembers;
/** A registration in which every member is valid by itself. */
export type ClientMetadata = { [Name in ClientMemberName]?: z.infer<(typeof clientMembers)[Name]['schema']> };

/** Whether the registry has a member of this name. */
export function isClientMember(name: string): name is ClientMemberName {
  return Object.hasOwn(clientMembers, name);
}

/** Every member with its name, in the order of the registry. */
export const clientMemberList: readonly (ClientMember & { name: ClientMemberName })[] = Object.entries(
  clientMembers,
).map(([name, each]: [string, ClientMember]) => ({ ...each, name: name as ClientMemberName }));

/**
 * Defaults of members that a registration leaves out (RFC 7591, section 2). RS256 is the standard's default (rule 17).
 */
export const clientDefaults: Readonly<Record<string, JsonValue>> = Object.fromEntries(
  clientMemberList.flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]])),
);

/** The default of a member in words, for help and documentation. */
export function defaultInWords({ default: value, otherwise }: ClientMember): string {
  if (value !== undefined) return typeof value === 'string' ? value : JSON.stringify(value);
  return otherwise ?? 'none';
}

/** Members of the standards that Pedel does not support, and what to do instead. */
export const membersNotTaken: Readonly<Record<string, string>> = {
  client_id_issued_at: 'leave it out: it is part of an answer',
  client_secret_expires_at: 'leave it out: it is part of an answer',
  registration_access_token: 'leave it out: it is part of an answer',
  registration_client_uri: 'leave it out: it is part of an answer',
  software_statement: 'leave it out: software statements are not accepted',
  frontchannel_logout_uri: 'use backchannel_logout_uri: browsers no longer let the other one work',
  pedel_affiliations:
    'write "pedel_access": { "affiliations": [ … ] } in its place, which decides who sees the link and who may sign in; ' +
    'where everybody may, leave it out',
  request_uris: 'leave it out: pushed authorization requests take their place',
};
