/**
 * What happened under an incident number, for the service desk and for who oversees the installation. A number that nobody
 * was shown and one of a person whom the asker does not see have the same answer, and wrong ones are counted.
 */
import type { Account } from '../../domain/account/account.ts';
import { type Incident, incidentNumberIn } from '../../domain/incidents/incident.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { Incidents } from '../../domain/ports/incidents.ts';
import type { RoleGrants } from '../../domain/ports/role-grants.ts';
import { counterOf, type Limiter, takeAll } from '../../domain/rate-limits/rate-limits.ts';
import { type Actor, may, reachOf } from '../actor.ts';
import { isOfDesk } from '../desk/desk-people.ts';

export type IncidentPorts = {
  accounts: Pick<Accounts, 'findById'>;
  incidents: Pick<Incidents, 'find'>;
  roleGrants: Pick<RoleGrants, 'read'>;
  limiter: Limiter;
  /** stores what this node has noted and not yet written */
  writeIncidents(): Promise<void>;
  /** epoch ms */
  now: () => number;
};

/** `person`: who was signed in, as the asker sees people; absent: nobody, or an account that is gone. */
export type FoundIncident = { kind: 'found'; incident: Incident; person?: Account };
export type IncidentAnswer = FoundIncident | { kind: 'not-found' } | { kind: 'limited' };

/** For an agent of the service desk: of people whom the agent sees, and of nobody. @param typed as it was read out */
export async function incidentAtDesk(actor: Actor, typed: string, ports: IncidentPorts): Promise<IncidentAnswer> {
  if (reachOf(actor, 'people:desk').length === 0) return { kind: 'not-found' };
  const { grants } = await ports.roleGrants.read();
  return lookUp(actor, typed, ports, (person) => person === undefined || isOfDesk(actor, person, grants));
}

/** For owners and auditors: an auditor of an organisation sees those of its people. */
export async function incidentForOverseer(actor: Actor, typed: string, ports: IncidentPorts): Promise<IncidentAnswer> {
  if (reachOf(actor, 'audit:read').length === 0) return { kind: 'not-found' };
  return lookUp(
    actor,
    typed,
    ports,
    (person) =>
      may(actor, 'audit:read', undefined) === 'yes' ||
      person?.affiliations.some(({ organisation }) => may(actor, 'audit:read', organisation) === 'yes') === true,
  );
}

async function lookUp(
  actor: Actor,
  typed: string,
  { accounts, incidents, limiter, writeIncidents, now }: IncidentPorts,
  sees: (person: Account | undefined) => boolean,
): Promise<IncidentAnswer> {
  const number = incidentNumberIn(typed);
  if (number === undefined) return { kind: 'not-found' };
  const taken = await takeAll(limiter, [counterOf('incidentsPerAgent', actor.id)], undefined, now());
  if (!taken.allowed) return { kind: 'limited' };
  await writeIncidents().catch(() => {}); // what is stored is found all the same
  const incident = await incidents.find(number);
  const person = incident?.account === undefined ? undefined : await accounts.findById(incident.account);
  const hidden = incident?.account !== undefined && person === undefined; // of somebody who is gone
  if (incident === undefined || hidden || !sees(person)) return { kind: 'not-found' };
  await taken.giveBack();
  return { kind: 'found', incident, ...(person === undefined ? {} : { person }) };
}
