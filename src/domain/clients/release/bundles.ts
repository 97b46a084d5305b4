/**
 * Named sets of claims that a registration may have at most, after the entity categories of REFEDS (anonymous, pseudonymous,
 * personalised access), and the `sub` that goes with them.
 */
import { claimsOfScope } from './scopes.ts';

const anonymous = ['eduperson_scoped_affiliation', 'schac_home_organization'];
const pseudonymous = [...anonymous, 'eduperson_assurance'];
const personalised = [
  ...pseudonymous,
  'name',
  'given_name',
  'family_name',
  'email',
  'email_verified',
  'preferred_username',
];

export const bundles = ['anonymous', 'pseudonymous', 'personalised'] as const;
export type Bundle = (typeof bundles)[number];

/** The personal claims of each; every one has a `sub` beside them, because each ID token must (OpenID Connect Core 2). */
export const claimsOfBundle: Readonly<Record<Bundle, readonly string[]>> = { anonymous, pseudonymous, personalised };

/** What a registration gets that names neither a bundle nor a scope. */
export const defaultBundle: Bundle = 'pseudonymous';

/** Scopes that a registration may name beside any bundle: what people may do in it, and not who they are. */
const besideBundles = ['groups', 'eduperson_entitlement'];

/** The scopes in which the claims of a bundle are, with `openid`. */
export function scopesOfBundle(bundle: Bundle): string[] {
  return Object.keys(claimsOfScope).filter(
    (scope) => scope === 'openid' || (!besideBundles.includes(scope) && releasesOf(scope, bundle).length > 0),
  );
}

/** The claims of a scope that a registration with a bundle may have; without one, all of them. */
export function releasesOf(scope: string, bundle: Bundle | undefined): string[] {
  const claims = claimsOfScope[scope] ?? [];
  if (bundle === undefined || besideBundles.includes(scope)) return claims;
  return claims.filter((claim) => claimsOfBundle[bundle].includes(claim));
}
