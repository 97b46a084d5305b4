/** Only Pedel's own pages may change anything through Pedel's own pages (rule 20). No token, no script needed. */
import type Koa from 'koa';
import { HttpError } from './http-error.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses an unsafe method unless the browser vouches that one of our own pages, or the person, sent it. */
export function sameOrigin(issuer: string): Koa.Middleware {
  const expectedOrigin = new URL(issuer).origin;
  return async (ctx, next) => {
    if (!SAFE.has(ctx.method) && !isOurs(ctx, expectedOrigin)) throw new HttpError(403, 'cross-site');
    await next();
  };
}

function isOurs(ctx: Koa.Context, expectedOrigin: string): boolean {
  const site = ctx.headers['sec-fetch-site'];
  // browsers send it and no script can set it; where it is there, Origin decides nothing
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  return ctx.headers.origin === expectedOrigin;
}
