/** What merging two accounts and splitting one have in common: who may, what comes back, and what the audit log says. */
import type { Account } from '../../domain/account/account.ts';
import type { AuditAction, AuditDetails, AuditInput } from '../../domain/audit/audit-entry.ts';
import { sealValues } from '../../domain/audit/sealed-audit-values.ts';
import { mayActOn } from '../../domain/roles/permissions.ts';
import { isHeldBy } from '../../domain/roles/role.ts';
import { type Actor, entryBy, may } from '../actor.ts';
import type { PeopleDeps, PersonRefusal } from './act-on-person.ts';
import type { MovePorts } from './finish-move.ts';

export type MergeDeps = Omit<PeopleDeps, 'accounts' | 'sealer'> &
  Pick<MovePorts, 'accounts' | 'onLost'> & {
    sealer: PeopleDeps['sealer'] & MovePorts['sealer'];
  };

type Refused<Because> = { kind: 'refused'; because: Because };
/** What an act would do, or why it cannot be done. */
export type Planned<Plan, Because> = ({ kind: 'planned' } & Plan) | Refused<Because> | PersonRefusal;
/** What it did; between plan and act it may have become impossible. */
export type Done<Outcome, Because> = Outcome | Refused<Because | 'no-reason'> | PersonRefusal;

/** Whether somebody of them has a role in Pedel, which nothing merges or splits. */
export async function haveRole(
  accounts: Pick<Account, 'id'>[],
  { roleGrants }: Pick<MergeDeps, 'roleGrants'>,
): Promise<boolean> {
  const { grants } = await roleGrants.read();
  return accounts.some(({ id }) => grants.some((grant) => isHeldBy(grant, { kind: 'person', id })));
}

/** Why an actor may not change who these accounts are. At every organisation of each, since all of it moves. */
export async function refusalOn(
  actor: Actor,
  accounts: Account[],
  { roleGrants }: Pick<MergeDeps, 'roleGrants'>,
): Promise<PersonRefusal | undefined> {
  const answers = accounts.flatMap(({ affiliations }) => {
    const places = affiliations.map(({ organisation }) => organisation);
    return (places.length === 0 ? [undefined] : places).map((place) => may(actor, 'people:write', place));
  });
  // who sees one of the organisations of a person sees the person
  const isSeen = accounts.every(({ affiliations }) =>
    [undefined, ...affiliations.map(({ organisation }) => organisation)].some(
      (place) => may(actor, 'people:read-masked', place) === 'yes',
    ),
  );
  if (!isSeen) return { kind: 'not-found' };
  if (answers.some((answer) => answer !== 'yes')) return { kind: 'not-allowed', because: 'no-right' };
  const { grants } = await roleGrants.read();
  for (const { id } of accounts) {
    const because = mayActOn(actor, { kind: 'person', id }, grants);
    if (because !== 'yes') return { kind: 'not-allowed', because };
  }
  return undefined;
}

/** An entry about this person, with the reason sealed for him or her. */
export function entryAbout<Action extends AuditAction>(
  actor: Actor,
  account: Account,
  what: { action: Action; details: AuditDetails[Action] },
  reason: string,
  deps: Pick<MergeDeps, 'sealer' | 'now' | 'randomBytes'>,
): AuditInput {
  const { id: _, ...entry } = entryBy(actor, { ...what, subject: account.id }, deps);
  return { ...entry, sealedValues: sealValues(deps.sealer, account, { reason }, deps.randomBytes) } as AuditInput;
}
