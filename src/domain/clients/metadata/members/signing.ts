/** Members about keys, signatures and what must be signed or bound. */
import { z } from 'zod';
import { acceptedAlgorithms, issuedAlgorithms } from '../algorithms.ts';
import { type ClientMember, LIST_LENGTH, member, ofOne, ofWebAddress, ofYesOrNo, text } from './member.ts';

/** What a public key of each type must have (RFC 7518, 6; RFC 8037, 2). */
const partsOfKey: Record<string, readonly string[]> = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'] };

function requireWholeKey(key: Record<string, unknown>, context: z.core.$RefinementCtx): void {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  if (key.kty === 'oct') refuse('remove the symmetric key (oct): only public keys belong here');
  const missing = (partsOfKey[String(key.kty)] ?? []).filter(
    (part) => typeof key[part] !== 'string' || key[part] === '',
  );
  if (missing.length > 0) refuse(`give whole public keys: one of type ${key.kty} lacks ${missing.join(' and ')}`);
}

export const signingMembers = {
  jwks: member(
    z.looseObject({
      keys: z
        .array(z.looseObject({ kty: text }).superRefine(requireWholeKey))
        .min(1)
        .max(LIST_LENGTH),
    }),
    '{ "keys": [ … ] } with public keys (RFC 7517)',
    {
      help: 'Public keys of the application, for private_key_jwt and signed requests.',
      example: { keys: [{ kty: 'EC', crv: 'P-256', x: '…', y: '…' }] },
      secret: true,
    },
  ),
  jwks_uri: ofWebAddress({
    help: 'Address of those keys, instead of jwks.',
    example: 'https://library.example.edu/jwks.json',
  }),
  id_token_signed_response_alg: ofOne(issuedAlgorithms, {
    help: 'Algorithm with which its ID tokens and logout tokens are signed.',
    example: 'ES256',
    default: 'RS256',
  }),
  userinfo_signed_response_alg: ofOne(issuedAlgorithms, {
    help: 'Algorithm with which userinfo responses are signed.',
    example: 'ES256',
    otherwise: 'plain JSON, not signed',
  }),
  authorization_signed_response_alg: ofOne(issuedAlgorithms, {
    help: 'Algorithm with which authorization responses in a JWT are signed (JARM: response_mode jwt and its likes).',
    example: 'ES256',
    default: 'RS256',
  }),
  request_object_signing_alg: ofOne(acceptedAlgorithms, {
    help: 'The one algorithm of its request objects (RFC 9101).',
    example: 'ES256',
    otherwise: 'any of them',
  }),
  require_signed_request_object: ofYesOrNo({
    help: 'Refuses authorization requests without a signed request object (RFC 9101).',
  }),
  require_pushed_authorization_requests: ofYesOrNo({
    help: 'Refuses authorization requests that were not pushed (RFC 9126).',
  }),
  require_auth_time: ofYesOrNo({ help: 'Puts auth_time into its ID tokens; Pedel does that anyway.' }),
  dpop_bound_access_tokens: ofYesOrNo({ help: 'Refuses token requests without a DPoP proof (RFC 9449).' }),
} satisfies Record<string, ClientMember>;
