/**
 * Short codes that people type: made of an alphabet without look-alikes, and read without regard to case, spaces,
 * punctuation and what a copied text holds unseen.
 */
import type { RandomBytes } from '../random.ts';

/** No 0 O, 1 I L. 31 letters: 8 of them are 39 bits. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** `length` characters of the alphabet, each equally likely: bytes that would favour some are thrown away. */
export function randomCode(length: number, randomBytes: RandomBytes): string {
  const fair = 256 - (256 % ALPHABET.length);
  let code = '';
  while (code.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < fair && code.length < length) code += ALPHABET[byte % ALPHABET.length];
    }
  }
  return code;
}

/** A typed code as it is compared: upper case, only letters and digits. */
export function normalizeCode(typed: string): string {
  return typed
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toUpperCase();
}
