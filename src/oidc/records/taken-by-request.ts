/** Counts what the current request stores for somebody who has not signed in, by where it comes from (rule 30). */
import type Koa from 'koa';
import Provider from 'oidc-provider';
import type { LimitedNetwork } from '../../domain/rate-limits/limits.ts';
import type { StrangersStore } from './stored-for-strangers.ts';

/** `knownBrowser`: the id of a browser that signed in before. The function that it returns takes bytes. @throws Problem `too_many` */
export function createTaking(
  strangers: StrangersStore,
  network: (ctx: Koa.Context) => Pick<LimitedNetwork, 'groups' | 'limits'>,
  knownBrowser: ((ctx: Koa.Context) => string | undefined) | undefined,
) {
  return (what: 'requests' | 'proofs') => (bytes: number) => {
    const ctx = Provider.ctx as (Koa.Context & typeof Provider.ctx) | undefined;
    strangers.take({
      what,
      network: ctx ? network(ctx) : { groups: [] },
      client: ctx?.oidc?.client?.clientId,
      known: ctx && knownBrowser?.(ctx),
      bytes,
    });
  };
}
