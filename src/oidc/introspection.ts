/** Decides who may introspect a token, and adds the username that mail servers need (rule 14). */
import type { AccessToken, Client, ClientCredentials, KoaContextWithOIDC, RefreshToken } from 'oidc-provider';
import type { Accounts } from '../domain/ports/accounts.ts';
import { usernameOf } from './claims.ts';
import { extraMember } from './client-metadata.ts';
import { readAccount } from './request.ts';

/**
 * A client may introspect its own tokens. A resource server that authenticates may also introspect tokens with it in
 * `aud`, and tokens issued to clients on its list. So a token for Toledo does not open a mailbox.
 */
export function mayIntrospect(client: Client, token: AccessToken | ClientCredentials | RefreshToken): boolean {
  if (token.clientId === client.clientId) return true;
  if (client.clientAuthMethod === 'none' || token.clientId === undefined) return false;
  const audience = (token as AccessToken).aud;
  if (audience !== undefined && [audience].flat().includes(client.clientId)) return true;
  return (extraMember(client, 'pedel_introspects') ?? []).includes(token.clientId);
}

/** Adds `username` (RFC 7662, 2.2) to an active answer about a person's token. */
export async function addUsername(ctx: KoaContextWithOIDC, accounts: Pick<Accounts, 'findById'>): Promise<void> {
  const { route, entities } = ctx.oidc;
  const body = ctx.body as { active?: boolean; username?: string } | undefined;
  if (route !== 'introspection' || body?.active !== true) return;
  const { accountId } = (entities.AccessToken ?? entities.RefreshToken ?? {}) as { accountId?: string };
  if (accountId === undefined) return;
  const account = await readAccount(accounts, accountId, ctx);
  const username = account === undefined ? undefined : usernameOf(account);
  if (username !== undefined) body.username = username;
}
