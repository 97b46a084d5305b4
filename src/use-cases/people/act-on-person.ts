/** One change to one person by somebody who may make it: the authority, the write and its audit entry. */
import type { Account, Decision } from '../../domain/account/account.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { updateAccount } from '../../domain/account/update-account.ts';
import type { AuditAction, AuditDetails } from '../../domain/audit/audit-entry.ts';
import { sealValues } from '../../domain/audit/sealed-audit-values.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { RoleGrants } from '../../domain/ports/role-grants.ts';
import { Problem } from '../../domain/problem.ts';
import type { RandomBytes } from '../../domain/random.ts';
import { type Allowed, mayActOn, type Permission } from '../../domain/roles/permissions.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { type Actor, entryBy, may } from '../actor.ts';

export type PeopleDeps = {
  accounts: Pick<Accounts, 'findById' | 'replace'>;
  roleGrants: Pick<RoleGrants, 'read'>;
  sealer: Pick<Sealer, 'lastingKeys'>;
  organisations: Organisation[];
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
};

/** `no-right`: the person is seen, but this is not allowed. */
export type PersonRefusal =
  | { kind: 'not-found' }
  | { kind: 'not-allowed'; because: 'no-right' | 'himself' | 'higher-role' };

/** What an actor may do with a person: as at whichever of the person's organisations allows most. */
export function mayOnPerson(
  actor: Actor,
  permission: Extract<Permission, `people:${string}`>,
  { affiliations }: Pick<Account, 'affiliations'>,
): Allowed {
  const answers = [undefined, ...affiliations.map(({ organisation }) => organisation)].map((organisation) =>
    may(actor, permission, organisation),
  );
  return answers.find((answer) => answer === 'yes') ?? answers.find((answer) => answer === 'refused') ?? 'hidden';
}

/**
 * Applies `rule` to the account in one write with its audit entry. Nobody acts on himself, nor on somebody with a higher
 * role. Where the rule changes nothing, nothing is written.
 * @param change `audit`: the entry for an outcome, with what only the person's own key may open (`sealed`)
 * @throws Problem `lost_race`
 */
export async function actOnPerson<Outcome, Action extends AuditAction>(
  actor: Actor,
  accountId: string,
  change: {
    permission: Extract<Permission, `people:${string}`>;
    rule: (account: Account) => Decision<Outcome>;
    audit: (outcome: Outcome) => { action: Action; details?: AuditDetails[Action]; sealed?: JsonValue };
  },
  deps: PeopleDeps,
): Promise<{ outcome: Outcome; account: Account; changed: boolean } | PersonRefusal> {
  const { permission, rule, audit } = change;
  const account = await deps.accounts.findById(accountId);
  const allowed = account === undefined ? 'hidden' : mayOnPerson(actor, permission, account);
  if (allowed === 'hidden') return { kind: 'not-found' };
  if (allowed === 'refused') return { kind: 'not-allowed', because: 'no-right' };
  const { grants } = await deps.roleGrants.read();
  const mayAct = mayActOn(actor, { kind: 'person', id: accountId }, grants);
  if (mayAct !== 'yes') return { kind: 'not-allowed', because: mayAct };
  try {
    return await updateAccount(deps.accounts, accountId, (read) => {
      const decision = rule(read);
      if (decision.account === undefined) return decision;
      const { sealed, ...what } = audit(decision.outcome);
      const { id: _, ...entry } = entryBy(actor, { ...what, subject: accountId }, deps);
      const sealedValues =
        sealed === undefined ? {} : { sealedValues: sealValues(deps.sealer, read, sealed, deps.randomBytes) };
      return {
        ...decision,
        effects: [...(decision.effects ?? []), { kind: 'audit', entry: { ...entry, ...sealedValues } }],
      };
    });
  } catch (error) {
    if (error instanceof Problem && error.code === 'account_missing') return { kind: 'not-found' };
    throw error;
  }
}
