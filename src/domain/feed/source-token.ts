/**
 * Tokens that do not expire by themselves, for provisioning services that cannot ask for one: two at a time for each source,
 * so that one is changed without a gap. Only hashes are kept.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../random.ts';

/** `id`: short, for people and the audit log. Times in epoch ms. */
export type SourceToken = { id: string; hash: string; createdAt: number };

export const TOKENS_AT_MOST = 2;
const FORM = /^pedel-scim\.([a-z0-9][a-z0-9._-]{0,63})\.([\w-]{43})$/i;

export function newSourceToken(source: string, randomBytes: RandomBytes, now: number) {
  const token = `pedel-scim.${source}.${Buffer.from(randomBytes(32)).toString('base64url')}`;
  const id = Buffer.from(randomBytes(4)).toString('hex');
  return { token, stored: { id, hash: hashOf(token), createdAt: now } satisfies SourceToken };
}

/** The source that a token says it is of. Undefined: it is none of ours. */
export const sourceOfToken = (token: string): string | undefined => FORM.exec(token)?.[1];

export function tokenAmong(tokens: readonly SourceToken[], token: string): SourceToken | undefined {
  const hash = Buffer.from(hashOf(token));
  return tokens.find((each) => timingSafeEqual(Buffer.from(each.hash), hash));
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');
