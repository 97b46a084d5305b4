/** Security headers of every answer, the protocol's too; page.ts adds those that only pages need (rule 22). */
import type Koa from 'koa';

const TWO_YEARS_SECONDS = 63_072_000;

/** Middleware; mount it first. Strict-Transport-Security is sent only on an https issuer (RFC 6797, 7.2). */
export function securityHeaders(issuer: string): Koa.Middleware {
  const secure = issuer.startsWith('https:');
  return (ctx, next) => {
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Referrer-Policy', 'same-origin');
    if (secure) ctx.set('Strict-Transport-Security', `max-age=${TWO_YEARS_SECONDS}`);
    return next();
  };
}
