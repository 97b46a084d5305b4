/** The port for leases: one holder at a time, with a fencing token. Times in epoch ms. */

export type Leases = {
  /**
   * The fencing token, which grows with each change of holder, if the lease is this holder's until `until`. Undefined:
   * another holds it.
   */
  acquire(name: string, holder: string, until: number, now: number): Promise<number | undefined>;
  release(name: string, holder: string): Promise<void>;
};
