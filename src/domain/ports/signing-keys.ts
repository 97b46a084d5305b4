/** The port for signing keys. */
import type { JsonValue } from '../account/account.ts';

export type SigningKeyRecord = {
  kid: string;
  alg: 'ES256' | 'RS256' | 'PS256' | 'EdDSA';
  /** unique together with `alg`: two nodes that both make the first key make one */
  generation: number;
  publicJwk: Record<string, JsonValue>;
  /** sealed for owner = kid, field `signing-key` */
  sealedPrivateJwk: string;
  createdAt: number;
  /** signs from then on */
  usedFrom: number;
  /** signs until then; afterwards only verifies */
  usedUntil?: number;
  /** leaves the JWKS then */
  removedAt?: number;
};
export type SigningKeys = {
  list(): Promise<SigningKeyRecord[]>;
  /** false where (alg, generation) or kid exists */
  insert(record: SigningKeyRecord): Promise<boolean>;
  /** changes these of one kid; with `expected` only where they are stored so (undefined = absent); false = not changed */
  update(kid: string, change: SigningKeyChange, expected?: SigningKeyExpectation): Promise<boolean>;
  remove(kid: string): Promise<boolean>;
};
type Changeable = Pick<SigningKeyRecord, 'usedFrom' | 'usedUntil' | 'removedAt' | 'sealedPrivateJwk'>;
export type SigningKeyChange = Partial<Changeable>;
export type SigningKeyExpectation = { [Member in keyof Changeable]?: Changeable[Member] | undefined };
