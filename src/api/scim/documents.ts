/** The documents by which SCIM tells what it can (RFC 7644, 4), from the table of attributes. Anybody may read them. */
import type { Organisation } from '../../domain/account/organisation.ts';
import { describedAttribute, schemasOf } from './attributes.ts';
import { LIST_MESSAGE, MOST_RESULTS, PAGE_RESULTS } from './list.ts';

const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema';
const RESOURCE_TYPE = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType';
const CONFIG = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';

/** Path below `base` -> document. */
export function createDocuments(base: string, organisations: readonly Organisation[]): Record<string, object> {
  const { core, pedel } = schemasOf(organisations);
  const schemas = [core, pedel].map(({ id, name, description, attributes }) => ({
    schemas: [SCHEMA],
    id,
    name,
    description,
    attributes: attributes.map(describedAttribute),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
  }));
  const user = {
    schemas: [RESOURCE_TYPE],
    id: 'User',
    name: 'User',
    endpoint: '/Users',
    description: 'People of one source',
    schema: core.id,
    schemaExtensions: [{ schema: pedel.id, required: false }],
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/User` },
  };
  const config = {
    schemas: [CONFIG],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MOST_RESULTS },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: PAGE_RESULTS,
      maxPageSize: MOST_RESULTS,
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: `client_credentials with resource ${base} and scope scim, or a token of the source`,
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
  return {
    '/ServiceProviderConfig': config,
    '/ResourceTypes': listOf([user]),
    '/ResourceTypes/User': user,
    '/Schemas': listOf(schemas),
    ...Object.fromEntries(schemas.map((schema) => [`/Schemas/${schema.id}`, schema])),
  };
}

const listOf = (resources: object[]) => ({
  schemas: [LIST_MESSAGE],
  totalResults: resources.length,
  itemsPerPage: resources.length,
  startIndex: 1,
  Resources: resources,
});
