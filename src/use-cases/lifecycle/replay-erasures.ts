/** Erases again, in a storage restored from a backup, whom the journal outside the database names. */
import type { Account } from '../../domain/account/account.ts';
import { updateAccount } from '../../domain/account/update-account.ts';
import { erased } from '../../domain/lifecycle/erasure.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';

/** `unreadable`: lines of the journal that are none. */
export type Replayed = { erased: number; already: number; unreadable: number };

/**
 * What is stored of these people beside their accounts goes with the effects, when a node starts. Idempotent.
 * @param lines of the journal, each `{ account, day }`
 */
export async function replayErasures(
  lines: Iterable<string>,
  deps: { accounts: Pick<Accounts, 'findById' | 'replace'>; sealer: Pick<Sealer, 'mac'>; now: number },
): Promise<Replayed> {
  const counts: Replayed = { erased: 0, already: 0, unreadable: 0 };
  for (const line of lines) {
    if (line.trim() === '') continue;
    const noted = read(line);
    if (noted === undefined) {
      counts.unreadable += 1;
      continue;
    }
    const { account: id, day } = noted;
    const stored = await deps.accounts.findById(id);
    if (stored === undefined || stored.erased !== undefined) {
      counts.already += 1;
      continue;
    }
    const again = (account: Account) =>
      account.erased === undefined
        ? erased(account, { rule: `erased on ${day}, restored from a backup`, counts: {} }, deps)
        : { outcome: undefined };
    await updateAccount(deps.accounts, id, again, stored);
    counts.erased += 1;
  }
  return counts;
}

function read(line: string): { account: string; day: string } | undefined {
  try {
    const { account, day } = JSON.parse(line) as { account?: unknown; day?: unknown };
    return typeof account === 'string' && typeof day === 'string' ? { account, day } : undefined;
  } catch {
    return undefined;
  }
}
