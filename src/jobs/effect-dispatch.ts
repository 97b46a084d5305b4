/** Dispatches the effects of accounts beside the requests that caused them, and finds those that a crash or a failure left. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Account } from '../domain/account/account.ts';
import { contained } from '../domain/contained.ts';
import { forgetPerson } from '../use-cases/lifecycle/forget-person.ts';
import { finishMerge, finishPart } from '../use-cases/people/finish-move.ts';
import { dispatchEffects, type EffectDeps, sweepEffects } from './effects.ts';
import type { JobDeps } from './job-deps.ts';

const LONGEST_PAUSE_MS = 2000;
const LEASE_MS = 10_000; // after a crash the next node waits at most this long
/** Held between the sweeps too, so that one node does the work. */
export const EFFECTS_LEASE = 'effects';

/** `wakeEmails` is called once emails are in the outbox. */
export function createEffectDispatch(deps: JobDeps, wakeEmails: () => void) {
  const { storage, organisations, sealer, holder, now, log } = deps;
  const { accounts, outbox, auditLog, leases } = storage;
  const moving = {
    accounts,
    organisations,
    sealer,
    now,
    onLost: (accountId: string, names: string[]) =>
      log.error({ accountId, names }, 'a merge or split left behind what another account had first'),
  };
  const effectDeps: EffectDeps = {
    accounts,
    outbox,
    auditLog,
    endSessions: deps.endSessions,
    forget: (id) => forgetPerson(id, { ...storage, journal: deps.erasureJournal, now }),
    finishMerge: (id, entry) => finishMerge(id, entry, moving),
    finishPart: (id, part) => finishPart(id, part, moving),
    now,
  };
  const onFailure = contained(
    (error: unknown, accountId: string) =>
      log.error({ err: error, accountId }, 'effects of an account could not be dispatched yet'),
    () => undefined,
  );
  const underWay = new Set<Promise<void>>();

  /** Never rejects: nobody waits for it. */
  async function inBackground(account: Account): Promise<void> {
    try {
      const { letters } = await dispatchEffects(account, effectDeps);
      if (letters > 0) wakeEmails(); // whoever puts a logout wakes by itself
    } catch (error) {
      onFailure(error, account.id);
    }
  }

  const sweep = async (goOn?: () => boolean | Promise<boolean>) =>
    (await sweepEffects({ ...effectDeps, accounts, onFailure, afterPage }, goOn)).letters;
  const hold = async () => (await leases.acquire(EFFECTS_LEASE, holder, now() + LEASE_MS, now())) !== undefined;

  /** While people are being answered, what a feed left takes about a tenth of the time: people's own effects go beside it. */
  async function afterPage(tookMs: number): Promise<void> {
    if (deps.busy?.()) await wait(Math.min(9 * tookMs, LONGEST_PAUSE_MS));
  }

  return {
    /** Never throws. */
    dispatch(account: Account): void {
      if (account.effects.length === 0) return;
      const dispatched = inBackground(account).finally(() => underWay.delete(dispatched));
      underWay.add(dispatched);
    },
    /** What `dispatch` has begun. */
    underWay: (): Promise<void>[] => [...underWay],
    /** What is left in accounts, whatever node holds the lease. @returns how many emails are new in the outbox */
    sweep,
    /** The same on one node at a time. */
    async sweepLeased(goOn: () => boolean): Promise<number> {
      return sweep(async () => goOn() && hold());
    },
  };
}
