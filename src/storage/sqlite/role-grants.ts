/** The roles that are granted: one row, written by compare-and-set. */
import type { RoleGrants, RoleRegister } from '../../domain/ports/role-grants.ts';
import { appendEntry } from './audit-log.ts';
import type { Database } from './group-commit.ts';

const NAME = 'roles';

export function createRoleGrants({ read, write }: Database): RoleGrants {
  return {
    read: async () => {
      const row = await read((sql) =>
        sql.get<{ register: string }>('SELECT register FROM role_grants WHERE name = ?', NAME),
      );
      return row === undefined ? { revision: 0, grants: [], effects: [] } : JSON.parse(row.register);
    },

    replace: async (register, expectedRevision, entry) => {
      if (register.revision !== expectedRevision + 1) throw new TypeError('a write raises the revision by one');
      const { name, revision, register: text } = columnsOf(register);
      return write((sql) => {
        const changes =
          expectedRevision === 0
            ? sql.run(
                'INSERT INTO role_grants (name, revision, register) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
                name,
                revision,
                text,
              )
            : sql.run(
                'UPDATE role_grants SET revision = ?, register = ? WHERE name = ? AND revision = ?',
                revision,
                text,
                name,
                expectedRevision,
              );
        if (changes === 0) return false;
        appendEntry(sql, entry);
        return true;
      });
    },
  };
}

export function columnsOf(register: RoleRegister) {
  return { name: NAME, revision: register.revision, register: JSON.stringify(register) };
}
