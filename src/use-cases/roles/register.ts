/** Changes the grants of roles by a rule, as one compare-and-set, and does what the change causes. */

import type { Account } from '../../domain/account/account.ts';
import { updateAccount } from '../../domain/account/update-account.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { RoleGrants, RoleRegister } from '../../domain/ports/role-grants.ts';
import { Problem } from '../../domain/problem.ts';
import type { RoleEffect } from '../../domain/roles/role.ts';
import { isHeldBy, type RoleGrant, type RoleHolder } from '../../domain/roles/role.ts';
import type { RoleDeps, RolePorts } from './deps.ts';
import { tellOwners } from './tell-owners.ts';

/** Without `grants` nothing changes. `effects` get their ids here. */
export type RoleDecision<Outcome> = {
  outcome: Outcome;
  grants?: RoleGrant[];
  entry?: ChangeEntry;
  effects?: EffectInput[];
};
type WithoutId<Each> = Each extends unknown ? Omit<Each, 'id'> : never;
export type EffectInput = WithoutId<RoleEffect>;

const ATTEMPTS = 200; // one caller wins each round, so 100 simultaneous callers all get through

/**
 * Applies a rule, which may run several times, and does at once what it causes; what fails is left to `settleRoles`.
 * @throws Problem `lost_race`
 */
export async function changeRoles<Outcome>(
  deps: RoleDeps,
  rule: (register: RoleRegister) => RoleDecision<Outcome>,
): Promise<Outcome> {
  const { roleGrants } = deps.ports;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const read = await roleGrants.read();
    const { outcome, grants, entry, effects = [] } = rule(read);
    if (grants === undefined) return outcome;
    const revision = read.revision + 1;
    const added = effects.map((effect, index): RoleEffect => ({ id: `roles:${revision}:${index}`, ...effect }));
    const next = { revision, grants, effects: [...read.effects, ...added] };
    if (!(await roleGrants.replace(next, read.revision, entry))) continue;
    await settle(added, deps).catch(() => undefined); // the change stands; a node settles the rest within a minute
    return outcome;
  }
  throw new Problem('lost_race', 'roles are being changed by too many at once', { retryAfterSeconds: 1 });
}

/** Does what changes caused and a crash or failure left. Repeating it changes nothing. @returns how much it was */
export async function settleRoles(deps: RoleDeps): Promise<number> {
  const { effects } = await deps.ports.roleGrants.read();
  await settle(effects, deps);
  return effects.length;
}

async function settle(effects: RoleEffect[], deps: RoleDeps): Promise<void> {
  const results = await Promise.allSettled(effects.map((effect) => carryOut(effect, deps)));
  const done = effects.filter((_, index) => results[index]?.status === 'fulfilled').map(({ id }) => id);
  await forget(done, deps.ports.roleGrants);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

async function carryOut(effect: RoleEffect, deps: RoleDeps): Promise<void> {
  switch (effect.kind) {
    case 'protect':
      return protect(effect.account, deps.ports);
    case 'tell-owners':
      return tellOwners(effect, deps);
    default:
      return effect satisfies never;
  }
}

async function forget(done: string[], roleGrants: RoleGrants): Promise<void> {
  for (let attempt = 0; done.length > 0 && attempt < ATTEMPTS; attempt += 1) {
    const { revision, grants, effects } = await roleGrants.read();
    const left = effects.filter(({ id }) => !done.includes(id));
    if (left.length === effects.length) return;
    if (await roleGrants.replace({ revision: revision + 1, grants, effects: left }, revision)) return;
  }
}

/**
 * Makes `Account.roles` say what is granted, so that no feed changes an account with a role (rule 26). The grants are read
 * again afterwards: where they changed meanwhile, what was written may be what held before.
 */
async function protect(accountId: string, { accounts, roleGrants }: RolePorts): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { grants, revision } = await roleGrants.read();
    const roles = [...new Set(heldBy(grants, { kind: 'person', id: accountId }).map(({ role }) => role))];
    const rule = (account: Account) =>
      account.roles.join() === roles.join()
        ? { outcome: undefined }
        : { outcome: undefined, account: { ...account, roles } };
    try {
      await updateAccount(accounts, accountId, rule);
    } catch (error) {
      if (error instanceof Problem && error.code === 'account_missing') return;
      throw error;
    }
    if ((await roleGrants.read()).revision === revision) return;
  }
  throw new Problem('lost_race', 'roles are being changed by too many at once', { retryAfterSeconds: 1 });
}

export const heldBy = (grants: readonly RoleGrant[], holder: RoleHolder) =>
  grants.filter((grant) => isHeldBy(grant, holder));
