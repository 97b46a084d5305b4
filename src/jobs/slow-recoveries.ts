/** Tends the slow recoveries of second steps: the letters of each day, and the end of each. */
import type { Account } from '../domain/account/account.ts';
import { recoveryTerm } from '../domain/account/account-keys.ts';
import { withNotMeLink } from '../domain/account/not-me-links.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import { OPEN_MS } from '../domain/factors/slow-recovery.ts';
import { tendRecovery } from '../domain/factors/slow-recovery-steps.ts';
import type { RandomBytes } from '../domain/random.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { prepareTicket } from '../domain/tickets/prepared-ticket.ts';
import { type DueDeps, handleDue } from './due-accounts.ts';

export type SlowRecoveryDeps = DueDeps & { organisations: Organisation[]; sealer: Sealer; randomBytes: RandomBytes };

/** @returns how many accounts changed, as `handleDue` */
export async function tendRecoveries(deps: SlowRecoveryDeps, goOn?: () => boolean): Promise<number | undefined> {
  const { storage, organisations, sealer, randomBytes } = deps;
  return handleDue(
    {
      lease: 'slow-recoveries',
      term: recoveryTerm,
      failed: 'a slow recovery could not be tended yet',
      async handle({ id }: Account) {
        const now = deps.now();
        const stop = prepareTicket(
          { purpose: 'recovery-stop', accountId: id, lifetimeSeconds: OPEN_MS / 1000, withCode: false },
          { sealer, now, randomBytes },
        );
        const { changed } = await updateAccount(storage.accounts, id, (account) =>
          withNotMeLink(account, tendRecovery(account, stop, { organisations, now }), deps),
        );
        return changed ? 'done' : 'nothing';
      },
    },
    deps,
    goOn,
  );
}
