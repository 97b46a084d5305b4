/** An operator approves or refuses an application that registered itself. Of two who decide at once, one does. */
import { logoOf } from '../../domain/clients/client-logo.ts';
import { isExpired, isPending } from '../../domain/clients/client-validity.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import { Problem } from '../../domain/problem.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { narrowedTo } from '../../domain/registration/terms.ts';
import { type FetchedLogo, logoWarning } from '../clients/fetch-logo.ts';

type Deps = {
  clients: Pick<Clients, 'find' | 'put' | 'clear' | 'remove'>;
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
  actor: ChangeEntry['actor'];
};

/** `not-pending`: it works already, or did not register itself. `expired`: it waited too long. */
export type Undecidable = { kind: 'unknown' | 'not-pending' | 'expired' };
/** It changed itself after the operator looked at it. */
type ChangedSince = { kind: 'changed-since' };
const ATTEMPTS = 20;

/**
 * From then on people sign in to it. `fetchLogo` never rejects; undefined: no other host is asked. `warning`: why letters
 * stand where its logo should be.
 * @param deps `asSeen`: the revision that the operator looked at; undefined: whatever it is now
 */
export async function approveClient(
  id: string,
  {
    fetchLogo,
    asSeen,
    ...deps
  }: Deps & { fetchLogo: ((uri: string) => Promise<FetchedLogo>) | undefined; asSeen?: number | undefined },
): Promise<{ kind: 'approved'; record: ClientRecord; warning?: string } | Undecidable | ChangedSince> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await pendingClient(id, deps);
    if ('kind' in stored) return stored;
    if (asSeen !== undefined && stored.revision !== asSeen) return { kind: 'changed-since' };
    const { validUntil: _, registration, ...rest } = stored;
    const { logo_uri: uri } = stored.metadata;
    const fetched = typeof uri === 'string' && logoOf(stored) === undefined ? await fetchLogo?.(uri) : undefined;
    const record: ClientRecord = {
      ...rest,
      revision: stored.revision + 1,
      ...(registration === undefined
        ? {}
        : {
            registration: {
              ...registration,
              state: 'approved',
              terms: narrowedTo(stored.metadata, registration.terms),
            },
          }),
      ...(fetched !== undefined && 'logo' in fetched ? { logo: fetched.logo } : {}),
      updatedAt: deps.now(),
    };
    const picture = fetched !== undefined && 'picture' in fetched ? fetched.picture : undefined;
    const entry = entryOf(id, { action: 'client.approved' }, deps);
    if (!(await deps.clients.put(record, stored.revision, entry, picture))) continue;
    const warning = fetched !== undefined && 'fault' in fetched ? { warning: logoWarning(fetched.fault) } : {};
    return { kind: 'approved', record, ...warning };
  }
  throw lost(id);
}

/**
 * Deletes it. `because`: an operator does not want it, or nobody approved it in time; then `expired` is what is wanted. What
 * hangs on its id, perhaps from before, goes first: broken off between the two, it waits to be refused again.
 * @param deps `asSeen` as in `approveClient`
 */
export async function refuseClient(
  id: string,
  because: 'operator' | 'pending-too-long',
  { asSeen, ...deps }: Deps & { asSeen?: number | undefined },
): Promise<{ kind: 'refused' } | Undecidable | ChangedSince> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await pendingClient(id, deps, because === 'pending-too-long' ? 'expired' : 'any');
    if ('kind' in stored) return stored;
    if (asSeen !== undefined && stored.revision !== asSeen) return { kind: 'changed-since' };
    await deps.clients.clear(id);
    const entry = entryOf(id, { action: 'client.refused', details: { because } }, deps);
    if (await deps.clients.remove(id, entry, stored.revision)) return { kind: 'refused' };
  }
  throw lost(id);
}

async function pendingClient(
  id: string,
  { clients, now }: Pick<Deps, 'clients' | 'now'>,
  which: 'living' | 'expired' | 'any' = 'living',
): Promise<ClientRecord | Undecidable> {
  const record = await clients.find(id);
  if (record === undefined) return { kind: 'unknown' };
  if (!isPending(record)) return { kind: 'not-pending' };
  const expired = isExpired(record, now());
  if (which === 'living' && expired) return { kind: 'expired' };
  return which === 'expired' && !expired ? { kind: 'not-pending' } : record;
}

function entryOf(
  client: string,
  what: { action: 'client.approved' } | { action: 'client.refused'; details: { because: string } },
  { now, randomBytes, actor }: Deps,
): ChangeEntry {
  return { id: randomId(randomBytes), at: now(), actor, client, ...what } as ChangeEntry;
}

const lost = (id: string) =>
  new Problem('lost_race', `the client ${id} is being changed by too many at once`, { retryAfterSeconds: 1 });
