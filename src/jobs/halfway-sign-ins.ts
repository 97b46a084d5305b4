/** Tells people of sign-ins that stopped at the second step, a quarter of an hour later; on one node at a time. */
import type { Account } from '../domain/account/account.ts';
import { halfwayTerm } from '../domain/account/account-keys.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { Leases } from '../domain/ports/leases.ts';
import type { RandomBytes } from '../domain/random.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { HALFWAY_MS, tellHalfway } from '../domain/sign-in/halfway.ts';
import { NOT_ME_SECONDS, newTicket } from '../domain/tickets/ticket.ts';
import type { JobLog } from './log.ts';

const PAGE = 100;
const LEASE_MS = 60_000;

export type HalfwayDeps = {
  storage: { accounts: Pick<Accounts, 'byTerm' | 'findById' | 'replace'>; leases: Pick<Leases, 'acquire' | 'release'> };
  organisations: Organisation[];
  sealer: Sealer;
  holder: string;
  now: () => number;
  randomBytes: RandomBytes;
  log: JobLog;
};

/**
 * Nearly always one small read. Each account is one compare-and-set write, which takes the note and has entry and letters, so
 * that a node that slept past its lease tells nothing twice.
 * @returns of how many accounts it told; undefined: another node does it
 * @throws what the storage throws, except for single accounts: those are logged
 */
export async function tellOfHalfway(deps: HalfwayDeps, goOn: () => boolean = () => true): Promise<number | undefined> {
  const { holder, now } = deps;
  const { accounts, leases } = deps.storage;
  const due = (after = 0) =>
    accounts.byTerm(halfwayTerm(0), halfwayTerm(Math.max(0, now() - HALFWAY_MS + 1)), PAGE, after);
  if ((await due()).length === 0) return 0;
  const hold = () => leases.acquire('halfway-sign-ins', holder, now() + LEASE_MS, now());
  if ((await hold()) === undefined) return undefined;
  let told = 0;
  let failed = 0;
  try {
    for (;;) {
      const page = await due(failed);
      const went = await Promise.all(page.map(({ account }) => tell(account, deps))); // so that writes share a commit
      told += went.filter((each) => each === 'told').length;
      failed += went.filter((each) => each === 'failed').length;
      if (page.length < PAGE || !goOn() || (await hold()) === undefined) return told;
    }
  } finally {
    await leases.release('halfway-sign-ins', holder);
  }
}

async function tell({ id }: Account, deps: HalfwayDeps): Promise<'told' | 'nothing' | 'failed'> {
  const { organisations, sealer, randomBytes } = deps;
  const now = deps.now();
  const { ticket, token } = newTicket(
    { purpose: 'not-me', accountId: id, lifetimeSeconds: NOT_ME_SECONDS, withCode: false },
    sealer,
    now,
    randomBytes,
  );
  const sealedSecret = sealer.seal(JSON.stringify({ link: `/not-me?ticket=${token}` }), id, 'letter');
  try {
    const { outcome } = await updateAccount(deps.storage.accounts, id, (account) =>
      tellHalfway(account, { ticket, sealedSecret }, { organisations, now }),
    );
    return outcome;
  } catch (error) {
    deps.log.error({ err: error, accountId: id }, 'a sign-in that stopped halfway could not be told yet');
    return 'failed';
  }
}
