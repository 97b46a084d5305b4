/**
 * The port for the roles that are granted: all of them in one record, so that a rule about several of them (the last owner
 * stays; who grants still has what he grants by) is settled by one compare-and-set.
 */
import type { RoleEffect, RoleGrant } from '../roles/role.ts';
import type { ChangeEntry } from './audit-log.ts';

export type RoleRegister = {
  /** 0: nothing was ever stored; each write raises it by one */
  revision: number;
  /** in the order in which they were granted */
  grants: RoleGrant[];
  /** what is still to be done because of a change; whoever did it removes it */
  effects: RoleEffect[];
};

export type RoleGrants = {
  read(): Promise<RoleRegister>;
  /**
   * compare-and-set: false where the stored revision is not `expectedRevision`; `register.revision` is one more. `entry`
   * goes into the audit log in the same act.
   */
  replace(register: RoleRegister, expectedRevision: number, entry?: ChangeEntry): Promise<boolean>;
};
