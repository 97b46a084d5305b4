/** Only Pedel's own pages can send forms to Pedel's own pages (rule 20). It needs no token and no script. */
import type Koa from 'koa';
import { HttpError } from './http-error.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Middleware that refuses an unsafe method unless the browser says that one of our own pages, or the person, sent it.
 * @throws HttpError 403
 */
export function sameOrigin(issuer: string): Koa.Middleware {
  const expectedOrigin = new URL(issuer).origin;
  return async (ctx, next) => {
    if (!SAFE.has(ctx.method) && !isOurs(ctx, expectedOrigin)) throw new HttpError(403, 'cross-site');
    await next();
  };
}

function isOurs(ctx: Koa.Context, expectedOrigin: string): boolean {
  const site = ctx.headers['sec-fetch-site'];
  // The browser sets Sec-Fetch-Site and no script can. If it is there, Origin is not needed.
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  return ctx.headers.origin === expectedOrigin;
}
