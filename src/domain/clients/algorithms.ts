/** Every signature algorithm of the protocol, said once. None works with a shared secret: of secrets we keep only hashes. */

/** What Pedel signs with; one RSA key serves both of its kinds (rule 17). */
export const issuedAlgorithms = ['RS256', 'PS256', 'ES256'] as const;

/** What applications may sign with: assertions that authenticate them, and request objects. */
export const acceptedAlgorithms = [...issuedAlgorithms, 'EdDSA', 'Ed25519'] as const;

/** What a DPoP proof may be signed with: the same without PKCS #1 v1.5, which FAPI 2.0 (5.4.1) excludes. */
export const dpopAlgorithms = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const satisfies Exclude<
  (typeof acceptedAlgorithms)[number],
  'RS256'
>[];
