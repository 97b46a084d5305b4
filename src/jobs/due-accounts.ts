/**
 * Finds the accounts of which something is due, by the term that says when (account-keys.ts), and handles each; on one node at a
 * time. A round in which nothing is due is one small read.
 */
import type { Account } from '../domain/account/account.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { Leases } from '../domain/ports/leases.ts';
import type { JobLog } from './log.ts';

const PAGE = 100;
const LEASE_MS = 60_000;

export type DueDeps = {
  storage: { accounts: Pick<Accounts, 'byTerm' | 'findById' | 'replace'>; leases: Pick<Leases, 'acquire' | 'release'> };
  holder: string;
  /** epoch ms */
  now: () => number;
  log: JobLog;
};

export type Due = {
  lease: string;
  /** the term of accounts for which it is due at this time (epoch ms) */
  term(at: number): string;
  /** how long after that time; absent: at once */
  afterMs?: number;
  /**
   * One compare-and-set write, which takes the term from the account with the letters that tell of it, so that a node that
   * slept past its lease does nothing twice. `waits`: the account keeps its term, and is found again in the next round.
   */
  handle(account: Account): Promise<'done' | 'nothing' | 'waits'>;
  /** what is logged of an account whose handling failed; it is found again in the next round */
  failed: string;
};

/**
 * @returns how many accounts were done; undefined: another node does it
 * @throws what the storage throws, except for single accounts: those are logged
 */
export async function handleDue(
  { lease, term, afterMs = 0, handle, failed }: Due,
  { storage, holder, now, log }: DueDeps,
  goOn: () => boolean = () => true,
): Promise<number | undefined> {
  const { accounts, leases } = storage;
  const due = (skip = 0) => accounts.byTerm(term(0), term(Math.max(0, now() - afterMs + 1)), PAGE, skip);
  const handled = async (account: Account) => {
    try {
      return await handle(account);
    } catch (error) {
      log.error({ err: error, accountId: account.id }, failed);
      return 'waits';
    }
  };
  if ((await due()).length === 0) return 0;
  const hold = () => leases.acquire(lease, holder, now() + LEASE_MS, now());
  if ((await hold()) === undefined) return undefined;
  let done = 0;
  let waiting = 0;
  try {
    for (;;) {
      const page = await due(waiting);
      const went = await Promise.all(page.map(({ account }) => handled(account))); // so that writes share a commit
      done += went.filter((each) => each === 'done').length;
      waiting += went.filter((each) => each === 'waits').length;
      if (page.length < PAGE || !goOn() || (await hold()) === undefined) return done;
    }
  } finally {
    await leases.release(lease, holder);
  }
}
