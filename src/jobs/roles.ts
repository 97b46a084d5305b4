/** Keeps roles true: does what changes of them left to do, and ends those of accounts and clients that are gone. */

import type { Leases } from '../domain/ports/leases.ts';
import type { RoleDeps } from '../use-cases/roles/deps.ts';
import { endRolesOfTheGone } from '../use-cases/roles/end-gone.ts';
import { settleRoles } from '../use-cases/roles/register.ts';
import type { JobLog } from './log.ts';

const LEASE_MS = 60_000;

export type RoleUpkeepDeps = RoleDeps & { leases: Pick<Leases, 'acquire' | 'release'>; holder: string; log: JobLog };

/** On one node at a time. @throws what the storage throws */
export async function keepRoles({ leases, holder, log, ...deps }: RoleUpkeepDeps): Promise<void> {
  if ((await leases.acquire('roles', holder, deps.now() + LEASE_MS, deps.now())) === undefined) return;
  try {
    await settleRoles(deps);
    const ended = await endRolesOfTheGone(deps);
    for (const { holder: of, roles, because, ownersLeft } of ended) {
      log.info({ holder: of, roles, because }, 'roles ended');
      if (ownersLeft === 0 && roles.includes('owner'))
        log.error({}, 'nobody is an owner any more; pedel roles grant NUMBER owner makes one');
    }
  } finally {
    await leases.release('roles', holder);
  }
}
