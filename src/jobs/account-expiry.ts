/** Account expiry: warns people before their account ends and ends it when due, once each and on one node at a time. */
import type { Account, Decision } from '../domain/account/account.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import { carryOutEnd, warnedBefore, warnOfEnd } from '../domain/lifecycle/expiry-warnings.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { Problem } from '../domain/problem.ts';
import type { JobLog } from './log.ts';

const PAGE = 100;
const LEASE_MS = 60_000;
const HOUR_MS = 3600 * 1000;
/** A node whose clock is ahead must not sign out a person early, nor miss what a node behind it still issues. */
const CLOCKS_APART_MS = 5000;
/** A feed may write an end after that end. Each round looks back this far, and an hourly one further. */
const OVERLAP_MS = 5 * 60_000;
const LONG_OVERLAP_MS = 24 * HOUR_MS;
/** If accounts were never ended before: no session is older than this. */
const FIRST_LOOK_BACK_MS = 7 * 24 * HOUR_MS;

/** Epoch ms. Every end up to this time was carried out. */
const CARRIED_OUT = 'ends-carried-out';
/** Epoch ms at which the last complete round of warnings began. */
const WARNED = 'ends-warned';

export type AccountExpiryDeps = {
  storage: Pick<Storage, 'leases' | 'values'> & {
    accounts: Pick<Accounts, 'endingBetween' | 'findById' | 'replace'>;
  };
  organisations: Organisation[];
  /** Days before the last day. If empty, no warnings are sent. */
  warningDays: readonly number[];
  holder: string;
  now: () => number;
  log: JobLog;
};

/**
 * Carries out what is due: ends since the last round, and hourly the warnings and a look at the ends of the last day.
 * Each change is written into the account by compare-and-set, together with its email or the end of its sessions. So a
 * node that slept past its lease finds the change done and does nothing (fencing).
 * @returns how many accounts changed; undefined if another node holds the lease
 * @throws what the storage throws, except for single accounts: those are logged
 */
export async function runAccountExpiry(
  deps: AccountExpiryDeps,
  goOn: () => boolean = () => true,
): Promise<number | undefined> {
  const { storage, organisations, warningDays, holder, now } = deps;
  const { leases, values } = storage;
  const startedAt = now();
  if ((await leases.acquire('endings', holder, startedAt + LEASE_MS, startedAt)) === undefined) return undefined;
  try {
    const warnedAt = await values.get(WARNED);
    const hourly = warnedAt === undefined || startedAt - Number(warnedAt) >= HOUR_MS || startedAt < Number(warnedAt);

    const carriedOut = await values.get(CARRIED_OUT);
    const until = startedAt - CLOCKS_APART_MS;
    const from =
      carriedOut === undefined
        ? until - FIRST_LOOK_BACK_MS
        : Math.min(Number(carriedOut), until) - (hourly ? LONG_OVERLAP_MS : OVERLAP_MS);
    const ended = await changeAll(deps, { from, to: until + 1 }, goOn, (account) =>
      carryOutEnd(account, { organisations, now: now() }),
    );
    if (ended.whole && until > Number(carriedOut ?? 0)) await values.replace(CARRIED_OUT, String(until), carriedOut);
    if (!hourly) return ended.changed;

    const to = warnedBefore(warningDays, startedAt);
    const warned = await changeAll(deps, { from: startedAt, to }, goOn, (account) =>
      warnOfEnd(account, warningDays, { organisations, now: now() }),
    );
    if (warned.whole) await values.replace(WARNED, String(startedAt), warnedAt);
    return ended.changed + warned.changed;
  } finally {
    await leases.release('endings', holder);
  }
}

/** Applies the rule to every account that ends in [from, to). `whole`: every one was handled. */
async function changeAll(
  { storage, holder, now, log }: AccountExpiryDeps,
  { from, to }: { from: number; to: number },
  goOn: () => boolean,
  rule: (account: Account) => Decision<unknown>,
): Promise<{ changed: number; whole: boolean }> {
  const { accounts, leases } = storage;
  let changed = 0;
  let whole = true;
  let after: string | undefined;
  for (;;) {
    const page = await accounts.endingBetween(from, to, after, PAGE);
    const due = page.filter((account) => rule(account).account !== undefined); // nearly all were handled before
    const changing = due.map(async ({ id }) => {
      try {
        if ((await updateAccount(accounts, id, rule)).changed) changed += 1;
      } catch (error) {
        if (error instanceof Problem && error.code === 'account_missing') return; // deleted meanwhile
        whole = false;
        log.error({ err: error, accountId: id }, 'the end of an account could not be carried out yet');
      }
    });
    await Promise.all(changing); // in parallel, so that their writes share a commit
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return { changed, whole };
    after = `${last.endsAt}:${last.id}`;
    if (!goOn()) return { changed, whole: false };
    const at = now();
    if ((await leases.acquire('endings', holder, at + LEASE_MS, at)) === undefined) return { changed, whole: false };
  }
}
