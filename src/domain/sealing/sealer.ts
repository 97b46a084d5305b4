/**
 * Encrypts what must be read back, so that only a holder of PEDEL_SECRET can read it, and only in its own place (rule
 * 25).
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Problem } from '../problem.ts';
import type { RandomBytes } from '../random.ts';
import { decrypt, encrypt } from './aes-gcm.ts';
import { preparedKey } from './prepared-key.ts';

export type Sealer = {
  /** AES-256-GCM bound to owner and field: a value copied to another record or field does not open. */
  seal(plain: string, owner: string, field: string): string;
  /** The plain text. @throws Problem `sealed_unreadable` where no known secret opens it */
  open(sealed: string, owner: string, field: string): string;
  /** HMAC-SHA-256 (base64url) of the parts under the first of the lasting keys for `field` */
  mac(field: string, ...parts: string[]): string;
  /** whether `mac` was made from these parts under any of the lasting keys, compared in constant time */
  macMatches(mac: string, field: string, ...parts: string[]): boolean;
  /** 32-byte keys derived for `field` (HKDF), the current secret's first */
  keys(field: string): Buffer[];
  /** 32-byte keys for what outlives a change of secret: the lasting key's first, where there is one */
  lastingKeys(field: string): Buffer[];
};

const PREFIX = 's1.';

/** `secrets`: at least 32 characters each, the current one first. `lastingKey`: 32 bytes (lasting-key.ts). */
export type SealingKeys = { secrets: readonly string[]; lastingKey?: Uint8Array };

/**
 * The first secret seals, all of them open. Without a lasting key the secrets take its place. `randomBytes` makes the
 * IVs: two values sealed under one key and one IV would tell both (NIST SP 800-38D, section 8).
 */
export function createSealer({ secrets, lastingKey }: SealingKeys, randomBytes: RandomBytes): Sealer {
  const keys = derivedFrom(secrets);
  const lastingKeys = derivedFrom(lastingKey === undefined ? secrets : [lastingKey, ...secrets]);

  /** Each part is preceded by its length, so that ('ab','c') and ('a','bc') differ. */
  const framed = (parts: string[]) => parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  const boundTo = (owner: string, field: string) => Buffer.from(framed([owner, field]));
  const macUnder = (key: Buffer, parts: string[]) =>
    createHmac('sha256', preparedKey(key)).update(framed(parts)).digest();

  return {
    keys,
    lastingKeys,
    seal(plain, owner, field) {
      return PREFIX + encrypt(preparedKey(keys('seal')[0] as Buffer), plain, boundTo(owner, field), randomBytes);
    },
    open(sealed, owner, field) {
      const plain = sealed.startsWith(PREFIX)
        ? decrypt(keys('seal').map(preparedKey), sealed.slice(PREFIX.length), boundTo(owner, field))
        : undefined;
      if (plain !== undefined) return plain;
      throw new Problem(
        'sealed_unreadable',
        `a sealed value (${field}) cannot be opened: is PEDEL_SECRET the one it was made under?`,
      );
    },
    mac: (field, ...parts) => macUnder(lastingKeys(field)[0] as Buffer, parts).toString('base64url'),
    macMatches(mac, field, ...parts) {
      const given = Buffer.from(mac, 'base64url');
      let matches = false;
      for (const key of lastingKeys(field)) {
        const expected = macUnder(key, parts);
        if (given.length === expected.length && timingSafeEqual(given, expected)) matches = true;
      }
      return matches;
    },
  };
}

/** One 32-byte key for each master and field, derived once. */
function derivedFrom(masters: readonly (string | Uint8Array)[]): (field: string) => Buffer[] {
  const derived = new Map<string, Buffer[]>();
  return (field) => {
    let found = derived.get(field);
    if (found === undefined) {
      found = masters.map((each) => Buffer.from(hkdfSync('sha256', each, 'pedel', field, 32)));
      derived.set(field, found);
    }
    return found;
  };
}
