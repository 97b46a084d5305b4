/** Tells people of sign-ins that stopped after the password, a quarter of an hour later. */
import type { Account } from '../domain/account/account.ts';
import { halfwayTerm } from '../domain/account/account-keys.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import type { RandomBytes } from '../domain/random.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { HALFWAY_MS, tellHalfway } from '../domain/sign-in/halfway.ts';
import { prepareTicket } from '../domain/tickets/prepared-ticket.ts';
import { NOT_ME_SECONDS } from '../domain/tickets/ticket.ts';
import { type DueDeps, handleDue } from './due-accounts.ts';

export type HalfwayDeps = DueDeps & { organisations: Organisation[]; sealer: Sealer; randomBytes: RandomBytes };

/** @returns of how many accounts it told, as `handleDue` */
export async function tellOfHalfway(deps: HalfwayDeps, goOn?: () => boolean): Promise<number | undefined> {
  const { storage, organisations, sealer, randomBytes } = deps;
  return handleDue(
    {
      lease: 'halfway-sign-ins',
      term: halfwayTerm,
      afterMs: HALFWAY_MS,
      failed: 'a sign-in that stopped halfway could not be told yet',
      async handle({ id }: Account) {
        const now = deps.now();
        const notMe = prepareTicket(
          { purpose: 'not-me', accountId: id, lifetimeSeconds: NOT_ME_SECONDS, withCode: false },
          { sealer, now, randomBytes },
        );
        const { outcome } = await updateAccount(storage.accounts, id, (account) =>
          tellHalfway(account, notMe, { organisations, now }),
        );
        return outcome === 'told' ? 'done' : 'nothing';
      },
    },
    deps,
    goOn,
  );
}
