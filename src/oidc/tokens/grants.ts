/**
 * Makes the grant of a session to a client from the person's consent (rule 16). There is one grant per session, so
 * that a replay ends no session on another device.
 */
import type { Client, Configuration, Grant, KoaContextWithOIDC, Session } from 'oidc-provider';
import { ownClientId } from '../../domain/clients/own-client.ts';
import { TRIAL_MS } from '../../domain/clients/trial/trial.ts';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import type { ClientRecords } from '../clients/clients.ts';
import { grantSeconds, type Lifetimes } from '../lifetimes.ts';
import { memoryOfRequest } from '../request.ts';
import type { Allowance, FindAllowance } from './allowance.ts';

type OwnGrant = Grant & { epoch?: number; expiresIn?: number };
type Authorization = { sid?: string; grantId?: string; registered?: number };

/** The library's `loadExistingGrant`. Undefined: there is no consent yet, so the library asks for it. */
export function createGrantLoader(options: {
  findAllowance: FindAllowance;
  clients: Pick<ClientRecords, 'find'>;
  lifetimes: Lifetimes;
  now: () => number;
}): Configuration['loadExistingGrant'] {
  return async (ctx) => {
    const { client, account, session, provider } = ctx.oidc;
    if (client === undefined || account === undefined || session === undefined) return undefined;
    if (client.clientId === ownClientId) {
      // It learns nothing and gets no token, so nothing is stored.
      const own = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
      own.addOIDCScope(['openid']);
      return own;
    }
    const allowed = await options.findAllowance(client.clientId, account.accountId);
    const registration = await options.clients.find(client.clientId);
    if (allowed === undefined || registration === undefined) return undefined;
    const { trial } = memoryOfRequest(ctx) ?? {};
    if (trial?.client === client.clientId) return trialGrant(ctx, client, account.accountId, allowed, trial.grant);
    joinAs(session, client.clientId, registration.createdAt);
    const previousId = session.grantIdFor(client.clientId);
    const existing = previousId === undefined ? undefined : await provider.Grant.find(previousId);
    if (existing === undefined) return newGrant(ctx, client, account.accountId, allowed, previousId);
    const expires = Math.floor(options.now() / 1000) + grantSeconds(ctx, options.lifetimes);
    const lasts = (existing.exp ?? 0) > expires - options.lifetimes.sessionMaxSeconds / 2;
    if (covers(existing, allowed) && lasts) return existing;
    filled(existing, allowed).exp = Math.max(existing.exp ?? 0, expires);
    await existing.save();
    return existing;
  };
}

/**
 * Notes in the session which registration of this id joins it. One of before, which was removed, has had an `sid` of its
 * own: the new one gets another, and no notice about people who used the old one (logout.ts).
 */
function joinAs(session: Session, clientId: string, registered: number): void {
  session.authorizations ??= {};
  const known = session.authorizations[clientId] as Authorization | undefined;
  const same = known !== undefined && joinedAs(known, session.loginTs, registered);
  // The next grant is derived from the previous one, whosever that was.
  const kept = same ? known : known?.grantId === undefined ? {} : { grantId: known.grantId };
  session.authorizations[clientId] = { ...kept, registered } as Authorization;
}

/**
 * Whether an authorization of a session belongs to the registration that was made at `registered` (epoch ms). Those of
 * older versions do not say; they do if the sign-in (`loginTs`, epoch seconds) is younger.
 */
export function joinedAs(
  authorization: { registered?: unknown },
  loginTs: number | undefined,
  registered: number,
): boolean {
  if (authorization.registered !== undefined) return authorization.registered === registered;
  return (loginTs ?? 0) * 1000 + 999 >= registered;
}

/**
 * The identifier is derived from the session, the client and the previous grant, so parallel requests of one session
 * make the same grant. After a revocation it differs, so that nothing issued under the old grant becomes valid again.
 */
async function newGrant(
  ctx: KoaContextWithOIDC,
  client: Client,
  accountId: string,
  allowed: Allowance,
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

/** A trial has a grant of its own, so that its end takes nothing from the application itself. */
async function trialGrant(
  ctx: KoaContextWithOIDC,
  client: Client,
  accountId: string,
  allowed: Allowance,
  id: string,
): Promise<Grant> {
  const { session, provider } = ctx.oidc;
  const grant: OwnGrant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.jti = id;
  const { epoch } = session as { epoch?: number };
  if (epoch !== undefined) grant.epoch = epoch;
  grant.expiresIn = TRIAL_MS / 1000;
  await filled(grant, allowed).save();
  return grant;
}

function filled<G extends Grant>(grant: G, allowed: Allowance): G {
  grant.addOIDCScope(allowed.scopes);
  grant.addOIDCClaims(allowed.claims);
  for (const [resource, granted] of Object.entries(allowed.resourceScopes)) grant.addResourceScope(resource, granted);
  // Rejected, so that people are not asked for what is not released.
  if (allowed.withheld.length > 0) grant.rejectOIDCClaims(allowed.withheld);
  return grant;
}

const listed = (words: string) => words.split(' ').filter(Boolean);
const contains = (all: Iterable<string>, some: string[]) => {
  const known = new Set(all);
  return some.every((each) => known.has(each));
};

function covers(grant: Grant, { scopes, claims, resourceScopes }: Allowance): boolean {
  return (
    contains(listed(grant.getOIDCScope()), scopes) &&
    contains(grant.getOIDCClaims(), claims) &&
    Object.entries(resourceScopes).every(([resource, some]) => contains(listed(grant.getResourceScope(resource)), some))
  );
}
