/**
 * Security headers of every answer, also of the protocol's; page.ts adds what only pages need (policy, no caching;
 * rule 22).
 */
import type Koa from 'koa';

const TWO_YEARS_SECONDS = 63_072_000;

/**
 * Middleware to mount before all that answers. Strict-Transport-Security is sent only on an https issuer (RFC 6797,
 * 7.2).
 */
export function securityHeaders(issuer: string): Koa.Middleware {
  const secure = issuer.startsWith('https:');
  return (ctx, next) => {
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Referrer-Policy', 'same-origin');
    if (secure) ctx.set('Strict-Transport-Security', `max-age=${TWO_YEARS_SECONDS}`);
    return next();
  };
}
