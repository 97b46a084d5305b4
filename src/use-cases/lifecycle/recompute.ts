/**
 * Brings stored accounts up to the present rules of access, and notes what a version before did not: which addresses their
 * activation proved, and since when they have a second factor.
 */
import type { Account, Decision } from '../../domain/account/account.ts';
import { isOpen } from '../../domain/account/account-access.ts';
import { dayAt, goesOn } from '../../domain/account/affiliation.ts';
import { withFactorEvidence } from '../../domain/account/assurance.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { updateAccount } from '../../domain/account/update-account.ts';
import { losesAccess } from '../../domain/feed/feed-change.ts';
import { rulesAlarmsOf } from '../../domain/feed/safeguard.ts';
import type { Source } from '../../domain/feed/source.ts';
import { withWindows } from '../../domain/lifecycle/access.ts';
import { carryOutEnd } from '../../domain/lifecycle/expiry-warnings.ts';
import { organisationsOfLoss } from '../../domain/lifecycle/losses.ts';
import { withWholeSignIn } from '../../domain/lifecycle/reopening.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import type { Alarm } from '../../domain/ports/imports.ts';

const PAGE = 200;

export type RecomputeCounts = {
  accounts: number;
  /** how many were last written under other rules, whether or not those open them at other times */
  outdated: number;
  /** how many open at other times than are stored, or hold something that a version before did not note */
  changed: number;
  /** of those that are open now, how many close at once */
  closed: number;
  /** of those that were activated and are closed now, how many open at once */
  opened: number;
  /** open accounts that lose access as an import counts it (`losesAccess`): those that close, close soon or much earlier */
  losses: number;
};

type Context = { organisations: Organisation[]; now: number };
type Stores = { accounts: Pick<Accounts, 'search' | 'findById' | 'replace'>; auditLog: Pick<AuditLog, 'page'> };
type Ruled = { outdated: boolean; changed: boolean; closes: boolean; loses: boolean };
/** Accounts by organisation: those that lose access, and those that are open and have an affiliation there that goes on. */
type Sums = { losses: Record<string, number>; open: Record<string, number> };
export type RecomputeOptions = Context &
  Stores & {
    sources: readonly Source[];
    dryRun: boolean;
    /** how many losses whoever applies the rules agreed to; absent: nothing was asked */
    allowLosses?: number | undefined;
  };

/**
 * Rule: the account opens when its affiliations and the present rules say; one that closes by it ends now. Where they say
 * what is stored, the account only notes that.
 */
export function recomputeAccess(account: Account, context: Context): Decision<Ruled> {
  const { organisations, now } = context;
  const next = withFactorEvidence(withWindows(account, organisations, now));
  const [before, after] = [account, next].map(({ windows, endsAt, evidence }) =>
    JSON.stringify([windows, endsAt, evidence]),
  );
  const outdated = account.rulesVersion !== next.rulesVersion;
  if (before === after) {
    const outcome = { outdated, changed: false, closes: false, loses: false };
    return { outcome, ...(outdated ? { account: next } : {}) };
  }
  const wasOpen = isOpen(account, now);
  const ended = carryOutEnd(next, { ...context, wasOpen });
  const recomputed = withWholeSignIn(account, ended.account ?? next, now);
  const closes = wasOpen && !isOpen(recomputed, now);
  return {
    outcome: { outdated, changed: true, closes, loses: losesAccess(account, recomputed, now) },
    account: recomputed,
    effects: [
      {
        kind: 'audit',
        entry: {
          at: now,
          action: 'account.recomputed',
          actor: { kind: 'command', id: 'lifecycle recompute' },
          subject: account.id,
          details: { closes: String(closes) },
        },
      },
      ...(ended.effects ?? []),
    ],
  };
}

/**
 * Applies the rules to every account, each by compare-and-set; when it is broken off, the rest is done by running it again.
 * It stands under the safeguard of imports, and a dry run says the same. `losses`: nothing was written, because an alarm is
 * to be answered with that number of losses, or another number was given.
 */
export async function recompute(
  options: RecomputeOptions,
): Promise<{ kind: 'applied' | 'rehearsed' | 'losses'; counts: RecomputeCounts; alarms: Alarm[] }> {
  const { sources, dryRun, allowLosses } = options;
  const { counts, sums } = await overAll(options, async () => {});
  const alarms = rulesAlarmsOf(sources, sums);
  const asked = alarms.length > 0 || allowLosses !== undefined;
  if (asked && allowLosses !== counts.losses) return { kind: 'losses', counts, alarms };
  if (dryRun) return { kind: 'rehearsed', counts, alarms };
  return { kind: 'applied', counts: await apply(options), alarms };
}

async function apply(options: Context & Stores): Promise<RecomputeCounts> {
  const { counts } = await overAll(options, async ({ id }, proven) => {
    await updateAccount(options.accounts, id, (read) => {
      const ruling = recomputeAccess(read, options);
      const account = ruling.account ?? read;
      if (proven === undefined || read.provenAddresses !== undefined) return ruling;
      return { ...ruling, account: { ...account, provenAddresses: account.personalEmail === proven ? [proven] : [] } };
    });
  });
  return counts;
}

/**
 * The address that the activation of an account proved before this was noted: the personal one, to which every
 * invitation and code went, and which no feed has changed since. Undefined: it is noted, or a feed activated the account.
 */
async function provenBefore(account: Account, auditLog: Pick<AuditLog, 'page'>): Promise<string | undefined> {
  const { id, activatedAt, personalEmail, provenAddresses } = account;
  if (activatedAt === undefined || personalEmail === undefined || provenAddresses !== undefined) return undefined;
  const activated = await auditLog.page({ subject: id, action: 'account.activated' }, undefined, 1);
  return activated.length === 0 ? undefined : personalEmail;
}

async function overAll(
  { accounts, auditLog, organisations, now }: Context & Stores,
  change: (account: Account, proven: string | undefined) => Promise<void>,
): Promise<{ counts: RecomputeCounts; sums: Sums }> {
  const counts: RecomputeCounts = { accounts: 0, outdated: 0, changed: 0, closed: 0, opened: 0, losses: 0 };
  const sums: Sums = { losses: {}, open: {} };
  const today = dayAt(now);
  let after: string | undefined;
  for (;;) {
    const page = await accounts.search('', after, PAGE);
    counts.accounts += page.length;
    await Promise.all(
      page.map(async (account) => {
        const { outcome, account: next } = recomputeAccess(account, { organisations, now });
        const proven = await provenBefore(account, auditLog);
        if (outcome.outdated) counts.outdated += 1;
        if (outcome.changed || proven !== undefined) counts.changed += 1;
        if (outcome.closes) counts.closed += 1;
        else if (!isOpen(account, now) && next !== undefined && isOpen(next, now)) counts.opened += 1;
        if (outcome.loses && next !== undefined) {
          counts.losses += 1;
          addTo(sums.losses, organisationsOfLoss(account, next, now));
        }
        if (isOpen(account, now)) addTo(sums.open, organisationsOf(account, today));
        if (next !== undefined || proven !== undefined) await change(account, proven);
      }),
    );
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return { counts, sums };
    after = last.id;
  }
}

const organisationsOf = ({ affiliations }: Account, today: string) =>
  affiliations.filter((each) => goesOn(each, today)).map(({ organisation }) => organisation);

function addTo(sums: Record<string, number>, organisations: string[]): void {
  for (const each of new Set(organisations)) sums[each] = (sums[each] ?? 0) + 1;
}
