/**
 * Makes the grant of a session to a client from the person's consent (rule 16). There is one grant per session, so
 * that a replay ends no session on another device.
 */
import type { Client, Configuration, Grant, KoaContextWithOIDC } from 'oidc-provider';
import { ownClientId } from '../domain/clients/client-members.ts';
import { personalClaims, scopes } from '../domain/clients/scopes.ts';
import type { Consents } from '../domain/ports/consents.ts';
import { recordKeyOf } from '../domain/ports/record-key.ts';
import { isFirstParty } from './client-metadata.ts';
import { grantSeconds, type Lifetimes } from './lifetimes.ts';

type Allowed = { scopes: string[]; claims: string[]; resourceScopes: Record<string, string[]> };
type OwnGrant = Grant & { epoch?: number };

/** The library's `loadExistingGrant`. Undefined: there is no consent yet, so the library asks for it. */
export function createGrantLoader(options: {
  consents: Pick<Consents, 'find'>;
  lifetimes: Lifetimes;
  now: () => number;
}): Configuration['loadExistingGrant'] {
  return async (ctx) => {
    const { client, account, session, provider } = ctx.oidc;
    if (client === undefined || account === undefined || session === undefined) return undefined;
    const allowed = await allowedTo(client, account.accountId);
    if (allowed === undefined) return undefined;
    if (client.clientId === ownClientId) {
      // It learns nothing and gets no token, so nothing is stored.
      return filled(new provider.Grant({ accountId: account.accountId, clientId: client.clientId }), {
        scopes: ['openid'],
        claims: [],
        resourceScopes: {},
      });
    }
    const previousId = session.grantIdFor(client.clientId);
    const existing = previousId === undefined ? undefined : await provider.Grant.find(previousId);
    if (existing !== undefined && !exceeds(existing, allowed)) {
      const expires = Math.floor(options.now() / 1000) + grantSeconds(ctx, options.lifetimes);
      const lasts = (existing.exp ?? 0) > expires - options.lifetimes.sessionMaxSeconds / 2;
      if (covers(existing, allowed) && lasts) return existing;
      filled(existing, allowed).exp = Math.max(existing.exp ?? 0, expires);
      await existing.save();
      return existing;
    }
    return newGrant(ctx, client, account.accountId, allowed, previousId);
  };

  async function allowedTo(client: Client, accountId: string): Promise<Allowed | undefined> {
    if (isFirstParty(client)) return { scopes, claims: personalClaims, resourceScopes: {} };
    return options.consents.find(accountId, client.clientId);
  }
}

/**
 * The identifier is derived from the session, the client and the previous grant, so parallel requests of one session
 * make the same grant. After a revocation it differs, so that nothing issued under the old grant becomes valid again.
 */
async function newGrant(
  ctx: KoaContextWithOIDC,
  client: Client,
  accountId: string,
  allowed: Allowed,
  previousId: string | undefined,
): Promise<Grant> {
  const { session, provider } = ctx.oidc;
  const grant: OwnGrant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.jti = recordKeyOf(`grant ${session?.uid} ${client.clientId} ${previousId ?? ''}`);
  const { epoch } = session as { epoch?: number };
  if (epoch !== undefined) grant.epoch = epoch;
  await filled(grant, allowed).save();
  return grant;
}

function filled<G extends Grant>(grant: G, allowed: Allowed): G {
  grant.addOIDCScope(allowed.scopes);
  grant.addOIDCClaims(allowed.claims);
  for (const [resource, granted] of Object.entries(allowed.resourceScopes)) grant.addResourceScope(resource, granted);
  return grant;
}

const listed = (words: string) => words.split(' ').filter(Boolean);
const contains = (all: Iterable<string>, some: string[]) => {
  const known = new Set(all);
  return some.every((each) => known.has(each));
};

function covers(grant: Grant, { scopes, claims, resourceScopes }: Allowed): boolean {
  return (
    contains(listed(grant.getOIDCScope()), scopes) &&
    contains(grant.getOIDCClaims(), claims) &&
    Object.entries(resourceScopes).every(([resource, some]) => contains(listed(grant.getResourceScope(resource)), some))
  );
}

/** Whether the grant covers more than is allowed now, because consent was withdrawn and given again for less. */
function exceeds(grant: Grant, { scopes, claims, resourceScopes }: Allowed): boolean {
  return (
    !contains(scopes, listed(grant.getOIDCScope())) ||
    !contains(claims, grant.getOIDCClaims()) ||
    Object.keys(grant.resources ?? {}).some(
      (resource) => !contains(resourceScopes[resource] ?? [], listed(grant.getResourceScope(resource))),
    )
  );
}
