/** The roles that are granted: one document, written by compare-and-set. */
import type { RoleGrants, RoleRegister } from '../../domain/ports/role-grants.ts';
import type { Collections, RoleGrantsDocument } from './collections.ts';
import { unlessTaken } from './database.ts';
import { carriedBy, carrying, type PendingAudit } from './pending-audit.ts';

const NAME = 'roles';

export function createRoleGrants({ roleGrants }: Collections, pendingAudit: PendingAudit): RoleGrants {
  return {
    read: async () => {
      const found = await roleGrants.findOne({ _id: NAME });
      return found === null ? { revision: 0, grants: [], effects: [] } : JSON.parse(found.register);
    },

    replace: async (register, expectedRevision, entry) => {
      if (register.revision !== expectedRevision + 1) throw new TypeError('a write raises the revision by one');
      const { _id, ...fields } = documentOf(register);
      const written =
        expectedRevision === 0
          ? (await unlessTaken(roleGrants.insertOne({ _id, ...fields, ...carriedBy(entry) }))) !== undefined
          : (await roleGrants.updateOne({ _id, revision: expectedRevision }, { $set: fields, ...carrying(entry) }))
              .matchedCount === 1;
      if (written) await pendingAudit.settle('roleGrants', NAME, entry);
      return written;
    },
  };
}

export function documentOf(register: RoleRegister): RoleGrantsDocument {
  return { _id: NAME, revision: register.revision, register: JSON.stringify(register) };
}
