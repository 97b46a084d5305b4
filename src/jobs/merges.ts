/** Erases what was kept for undoing a merge, once its time has passed. */
import type { Account } from '../domain/account/account.ts';
import { undoTerm } from '../domain/account/account-keys.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import { forgetBefore } from '../domain/lifecycle/merge.ts';
import type { Consents } from '../domain/ports/consents.ts';
import { type DueDeps, handleDue } from './due-accounts.ts';

export type MergeJobDeps = DueDeps & { storage: { consents: Pick<Consents, 'byAccount' | 'remove'> } };

/** @returns how many merges it forgot, as `handleDue` */
export async function forgetMerges(deps: MergeJobDeps, goOn?: () => boolean): Promise<number | undefined> {
  const { accounts, consents } = deps.storage;
  return handleDue(
    {
      lease: 'merges',
      term: undoTerm,
      failed: 'what was kept for undoing a merge could not be erased yet',
      async handle({ id }: Account) {
        // its applications asked for nothing since; consents go first, so that a crash leaves nothing behind
        for (const { clientId } of await consents.byAccount(id)) await consents.remove(id, clientId);
        const { changed } = await updateAccount(accounts, id, (account) => forgetBefore(account, deps.now()));
        return changed ? 'done' : 'nothing';
      },
    },
    deps,
    goOn,
  );
}
