/** Tells the people who run an application which scopes it asks for in vain, and what to do: in the log, now and then. */
import { LRUCache } from 'lru-cache';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { remedyOfDrop, type ScopeDrop } from '../../domain/clients/release/asked-scopes.ts';
import type { Log } from '../page-sources.ts';
import { incidentOf } from '../refusals/refusal.ts';
import { memoryOfRequest } from '../request.ts';

/** How often the log says the same of one application: each node, once in this time. */
const TOLD_AGAIN_MS = 60 * 60_000;
/** Applications and scopes that are remembered at a time. */
const REMEMBERED = 10_000;
/** A scope that came from outside, in the log; and how many of one request. */
const LONGEST_SCOPE = 100;
const MOST_SCOPES = 10;

/** Returns what is to be called with each answer of the library. It says in the log what an application did not get. */
export function createDropTeller({ now, log }: { now: () => number; log: Pick<Log, 'info'> }) {
  const told = new LRUCache<string, number>({ max: REMEMBERED });

  function isNews(client: string, { because }: ScopeDrop): boolean {
    const key = JSON.stringify([client, because]);
    const at = told.get(key);
    if (at !== undefined && now() < at + TOLD_AGAIN_MS) return false;
    told.set(key, now());
    return true;
  }

  return (ctx: KoaContextWithOIDC): void => {
    const client = ctx.oidc.client?.clientId;
    const dropped = memoryOfRequest(ctx)?.dropped ?? [];
    if (client === undefined || dropped.length === 0) return;
    const news = dropped.slice(0, MOST_SCOPES).filter((drop) => isNews(client, drop));
    for (const { scope, because } of news) {
      const fields = { client, scope: scope.slice(0, LONGEST_SCOPE), because, remedy: remedyOfDrop(because) };
      log.info(
        { event: 'scope-dropped', incident: incidentOf(ctx), ...fields },
        'an application does not get a scope that it asks for',
      );
    }
  };
}
