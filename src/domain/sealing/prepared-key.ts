/**
 * Keys for HMAC and AES that are prepared once: one as bytes takes four to five times as long, and a sign-in makes some forty
 * HMACs.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';

const prepared = new WeakMap<Buffer, KeyObject>();

/** The same key, ready for use. It is remembered by the buffer, whose bytes must not change. */
export function preparedKey(bytes: Buffer): KeyObject {
  const known = prepared.get(bytes);
  if (known !== undefined) return known;
  const made = createSecretKey(bytes);
  prepared.set(bytes, made);
  return made;
}
