/** AES-256-GCM, the one place where bytes are encrypted: iv, tag and ciphertext in one text, bound to what it belongs to. */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { RandomBytes } from '../random.ts';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * base64url of iv, tag and ciphertext. `key`: 32 bytes, prepared, because bytes alone take four times as long. `boundTo`: without
 * the same bytes it does not open.
 */
export function encrypt(key: KeyObject, plain: string, boundTo: Uint8Array, randomBytes: RandomBytes): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(boundTo);
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
}

/** What `encrypt` was given, with the first of `keys` that opens it; undefined: none does, or it was never made by it. */
export function decrypt(keys: readonly KeyObject[], encrypted: string, boundTo: Uint8Array): string | undefined {
  const bytes = Buffer.from(encrypted, 'base64url');
  // a shorter tag would be accepted, and guessed (NIST SP 800-38D, appendix C)
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
  for (const key of keys) {
    const iv = bytes.subarray(0, IV_BYTES);
    const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo);
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      // not under this key: the next one may open it
    }
  }
  return undefined;
}
