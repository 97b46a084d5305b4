/** What the use cases of roles are given, and what they are asked. */
import type { Organisation } from '../../domain/account/organisation.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import type { Clients } from '../../domain/ports/clients.ts';
import type { Outbox } from '../../domain/ports/outbox.ts';
import type { RoleGrants } from '../../domain/ports/role-grants.ts';
import type { RandomBytes } from '../../domain/random.ts';
import type { RoleHolder, RoleName } from '../../domain/roles/role.ts';

export type RolePorts = {
  roleGrants: RoleGrants;
  accounts: Pick<Accounts, 'findById' | 'replace'>;
  clients: Pick<Clients, 'find'>;
  auditLog: Pick<AuditLog, 'append'>;
  outbox: Pick<Outbox, 'put'>;
};
export type RoleDeps = {
  ports: RolePorts;
  organisations: Organisation[];
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
};

/** `association`: at every organisation, and for what belongs to none. */
export type WantedGrant = { holder: RoleHolder; role: RoleName; organisations: 'association' | string[] };

export const wordsOf = (organisations: WantedGrant['organisations']) =>
  organisations === 'association' ? organisations : organisations.join(' ');
