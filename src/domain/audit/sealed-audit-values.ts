/**
 * Seals old and new values in the audit log under a key of the person's own, so that erasing the account erases them
 * (rule 28).
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { Account, JsonValue } from '../account/account.ts';
import { Problem } from '../problem.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { RandomBytes } from '../tickets/short-code.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A new `Account.auditKey`: 256 bits, base64url. */
export function newAuditKey(random: RandomBytes): string {
  return Buffer.from(random(32)).toString('base64url');
}

/**
 * Derived from the lasting key, which PEDEL_SECRET seals, and the account's own key: neither database nor secret is
 * enough alone.
 */
function keyFor(master: Buffer, account: Pick<Account, 'auditKey'>): Buffer {
  return createHmac('sha256', master).update(account.auditKey).digest();
}

/** Seals `values` for `AuditInput.sealedValues` (AES-256-GCM, base64url), bound to the account's id. */
export function sealValues(
  sealer: Pick<Sealer, 'lastingKeys'>,
  account: Pick<Account, 'id' | 'auditKey'>,
  values: JsonValue,
): string {
  const [master = Buffer.alloc(0)] = sealer.lastingKeys('audit');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyFor(master, account), iv);
  cipher.setAAD(Buffer.from(account.id));
  const body = Buffer.concat([cipher.update(JSON.stringify(values), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
}

/**
 * Opens what `sealValues` sealed.
 * @throws Problem `sealed_unreadable` where it is another person's, or the secret it was sealed under is no longer known
 */
export function openValues(
  sealer: Pick<Sealer, 'lastingKeys'>,
  account: Pick<Account, 'id' | 'auditKey'>,
  sealed: string,
): JsonValue {
  const bytes = Buffer.from(sealed, 'base64url');
  for (const master of sealer.lastingKeys('audit')) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', keyFor(master, account), bytes.subarray(0, IV_BYTES));
      decipher.setAAD(Buffer.from(account.id));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const plain = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      return JSON.parse(plain) as JsonValue;
    } catch {
      // another key, or damaged: before there was a lasting key, the secret took its place
    }
  }
  throw new Problem('sealed_unreadable', 'these values of the audit log cannot be opened');
}
