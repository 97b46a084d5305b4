/** Puts the management API together: its router and its document, from the one table. */
import type Koa from 'koa';
import { MANAGEMENT_PATH } from '../../domain/clients/resources/management-api.ts';
import { fetchKeys } from '../../use-cases/clients/fetch-keys.ts';
import { fetchLogo } from '../../use-cases/clients/fetch-logo.ts';
import { createIdempotency } from '../../use-cases/idempotency.ts';
import { createApiLimits } from './limits.ts';
import { openapiDocument } from './openapi.ts';
import { operations } from './operations.ts';
import { createRouter, type RouterParts } from './router.ts';

export type ManagementApiParts = Omit<RouterParts, 'idempotency' | 'limits' | 'fetchLogo' | 'fetchKeys'> & {
  /** what people call the installation */
  name: string;
  version: string;
  /** of one service in a minute; absent: as limits.ts says */
  requestsPerMinute?: number;
};

/** Answers whatever is below `/api/`; what people read there goes to `next`. */
export function createManagementApi({ requestsPerMinute, ...parts }: ManagementApiParts): Koa.Middleware {
  const { storage, now } = parts;
  const document = JSON.stringify(openapiDocument(operations, parts), undefined, 1);
  const documents = { '/openapi.json': { type: 'application/json', text: document } };
  return createRouter(operations, documents, isPage, {
    ...parts,
    fetchLogo: (uri) => fetchLogo(uri, parts.fetch),
    fetchKeys: (uri) => fetchKeys(uri, parts.fetch),
    idempotency: createIdempotency(storage.protocolRecords, now),
    limits: createApiLimits(now, requestsPerMinute),
  });
}

/** What people read in a browser, which web/api-reference.ts shows. */
const isPage = (path: string): boolean => path === MANAGEMENT_PATH || path.startsWith(`${MANAGEMENT_PATH}/problems/`);
