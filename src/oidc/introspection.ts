/** Decides who may introspect a token, and which name of the person a resource server is told (rule 14). */
import type { AccessToken, Client, ClientCredentials, Grant, KoaContextWithOIDC, RefreshToken } from 'oidc-provider';
import type { Account } from '../domain/account/account.ts';
import type { IntrospectionUsername } from '../domain/clients/members/operator.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import { preferredUsernameOf } from './claims.ts';
import { extraMember } from './client-metadata.ts';
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
 * Completes an active answer about a person's token: names only scopes that are still allowed. For a resource server it adds the `username` (RFC 7662, 2.2) that is
 * set for it, and gives one that has pairwise subjects its own. The client of the token learns nothing here: its ID token
 * and userinfo tell it what its scopes and the person's consent allow (rule 32).
 */
export async function describePerson(
  ctx: KoaContextWithOIDC,
  options: { accounts: Pick<Accounts, 'findById'>; pairwiseSubject: (sector: string, accountId: string) => string },
): Promise<void> {
  const { route, entities, client } = ctx.oidc;
  const body = ctx.body as { active?: boolean; sub?: string; scope?: string; username?: string } | undefined;
  if (route !== 'introspection' || body?.active !== true || client === undefined) return;
  if (entities.Grant !== undefined && body.scope !== undefined) body.scope = scopeNow(body.scope, entities.Grant);
  const { accountId, clientId } = entities.AccessToken ?? {};
  if (accountId === undefined || clientId === client.clientId) return;
  if (client.subjectType === 'pairwise') {
    const sector = sectorOf(client);
    if (sector === undefined) delete body.sub;
    else body.sub = options.pairwiseSubject(sector, accountId);
  }
  const account = await readAccount(options.accounts, accountId, ctx);
  const username = account && names[extraMember(client, 'pedel_introspection_username') ?? 'user_number'](account);
  if (username !== undefined) body.username = username;
}

function scopeNow(scope: string, grant: Grant): string {
  const ofResources = Object.keys(grant.resources ?? {}).map((resource) => grant.getResourceScope(resource));
  const allowed = new Set([grant.getOIDCScope(), ...ofResources].flatMap((words) => words.split(' ')));
  return scope
    .split(' ')
    .filter((word) => allowed.has(word))
    .join(' ');
}

/** Only names that the person cannot choose: whoever could would open the mailbox of somebody else. */
const names: Record<IntrospectionUsername, (account: Account) => string | undefined> = {
  user_number: ({ userNumbers }) => userNumbers[0],
  preferred_username: preferredUsernameOf,
  email: ({ emails }) => emails[0],
  none: () => undefined,
};

/** Undefined: a client that signs nobody in has none, unless it shares one. */
function sectorOf(client: Client): string | undefined {
  if (client.sectorIdentifierUri === undefined && (client.responseTypes ?? []).length === 0) return undefined;
  return (client as unknown as { sectorIdentifier?: string }).sectorIdentifier;
}
