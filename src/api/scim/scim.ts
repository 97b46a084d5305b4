/** Puts SCIM together from what the composition root gives. */
import type Koa from 'koa';
import { contained } from '../../domain/contained.ts';
import type { Storage } from '../../domain/ports/storage.ts';
import { keptCounts } from '../../use-cases/scim/kept-counts.ts';
import { createSafeguard } from '../../use-cases/scim/safeguard.ts';
import { tellHeld } from '../../use-cases/scim/tell-held.ts';
import { createScimLimits } from './limits.ts';
import { createScimRouter, type ScimParts } from './router.ts';

export type ScimApiParts = Omit<ScimParts, 'ports' | 'limits' | 'clients' | 'values'> & {
  storage: Pick<Storage, 'accounts' | 'attempts' | 'clients' | 'outbox' | 'roleGrants' | 'values'>;
  /** called when the safeguard holds a source */
  onHeld: () => void;
  /** of one source in a minute; absent: as limits.ts says */
  requestsPerMinute?: number;
};

export function createScim({ storage, requestsPerMinute, onHeld, ...parts }: ScimApiParts): Koa.Middleware {
  // nobody waits for it: the answer to the source says the same whether a letter could be put in
  const tell = contained(
    async (id: string, most: number) => {
      const source = parts.sources.find((each) => each.id === id);
      const context = { organisations: parts.organisations, now: parts.now() };
      if (source !== undefined) await tellHeld(source, most, storage, context);
    },
    (error: unknown) => parts.log.error({ err: error }, 'nobody was told that the safeguard holds a source'),
  );
  const accounts = { ...storage.accounts, countTerms: keptCounts(storage.accounts.countTerms, parts.now) };
  const safeguard = createSafeguard({ ...storage, accounts }, (source, most) => {
    onHeld();
    parts.log.error({ source, most }, 'the safeguard holds a source: see pedel sources release --help');
    tell(source, most);
  });
  return createScimRouter({
    ...parts,
    clients: storage.clients,
    values: storage.values,
    ports: { accounts, safeguard },
    limits: createScimLimits(parts.now, requestsPerMinute),
  });
}
