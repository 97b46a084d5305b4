/** Who may change which client, and which of its members: another organisation's client is answered as one that is not there. */
import { isDeepStrictEqual } from 'node:util';
import { ownerOf } from '../../domain/clients/client-owner.ts';
import { type ClientMemberName, clientMembers } from '../../domain/clients/metadata/client-members.ts';
import type { MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';
import { sectorToKeep } from '../../domain/clients/metadata/sector.ts';
import { changedOwnerMembers } from '../../domain/clients/owner-members.ts';
import { exchangesOf } from '../../domain/clients/resources/exchanges.ts';
import { MANAGEMENT_PATH } from '../../domain/clients/resources/management-api.ts';
import { allowedResources } from '../../domain/clients/resources/resource-servers.ts';
import { SCIM_PATH } from '../../domain/clients/resources/scim-api.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import { mayActOn, type Permission } from '../../domain/roles/permissions.ts';
import type { RoleGrant } from '../../domain/roles/role.ts';
import { type Actor, may, mayOnClient } from '../actor.ts';

export type Denied = { kind: 'not-found' } | { kind: 'not-allowed' };
export type AuthorityPorts = {
  clients: Pick<Clients, 'find' | 'findByResource'>;
  /** every grant of a role: whoever changes how a service with a role signs in could act as it */
  grants: () => Promise<readonly RoleGrant[]>;
};

/** Undefined: the actor may. */
export function deniedTo(actor: Actor, permission: Permission, client: ClientRecord | undefined): Denied | undefined {
  const answer = client === undefined ? 'hidden' : may(actor, permission, ownerOf(client));
  if (answer === 'yes') return undefined;
  return { kind: answer === 'hidden' ? 'not-found' : 'not-allowed' };
}

/** Undefined: the actor may change this client. Nobody changes himself, nor a service with a role that he could not grant. */
export async function mayChange(
  actor: Actor,
  client: ClientRecord | undefined,
  { grants }: Pick<AuthorityPorts, 'grants'>,
): Promise<Denied | undefined> {
  const denied = deniedTo(actor, 'clients:write', client);
  if (denied !== undefined || client === undefined) return denied ?? { kind: 'not-found' };
  const stored = await grants();
  const himself = mayActOn(actor, { kind: 'client', id: client.id }, stored) === 'himself';
  return !himself && mayOnClient(actor, 'clients:write', client, stored) === 'yes'
    ? undefined
    : { kind: 'not-allowed' };
}

/** A fault for each member that this change sets and this actor may not. */
export async function authorityFaults(
  actor: Actor,
  before: ClientRecord | undefined,
  after: ClientRecord,
  ports: Pick<AuthorityPorts, 'clients'> & { issuer: string },
): Promise<MetadataFault[]> {
  const organisation = ownerOf(before ?? after);
  if (may(actor, 'clients:first-party', organisation) === 'yes') return [];
  const changes = (member: string) => !isDeepStrictEqual(before?.metadata[member], after.metadata[member]);
  const faults = changedOwnerMembers(before?.metadata ?? {}, after.metadata)
    .filter((member) => !(member === 'pedel_sector' && isGivenSector(before, after)))
    .map((member) => faultOf(member, 'leave it as it is, or ask an owner: only owners change it'));
  if (changes('pedel_organisation') && may(actor, 'clients:write', ownerOf(after)) !== 'yes')
    faults.push({
      member: 'pedel_organisation',
      expected: 'an organisation whose applications you administer',
      remedy: 'leave it as it is, or ask an owner: you do not administer applications of the other one',
    });
  return [...faults, ...(await foreignResources(actor, before, after, ports))];
}

/** The sector that every registration is given is nobody's wish; one that was named may be that of another's application. */
function isGivenSector(before: ClientRecord | undefined, { id, metadata }: ClientRecord): boolean {
  const { pedel_sector: sector, ...rest } = metadata;
  return before?.metadata.pedel_sector === undefined && sector === sectorToKeep(id, rest, before?.metadata);
}

/** APIs of clients that the actor does not administer, which this change would open to the client. */
async function foreignResources(
  actor: Actor,
  before: ClientRecord | undefined,
  after: ClientRecord,
  { clients, issuer }: Pick<AuthorityPorts, 'clients'> & { issuer: string },
): Promise<MetadataFault[]> {
  const faults: MetadataFault[] = [];
  const asked = (record: ClientRecord) => [
    ...wanted('pedel_resources', allowedResources(record, 'person')),
    ...wanted('pedel_service_resources', allowedResources(record, 'itself')),
    ...exchangesOf(record).map(({ from, resource, scopes }) => ({
      member: 'pedel_exchanges' as const,
      resource,
      what: JSON.stringify([from, resource, [...scopes].sort()]),
    })),
  ];
  const had = new Set(before === undefined ? [] : asked(before).map(({ what }) => what));
  for (const { member, resource } of asked(after).filter(({ what }) => !had.has(what))) {
    // scopes of our own APIs are an owner's to give (rule 15)
    if ([MANAGEMENT_PATH, SCIM_PATH].some((path) => resource === `${issuer}${path}`))
      faults.push({ ...faultOf(member, 'ask an owner: only owners let services manage Pedel'), value: resource });
    const owner = await clients.findByResource(resource);
    if (owner === undefined || owner.id === after.id) continue; // of no client: references.faultsOf says so
    if (may(actor, 'clients:write', ownerOf(owner)) !== 'yes')
      faults.push({
        ...faultOf(member, 'ask an owner: it is an API of another organisation'),
        value: resource.slice(0, 80),
      });
  }
  return faults;
}

function wanted(member: 'pedel_resources' | 'pedel_service_resources', allowed: Record<string, string[]>) {
  return Object.entries(allowed).flatMap(([resource, scopes]) =>
    scopes.map((scope) => ({ member, resource, what: JSON.stringify([member, resource, scope]) })),
  );
}

function faultOf(member: ClientMemberName, remedy: string): MetadataFault {
  return { member, expected: clientMembers[member].expected, remedy };
}
