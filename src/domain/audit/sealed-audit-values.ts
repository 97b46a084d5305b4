/**
 * Seals old and new values in the audit log under a key of the person's own, so that erasing the account erases them
 * (rule 28).
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Account } from '../account/account.ts';
import type { JsonValue } from '../json-value.ts';
import { Problem } from '../problem.ts';
import type { RandomBytes } from '../random.ts';
import { decrypt, encrypt } from '../sealing/aes-gcm.ts';
import { preparedKey } from '../sealing/prepared-key.ts';
import type { Sealer } from '../sealing/sealer.ts';

/** A new `Account.auditKey`: 256 bits, base64url. */
export function newAuditKey(randomBytes: RandomBytes): string {
  return Buffer.from(randomBytes(32)).toString('base64url');
}

/**
 * Derived from the lasting key, which PEDEL_SECRET seals, and the account's own key: neither database nor secret is
 * enough alone.
 */
function keyFor(master: Buffer, account: Pick<Account, 'auditKey'>): KeyObject {
  return createSecretKey(createHmac('sha256', preparedKey(master)).update(account.auditKey).digest());
}

/** Seals `values` for `AuditInput.sealedValues` (AES-256-GCM, base64url), bound to the account's id. */
export function sealValues(
  sealer: Pick<Sealer, 'lastingKeys'>,
  account: Pick<Account, 'id' | 'auditKey'>,
  values: JsonValue,
  randomBytes: RandomBytes,
): string {
  const [master = Buffer.alloc(0)] = sealer.lastingKeys('audit');
  return encrypt(keyFor(master, account), JSON.stringify(values), Buffer.from(account.id), randomBytes);
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
  // before there was a lasting key, the secret took its place
  const keys = sealer.lastingKeys('audit').map((master) => keyFor(master, account));
  const plain = decrypt(keys, sealed, Buffer.from(account.id));
  if (plain !== undefined) return JSON.parse(plain) as JsonValue;
  throw new Problem('sealed_unreadable', 'these values of the audit log cannot be opened');
}
