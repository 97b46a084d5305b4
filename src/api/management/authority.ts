/** Who calls the API: a service by its token, with what both its roles and the scopes of the token allow, asked at every request. */
import type Koa from 'koa';
import { whyUnusable } from '../../domain/clients/client-validity.ts';
import { MANAGEMENT_PATH } from '../../domain/clients/resources/management-api.ts';
import type { Clients } from '../../domain/ports/clients.ts';
import { permissionsOf, scopesFor } from '../../domain/roles/management-scopes.ts';
import type { RoleGrant, RoleHolder } from '../../domain/roles/role.ts';
import { type Actor, clientActorOf } from '../../use-cases/actor.ts';
import type { Operation } from './operation.ts';
import { Refused } from './problem.ts';

export type AuthorityParts = {
  issuer: string;
  findToken(
    value: string,
    audience: string,
  ): Promise<{ clientId: string; scopes: string[]; bound: boolean } | undefined>;
  clients: Pick<Clients, 'find'>;
  /** as stored now */
  grantsOf(holder: RoleHolder): Promise<readonly RoleGrant[]>;
  now: () => number;
};

export type Caller = { actor: Actor; scopes: string[] };

/**
 * @param requestId goes into what the caller does
 * @throws Refused `not-authenticated`, for any token that is not one for exactly this API
 */
export async function callerOf(ctx: Koa.Context, requestId: string, parts: AuthorityParts): Promise<Caller> {
  const { authorization = '' } = ctx.req.headers;
  if (authorization === '') throw challenged(parts.issuer);
  const value = /^Bearer ([\w.~+/-]{1,500}=*)$/i.exec(authorization)?.[1];
  const token = value === undefined ? undefined : await parts.findToken(value, `${parts.issuer}${MANAGEMENT_PATH}`);
  if (token === undefined) throw challenged(parts.issuer, 'it is unknown, expired, revoked, or not for this API');
  if (token.bound) throw challenged(parts.issuer, 'it is bound to a key, which this API does not take');
  // as stored now, not as a cache has it
  const client = await parts.clients.find(token.clientId);
  if (client === undefined || whyUnusable(client, parts.now()) !== undefined)
    throw challenged(parts.issuer, 'its client can no longer be used');
  const grants = await parts.grantsOf({ kind: 'client', id: client.id });
  const actor = clientActorOf(client, grants, permissionsOf(token.scopes), requestId);
  return { actor, scopes: token.scopes };
}

/** RFC 6750, 3: without a token no error is told. */
function challenged(issuer: string, why?: string): Refused {
  const realm = `Bearer realm="${issuer}${MANAGEMENT_PATH}"`;
  const error = why === undefined ? '' : `, error="invalid_token", error_description="${why}"`;
  return new Refused('not-authenticated', { detail: why, headers: { 'WWW-Authenticate': `${realm}${error}` } });
}

/** @throws Refused `insufficient-scope` (RFC 6750, 3.1), naming the narrowest scope that would do */
export function requireScope({ permission }: Operation, { actor }: Caller, issuer: string): void {
  if (permission === 'none' || permission === 'any' || actor.only?.includes(permission)) return;
  const [scope = ''] = scopesFor(permission);
  const challenge = `Bearer realm="${issuer}${MANAGEMENT_PATH}", error="insufficient_scope", scope="${scope}"`;
  throw new Refused('insufficient-scope', {
    detail: `it needs the scope ${scope}`,
    headers: { 'WWW-Authenticate': challenge },
  });
}
