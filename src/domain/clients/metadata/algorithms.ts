/** The signature algorithms of the protocol. None uses a shared secret, because secrets are kept only as hashes. */

/** Pedel signs with these. One RSA key serves both RS256 and PS256 (rule 17). */
export const issuedAlgorithms = ['RS256', 'PS256', 'ES256'] as const;

/** Applications may sign with these: client assertions and request objects. */
export const acceptedAlgorithms = [...issuedAlgorithms, 'EdDSA', 'Ed25519'] as const;

/** A DPoP proof may be signed with these: the same without RS256 (PKCS #1 v1.5), which FAPI 2.0 (5.4.1) excludes. */
export const dpopAlgorithms = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const satisfies Exclude<
  (typeof acceptedAlgorithms)[number],
  'RS256'
>[];
