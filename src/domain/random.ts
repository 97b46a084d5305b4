/** Randomness is an argument, like the time: a rule is told what to draw from, and a test tells it what comes out (rule 29). */

/** `size` bytes that nobody can predict: `crypto.randomBytes`, or what a test gives in its place. */
export type RandomBytes = (size: number) => Uint8Array;

/** A new UUID, version 4 (RFC 9562, section 5.4): 122 random bits. */
export function randomId(randomBytes: RandomBytes): string {
  const bytes = Buffer.from(randomBytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40; // version
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80; // variant
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
