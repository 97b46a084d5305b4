/** Headers of every answer, the protocol's too; what only pages need (the policy, no caching) is set by page.ts (rule 22). */
import type Koa from 'koa';

const TWO_YEARS_SECONDS = 63_072_000;

/** Mounted before everything that answers. Strict-Transport-Security goes out on an https issuer only (RFC 6797, 7.2). */
export function securityHeaders(issuer: string): Koa.Middleware {
  const secure = issuer.startsWith('https:');
  return (ctx, next) => {
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Referrer-Policy', 'same-origin');
    if (secure) ctx.set('Strict-Transport-Security', `max-age=${TWO_YEARS_SECONDS}`);
    return next();
  };
}
