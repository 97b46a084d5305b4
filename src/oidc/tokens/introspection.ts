/** Decides who may introspect a token, and completes the answer by what is released of the person (rules 14, 32). */
import type { AccessToken, Client, ClientCredentials, Grant, KoaContextWithOIDC, RefreshToken } from 'oidc-provider';
import { audienceOf, resourceServersOf } from '../../domain/clients/resources/resource-servers.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import { extraMember } from '../clients/client-metadata.ts';
import { readAccount } from '../request.ts';
import { exchangedFor } from './exchange-grants.ts';
import type { Releasing } from './releasing.ts';
import type { Resources } from './resources.ts';

/**
 * A client may introspect its own tokens. A resource server that authenticates may also introspect access tokens that are
 * made out to one of its APIs, and, of those made out to none, the ones issued to clients on its list. So neither a token
 * for Toledo or its API nor a refresh token opens a mailbox.
 */
export function mayIntrospect(client: Client, token: AccessToken | ClientCredentials | RefreshToken): boolean {
  if (token.clientId === client.clientId) return true;
  if (client.clientAuthMethod === 'none' || token.clientId === undefined || token.kind === 'RefreshToken') return false;
  const audience = (token as AccessToken).aud;
  if (audience !== undefined) return [audience].flat().some((each) => isMadeOutTo(client, each));
  return (extraMember(client, 'pedel_introspects') ?? []).includes(token.clientId);
}

/** Whether an `aud` is of an API of this client. */
function isMadeOutTo(client: Client, audience: string): boolean {
  return resourceServersOf({ metadata: client as never }).some((server) => audienceOf(server) === audience);
}

/**
 * Completes an active answer about a person's token: names only scopes that are still allowed, and of the person what the
 * releasing function tells whoever asks: its `sub`, and a resource server the `username` (RFC 7662, 2.2) that is set for it.
 */
export async function describePerson(
  ctx: KoaContextWithOIDC,
  options: {
    accounts: Pick<Accounts, 'findById'>;
    resources: Pick<Resources, 'byAudience'>;
    releasing: Pick<Releasing, 'introspection'>;
  },
): Promise<void> {
  const { route, entities, client } = ctx.oidc;
  const body = ctx.body as { active?: boolean; sub?: string; scope?: string; username?: string } | undefined;
  if (route !== 'introspection' || body?.active !== true || client === undefined) return;
  const { accountId, clientId } = entities.AccessToken ?? entities.RefreshToken ?? {};
  const aud = entities.AccessToken?.aud;
  const resource = typeof aud === 'string' ? (await options.resources.byAudience(aud))?.server.identifier : undefined;
  if (entities.Grant !== undefined && body.scope !== undefined)
    body.scope = scopeNow(body.scope, entities.Grant, resource);
  if (accountId === undefined || clientId === undefined) return;
  const account = await readAccount(options.accounts, accountId, ctx);
  const issuedTo = clientId === client.clientId ? client : await ctx.oidc.provider.Client.find(clientId);
  delete body.sub;
  if (account === undefined || issuedTo === undefined) return;
  const exchanged = await exchangedFor(ctx);
  Object.assign(body, options.releasing.introspection(client, account, issuedTo, resource, exchanged));
}

/** `resource`: the API that the token is made out to; absent: a refresh token, or a token for userinfo. */
function scopeNow(scope: string, grant: Grant, resource: string | undefined): string {
  const everything = () => Object.keys(grant.resources ?? {}).map((each) => grant.getResourceScope(each));
  const granted = resource === undefined ? [grant.getOIDCScope(), ...everything()] : [grant.getResourceScope(resource)];
  const allowed = new Set(granted.flatMap((words) => words.split(' ')));
  return scope
    .split(' ')
    .filter((word) => allowed.has(word))
    .join(' ');
}
