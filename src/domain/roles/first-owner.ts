/** The link with which the first owner sets up an account, while there is no owner who could grant anything. */
import { createHash } from 'node:crypto';
import type { Account } from '../account/account.ts';
import { emptyAccount } from '../account/empty-account.ts';
import type { Language } from '../account/languages.ts';
import { newAuditKey } from '../audit/sealed-audit-values.ts';
import type { RandomBytes } from '../random.ts';

/** What is stored of a link: the SHA-256 (hex) of its key, and until when it opens (epoch ms). */
export type OwnerLink = { hash: string; expiresAt: number };

/** Long enough to find it in the output of a start; a further start makes another. */
const LINK_SECONDS = 24 * 3600;
/** Each start of each node makes one; the oldest goes. */
const MOST_LINKS = 20;
const KEY_BYTES = 24; // 192 bits: it is never guessed

/** @returns the key for the link, and the links to store, without those that have expired */
export function withNewLink(links: OwnerLink[], now: number, randomBytes: RandomBytes) {
  const key = Buffer.from(randomBytes(KEY_BYTES)).toString('base64url');
  const living = links.filter(({ expiresAt }) => expiresAt > now).slice(1 - MOST_LINKS);
  return { key, links: [...living, { hash: hashOf(key), expiresAt: now + LINK_SECONDS * 1000 }] };
}

export function opensLink(links: OwnerLink[], key: string, now: number): boolean {
  const hash = hashOf(key);
  return links.some((link) => link.hash === hash && link.expiresAt > now);
}

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');

/** Who is to be the first owner. `address`: lower-cased; it is the login as well, because no feed gave a number. */
export type FirstOwner = { givenName: string; familyName: string; address: string; language: Language };

/** The account to insert, which is of no organisation and so ends by none. */
export function accountOfFirstOwner(
  { address, ...person }: FirstOwner,
  { id, now, randomBytes }: { id: string; now: number; randomBytes: RandomBytes },
): Account {
  const { language } = person;
  const auditKey = newAuditKey(randomBytes);
  return {
    ...emptyAccount({ id, revision: 1, createdAt: now, auditKey, language, credentialsEpoch: 1 }),
    ...person,
    emails: [address],
    personalEmail: address,
  };
}
