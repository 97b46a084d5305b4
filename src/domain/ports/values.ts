/** The port for single named values: those made once and kept (../sealing/lasting-key.ts), and the progress of jobs. */

export type Values = {
  get(name: string): Promise<string | undefined>;
  /** stores the value unless there is one; returns the stored one */
  getOrInsert(name: string, value: string): Promise<string>;
  /** compare-and-set: false where the stored value is not `expected` (undefined: absent) */
  replace(name: string, value: string, expected: string | undefined): Promise<boolean>;
};
