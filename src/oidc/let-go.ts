/**
 * Lets go of what a request held once its answer has left. The library defines a getter on each context, and V8 puts getters
 * among the old objects: the whole request, to which it leads, would be copied twice and kept until the next full collection
 * of garbage (docs/performance.md).
 */
import type Koa from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { contained } from '../domain/contained.ts';
import { forgetRequest } from './request.ts';

/**
 * Call it once the library is done with a request and its answer is made. Of one whose client left before, nothing is let go:
 * somebody may still be at work on it.
 */
export function letGoOnceAnswered(ctx: Koa.Context & Partial<KoaContextWithOIDC>): void {
  if (ctx.res.closed) return;
  // what could not be let go stays until the next full collection, as before
  const letGo = contained(
    () => {
      forgetRequest(ctx);
      if (ctx.oidc !== undefined) Object.assign(ctx.oidc, { entities: {}, session: undefined });
      const nothing = { req: undefined, res: undefined, request: undefined, response: undefined, cookies: undefined };
      Object.assign(ctx, nothing);
    },
    () => undefined,
  );
  ctx.res.once('close', letGo);
}
