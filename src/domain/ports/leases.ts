/** The port for leases: one holder at a time, with a fencing token. */

export type Leases = {
  /** the fencing token (grows with every change of holder) where the lease is now this holder's until `until`; undefined = another has it */
  acquire(name: string, holder: string, until: number, now: number): Promise<number | undefined>;
  release(name: string, holder: string): Promise<void>;
};
