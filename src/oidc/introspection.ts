/** Decides who may introspect a token, and completes the answer by what is released of the person (rules 14, 32). */
import type { AccessToken, Client, ClientCredentials, Grant, KoaContextWithOIDC, RefreshToken } from 'oidc-provider';
import type { Accounts } from '../domain/ports/accounts.ts';
import { extraMember } from './client-metadata.ts';
import type { Releasing } from './releasing.ts';
import { readAccount } from './request.ts';

/**
 * A client may introspect its own tokens. A resource server that authenticates may also introspect access tokens with
 * it in `aud`, and those issued to clients on its list. So neither a token for Toledo nor a refresh token opens a
 * mailbox.
 */
export function mayIntrospect(client: Client, token: AccessToken | ClientCredentials | RefreshToken): boolean {
  if (token.clientId === client.clientId) return true;
  if (client.clientAuthMethod === 'none' || token.clientId === undefined || token.kind === 'RefreshToken') return false;
  const audience = (token as AccessToken).aud;
  if (audience !== undefined && [audience].flat().includes(client.clientId)) return true;
  return (extraMember(client, 'pedel_introspects') ?? []).includes(token.clientId);
}

/**
 * Completes an active answer about a person's token: names only scopes that are still allowed, and of the person what the
 * releasing function tells whoever asks: its `sub`, and a resource server the `username` (RFC 7662, 2.2) that is set for it.
 */
export async function describePerson(
  ctx: KoaContextWithOIDC,
  options: { accounts: Pick<Accounts, 'findById'>; releasing: Pick<Releasing, 'introspection'> },
): Promise<void> {
  const { route, entities, client } = ctx.oidc;
  const body = ctx.body as { active?: boolean; sub?: string; scope?: string; username?: string } | undefined;
  if (route !== 'introspection' || body?.active !== true || client === undefined) return;
  if (entities.Grant !== undefined && body.scope !== undefined) body.scope = scopeNow(body.scope, entities.Grant);
  const { accountId, clientId } = entities.AccessToken ?? entities.RefreshToken ?? {};
  if (accountId === undefined || clientId === undefined) return;
  const account = await readAccount(options.accounts, accountId, ctx);
  const issuedTo = clientId === client.clientId ? client : await ctx.oidc.provider.Client.find(clientId);
  delete body.sub;
  if (account === undefined || issuedTo === undefined) return;
  Object.assign(body, options.releasing.introspection(client, account, issuedTo));
}

function scopeNow(scope: string, grant: Grant): string {
  const ofResources = Object.keys(grant.resources ?? {}).map((resource) => grant.getResourceScope(resource));
  const allowed = new Set([grant.getOIDCScope(), ...ofResources].flatMap((words) => words.split(' ')));
  return scope
    .split(' ')
    .filter((word) => allowed.has(word))
    .join(' ');
}
