/** Faults of a registration about APIs and services: what its members say of each other, each with a remedy. */
import { type Language, languageIds } from '../../account/languages.ts';
import { scopes } from '../release/scopes.ts';
import { EXCHANGE_GRANT } from '../resources/exchanges.ts';
import { encryptionKeyOf, LONGEST_JWT_SECONDS, type ResourceServer } from '../resources/resource-servers.ts';
import type { CompleteMetadata, ContradictionRule, Refuse } from './contradiction.ts';

const names = new Intl.DisplayNames('en', { type: 'language' });

/** A service (client_credentials) proves who it is, and has somewhere to go. */
export const service: ContradictionRule = (client, given, refuse) => {
  const services = Object.keys(client.pedel_service_resources ?? {});
  const isService = client.grant_types.includes('client_credentials');
  if (isService && client.token_endpoint_auth_method === 'none')
    refuse('token_endpoint_auth_method', 'give one that authenticates: client_credentials needs it');
  if (isService && services.length === 0 && given.pedel_service_resources === undefined)
    refuse('grant_types', 'name in pedel_service_resources what it may ask as itself, or remove client_credentials');
  else if (isService && services.length === 0)
    refuse('pedel_service_resources', 'name a resource server, or remove client_credentials from the grant_types');
  if (!isService && services.length > 0)
    refuse('pedel_service_resources', 'add client_credentials to the grant_types, or leave it out');
};

/** Every API can be told from every other by its identifier and by the audience of its tokens, and says what it lets do. */
export const resourceServers: ContradictionRule = (client, _given, refuse) => {
  const servers = (client.pedel_resource_servers ?? []) as ResourceServer[];
  const taken = new Map<string, number>();
  const refuseHere: Refuse = (_member, remedy, value) => refuse('pedel_resource_servers', remedy, value);
  for (const [index, server] of servers.entries()) {
    for (const key of new Set([server.identifier, server.audience ?? server.identifier])) {
      if (taken.has(key)) refuse('pedel_resource_servers', 'give each an identifier and an audience of its own', key);
      taken.set(key, index);
    }
    if (server.audience !== undefined && server.audience === client.client_id)
      refuse(
        'pedel_resource_servers',
        'give another audience: ID tokens are made out to the client_id',
        server.audience,
      );
    if (server.token_format === 'jwt' && (server.token_seconds ?? 0) > LONGEST_JWT_SECONDS)
      refuse(
        'pedel_resource_servers',
        `give token_seconds up to ${LONGEST_JWT_SECONDS}: a JWT cannot be recalled`,
        server.token_seconds,
      );
    if (server.token_format !== 'jwt' && server.token_signing_alg !== undefined)
      refuse('pedel_resource_servers', 'leave token_signing_alg out: only a JWT is signed', server.token_signing_alg);
    if (server.token_format === 'opaque' && client.token_endpoint_auth_method === 'none')
      refuse('token_endpoint_auth_method', 'give one that authenticates: who introspects opaque tokens must');
    encryptionFits(client, server, refuseHere);
    scopesAreTold(server, refuseHere);
  }
};

/** Who exchanges tokens proves who it is, and has an API, without which no token is made out to it. */
export const exchanges: ContradictionRule = (client, given, refuse) => {
  const pairs = client.pedel_exchanges ?? [];
  const exchanging = client.grant_types.includes(EXCHANGE_GRANT);
  if (exchanging && client.token_endpoint_auth_method === 'none')
    refuse('token_endpoint_auth_method', 'give one that authenticates: token exchange needs it');
  if (exchanging && pairs.length === 0)
    refuse('grant_types', 'name the tokens and resources in pedel_exchanges, or remove token-exchange');
  if (!exchanging && pairs.length > 0)
    refuse('pedel_exchanges', `add "${EXCHANGE_GRANT}" to the grant_types, or leave it out`);
  const seesTokens = (client.pedel_resource_servers ?? []).length + (client.pedel_introspects ?? []).length > 0;
  if (pairs.some(({ from }) => from !== given.client_id) && !seesTokens)
    refuse(
      'pedel_exchanges',
      'describe its API in pedel_resource_servers: only tokens that are made out to it are exchanged',
    );
};

/** What is dropped cannot be asked for. */
export const ignoredResources: ContradictionRule = (client, _given, refuse) => {
  const asked = { ...client.pedel_resources, ...client.pedel_service_resources };
  for (const ignored of client.pedel_ignored_resources ?? [])
    if (Object.hasOwn(asked, ignored))
      refuse('pedel_ignored_resources', 'remove it here, or from the resources that it may ask', ignored);
};

function encryptionFits(client: CompleteMetadata, server: ResourceServer, refuse: Refuse): void {
  const { token_encryption: encryption, token_format: format } = server;
  if (encryption === undefined) return;
  if (format !== 'jwt')
    refuse('pedel_resource_servers', 'leave token_encryption out: only a JWT is encrypted', encryption);
  else if (encryptionKeyOf({ metadata: { jwks: client.jwks ?? null } as never }, encryption.alg) === undefined)
    refuse(
      'pedel_resource_servers',
      `give, in jwks, a public key for ${encryption.alg} with "use": "enc"`,
      encryption.alg,
    );
}

function scopesAreTold(server: ResourceServer, refuse: Refuse): void {
  const seen = new Set<string>();
  for (const scope of server.scopes) {
    const { name } = scope;
    if (seen.has(name)) refuse('pedel_resource_servers', 'name each scope once', name);
    seen.add(name);
    if (scopes.includes(name))
      refuse('pedel_resource_servers', 'give it another name: this scope is for what sign-ins tell of people', name);
    const missing = languageIds.filter((id) => scope[`description#${id}`] === undefined);
    if (missing.length > 0)
      refuse(
        'pedel_resource_servers',
        `add ${missing.map(descriptionIn).join(' and ')}: people read it at consent`,
        name,
      );
  }
}

const descriptionIn = (id: Language) => `description#${id} (${names.of(id)})`;
