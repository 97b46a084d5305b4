/** What an account keeps of when it is open: the windows, what was done at each end, who closed it. */
import type { Affiliation } from '../feed/fed-records.ts';

/**
 * A stretch of time, epoch ms, in which the account opens: from `from` on, before `until`; absent: no bound. `because`:
 * the affiliation that decides when it ends.
 */
export type AccessWindow = { from?: number; until?: number; because?: Omit<Affiliation, 'source'> };

/** Which warnings of an end were sent, and whether the end was carried out (expiry-warnings.ts). */
export type Ending = {
  endsAt: number;
  /** the last warning sent, by its number of days before the last day */
  warnedDays?: number;
  /** epoch ms at which its sessions were ended */
  carriedOutAt?: number;
};

/**
 * The account is closed whatever its affiliations say, until it is lifted or until `until` (epoch ms). `reason`: what
 * whoever did it wrote, for the desk only (suspension.ts).
 */
export type Suspension = { kind: SuspensionKind; reason: string; at: number; until?: number };
export const suspensionKinds = ['security', 'administrative'] as const;
export type SuspensionKind = (typeof suspensionKinds)[number];
