/** Reads the public keys that somebody pastes: a JWK set, single JWKs, or PEM as openssl writes it. A private key is refused. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import {
  isPrivate,
  nameOfKey,
  PRIVATE_REMEDY,
  type PublicKey,
  sharedKid,
  unusableFor,
  weaknessOf,
} from './client-keys.ts';

/** Enough to change from one to another while two programs still have the old one. */
export const MOST_KEYS = 10;
const LONGEST = 40_000;
const LONGEST_KID = 200;

/** `place`: of the faulty key, from 1; absent: the whole. */
export type PastedFault = { remedy: string; place?: number };
export type Pasted = { keys: PublicKey[] } | { faults: PastedFault[] };

/** Whether it may hold a private key, whatever else is wrong with it: then no page repeats it, and nothing keeps it. */
export const looksPrivate = (text: string): boolean =>
  /PRIVATE KEY|Private-Lines:|"(?:d|p|q|dp|dq|qi|oth|k|priv)"\s*:/.test(text) || isPrivateBody(text);

/** What stands between the lines BEGIN and END of a private key, pasted without them. */
function isPrivateBody(text: string): boolean {
  const body = text.replace(/\s+/g, '');
  if (body.length > LONGEST || !/^[\w+/-]+={0,2}$/.test(body)) return false;
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some((type) => {
    try {
      createPrivateKey({ key: Buffer.from(body, 'base64'), format: 'der', type });
      return true;
    } catch (error) {
      // one with a passphrase is none the less a private key
      return (error as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE';
    }
  });
}

/** Every key gets a kid, its thumbprint where it brings none, so that they can be told apart. */
export function readPasted(text: string, algorithm?: string): Pasted {
  const read = parsed(text.trim());
  if ('faults' in read) return read;
  const keys = read.keys.map(named);
  if (keys.length === 0) return refused('give at least one key');
  if (keys.length > MOST_KEYS) return refused(`give ${MOST_KEYS} keys at most`);
  const faults = keys.flatMap((key, index): PastedFault[] => {
    const remedy = faultOf(key, algorithm);
    return remedy === undefined ? [] : [{ remedy, place: index + 1 }];
  });
  const twice = sharedKid(keys);
  if (twice !== undefined) faults.push({ remedy: `give each key a kid of its own: "${twice}" is there twice` });
  return faults.length > 0 ? { faults } : { keys };
}

const refused = (remedy: string): { faults: PastedFault[] } => ({ faults: [{ remedy }] });

function parsed(text: string): Pasted {
  if (text === '') return refused('give a JWK set, a JWK, or a public key in PEM');
  if (text.length > LONGEST) return refused(`give ${LONGEST} characters at most`);
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return refused(PRIVATE_REMEDY);
  if (text.includes('Private-Lines:') || isPrivateBody(text)) return refused(PRIVATE_REMEDY);
  if (/^(?:ssh-|ecdsa-)/.test(text)) return refused('give the key in PEM: ssh-keygen -e -m pkcs8 -f FILE writes it');
  return text.includes('-----BEGIN ') ? ofPem(text) : ofJson(text);
}

function ofPem(text: string): Pasted {
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]{1,40})-----[^-]{1,20000}-----END \1-----/g) ?? [];
  if (blocks.length === 0) return refused('give the whole key, from its line BEGIN to its line END');
  const keys: PublicKey[] = [];
  const faults: PastedFault[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      keys.push(createPublicKey(block).export({ format: 'jwk' }) as PublicKey);
    } catch {
      faults.push({ remedy: 'give a public key or a certificate that can be read', place: index + 1 });
    }
  }
  return faults.length > 0 ? { faults } : { keys };
}

const isKey = (value: unknown): value is PublicKey =>
  typeof value === 'object' && value !== null && typeof (value as PublicKey).kty === 'string';

function ofJson(text: string): Pasted {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('give a JWK set, a JWK, or a public key in PEM');
  }
  const keys = Array.isArray(value) ? value : ((value as { keys?: unknown } | null)?.keys ?? value);
  const list = Array.isArray(keys) ? keys : [keys];
  if (list.some((each) => typeof each === 'object' && each !== null && isPrivate(each))) return refused(PRIVATE_REMEDY);
  if (!list.every(isKey)) return refused('give a JWK set, a JWK, or a public key in PEM');
  return { keys: list };
}

/** Certificates beside a key are not looked at, so they are not kept. */
function named(key: PublicKey): PublicKey {
  const kept = Object.entries(key).filter(([name]) => !name.startsWith('x5'));
  const plain: PublicKey = { ...Object.fromEntries(kept), kty: key.kty };
  return { ...plain, kid: nameOfKey(plain) };
}

function faultOf(key: PublicKey, algorithm: string | undefined): string | undefined {
  const unusable = unusableFor(key, algorithm);
  if (unusable !== undefined) return unusable;
  if (String(key.kid).length > LONGEST_KID || /\p{C}/u.test(String(key.kid)))
    return `give a kid of at most ${LONGEST_KID} characters in one line`;
  try {
    createPublicKey({ key: key as never, format: 'jwk' });
  } catch {
    return 'give a public key that can be read: a part of this one is missing or wrong';
  }
  return weaknessOf(key);
}
