/** The sources of the configuration as who may see them sees them: what feeds them, their tokens, and whether one is held. */
import type { Source } from '../../domain/feed/source.ts';
import { TOKENS_AT_MOST } from '../../domain/feed/source-token.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { Attempts } from '../../domain/ports/attempts.ts';
import type { Imports } from '../../domain/ports/imports.ts';
import type { Values } from '../../domain/ports/values.ts';
import { type Actor, reachOf } from '../actor.ts';
import { mayWithSource } from '../import/administer-imports.ts';
import { releasedUntil, safeguardState } from './safeguard.ts';
import { type SourceDenied, tokensOfSource } from './tokens.ts';

type Ports = {
  sources: readonly Source[];
  accounts: Pick<Accounts, 'countTerms'>;
  attempts: Attempts;
  values: Pick<Values, 'get'>;
  imports: Pick<Imports, 'latest'>;
  now: () => number;
};

/** Times in epoch ms. `people`: over SCIM; `held`: nobody more loses access now. `people` of an import: by organisation. */
export type ViewedSource = {
  source: Source;
  mayChange: boolean;
  scim: { people: number; closed: number; most: number; held: boolean; releasedUntil?: number };
  tokens: { id: string; createdAt: number }[];
  full: boolean;
  latest?: { id: string; at: number; people: Record<string, number> };
};

/** In the order of the configuration: those whose organisations are all its reader's. */
export async function listSources(
  actor: Actor,
  ports: Ports,
): Promise<{ kind: 'listed'; sources: ViewedSource[] } | { kind: 'not-found' }> {
  if (reachOf(actor, 'sources:read').length === 0) return { kind: 'not-found' };
  const seen = ports.sources.filter(({ id }) => mayWithSource(actor, 'sources:read', id, ports.sources) === 'yes');
  return { kind: 'listed', sources: await Promise.all(seen.map((source) => viewed(actor, source, ports))) };
}

export async function viewSource(
  actor: Actor,
  id: string,
  what: 'sources:read' | 'sources:write',
  ports: Ports,
): Promise<{ kind: 'found'; source: ViewedSource } | SourceDenied> {
  const source = ports.sources.find((each) => each.id === id);
  if (source === undefined) return { kind: 'not-found' };
  const allowed = mayWithSource(actor, what, id, ports.sources);
  if (allowed === 'yes') return { kind: 'found', source: await viewed(actor, source, ports) };
  return { kind: allowed === 'refused' ? 'not-allowed' : 'not-found' };
}

async function viewed(actor: Actor, source: Source, ports: Ports): Promise<ViewedSource> {
  const now = ports.now();
  const [state, until, tokens, latest] = await Promise.all([
    safeguardState(ports, source, now),
    releasedUntil(ports.values, source.id),
    tokensOfSource(ports.values, source.id),
    ports.imports.latest(source.id),
  ]);
  return {
    source,
    mayChange: mayWithSource(actor, 'sources:write', source.id, ports.sources) === 'yes',
    scim: { ...state, held: state.closed >= state.most, ...(until > now ? { releasedUntil: until } : {}) },
    tokens: tokens.map(({ id, createdAt }) => ({ id, createdAt })),
    full: tokens.length >= TOKENS_AT_MOST,
    ...(latest === undefined ? {} : { latest: { id: latest.id, at: latest.at, people: latest.people } }),
  };
}
