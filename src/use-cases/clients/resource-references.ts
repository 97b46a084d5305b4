/**
 * Checks what a registration says of APIs against all others, stored and of the same file: an API that it may ask is there
 * with those scopes, and one that it has is nobody else's.
 */
import { clientMembers } from '../../domain/clients/metadata/client-members.ts';
import type { MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';
import { exchangesOf } from '../../domain/clients/resources/exchanges.ts';
import { managementApi } from '../../domain/clients/resources/management-api.ts';
import {
  allowedResources,
  type ResourceServer,
  resourceKeysOf,
  resourceServersOf,
  scopesOf,
} from '../../domain/clients/resources/resource-servers.ts';
import { scimApi } from '../../domain/clients/resources/scim-api.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';

type Metadata = ClientRecord['metadata'];
type Member =
  | 'client_id'
  | 'pedel_resource_servers'
  | 'pedel_resources'
  | 'pedel_service_resources'
  | 'pedel_exchanges';

export type References = { faultsOf(id: string, metadata: Metadata): Promise<MetadataFault[]> };

/** Identifiers that a remedy names; a longer list is of no use on a screen. */
const NAMED = 10;
const PAGE = 200;

/** `file`: all that is to be applied, in its order, because one may name an API that a later one brings. */
export function createReferences(
  file: { id: string; metadata: Metadata }[],
  { clients, issuer }: { clients: Pick<Clients, 'find' | 'findByResource' | 'list'>; issuer: string },
): References {
  const own = new Map([managementApi(issuer), scimApi(issuer)].map((server) => [server.identifier, server]));
  const ofFile = new Map(file.flatMap(resourceServersOf).map((server) => [server.identifier, server]));
  /** The first registration of the file that has an identifier or audience. */
  const owners = new Map(
    file.toReversed().flatMap((each) => resourceKeysOf(each).map((key): [string, string] => [key, each.id])),
  );

  /** Only a service as itself asks our own APIs (rule 15). */
  async function serverOf(member: Member, identifier: string): Promise<ResourceServer | undefined> {
    if (own.has(identifier)) return member === 'pedel_service_resources' ? own.get(identifier) : undefined;
    const owner = ofFile.has(identifier) ? undefined : await clients.findByResource(identifier);
    return (
      ofFile.get(identifier) ?? (owner && resourceServersOf(owner).find((server) => server.identifier === identifier))
    );
  }

  async function everyIdentifier(): Promise<string[]> {
    const found = new Set(ofFile.keys());
    for (let after: string | undefined; ; ) {
      const page = await clients.list(after, PAGE);
      for (const { identifier } of page.flatMap(resourceServersOf)) found.add(identifier);
      after = page.at(-1)?.id;
      if (page.length < PAGE) return [...found];
    }
  }

  async function unknown(member: Member, identifier: string): Promise<MetadataFault> {
    if (own.has(identifier))
      return faultOf(member, identifier, 'name it in pedel_service_resources: only a service as itself asks it');
    const known = await everyIdentifier();
    const named = known.slice(0, NAMED).join(', ') + (known.length > NAMED ? ' …' : '');
    const remedy =
      known.length === 0
        ? 'register it first, in pedel_resource_servers of the client whose API it is'
        : `no such resource server is registered; those that are: ${named}`;
    return faultOf(member, identifier, remedy);
  }

  async function asked(member: Member, allowed: Record<string, string[]>): Promise<MetadataFault[]> {
    const faults: MetadataFault[] = [];
    for (const [identifier, scopes] of Object.entries(allowed)) {
      const server = await serverOf(member, identifier);
      if (server === undefined) faults.push(await unknown(member, identifier));
      const offered = server === undefined ? scopes : scopesOf(server);
      const more = scopes.filter((scope) => !offered.includes(scope));
      const remedy = `the scopes of ${identifier} are: ${offered.join(', ') || 'none'}`;
      faults.push(...more.map((scope) => faultOf(member, scope, remedy)));
    }
    return faults;
  }

  async function owned(id: string, metadata: Metadata): Promise<MetadataFault[]> {
    const faults: MetadataFault[] = [];
    const refuse = (key: string, remedy: string) => faults.push(faultOf('pedel_resource_servers', key, remedy));
    for (const key of resourceKeysOf({ metadata })) {
      const stored = (await clients.findByResource(key))?.id ?? id;
      const owner = stored === id ? owners.get(key) : stored;
      if (owner !== undefined && owner !== id)
        refuse(key, `the application "${owner}" has it: choose another, or take it from that one first`);
      if (URL.parse(key)?.origin === issuer) refuse(key, 'choose one of another host: this is our own address');
      if ((await clients.find(key)) !== undefined)
        refuse(key, 'choose another: ID tokens of the application with this id have it as audience');
    }
    const other = await clients.findByResource(id);
    if (other !== undefined)
      faults.push(faultOf('client_id', id, `choose another: tokens for an API of "${other.id}" have it as audience`));
    return faults;
  }

  const applied = new Set(file.map(({ id }) => id));

  async function exchanged(metadata: Metadata): Promise<MetadataFault[]> {
    const faults: MetadataFault[] = [];
    for (const { from, resource, scopes } of exchangesOf({ metadata })) {
      if (!applied.has(from) && (await clients.find(from)) === undefined)
        faults.push(
          faultOf('pedel_exchanges', from, 'no application has this client_id; pedel clients list prints them all'),
        );
      faults.push(...(await asked('pedel_exchanges', { [resource]: scopes })));
    }
    return faults;
  }

  return {
    faultsOf: async (id, metadata) => [
      ...(await owned(id, metadata)),
      ...(await asked('pedel_resources', allowedResources({ metadata }, 'person'))),
      ...(await asked('pedel_service_resources', allowedResources({ metadata }, 'itself'))),
      ...(await exchanged(metadata)),
    ],
  };
}

function faultOf(member: Member, value: string, remedy: string): MetadataFault {
  return { member, value: value.slice(0, 80), expected: clientMembers[member].expected, remedy };
}
