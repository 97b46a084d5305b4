/** The authenticator app of the demo's administrators: codes of six digits that change every half minute (RFC 6238). */
import { createHmac, randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_MS = 30_000;

/** A new seed: 160 bits in base32, as RFC 4226 recommends. */
export function newSeed(): string {
  return [...randomBytes(32)].map((byte) => ALPHABET[byte % 32]).join('');
}

/** The code at `now` (epoch ms), and how many seconds it is shown. */
export function codeAt(seed: string, now: number): { code: string; seconds: number } {
  const bits = [...seed].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / STEP_MS)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const from = (mac.at(-1) ?? 0) & 15;
  const number = (mac.readUInt32BE(from) & 0x7fffffff) % 1_000_000;
  return { code: String(number).padStart(6, '0'), seconds: Math.ceil((STEP_MS - (now % STEP_MS)) / 1000) };
}
