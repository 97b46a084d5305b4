/** What the generator must know of a system: where it listens, and the applications and people that are registered there. */
import { createHash, randomBytes } from 'node:crypto';
import { newTotpSeed } from '../../src/domain/factors/totp.ts';
import { createSealer } from '../../src/domain/sealing/sealer.ts';
import type { Place } from './http.ts';

export type Target = Place & {
  name: string;
  paths: Record<'authorization' | 'token' | 'userinfo' | 'introspection' | 'jwks' | 'endSession', string>;
  /** applications, all registered alike; the first is the one that people sign in to */
  clients: string[];
  secret: string;
  redirectUri: string;
  password: string;
  /** of everybody who has an authenticator */
  totpSeed: string;
  people: Record<'password' | 'totp', { first: number; count: number }>;
  /** in place of those: the only ones there are */
  logins?: string[];
  /** its accounts know a browser of each of these people (`browserOf`) */
  knowsBrowsers?: true;
};

export const DISCOVERY = '/.well-known/openid-configuration';

/** Of every installation of Pedel, so that a file that was filled can be measured again. */
export const INSTALLATION_SECRET = 'a secret of a measurement, longer than thirty-two characters';

/** The same for every system that the bench starts. */
export const world = {
  clients: Array.from({ length: 12 }, (_, n) => `application-${n}`),
  secret: 'a secret of an application that only the bench knows',
  redirectUri: 'https://application.example/callback',
  password: 'negen koperen lampen dwalen',
  totpSeed: newTotpSeed((size) => Buffer.alloc(size, 7)),
  people: { password: { first: 8_000_000, count: 2000 }, totp: { first: 9_000_000, count: 4000 } },
} satisfies Partial<Target>;

/** Of every application. */
export const SCOPE = 'openid profile email';

export const loginOf = (number: number): string => `r${number}`;

/** Of the account that `fill` makes, so that its browser can be known to every installation of Pedel. */
export const accountIdOf = (number: number): string => uuidOf(`account ${number}`);

const EPOCH = 1; // of credentials, of everybody
const sealer = createSealer({ secrets: [INSTALLATION_SECRET] }, randomBytes);

/** The browser that a person keeps: what the account has of it, and the cookie by which it is known. */
export function browserOf(number: number): { id: string; cookie: { name: string; value: string } } {
  const account = accountIdOf(number);
  const id = createHash('sha256').update(`browser ${number}`).digest('base64url').slice(0, 16);
  const mac = sealer.mac('device', account, String(EPOCH), id);
  return { id, cookie: { name: 'pedel_device', value: [account, EPOCH, id, mac].join('.') } };
}

/** A version 8 UUID (RFC 9562) of a text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
