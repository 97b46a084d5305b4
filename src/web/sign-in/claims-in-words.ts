/** What an application is told of a person, in sentences: one for a scope whose facts belong together, else one for each claim. */
import type { MessageKey, Translate } from '../../../locales/index.ts';
import { saidByScope } from '../../domain/clients/release/scopes.ts';

/** The scopes that have a sentence. `openid` says no more than the sign-in itself. */
const worded: Record<string, MessageKey> = {
  profile: 'signIn.scope_profile',
  email: 'signIn.scope_email',
  phone: 'signIn.scope_phone',
  address: 'signIn.scope_address',
  eduperson: 'signIn.scope_eduperson',
  groups: 'signIn.scope_groups',
  eduperson_entitlement: 'signIn.scope_eduperson_entitlement',
  orcid: 'signIn.scope_orcid',
  voperson_id: 'signIn.scope_voperson_id',
};

/**
 * Of the claims `shown`, those of `scopes` (all that have a sentence, if absent) in one sentence for each scope, and the rest one
 * by one.
 */
export function claimsInWords(shown: string[], t: Translate, scopes: string[] = Object.keys(worded)): string[] {
  const worth = scopes.filter((scope) => {
    return worded[scope] !== undefined && saidByScope[scope]?.some((claim) => shown.includes(claim));
  });
  const said = new Set(worth.flatMap((scope) => saidByScope[scope] ?? []));
  return [
    ...worth.flatMap((scope) => (worded[scope] === undefined ? [] : [t(worded[scope])])),
    ...shown.filter((claim) => !said.has(claim)).map((claim) => t(`signIn.claim_${claim as 'name'}`)),
  ];
}
