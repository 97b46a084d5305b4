/** Reads the tokens with which services call the management API, as their registrations allow them now. */
import type Provider from 'oidc-provider';

/** A token that holds now. `bound`: to a key of its client, so that it is worth nothing by itself. */
export type ServiceToken = { clientId: string; scopes: string[]; bound: boolean };

/** Undefined: unknown, expired, revoked, of a person, or made out to another API than exactly this one. */
export async function findServiceToken(
  provider: Pick<Provider, 'ClientCredentials'>,
  value: string,
  audience: string,
): Promise<ServiceToken | undefined> {
  const token = await provider.ClientCredentials.find(value);
  if (token === undefined || !token.isValid || token.aud !== audience || token.clientId === undefined) return undefined;
  const bound = token.isSenderConstrained();
  return { clientId: token.clientId, scopes: (token.scope ?? '').split(' ').filter(Boolean), bound };
}
