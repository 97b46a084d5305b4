/** What /readyz tells an operator of a node that is ready: what should be looked at all the same. */
import type { Storage } from '../domain/ports/storage.ts';
import type { Jobs } from '../jobs/start.ts';

/** One sentence each. @throws what the storage throws */
export async function readyNotices(
  outbox: Pick<Storage['outbox'], 'list'>,
  { clock, clientExpiry, secretWarnings, pendingClients, accessRules }: Jobs,
): Promise<string[]> {
  const [setAside] = await outbox.list({ state: 'set-aside' }, undefined, 1);
  const told = [clock, clientExpiry, secretWarnings, pendingClients, accessRules].map((each) => each.notice());
  return [
    ...(setAside === undefined ? [] : ['emails or logouts are set aside: see pedel outbox list']),
    ...told.filter((notice) => notice !== undefined),
  ];
}
