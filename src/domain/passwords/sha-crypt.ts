/**
 * sha256-crypt and sha512-crypt, `$5$` and `$6$`, as glibc writes them in /etc/shadow and directories behind `{CRYPT}`
 * (https://www.akkadia.org/drepper/SHA-crypt.txt, whose steps the numbers are). Our own, because `unixcrypt` 3.0.4 makes another hash of a
 * password as long as the digest (its steps 9 and 16 leave the last whole block out).
 */
import { hash } from 'node:crypto';

/** `salt`: at most 16 signs. */
export type ShaCrypt = { hash: 'sha256' | 'sha512'; rounds: number; salt: string };

const WRITTEN = /^\$([56])\$(?:rounds=([1-9]\d{3,8})\$)?([^$:\n]{1,16})\$([./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})$/;
const SIGNS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const KEY_SIGNS = { sha256: 43, sha512: 86 };
const ROUNDS_UNSAID = 5000;

/** Undefined: it is written in another way, or not to its end. */
export function shaCryptOf(stored: string): (ShaCrypt & { key: string }) | undefined {
  const [, id, rounds = String(ROUNDS_UNSAID), salt, key] = WRITTEN.exec(stored) ?? [];
  if (salt === undefined || key === undefined) return undefined;
  const name = id === '5' ? 'sha256' : 'sha512';
  return key.length === KEY_SIGNS[name] ? { hash: name, rounds: Number(rounds), salt, key } : undefined;
}

/** The form in which such a hash is stored, whether the rounds were said or not. */
export function shaCryptText({ hash: name, rounds, salt }: ShaCrypt, key: string): string {
  return `$${name === 'sha256' ? 5 : 6}$rounds=${rounds}$${salt}$${key}`;
}

/** A key of nobody's password, in its place. */
export const emptyKey = (name: ShaCrypt['hash']): string => '.'.repeat(KEY_SIGNS[name]);

/** What the other system would have stored as the key of this password. It keeps its process for all of its time. */
export function shaCryptKey(typed: string, { hash: name, rounds, salt: signs }: ShaCrypt): string {
  const digest = (...parts: Buffer[]): Buffer => hash(name, Buffer.concat(parts), 'buffer');
  const [password, salt] = [Buffer.from(typed), Buffer.from(signs)];
  const alternate = digest(password, salt, password); // 4 to 8
  const parts = [password, salt, stretched(alternate, password.length)]; // 1 to 3, 9, 10
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? alternate : password); // 11
  let result = digest(...parts);
  const passwords = Array<Buffer>(password.length).fill(password);
  const p = stretched(digest(...passwords), password.length); // 13 to 16
  const salts = Array<Buffer>(16 + (result[0] ?? 0)).fill(salt);
  const s = stretched(digest(...salts), salt.length); // 17 to 20
  for (let round = 0; round < rounds; round += 1) {
    // 21
    const odd = round % 2 === 1;
    const middle = [...(round % 3 === 0 ? [] : [s]), ...(round % 7 === 0 ? [] : [p])];
    result = digest(odd ? p : result, ...middle, odd ? result : p);
  }
  return written(result, name);
}

/** Its bytes over and over, until there are so many. */
const stretched = (bytes: Buffer, length: number): Buffer =>
  Buffer.concat(Array<Buffer>(Math.ceil(length / bytes.length)).fill(bytes)).subarray(0, length);

/** 22: three bytes as four signs, the lowest bits first, in an order that turns by a third of the digest each time. */
function written(digest: Buffer, name: ShaCrypt['hash']): string {
  const third = Math.floor(digest.length / 3);
  const turn = name === 'sha256' ? 2 : 1;
  let text = '';
  for (let index = 0; index < third; index += 1) {
    const order = [0, 1, 2].map((place) => ((place + index * turn) % 3) * third + index);
    const [high = 0, middle = 0, low = 0] = order.map((place) => digest[place]);
    text += signs((high << 16) | (middle << 8) | low, 4);
  }
  const rest = digest.subarray(3 * third);
  return text + (rest.length === 2 ? signs(((rest[1] ?? 0) << 8) | (rest[0] ?? 0), 3) : signs(rest[0] ?? 0, 2));
}

function signs(bits: number, count: number): string {
  return Array.from({ length: count }, (_, index) => SIGNS[(bits >> (6 * index)) & 63]).join('');
}
