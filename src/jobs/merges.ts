/** Erases what was kept for undoing a merge once its time has passed, each account by one compare-and-set write. */
import { undoTerm } from '../domain/account/account-keys.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import { forgetBefore } from '../domain/lifecycle/merge.ts';
import type { Storage } from '../domain/ports/storage.ts';

const PAGE = 100;
const LEASE_MS = 60_000;

export type MergeJobDeps = {
  storage: Pick<Storage, 'leases' | 'accounts' | 'consents'>;
  holder: string;
  now: () => number;
};

/**
 * @returns how many; undefined: another node does it
 * @throws what the storage throws
 */
export async function forgetMerges(
  { storage, holder, now }: MergeJobDeps,
  goOn: () => boolean = () => true,
): Promise<number | undefined> {
  const { leases, accounts, consents } = storage;
  const hold = () => leases.acquire('merges', holder, now() + LEASE_MS, now());
  if ((await hold()) === undefined) return undefined;
  let forgotten = 0;
  try {
    for (let left = true; left; ) {
      const due = await accounts.byTerm(undoTerm(0), undoTerm(now()), PAGE);
      for (const { account } of due) {
        // its applications asked for nothing since; consents go first, so that a crash leaves nothing behind
        for (const { clientId } of await consents.byAccount(account.id)) await consents.remove(account.id, clientId);
        await updateAccount(accounts, account.id, (read) => forgetBefore(read, now()));
        forgotten += 1;
      }
      left = due.length === PAGE && goOn() && (await hold()) !== undefined;
    }
    return forgotten;
  } finally {
    await leases.release('merges', holder);
  }
}
