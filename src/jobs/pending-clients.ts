/**
 * Removes applications whose time is over: those that registered themselves and that nobody approved, so that they do not pile
 * up, and those that were deleted 30 days ago.
 */
import { isExpired, isPending } from '../domain/clients/client-validity.ts';
import type { Clients } from '../domain/ports/clients.ts';
import type { RandomBytes } from '../domain/random.ts';
import { isRemovable, removeDeleted } from '../use-cases/clients/end-client.ts';
import { refuseClient } from '../use-cases/registration/decide-registration.ts';
import type { JobLog } from './log.ts';

const PAGE = 500;

export type PendingClientsDeps = {
  storage: { clients: Pick<Clients, 'find' | 'list' | 'put' | 'remove' | 'clear'> };
  now: () => number;
  randomBytes: RandomBytes;
  log: JobLog;
};

export type PendingClients = {
  /** Reads every registration. Any number of nodes may: each application is deleted once. @throws what the storage throws */
  sweep(goOn?: () => boolean): Promise<void>;
  /** What an operator should know; undefined: nothing. As of the last sweep. */
  notice(): string | undefined;
};

export function sweepPendingClients({
  storage: { clients },
  now,
  randomBytes,
  log,
}: PendingClientsDeps): PendingClients {
  let waiting = 0;
  return {
    async sweep(goOn = () => true) {
      let found = 0;
      for (let after: string | undefined; goOn(); ) {
        const page = await clients.list(after, PAGE);
        for (const { id } of page.filter((client) => isRemovable(client, now()))) {
          if (await removeDeleted(id, { clients, now, randomBytes }))
            log.info({ client: id }, 'a deleted application was removed');
        }
        for (const client of page.filter(isPending)) {
          if (!isExpired(client, now())) {
            found += 1;
            continue;
          }
          const deps = { clients, now, randomBytes, actor: { kind: 'system' } as const };
          const { kind } = await refuseClient(client.id, 'pending-too-long', deps);
          if (kind === 'refused') log.info({ client: client.id }, 'an application that nobody approved was deleted');
        }
        after = page.at(-1)?.id;
        if (page.length < PAGE) break;
      }
      waiting = found;
    },
    notice: () =>
      waiting === 0 ? undefined : `${waiting} of the applications wait for approval: see pedel clients list`,
  };
}
