/** What `pedel_profile: fapi2` means for a registration: the FAPI 2.0 security profile, and what contradicts it. */
import type { ClientMemberName, ClientMetadata } from './client-members.ts';
import { DEVICE_GRANT } from './members/protocol.ts';

/**
 * Both sides of a FAPI 2.0 client sign with these (FAPI 2.0 Security Profile, 5.4.1). RS256 (PKCS #1 v1.5) is
 * excluded.
 */
export const profileAlgorithms: readonly string[] = ['PS256', 'ES256', 'EdDSA', 'Ed25519'];

/** The longest lifetime of an authorization code of the profile, in seconds (5.3.2.1). */
export const PROFILE_CODE_SECONDS = 60;

const implied = {
  token_endpoint_auth_method: 'private_key_jwt',
  require_pushed_authorization_requests: true,
  dpop_bound_access_tokens: true,
  pedel_require_pkce: true,
  id_token_signed_response_alg: 'ES256',
  authorization_signed_response_alg: 'ES256',
} as const satisfies ClientMetadata;

/** Whether a registration, or a client made from one, is held to FAPI 2.0. */
export function isFapi(client: object | undefined): boolean {
  return (client as ClientMetadata | undefined)?.pedel_profile === 'fapi2';
}

/** The members that the profile of this registration sets unless it names them; empty without a profile. */
export function impliedMembers(metadata: object): Partial<typeof implied> {
  return isFapi(metadata) ? implied : {};
}

export type Contradiction = { member: ClientMemberName; remedy: string };

/** Members of a registration, implied ones included, that contradict its profile, each once. */
export function profileContradictions(metadata: object): Contradiction[] {
  if (!isFapi(metadata)) return [];
  const client = metadata as ClientMetadata;
  const found: Contradiction[] = [];
  const refuse = (member: ClientMemberName, remedy: string) =>
    found.push({ member, remedy: `${remedy}: pedel_profile fapi2 demands it` });
  for (const member of required) if (client[member] !== true) refuse(member, 'give true, or leave it out');
  if (client.token_endpoint_auth_method !== 'private_key_jwt')
    refuse('token_endpoint_auth_method', 'give private_key_jwt, or leave it out');
  for (const member of signing) {
    const value = client[member];
    if (value !== undefined && !profileAlgorithms.includes(value))
      refuse(member, `give one of ${profileAlgorithms.join(', ')} that is accepted here, or leave it out`);
  }
  if (client.response_types?.some((type) => type !== 'code')) refuse('response_types', 'give only "code"');
  for (const grant of ['implicit', DEVICE_GRANT] as const)
    if (client.grant_types?.includes(grant)) refuse('grant_types', `remove ${grant}`);
  return found;
}

const required = ['require_pushed_authorization_requests', 'dpop_bound_access_tokens', 'pedel_require_pkce'] as const;
const signing = [
  'token_endpoint_auth_signing_alg',
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'authorization_signed_response_alg',
  'request_object_signing_alg',
] as const;
