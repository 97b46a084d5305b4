/** Decides which claims a registration may fill itself: none by which applications know who somebody is, or how he signed in. */
import { personalClaims } from './scopes.ts';

/** By rules of `pedel_derived_claims`, beside names that begin with `pedel_`. */
export const derivableClaims = ['groups', 'roles', 'eduperson_entitlement'] as const;
/** By `pedel_rename`, beside names of the application's own. */
export const renameableClaims = ['groups', 'roles', 'preferred_username'] as const;

/** Of tokens, introspection and userinfo: RFC 7519, 7662, 7800, 8693, 9068, OpenID Connect Core, and their like. */
// biome-ignore format: a list of words
const protocolClaims = [
  'iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'azp', 'nonce', 'auth_time', 'at_hash', 'c_hash', 's_hash', 'acr', 'amr',
  'sid', 'sub_jwk', 'sub_id', 'cnf', 'act', 'may_act', 'scope', 'client_id', 'events', 'toe', 'txn', 'vot', 'vtm', 'rt_hash',
  'urn:openid:params:jwt:claim:rt_hash', 'active', 'username', 'token_type', 'authorization_details', 'status',
  'verified_claims', '_claim_names', '_claim_sources', 'error', 'error_description',
];
const standard = new Set([...protocolClaims, ...personalClaims]);

/** Whether a rule may derive the claim. */
export function isDerivable(claim: string): boolean {
  return (derivableClaims as readonly string[]).includes(claim) || /^pedel_[a-z0-9][a-z0-9_]{0,58}$/.test(claim);
}

/**
 * Whether a claim may be told under this name. Capitals make no other name of a standard one, because some libraries read
 * `Email` as `email`.
 */
export function isRenameable(name: string): boolean {
  if ((renameableClaims as readonly string[]).includes(name)) return true;
  if (!/^[A-Za-z][A-Za-z0-9_.:/-]{0,99}$/.test(name) || name in {}) return false;
  const lower = name.toLowerCase();
  return !standard.has(lower) && !/^(?:eduperson|schac|voperson|pedel)_/.test(lower);
}
