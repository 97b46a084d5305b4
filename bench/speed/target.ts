/** What the generator must know of a system: where it listens, and the applications and people that are registered there. */
import { newTotpSeed } from '../../src/domain/factors/totp.ts';
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
