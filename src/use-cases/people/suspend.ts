/** Suspends an account and lifts the suspension, for the desk, the console and the command. */
import type { SuspensionKind } from '../../domain/lifecycle/lifecycle-records.ts';
import { endOfDay, reasonOf } from '../../domain/lifecycle/reason.ts';
import { liftSuspension, suspend } from '../../domain/lifecycle/suspension.ts';
import type { Actor } from '../actor.ts';
import { actOnPerson, type PeopleDeps, type PersonRefusal } from './act-on-person.ts';

/** `until`: the last day (`YYYY-MM-DD`); absent: until it is lifted */
export type Suspending = { kind: SuspensionKind; reason: string; until?: string };
/** `no-reason`: it is empty or too long; `no-day`: `until` is no day; `over`: that day has passed */
export type Suspended = { kind: 'suspended' } | { kind: 'refused'; because: 'no-reason' | 'no-day' | 'over' };
export type Lifted =
  | { kind: 'lifted'; was: SuspensionKind }
  | { kind: 'not-suspended' }
  | { kind: 'refused'; because: 'no-reason' };

/** @throws Problem `lost_race` */
export async function suspendPerson(
  actor: Actor,
  accountId: string,
  suspending: Suspending,
  deps: PeopleDeps,
): Promise<Suspended | PersonRefusal> {
  const { kind, until } = suspending;
  const reason = reasonOf(suspending.reason);
  if (reason === undefined) return { kind: 'refused', because: 'no-reason' };
  const over = until === undefined ? undefined : endOfDay(until);
  if (until !== undefined && over === undefined) return { kind: 'refused', because: 'no-day' };
  const wanted = { kind, reason, ...(over === undefined ? {} : { until: over }) };
  const done = await actOnPerson(
    actor,
    accountId,
    {
      permission: 'people:suspend',
      rule: (account) => suspend(account, wanted, { organisations: deps.organisations, now: deps.now() }),
      audit: () => ({ action: 'account.suspended', details: { kind, until: until ?? '' }, sealed: { reason } }),
    },
    deps,
  );
  if ('kind' in done) return done;
  return done.outcome.kind === 'over' ? { kind: 'refused', because: 'over' } : done.outcome;
}

/** @param typed why; for the audit log, sealed for the person. @throws Problem `lost_race` */
export async function liftSuspensionOf(
  actor: Actor,
  accountId: string,
  typed: string,
  deps: PeopleDeps,
): Promise<Lifted | PersonRefusal> {
  const reason = reasonOf(typed);
  if (reason === undefined) return { kind: 'refused', because: 'no-reason' };
  const done = await actOnPerson(
    actor,
    accountId,
    {
      permission: 'people:suspend',
      rule: (account) => liftSuspension(account, { organisations: deps.organisations, now: deps.now() }),
      audit: (outcome) => ({
        action: 'account.suspension-lifted',
        details: { kind: outcome.kind === 'lifted' ? outcome.suspension.kind : '' },
        sealed: { reason },
      }),
    },
    deps,
  );
  if ('kind' in done) return done;
  return done.outcome.kind === 'lifted' ? { kind: 'lifted', was: done.outcome.suspension.kind } : done.outcome;
}
