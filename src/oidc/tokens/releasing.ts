/** Asks the releasing function of the domain what the current request tells of a person. */
import type { Client, Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { Account } from '../../domain/account/account.ts';
import {
  type Allowed,
  type Asked,
  type Person,
  type ReleasingClient,
  release,
  released,
  releasingClient,
  shownAtConsent,
} from '../../domain/clients/release/release.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import { extraMember } from '../clients/client-metadata.ts';
import { memoryOfRequest } from '../request.ts';

/** Under this member the claims that are released travel through the library, which decides nothing more of them (seams.ts). */
export const RELEASED = Symbol('released');

type Told = Record<string, JsonValue>;

export type Releasing = {
  /** The personal claims that the consent page names, where these scopes and claims are asked. */
  shownAtConsent(client: Client, account: Account, asked: Pick<Asked, 'scopes' | 'claims'>): string[];
  /** Of what the current request asks and the person allowed, the claims with a value that the page did not name then. */
  unshown(ctx: KoaContextWithOIDC, account: Account): string[];
  /**
   * The `sub` of an account for a pairwise client. One to which nobody signs in has no sector; the library asks all the same
   * when such a service acts for a person, and tells what `introspection` and `resourceToken` say instead.
   */
  subject(client: Client, accountId: string): string;
  /** For ID token and userinfo. `scope` and `claims` as the library found them asked. */
  claims(ctx: KoaContextWithOIDC, account: Account, use: 'id_token' | 'userinfo', scope: string, claims: object): Told;
  /**
   * `sub` in a JWT access token (RFC 9068, 2.2) for the API `resource` of `api`, which `issuedTo` carries, and can read. An
   * API learns nothing else of a person there.
   */
  resourceToken(api: Client, account: Account, issuedTo: Client, resource: string, exchanged?: Exchanged): Told;
  /**
   * What `asking` is told by introspection of a token that was issued to `issuedTo`: `sub` and `username`. `resource`: its
   * API that the token is made out to.
   */
  introspection(
    asking: Client,
    account: Account,
    issuedTo: Client,
    resource?: string,
    exchanged?: Exchanged,
  ): { sub?: string; username?: string };
};

/** Of an exchanged token: to which client the person signed in, and by which API of its own the service came to act. */
export type Exchanged = { origin: Client; via?: string };

export function createReleasing(
  options: Pick<Person, 'organisations' | 'domain' | 'pairwise'> & { now: () => number },
): Releasing {
  const { organisations, domain, pairwise, now } = options;
  const personOf = (account: Account): Person => ({ account, organisations, domain, pairwise, now: now() });
  return {
    shownAtConsent: (client, account, asked) => shownAtConsent(releasingClientOf(client), personOf(account), asked),
    unshown({ oidc }, account) {
      const { client, grant } = oidc;
      if (client === undefined || grant === undefined) return [];
      const [releasing, consent] = [releasingClientOf(client), consentIn(grant)];
      if (![...consent.unshown].some((claim) => releasing.allowed.has(claim))) return [];
      const { userinfo, id_token } = oidc.claims as { userinfo?: object; id_token?: object };
      const claims = Object.keys({ ...userinfo, ...id_token });
      const asked = { scopes: [...oidc.requestParamOIDCScopes], claims };
      // what would be told if the page had named all
      const named = { scopes: consent.scopes, claims: new Set([...consent.claims, ...consent.unshown]) };
      const told = released(release(releasing, personOf(account), { ...asked, consent: named }, 'userinfo'));
      return Object.keys(told).filter((claim) => consent.unshown.has(claim));
    },
    subject(client, accountId) {
      const { subject } = releasingClientOf(client);
      if (subject.type === 'public') throw new TypeError(`${client.clientId} is not pairwise`);
      return pairwise(subject.sector ?? `client/${client.clientId}`, accountId);
    },
    claims(ctx, account, use, scope, claims) {
      const { client, grant } = ctx.oidc;
      if (client === undefined || grant === undefined) return {};
      const asked: Asked = {
        scopes: scope.split(' '),
        claims: Object.keys(claims),
        consent: consentIn(grant),
        alone: use === 'id_token' && comesAlone(ctx),
      };
      const decisions = release(releasingClientOf(client), personOf(account), asked, use);
      memoryOfRequest(ctx)?.trial?.decided.push({ place: use, decisions });
      return released(decisions);
    },
    resourceToken(api, account, issuedTo, resource, exchanged) {
      const { via } = exchanged ?? {};
      const carrier = via === undefined ? releasingClientOf(issuedTo) : releasingApi(issuedTo, via);
      const asked: Asked = { ...nothing, issuedTo: carrier, ...originIn(exchanged) };
      return released(release(releasingApi(api, resource), personOf(account), asked, 'access_token'));
    },
    introspection(asking, account, issuedTo, resource, exchanged) {
      const itself = issuedTo.clientId === asking.clientId;
      const carrier = itself ? 'itself' : releasingClientOf(issuedTo);
      const asked: Asked = { ...nothing, issuedTo: carrier, ...originIn(exchanged) };
      const client = itself || resource === undefined ? releasingClientOf(asking) : releasingApi(asking, resource);
      return released(release(client, personOf(account), asked, 'introspection'));
    },
  };
}

const originIn = (exchanged: Exchanged | undefined) =>
  exchanged === undefined ? {} : { origin: releasingClientOf(exchanged.origin) };

const nothing = { scopes: [], claims: [], consent: { scopes: new Set<string>(), claims: new Set<string>() } };

/**
 * As the API of a client: it is told no name unless one is set, and where nobody signs in to that client, its sector is the
 * host of the API.
 */
function releasingApi(client: Client, resource: string): ReleasingClient {
  const known = releasingClientOf(client);
  const { subject } = known;
  return {
    ...known,
    username: extraMember(client, 'pedel_introspection_username') ?? 'none',
    subject:
      subject.type === 'public'
        ? subject
        : { ...subject, sector: subject.sector ?? (URL.parse(resource)?.host || resource) },
  };
}

/** What the person allows the client now: a grant is read as it is allowed at this moment (allowance.ts). */
function consentIn(grant: Grant): Required<Allowed> {
  return {
    scopes: new Set(grant.getOIDCScope().split(' ')),
    claims: new Set(grant.getOIDCClaims()),
    unshown: new Set(grant.getRejectedOIDCClaims()),
  };
}

/**
 * No access token is issued with this ID token, or one for a resource, which does not open userinfo. A code that comes
 * through the browser with it may still be exchanged for one that does.
 */
function comesAlone({ oidc }: KoaContextWithOIDC): boolean {
  const { response_type: response, resource } = oidc.params ?? {};
  if (oidc.route !== 'token')
    return response === 'id_token' || (response === 'id_token token' && resource !== undefined);
  const { AccessToken: token } = oidc.entities;
  return token?.aud !== undefined;
}

const read = new WeakMap<Client, ReleasingClient>();

/** Read once: the library's client lives as long as its registration is not changed (clients.ts). */
export function releasingClientOf(client: Client): ReleasingClient {
  const known = read.get(client);
  if (known !== undefined) return known;
  const made = releasingClient({
    scope: client.scope,
    subject_type: client.subjectType,
    sector_identifier_uri: client.sectorIdentifierUri,
    redirect_uris: client.redirectUris,
    response_types: client.responseTypes,
    grant_types: client.grantTypes,
    pedel_sector: extraMember(client, 'pedel_sector'),
    pedel_bundle: extraMember(client, 'pedel_bundle'),
    pedel_id_token_claims: extraMember(client, 'pedel_id_token_claims'),
    pedel_derived_claims: extraMember(client, 'pedel_derived_claims'),
    pedel_rename: extraMember(client, 'pedel_rename'),
    pedel_introspection_username: extraMember(client, 'pedel_introspection_username'),
  });
  read.set(client, made);
  return made;
}
