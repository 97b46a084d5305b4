/** Signing keys for the library that sign on the spot, where a signature is quick. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, type webcrypto } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';

/**
 * The same key for the library's `jwks`. One for ES256 signs at once: the library itself has a thread do it (WebCrypto), which
 * takes twice the processor time in all. A signature of RSA takes a millisecond, so it stays on that thread.
 */
export function promptKey(jwk: webcrypto.JsonWebKey): ExternalSigningKey | webcrypto.JsonWebKey {
  return jwk.alg === 'ES256' ? new PromptKey(jwk) : jwk;
}

class PromptKey extends ExternalSigningKey {
  readonly #private: KeyObject & { dsaEncoding: 'ieee-p1363' };
  readonly #public: KeyObject;

  constructor(jwk: webcrypto.JsonWebKey) {
    super();
    // beside the key, not around it: Node finds out that an object is no KeyObject by catching what that throws, 15 us each time
    this.#private = Object.assign(createPrivateKey({ key: { ...jwk }, format: 'jwk' }), {
      dsaEncoding: 'ieee-p1363' as const,
    });
    this.#public = createPublicKey(this.#private);
    const { kid, alg } = jwk as { kid?: string; alg?: string };
    Object.assign(this, { kid, alg }); // the types of the library do not tell that they can be set
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override async sign(data: Uint8Array): Promise<Uint8Array> {
    return sign('sha256', data, this.#private); // RFC 7518, 3.4
  }
}
