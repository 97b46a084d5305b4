/** Puts a legal hold on an account, and releases it: owners only. */
import { reasonOf } from '../../domain/lifecycle/reason.ts';
import { holdAccount, releaseHold } from '../../domain/lifecycle/suspension.ts';
import type { Actor } from '../actor.ts';
import { actOnPerson, type PeopleDeps, type PersonRefusal } from './act-on-person.ts';

/** `no-reason`: it is empty or too long */
export type Held = { kind: 'held' } | { kind: 'refused'; because: 'no-reason' };

/** @throws Problem `lost_race` */
export async function holdPerson(
  actor: Actor,
  accountId: string,
  reason: string,
  deps: PeopleDeps,
): Promise<Held | PersonRefusal> {
  const why = reasonOf(reason);
  if (why === undefined) return { kind: 'refused', because: 'no-reason' };
  const done = await actOnPerson(
    actor,
    accountId,
    {
      permission: 'people:hold',
      rule: (account) => holdAccount(account, why, deps.now()),
      audit: () => ({ action: 'account.held', sealed: { reason: why } }),
    },
    deps,
  );
  return 'kind' in done ? done : done.outcome;
}

/** @throws Problem `lost_race` */
export async function releaseHoldOf(
  actor: Actor,
  accountId: string,
  deps: PeopleDeps,
): Promise<{ kind: 'released' | 'not-held' } | PersonRefusal> {
  const done = await actOnPerson(
    actor,
    accountId,
    { permission: 'people:hold', rule: releaseHold, audit: () => ({ action: 'account.hold-released' }) },
    deps,
  );
  return 'kind' in done ? done : done.outcome;
}
