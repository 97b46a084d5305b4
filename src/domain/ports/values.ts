/** The port for single named values: those made once and kept (../sealing/lasting-key.ts), and the progress of jobs. */

import type { ChangeEntry } from './audit-log.ts';

export type Values = {
  get(name: string): Promise<string | undefined>;
  /** stores the value unless there is one; returns the stored one */
  getOrInsert(name: string, value: string): Promise<string>;
  /**
   * compare-and-set: false where the stored value is not `expected` (undefined: absent). `entry` goes into the audit log in
   * the same act
   */
  replace(name: string, value: string, expected: string | undefined, entry?: ChangeEntry): Promise<boolean>;
};
