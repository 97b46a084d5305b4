/** Erases accounts that are due, once a day and on one node at a time; each is one compare-and-set write. */
import type { Account } from '../domain/account/account.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import { erasureLookedFor, erasureStep } from '../domain/lifecycle/erasure.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import type { JobLog } from './log.ts';

const PAGE = 100;
const LEASE_MS = 60_000;
const DAY_MS = 24 * 3600 * 1000;
/** Epoch ms at which the last complete round began. */
const LOOKED = 'erasures-looked-for';

export type ErasureDeps = {
  storage: Pick<Storage, 'leases' | 'values' | 'accounts' | 'consents'>;
  organisations: Organisation[];
  sealer: Pick<Sealer, 'mac'>;
  holder: string;
  now: () => number;
  log: JobLog;
};

/**
 * @returns how many accounts were announced or erased; undefined: it is not a day since the last round, or another node
 *   does it
 * @throws what the storage throws, except for single accounts: those are logged
 */
export async function eraseDue(deps: ErasureDeps, goOn: () => boolean = () => true): Promise<number | undefined> {
  const { storage, organisations, holder, now } = deps;
  const { leases, values, accounts } = storage;
  const to = erasureLookedFor(organisations, now());
  const looked = await values.get(LOOKED);
  const startedAt = now();
  if (to === undefined || (looked !== undefined && Math.abs(startedAt - Number(looked)) < DAY_MS)) return undefined;
  const hold = () => leases.acquire('erasures', holder, now() + LEASE_MS, now());
  if ((await hold()) === undefined) return undefined;
  let changed = 0;
  try {
    for (let after: string | undefined; ; ) {
      const page = await accounts.endingBetween(0, to, after, PAGE);
      for (const account of page) if (await step(account, deps)) changed += 1;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) {
        await values.replace(LOOKED, String(startedAt), looked);
        return changed;
      }
      after = `${last.endsAt}:${last.id}`;
      if (!goOn() || (await hold()) === undefined) return changed;
    }
  } finally {
    await leases.release('erasures', holder);
  }
}

async function step(account: Account, { storage, organisations, sealer, now, log }: ErasureDeps): Promise<boolean> {
  const context = () => ({ organisations, sealer, now: now() });
  if (erasureStep(account, {}, context()).account === undefined) return false; // nearly all
  try {
    const consents = (await storage.consents.byAccount(account.id)).length;
    const { outcome } = await updateAccount(storage.accounts, account.id, (read) =>
      erasureStep(read, { consents }, context()),
    );
    if (outcome.kind === 'erased') log.info({ accountId: account.id, ...outcome.tombstone }, 'account erased');
    return outcome.kind !== 'none';
  } catch (error) {
    log.error({ err: error, accountId: account.id }, 'an account that is due could not be erased yet');
    return false;
  }
}
