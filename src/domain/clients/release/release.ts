/**
 * Decides what a client learns of a person, the same in ID token, userinfo, access token and introspection, and says why
 * (rule 32). Nothing else decides; what it does not give is issued nowhere.
 */
import type { Account } from '../../account/account.ts';
import { dayAt } from '../../account/affiliation.ts';
import { claimsOf, preferredUsernameOf } from '../../account/claims.ts';
import { edupersonClaimNames } from '../../account/eduperson.ts';
import { membershipClaimNames, membershipClaims } from '../../account/membership.ts';
import type { Organisation } from '../../account/organisation.ts';
import type { JsonValue } from '../../json-value.ts';
import type { IntrospectionUsername } from '../metadata/members/operator.ts';
import type { IdTokenClaims } from '../metadata/members/release.ts';
import { type Subject, type SubjectMembers, subjectOf } from '../metadata/sector.ts';
import { type Bundle, releasesOf } from './bundles.ts';
import { factsOf } from './derived-claims.ts';
import { type OwnClaims, type OwnReason, withOwnClaims } from './own-claims.ts';
import { claimsOfScope, personalClaims, saidByScope, scopesUnnamed } from './scopes.ts';

/** Where it is told. `introspection`: to the client or resource server that asks about a token. */
export type Use = 'id_token' | 'userinfo' | 'access_token' | 'introspection';

/** Why a claim is told. */
export type Given =
  /** one of the scopes that were asked for has it, and so has the bundle of the registration, if it has one */
  | { kind: 'scope'; scope: string }
  | { kind: 'bundle'; bundle: Bundle; scope: string }
  /** the parameter `claims` names it (OpenID Connect Core 5.5) */
  | { kind: 'by_name' }
  /** the registration derives it, or gives it another name */
  | OwnReason
  /** `sub`, by which the client knows the person */
  | { kind: 'subject'; type: 'public' | 'pairwise' }
  /** the `username` that is set for a resource server */
  | { kind: 'username'; name: IntrospectionUsername };

/** Why it is not. */
export type Withheld =
  | { kind: 'not_asked' }
  /** the registration does not have it, whoever asks and consents */
  | { kind: 'not_allowed' }
  | { kind: 'consent_missing' }
  /** asked by scope, so userinfo has it and the ID token has not (Core 5.4), unless `pedel_id_token_claims` says so */
  | { kind: 'elsewhere' }
  | { kind: 'no_value' };

/** What is decided of one claim: `value` is there exactly if it is told. */
export type Release = { claim: string; value: JsonValue; reason: Given } | { claim: string; reason: Withheld };

/** What the registration says about it, read once (`releasingClient`). */
export type ReleasingClient = {
  /** the scopes it may ask for */
  scopes: ReadonlySet<string>;
  /** the personal claims it may have at most: those of its scopes, within its bundle */
  allowed: ReadonlySet<string>;
  bundle: Bundle | undefined;
  /** which claims that come by scope the ID token has as well */
  inIdToken: (claim: string) => boolean;
  subject: Subject;
  username: IntrospectionUsername;
  own: OwnClaims;
};

/** `pairwise`: the `sub` of an account in a sector. `now` in ms. `domain`: the scope of `voperson_id`, which never changes. */
export type Person = {
  account: Account;
  domain: string;
  organisations: Organisation[];
  now: number;
  pairwise: (sector: string, accountId: string) => string;
};

/** `unshown`: claims of these scopes that the person was not told of when consenting (`Consent.shown`). */
export type Allowed = { scopes: ReadonlySet<string>; claims: ReadonlySet<string>; unshown?: ReadonlySet<string> };

export type Asked = {
  scopes: readonly string[];
  /** single claims, by the parameter `claims`, for this place */
  claims: readonly string[];
  /** what the person allows now; for an application of the association: all that it may have */
  consent: Allowed;
  /** of an ID token: no access token for userinfo comes with it, so that it tells what the scopes have (Core 5.4) */
  alone?: boolean;
  /** of introspection, and of an access token for an API: the client to which the token was issued */
  issuedTo?: Pick<ReleasingClient, 'subject'> | 'itself';
  /** of a token that was exchanged: the client to which the person signed in */
  origin?: Pick<ReleasingClient, 'subject'>;
};

/** The members of a registration that decide what is released. */
export type ReleaseMembers = SubjectMembers &
  OwnClaims & {
    scope?: string | undefined;
    pedel_bundle?: Bundle | undefined;
    pedel_id_token_claims?: IdTokenClaims | undefined;
    pedel_introspection_username?: IntrospectionUsername | undefined;
  };

/** Reads a registration. `scope` absent: a record of before scopes were always stored, which goes on as it was. */
export function releasingClient(members: ReleaseMembers): ReleasingClient {
  const { pedel_bundle: bundle, pedel_introspection_username: username = 'user_number' } = members;
  const registered = members.scope?.split(' ') ?? scopesUnnamed;
  const ofScopes = new Set(registered.flatMap((scope) => releasesOf(scope, bundle)));
  const allowed = new Set(personalClaims.filter((claim) => ofScopes.has(claim)));
  const { pedel_id_token_claims: named = 'none' } = members;
  const inIdToken = (claim: string) => named === 'all' || (named !== 'none' && named.includes(claim));
  const { pedel_derived_claims, pedel_rename } = members;
  const own = { pedel_derived_claims, pedel_rename };
  return { scopes: new Set(registered), allowed, bundle, inIdToken, subject: subjectOf(members), username, own };
}

/** What `client` is told of `person` where it asked for `asked`: one decision for each claim. */
export function release(client: ReleasingClient, person: Person, asked: Asked, use: Use): Release[] {
  const subject = subjectFor(client, person, asked, use);
  if (use === 'introspection') return [...subject, ...usernameOf(client, person, asked)];
  const known = valuesOf(person);
  const decided = personalClaims.map((claim) => decide(claim, client, asked, use, known));
  const { account } = person;
  const facts = () => factsOf(account, dayAt(person.now));
  return [...subject, ...withOwnClaims<Given, Withheld>(decided, client.own, { account, facts })];
}

/**
 * The personal claims that a consent page names, for a client that asks for these scopes and, by name, claims: what the
 * sentences of the scopes say, and of the rest what this person has a value of.
 */
export function shownAtConsent(
  client: ReleasingClient,
  person: Person,
  { scopes: asked, claims }: Pick<Asked, 'scopes' | 'claims'>,
): string[] {
  const consent = { scopes: client.scopes, claims: client.allowed };
  const told = released(release(client, person, { scopes: asked, claims, consent }, 'userinfo'));
  const said = new Set([...asked.flatMap((scope) => saidByScope[scope] ?? []), ...claims, ...Object.keys(told)]);
  return [...client.allowed].filter((claim) => said.has(claim));
}

/** Of what a person consented to, the personal claims that the page did not name. */
export function unshownOf(
  client: ReleasingClient,
  { scopes: given, claims, shown }: { scopes: string[]; claims: string[]; shown?: string[] },
): string[] {
  if (shown === undefined) return [];
  const covered = new Set([...claims, ...given.flatMap((scope) => claimsOfScope[scope] ?? [])]);
  return [...client.allowed].filter((claim) => covered.has(claim) && !shown.includes(claim));
}

/** The claims that are told, with their values. */
export function released(decisions: Release[]): Record<string, JsonValue> {
  return Object.fromEntries(decisions.flatMap((each) => ('value' in each ? [[each.claim, each.value]] : [])));
}

/** The scopes that have a personal claim. */
const scopesOfClaim: ReadonlyMap<string, readonly string[]> = new Map(
  personalClaims.map((claim) => [
    claim,
    Object.keys(claimsOfScope).filter((one) => claimsOfScope[one]?.includes(claim)),
  ]),
);

function decide(
  claim: string,
  client: ReleasingClient,
  asked: Asked,
  use: Use,
  known: (claim: string) => JsonValue | undefined,
): Release {
  const scope = scopesOfClaim.get(claim)?.find((each) => asked.scopes.includes(each) && client.scopes.has(each));
  const byName = asked.claims.includes(claim);
  if (scope === undefined && !byName) return { claim, reason: { kind: 'not_asked' } };
  if (!client.allowed.has(claim)) return { claim, reason: { kind: 'not_allowed' } };
  const scopeHere = scope !== undefined && (use !== 'id_token' || asked.alone === true || client.inIdToken(claim));
  if (!scopeHere && !byName) return { claim, reason: { kind: 'elsewhere' } };
  const reason = givenBy(claim, client, scopeHere ? scope : undefined, byName, asked);
  if (reason === undefined) return { claim, reason: { kind: 'consent_missing' } };
  // last of all, because rules of the registration may have a value where there is none (own-claims.ts)
  const value = known(claim);
  return value === undefined ? { claim, reason: { kind: 'no_value' } } : { claim, value, reason };
}

/** Consent to a scope covers its claims when they come by scope, and consent to a claim when it comes by name. */
function givenBy(
  claim: string,
  { bundle }: ReleasingClient,
  scope: string | undefined,
  byName: boolean,
  { consent }: Asked,
): Extract<Given, { kind: 'scope' | 'bundle' | 'by_name' }> | undefined {
  if (consent.unshown?.has(claim)) return undefined;
  if (scope !== undefined && consent.scopes.has(scope))
    return bundle === undefined ? { kind: 'scope', scope } : { kind: 'bundle', bundle, scope };
  return byName && consent.claims.has(claim) ? { kind: 'by_name' } : undefined;
}

/** Values are made when the first one is wanted: most ID tokens have none. */
function valuesOf({ account, organisations, now, domain }: Person): (claim: string) => JsonValue | undefined {
  type Values = Record<string, JsonValue | undefined>;
  const known: { plain?: Values; eduperson?: Values; membership?: Values } = {};
  const eduperson: readonly string[] = edupersonClaimNames;
  const membership: readonly string[] = membershipClaimNames;
  return (claim) => {
    if (membership.includes(claim)) {
      known.membership ??= membershipClaims(account, organisations, dayAt(now), domain);
      return known.membership[claim];
    }
    const kind = eduperson.includes(claim) ? 'eduperson' : 'plain';
    known[kind] ??= claimsOf(account, organisations, now, kind === 'eduperson');
    return known[kind][claim];
  };
}

function subjectFor(client: ReleasingClient, person: Person, { issuedTo, origin }: Asked, use: Use): Release[] {
  const carrier = issuedTo === 'itself' || issuedTo === undefined ? client : issuedTo;
  const first = origin ?? carrier;
  // A resource server with public subjects is told that of the client to which the person signed in, which may be pairwise.
  // And who carries an access token can read it, so that tells it no other subject than it knows.
  const known = use === 'access_token' ? [first, carrier].find((each) => each.subject.type === 'pairwise') : undefined;
  const { subject } = client.subject.type === 'public' ? (known ?? first) : (known ?? client);
  const claim = 'sub';
  if (subject.type === 'public')
    return [{ claim, value: person.account.id, reason: { kind: 'subject', type: 'public' } }];
  if (subject.sector === undefined) return [{ claim, reason: { kind: 'no_value' } }];
  const value = person.pairwise(subject.sector, person.account.id);
  return [{ claim, value, reason: { kind: 'subject', type: 'pairwise' } }];
}

function usernameOf(
  { username: name }: ReleasingClient,
  { account }: Person,
  { issuedTo = 'itself' }: Asked,
): Release[] {
  const claim = 'username';
  // the client of the token learns names only by ID token and userinfo
  if (issuedTo === 'itself') return [{ claim, reason: { kind: 'not_allowed' } }];
  const value = usernames[name](account);
  return [
    value === undefined
      ? { claim, reason: { kind: name === 'none' ? 'not_allowed' : 'no_value' } }
      : { claim, value, reason: { kind: 'username', name } },
  ];
}

/** Only names that the person cannot choose: whoever could would open the mailbox of somebody else. */
const usernames: Record<IntrospectionUsername, (account: Account) => string | undefined> = {
  user_number: ({ userNumbers }) => userNumbers[0],
  preferred_username: preferredUsernameOf,
  email: ({ emails }) => emails[0],
  none: () => undefined,
};
