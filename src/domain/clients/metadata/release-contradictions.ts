/** Faults of what a registration says about release: scopes that its bundle empties, and a `sub` that does not go with it. */
import { claimsOfBundle, releasesOf } from '../release/bundles.ts';
import { releasingClient } from '../release/release.ts';
import { claimsOfScope } from '../release/scopes.ts';
import type { CompleteMetadata, ContradictionRule } from './contradiction.ts';

export const bundle: ContradictionRule = (client, given, refuse, before) => {
  const { pedel_bundle: named } = client;
  if (named === undefined) return;
  for (const scope of client.scope.split(' ')) {
    if (scope === 'openid' || claimsOfScope[scope] === undefined || releasesOf(scope, named).length > 0) continue;
    refuse('scope', `remove "${scope}": pedel_bundle ${named} has none of its claims. Or leave out pedel_bundle`);
  }
  const isKnown = before !== undefined && before.subject_type !== 'pairwise'; // and goes on knowing people by it
  if (given.subject_type === 'public' && named !== 'personalised' && !isKnown)
    refuse('subject_type', `leave it out: with pedel_bundle ${named} sub is pairwise`);
};

export const idTokenClaims: ContradictionRule = (client, _given, refuse) => {
  const { pedel_id_token_claims: named = 'none' } = client;
  if (typeof named === 'string') return;
  const { allowed } = releasingClient(client as object);
  const beyond = named.filter((claim) => !allowed.has(claim));
  if (beyond.length === 0) return;
  const limit = client.pedel_bundle === undefined ? 'no scope of it has them' : `pedel_bundle ${client.pedel_bundle}`;
  refuse('pedel_id_token_claims', `remove ${beyond.join(', ')}: it does not get them (${limit})`, beyond);
};

export const sector: ContradictionRule = (client, given, refuse) => {
  if (given.pedel_sector === undefined) return;
  if (client.subject_type !== 'pairwise')
    refuse('pedel_sector', 'leave it out: it goes with "subject_type": "pairwise"');
  if (given.sector_identifier_uri !== undefined)
    refuse('sector_identifier_uri', 'leave it out: pedel_sector takes its place');
};

/** Whether people are asked for more than a pseudonym, and read no purpose. */
export function lacksPurpose(client: CompleteMetadata): boolean {
  if (client.pedel_first_party === true || Object.keys(client).some((name) => name.startsWith('pedel_purpose')))
    return false;
  return [...releasingClient(client as object).allowed].some((claim) => !claimsOfBundle.pseudonymous.includes(claim));
}
