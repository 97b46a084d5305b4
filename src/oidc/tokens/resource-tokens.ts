/** Decides what a token for an API says of the person beside its scopes: who, and how that person signed in. No more. */
import {
  type AccessToken,
  type ClientCredentials,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { beside } from '../../domain/beside.ts';
import { exchangesOf } from '../../domain/clients/resources/exchanges.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { readAccount } from '../request.ts';
import { exchangedFor } from './exchange-grants.ts';
import type { Releasing } from './releasing.ts';
import type { Resources } from './resources.ts';
import { referenceIn } from './subject-token.ts';

type Formats = NonNullable<Configuration['formats']>;
type CustomizeJwt = NonNullable<NonNullable<Formats['customizers']>['jwt']>;
type SignIn = { acr?: string; amr?: string[]; authTime?: number };

const told = beside<Record<string, unknown>>('told in the token');

/** Notes what a token that no sign-in of this request stands behind says of one. Call it before it is saved. */
export function tellInToken(token: AccessToken, claims: Record<string, unknown>): void {
  told.set(token, claims);
}

/**
 * The library's `extraTokenClaims`: when and how the person signed in (RFC 9068, 2.2.1; RFC 9470, 6), in the token or the
 * answer of introspection. Undefined: a token for no API, or of no person.
 */
export function signInOf(
  { oidc }: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
): Record<string, unknown> | undefined {
  if (token.resourceServer === undefined || token.kind === 'ClientCredentials') return undefined;
  const noted = told.get(token);
  if (noted !== undefined) return noted;
  const { AuthorizationCode: code, RefreshToken: refresh, DeviceCode: device } = oidc.entities;
  const { session } = oidc;
  const ofSession = session && { acr: oidc.acr, amr: session.amr, authTime: session.authTime() };
  const { acr, amr, authTime } = (code ?? refresh ?? device ?? ofSession ?? {}) as SignIn;
  return Object.fromEntries(
    Object.entries({ acr, amr, auth_time: authTime }).filter(([, value]) => value !== undefined),
  );
}

/** The library's `formats.customizers.jwt`: `sub` of a person as the releasing function tells it to the API. */
export function subjectInTokens(options: {
  byIdentifier: Resources['byIdentifier'];
  accounts: Pick<Accounts, 'findById'>;
  releasing: Pick<Releasing, 'resourceToken'>;
  sealer: Sealer;
}): CustomizeJwt {
  return async (ctx, token, jwt) => {
    const { accountId } = token as AccessToken;
    const resource = token.resourceServer?.identifier();
    if (accountId === undefined || resource === undefined || token.client === undefined) return;
    const owner = (await options.byIdentifier(resource))?.owner;
    const api = owner && (await ctx.oidc.provider.Client.find(owner.id));
    const account = await readAccount(options.accounts, accountId, ctx);
    // Gone within this request, so that nothing is told.
    if (owner === undefined || api === undefined || account === undefined) throw new errors.InvalidTarget();
    delete (jwt.payload as { sub?: string }).sub;
    const exchanged = await exchangedFor(ctx);
    Object.assign(jwt.payload, options.releasing.resourceToken(api, account, token.client, resource, exchanged));
    if (exchangesOf(owner).length > 0)
      Object.assign(jwt.payload, referenceIn(options.sealer, token as AccessToken, String(jwt.payload.jti)));
  };
}
