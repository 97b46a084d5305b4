/**
 * The port for signing keys: a change names what it expects to find, so that of several nodes one wins. Times in epoch
 * ms.
 */
import type { JsonValue } from '../json-value.ts';
import type { ChangeEntry } from './audit-log.ts';

export type SigningKeyRecord = {
  kid: string;
  alg: 'ES256' | 'RS256' | 'PS256' | 'EdDSA';
  /** counts from 1; unique together with `alg`, so that two nodes that make the next key make one */
  generation: number;
  publicJwk: Record<string, JsonValue>;
  /** sealed for owner = kid, field `signing-key` */
  sealedPrivateJwk: string;
  createdAt: number;
  /** epoch ms from which it signs */
  usedFrom: number;
  /** epoch ms until which it signs; afterwards it only verifies */
  usedUntil?: number;
  /** epoch ms at which it leaves the JWKS */
  removedAt?: number;
};
/** `entry` goes into the audit log in the same act, where something was changed. */
export type SigningKeys = {
  list(): Promise<SigningKeyRecord[]>;
  /** false: (alg, generation) or kid exists */
  insert(record: SigningKeyRecord, entry?: ChangeEntry): Promise<boolean>;
  /**
   * Changes members of one key, with `expected` only if they are stored so (undefined: absent). False: nothing was
   * changed.
   */
  update(
    kid: string,
    change: SigningKeyChange,
    expected?: SigningKeyExpectation,
    entry?: ChangeEntry,
  ): Promise<boolean>;
  /** false: there was none */
  remove(kid: string, entry?: ChangeEntry): Promise<boolean>;
};
type Changeable = Pick<SigningKeyRecord, 'usedFrom' | 'usedUntil' | 'removedAt' | 'sealedPrivateJwk'>;
export type SigningKeyChange = Partial<Changeable>;
export type SigningKeyExpectation = { [Member in keyof Changeable]?: Changeable[Member] | undefined };
