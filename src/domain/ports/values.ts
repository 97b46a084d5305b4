/** The port for single named values. */

/** Single values under a name: those made once and kept (lasting-key.ts), how far a job has come … */
export type Values = {
  get(name: string): Promise<string | undefined>;
  /** stores it unless there is one; returns the one that is stored */
  getOrInsert(name: string, value: string): Promise<string>;
  /** compare-and-set; `expected` undefined = must be absent */
  replace(name: string, value: string, expected: string | undefined): Promise<boolean>;
};
