/** Faults of derived and renamed claims that concern the scope of the registration, or each other. */
import { type Bundle, releasesOf } from '../release/bundles.ts';
import { claimsBehind, scopeOfDerived } from '../release/derived-claims.ts';
import type { OwnClaims } from '../release/own-claims.ts';
import { claimsOfScope } from '../release/scopes.ts';

type Registration = OwnClaims & { scope: string; pedel_bundle?: Bundle | undefined };
type Refuse = (member: keyof OwnClaims, remedy: string, value: unknown) => void;

/** A claim is derived under the scope that people consent to. */
export function derived(client: Registration, _given: unknown, refuse: Refuse): void {
  const scopes = client.scope.split(' ');
  const rules = client.pedel_derived_claims ?? [];
  for (const claim of new Set(rules.map((rule) => rule.claim))) {
    const scope = scopeOfDerived(claim);
    if (!scopes.includes(scope))
      refuse(
        'pedel_derived_claims',
        `add "${scope}" to the scope, with which ${claim} is asked for and consented to`,
        claim,
      );
  }
}

/** A renamed claim is one that the application gets, and nothing else fills its new name. */
export function renamed(client: Registration, _given: unknown, refuse: Refuse): void {
  const scopes = client.scope.split(' ');
  const own = (client.pedel_derived_claims ?? []).map(({ claim }) => claim);
  for (const [to, from] of Object.entries(client.pedel_rename ?? {})) {
    if (own.includes(to)) refuse('pedel_rename', `remove ${to}: pedel_derived_claims fills it already`, to);
    for (const claim of claimsBehind(to, from)) {
      if (claim.startsWith('pedel_')) {
        if (!own.includes(claim))
          refuse('pedel_rename', `derive ${claim} in pedel_derived_claims, or give another claim`, claim);
        continue;
      }
      const having = Object.keys(claimsOfScope).filter((scope) => claimsOfScope[scope]?.includes(claim));
      const named = having.filter((scope) => scopes.includes(scope));
      if (named.length > 0 && !named.some((scope) => releasesOf(scope, client.pedel_bundle).includes(claim)))
        refuse('pedel_rename', `remove ${to}: pedel_bundle ${client.pedel_bundle} does not have ${claim}`, claim);
      if (named.length === 0)
        refuse('pedel_rename', `add "${having[0]}" to the scope, which has ${claim}, or remove ${to}`, claim);
    }
  }
}
