/**
 * The one way to change an account: applies a rule as one compare-and-set write, again where another write came first.
 */
import type { Accounts } from '../ports/accounts.ts';
import { Problem } from '../problem.ts';
import { type Account, type Decision, keepFormerNumbers, withEffects } from './account.ts';

const ATTEMPTS = 200; // one caller wins each round, so 100 simultaneous callers all get through

/**
 * Applies a rule and returns its outcome with the account as it now stands. The rule may run several times, so it must
 * be pure. Effects get the ids `<account>:<revision>:<index>`. Numbers that an activated account gives up stay its own
 * (`formerNumbers`), but for those that the rule hands over.
 * @param known the account as it was read or written before. It saves a read: a change is written only if it still has
 *   the stored revision, and an outcome that changes nothing is decided again on what is stored.
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
    const { outcome, account, effects = [], handsOver } = rule(read);
    if (account === undefined && effects.length === 0) {
      if (guessed !== undefined) continue;
      return { outcome, account: read, changed: false };
    }
    const next = withEffects(
      { ...keepFormerNumbers(read, account ?? read, handsOver), revision: read.revision + 1 },
      effects,
    );
    if (await accounts.replace(next, read.revision)) return { outcome, account: next, changed: true };
  }
  throw new Problem('lost_race', 'this account is being changed by too many at once', { retryAfterSeconds: 2 });
}
