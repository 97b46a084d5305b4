/** Which source calls: by the access token of a service that is registered for one, or by a token of the source itself. */
import type Koa from 'koa';
import { whyUnusable } from '../../domain/clients/client-validity.ts';
import { SCIM_PATH, SCIM_SCOPE } from '../../domain/clients/resources/scim-api.ts';
import type { FeedContext } from '../../domain/feed/feed.ts';
import type { Source } from '../../domain/feed/source.ts';
import { sourceOfToken, tokenAmong } from '../../domain/feed/source-token.ts';
import type { Clients } from '../../domain/ports/clients.ts';
import type { Values } from '../../domain/ports/values.ts';
import { tokensOfSource } from '../../use-cases/scim/tokens.ts';
import { ScimError } from './errors.ts';

export type AuthorityParts = {
  issuer: string;
  sources: readonly Source[];
  findToken(
    value: string,
    audience: string,
  ): Promise<{ clientId: string; scopes: string[]; bound: boolean } | undefined>;
  clients: Pick<Clients, 'find'>;
  values: Pick<Values, 'get'>;
  now: () => number;
};

export type Caller = { source: Source; by: NonNullable<FeedContext['by']> };

/** @throws ScimError 401 for any token that is not one for exactly this, 403 for one without the scope or a source */
export async function callerOf(ctx: Koa.Context, requestId: string, parts: AuthorityParts): Promise<Caller> {
  const { authorization = '' } = ctx.req.headers;
  const value = /^Bearer ([\w.~+/-]{1,500}=*)$/i.exec(authorization)?.[1];
  if (value === undefined) throw challenged(parts.issuer, authorization === '' ? undefined : 'it is no bearer token');
  const named = sourceOfToken(value);
  return named === undefined
    ? await ofService(value, requestId, parts)
    : await ofSource(value, named, requestId, parts);
}

async function ofSource(value: string, id: string, requestId: string, parts: AuthorityParts): Promise<Caller> {
  const source = parts.sources.find((each) => each.id === id);
  const token = source && tokenAmong(await tokensOfSource(parts.values, id), value);
  if (source === undefined || token === undefined) throw challenged(parts.issuer, UNKNOWN);
  return { source, by: { kind: 'system', id: `source ${id}, token ${token.id}`, via: 'api', requestId } };
}

const UNKNOWN = 'it is unknown, expired, revoked, or not for SCIM';

async function ofService(value: string, requestId: string, parts: AuthorityParts): Promise<Caller> {
  const token = await parts.findToken(value, `${parts.issuer}${SCIM_PATH}`);
  if (token === undefined) throw challenged(parts.issuer, UNKNOWN);
  if (token.bound) throw challenged(parts.issuer, 'it is bound to a key, which SCIM does not take');
  const client = await parts.clients.find(token.clientId);
  if (client === undefined || whyUnusable(client, parts.now()) !== undefined)
    throw challenged(parts.issuer, 'its client can no longer be used');
  if (!token.scopes.includes(SCIM_SCOPE)) {
    const header = `Bearer realm="${parts.issuer}${SCIM_PATH}", error="insufficient_scope", scope="${SCIM_SCOPE}"`;
    throw new ScimError(403, `the access token needs the scope ${SCIM_SCOPE}`, {
      headers: { 'WWW-Authenticate': header },
    });
  }
  const source = parts.sources.find(({ id }) => id === client.metadata.pedel_source);
  if (source === undefined)
    throw new ScimError(403, 'the registration of this service names no source: an owner sets pedel_source');
  return { source, by: { kind: 'client', id: client.id, via: 'api', requestId } };
}

/** RFC 6750, 3: without a token no error is told. */
function challenged(issuer: string, why?: string): ScimError {
  const error = why === undefined ? '' : `, error="invalid_token", error_description="${why}"`;
  const headers = { 'WWW-Authenticate': `Bearer realm="${issuer}${SCIM_PATH}"${error}` };
  return new ScimError(
    401,
    why === undefined ? 'an access token is needed' : `the access token does not hold: ${why}`,
    {
      headers,
    },
  );
}
