/** Tends the slow recoveries of second steps: the letters of each day and the end of each, on one node at a time. */
import { recoveryTerm } from '../domain/account/account-keys.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import { OPEN_MS } from '../domain/factors/slow-recovery.ts';
import { tendRecovery } from '../domain/factors/slow-recovery-steps.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { RandomBytes } from '../domain/random.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { newTicket } from '../domain/tickets/ticket.ts';
import type { JobLog } from './log.ts';

const LEASE_MS = 60_000;
const AT_ONCE = 100;

export type SlowRecoveryDeps = {
  storage: Pick<Storage, 'leases' | 'accounts'>;
  organisations: Organisation[];
  sealer: Sealer;
  holder: string;
  now: () => number;
  randomBytes: RandomBytes;
  log: JobLog;
};

/**
 * Nearly always one small read. What is told is written into the account with the letters that tell it, so that a node that
 * slept past its lease tells nothing twice.
 * @returns how many accounts changed; undefined: another node does it
 * @throws what the storage throws, except for single accounts: those are logged
 */
export async function tendRecoveries(
  { storage, organisations, sealer, holder, now, randomBytes, log }: SlowRecoveryDeps,
  goOn: () => boolean = () => true,
): Promise<number | undefined> {
  const { accounts, leases } = storage;
  const due = () => accounts.byTerm(recoveryTerm(0), recoveryTerm(now() + 1), AT_ONCE);
  const found = await due();
  if (found.length === 0) return 0;
  if ((await leases.acquire('slow-recoveries', holder, now() + LEASE_MS, now())) === undefined) return undefined;
  let changed = 0;
  try {
    for (const { account } of await due()) {
      if (!goOn()) break;
      const { ticket, token } = newTicket(
        { purpose: 'recovery-stop', accountId: account.id, lifetimeSeconds: OPEN_MS / 1000, withCode: false },
        sealer,
        now(),
        randomBytes,
      );
      const secret = JSON.stringify({ link: `/recovery/stop?ticket=${token}` });
      const stop = { ticket, sealedSecret: sealer.seal(secret, account.id, 'letter') };
      try {
        const tended = await updateAccount(accounts, account.id, (read) =>
          tendRecovery(read, stop, { organisations, now: now() }),
        );
        if (tended.changed) changed += 1;
      } catch (error) {
        log.error({ err: error, accountId: account.id }, 'a slow recovery could not be tended yet');
      }
    }
  } finally {
    await leases.release('slow-recoveries', holder);
  }
  return changed;
}
