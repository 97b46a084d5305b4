/** The one way to change an account. */

import type { Accounts } from '../ports/accounts.ts';
import { Problem } from '../problem.ts';
import { type Account, type Decision, withEffects } from './account.ts';

const ATTEMPTS = 200; // each round somebody won, so 100 simultaneous callers all get through

/**
 * Applies a rule to an account as one compare-and-set write and returns its outcome with the account as it now stands.
 * The rule may run several times; it must be pure. Effects get the deterministic id `<account>:<revision>:<index>`.
 * `known`, the account exactly as it was read or written before, spares a read where nobody has written since; only a
 * change that meets its revision rests on it, everything else is decided on what is stored.
 * @throws Problem `account_missing`, `login_taken`, `lost_race`
 */
export async function updateAccount<Outcome>(
  accounts: Pick<Accounts, 'findById' | 'replace'>,
  id: string,
  rule: (account: Account) => Decision<Outcome>,
  known?: Account,
): Promise<{ outcome: Outcome; account: Account; changed: boolean }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const guessed = attempt === 0 ? known : undefined;
    const read = guessed ?? (await accounts.findById(id));
    if (read === undefined) throw new Problem('account_missing', 'this account does not exist');
    const { outcome, account, effects = [] } = rule(read);
    if (account === undefined && effects.length === 0) {
      if (guessed !== undefined) continue;
      return { outcome, account: read, changed: false };
    }
    const next = withEffects({ ...(account ?? read), revision: read.revision + 1 }, effects);
    if (await accounts.replace(next, read.revision)) return { outcome, account: next, changed: true };
  }
  throw new Problem('lost_race', 'this account is being changed by too many at once', { retryAfterSeconds: 2 });
}
