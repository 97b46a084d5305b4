/** Approves or refuses a client that registered itself, for whoever has a role for its organisation. */
import { organisationOfClient } from '../../domain/clients/client-document.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import type { RandomBytes } from '../../domain/random.ts';
import { type Actor, auditActorOf, may } from '../actor.ts';
import type { FetchedLogo } from '../clients/fetch-logo.ts';
import { approveClient, refuseClient } from './decide-registration.ts';

export type Decided =
  | { kind: 'approved'; record: ClientRecord; warning?: string }
  | { kind: 'refused' }
  /** it is not there for this one, does not wait, or waited too long */
  | { kind: 'not-found' }
  | { kind: 'not-allowed' }
  | { kind: 'changed-since' };

/** `asSeen`: the revision that was looked at. */
export async function decideRegistration(
  actor: Actor,
  { id, what, asSeen }: { id: string; what: 'approve' | 'refuse'; asSeen: number },
  deps: {
    clients: Pick<Clients, 'find' | 'put' | 'remove'>;
    now: () => number;
    randomBytes: RandomBytes;
    fetchLogo: (uri: string) => Promise<FetchedLogo>;
  },
): Promise<Decided> {
  const stored = await deps.clients.find(id);
  if (stored === undefined) return { kind: 'not-found' };
  const allowed = may(actor, 'registration:write', organisationOfClient(stored));
  if (allowed !== 'yes') return { kind: allowed === 'hidden' ? 'not-found' : 'not-allowed' };
  const made = { ...deps, actor: auditActorOf(actor), asSeen };
  const decided = what === 'approve' ? await approveClient(id, made) : await refuseClient(id, 'operator', made);
  return 'record' in decided || ['refused', 'changed-since'].includes(decided.kind)
    ? (decided as Decided)
    : { kind: 'not-found' };
}
