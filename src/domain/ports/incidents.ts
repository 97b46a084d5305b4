/** The port for what happened under the incident numbers that pages show: hints, of which a few may be lost. */
import type { Incident } from '../incidents/incident.ts';

export type Incidents = {
  /** Adds those whose id is not there yet. After a failure a part may be stored; a second try does no harm. */
  add(incidents: readonly Incident[]): Promise<void>;
  /** The one with exactly this id. There is no list: nobody reads ids from here. */
  find(id: string): Promise<Incident | undefined>;
  /** Of one person, newest first. */
  byAccount(accountId: string, limit: number): Promise<Incident[]>;
  /** All of one person. @returns how many there were */
  removeByAccount(accountId: string): Promise<number>;
};
