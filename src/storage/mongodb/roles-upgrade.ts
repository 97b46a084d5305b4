/** The upgrade of the database that moves the roles of accounts into grants. Released upgrades never change. */
import { randomBytes } from 'node:crypto';
import type { AnyBulkWriteOperation, Db } from 'mongodb';
import type { Account } from '../../domain/account/account.ts';
import { formerRoles, type RoleGrant } from '../../domain/roles/role.ts';
import type { AccountDocument, RoleGrantsDocument } from './collections.ts';
import { unlessTaken } from './database.ts';
import { documentOf } from './role-grants.ts';
import { prepareIndexes } from './schema.ts';

/**
 * Grants, association-wide, of the roles that stood in the accounts, and their names in the accounts. The register is
 * written first and once: what is revoked after it is there does not come back.
 */
export async function moveRoles(db: Db): Promise<void> {
  await prepareIndexes(db);
  const accounts = db.collection<AccountDocument>('accounts');
  const grants: RoleGrant[] = [];
  const updates: AnyBulkWriteOperation<AccountDocument>[] = [];
  for await (const stored of accounts.find({ account: /"roles":\["/ }, { projection: { account: 1, revision: 1 } })) {
    const account = accountOf(stored.account);
    if (account === undefined) continue;
    const roles = [...new Set(account.roles.flatMap((role) => formerRoles[role] ?? [role]))];
    for (const role of roles)
      grants.push({
        id: randomBytes(8).toString('hex'),
        holder: { kind: 'person', id: account.id },
        role,
        organisations: 'association',
        grantedBy: 'upgrade',
        grantedAt: Date.now(),
      });
    const filter = { _id: stored._id, revision: stored.revision }; // one that changed meanwhile keeps its names
    updates.push({ updateOne: { filter, update: { $set: { account: JSON.stringify({ ...account, roles }) } } } });
  }
  if (grants.length === 0) return;
  const register = documentOf({ revision: 1, grants, effects: [] });
  await unlessTaken(db.collection<RoleGrantsDocument>('roleGrants').insertOne(register));
  await accounts.bulkWrite(updates, { ordered: false });
}

/** Undefined where the account cannot be read, which is for `storage check` to tell. */
function accountOf(text: string): Account | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
