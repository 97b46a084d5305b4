/**
 * Recovery codes: ten single-use codes that stand in for a lost second factor; only their HMACs are stored (rule 4).
 */
import type { Account } from '../account/account.ts';
import type { RandomBytes } from '../random.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { normalizeCode, randomCode } from '../tickets/short-code.ts';
import type { RecoveryCodes } from './factor-records.ts';

const COUNT = 10;
/** Of a 31-letter alphabet: 74 bits; NIST SP 800-63B-4 (3.1.2.1) asks for 64. */
const LENGTH = 15;
const GROUP = 5;
/** Codes that were made before, of 49 bits, go on opening: each is guessed online only, against a counter per account. */
const EARLIER_LENGTH = 10;

/** Ten new codes (`XXXXX-XXXXX-XXXXX`, shown once) and what to store of them. `now`: epoch ms. */
export function newRecoveryCodes(
  sealer: Sealer,
  accountId: string,
  now: number,
  randomBytes: RandomBytes,
): { codes: string[]; stored: RecoveryCodes } {
  const plain = Array.from({ length: COUNT }, () => randomCode(LENGTH, randomBytes));
  return {
    codes: plain.map(grouped),
    stored: { macs: plain.map((code) => sealer.mac('recovery-code', accountId, code)), createdAt: now },
  };
}

function grouped(code: string): string {
  return Array.from({ length: LENGTH / GROUP }, (_, index) => code.slice(index * GROUP, (index + 1) * GROUP)).join('-');
}

/** The stored HMAC of `typed`, which the caller's rule removes. Undefined: there is no such unused code. */
export function matchRecoveryCode(account: Account, typed: string, sealer: Sealer): string | undefined {
  const code = normalizeCode(typed);
  if (code.length !== LENGTH && code.length !== EARLIER_LENGTH) return undefined;
  return account.recoveryCodes?.macs.find((mac) => sealer.macMatches(mac, 'recovery-code', account.id, code));
}

/** The account without that code. Called in the write that accepts the code, so that of parallel uses one wins. */
export function withoutRecoveryCode(account: Account, mac: string): Account {
  if (account.recoveryCodes === undefined) return account;
  const macs = account.recoveryCodes.macs.filter((each) => each !== mac);
  return { ...account, recoveryCodes: { ...account.recoveryCodes, macs } };
}
