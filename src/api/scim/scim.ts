/** Puts SCIM together from what the composition root gives. */
import type Koa from 'koa';
import type { Storage } from '../../domain/ports/storage.ts';
import { createSafeguard } from '../../use-cases/scim/safeguard.ts';
import { createScimLimits } from './limits.ts';
import { createScimRouter, type ScimParts } from './router.ts';

export type ScimApiParts = Omit<ScimParts, 'ports' | 'limits' | 'clients' | 'values'> & {
  storage: Pick<Storage, 'accounts' | 'attempts' | 'clients' | 'values'>;
  /** called when the safeguard holds a source */
  onHeld: () => void;
  /** of one source in a minute; absent: as limits.ts says */
  requestsPerMinute?: number;
};

export function createScim({ storage, requestsPerMinute, onHeld, ...parts }: ScimApiParts): Koa.Middleware {
  const safeguard = createSafeguard(storage, (source, most) => {
    onHeld();
    parts.log.error({ source, most }, 'the safeguard holds a source: see pedel sources release --help');
  });
  return createScimRouter({
    ...parts,
    clients: storage.clients,
    values: storage.values,
    ports: { accounts: storage.accounts, safeguard },
    limits: createScimLimits(parts.now, requestsPerMinute),
  });
}
