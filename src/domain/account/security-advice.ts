/** What a person should do next for the safety of the account: the one most urgent thing, or nothing. */
import { type Account, hasSecondFactor } from './account.ts';

/** At this number of recovery codes, or fewer, new ones are advised. */
export const FEW_CODES = 3;

/**
 * `urgent`: somebody may get in, or the person may be locked out by the loss of one thing. `set-up-factor`: the password
 * alone opens the account; `make-codes`: none is left, or there never were any; `few-codes`: `left` are; `add-address`:
 * no mailed link reaches the person outside of the institution; `add-factor`: there is only the one of that kind.
 */
export type SecurityAdvice =
  | { kind: 'set-up-factor'; urgent: true }
  | { kind: 'make-codes'; urgent: true }
  | { kind: 'few-codes'; urgent: true; left: number }
  | { kind: 'add-address'; urgent: true }
  | { kind: 'add-factor'; urgent: false; only: 'totp' | 'passkey' };

/** The first that holds, in the order of `SecurityAdvice`. Undefined: nothing is to be done. */
export function securityAdvice(account: Account): SecurityAdvice | undefined {
  const { totps, passkeys, recoveryCodes, personalEmail } = account;
  if (!hasSecondFactor(account)) return { kind: 'set-up-factor', urgent: true };
  const left = recoveryCodes?.macs.length ?? 0;
  if (left === 0) return { kind: 'make-codes', urgent: true };
  if (left <= FEW_CODES) return { kind: 'few-codes', urgent: true, left };
  if (personalEmail === undefined) return { kind: 'add-address', urgent: true };
  if (totps.length + passkeys.length === 1)
    return { kind: 'add-factor', urgent: false, only: totps.length === 1 ? 'totp' : 'passkey' };
  return undefined;
}
