/**
 * Answers `/.well-known/webauthn` (WebAuthn level 3, 5.11): the origins that may use the passkeys of a domain to which they
 * do not belong. Browsers ask the passkey domain for it, so it must lead here.
 */
import type Koa from 'koa';
import type { Web } from './web.ts';

/** Used only if `relatedOrigins` has an entry. Otherwise the URL is a 404 page. */
export function createRelatedOrigins({ issuer, relatedOrigins }: Pick<Web, 'issuer' | 'relatedOrigins'>) {
  // A browser reads on until it has met five registrable domains, so that of the issuer comes first.
  const others = relatedOrigins.filter((origin) => origin !== issuer);
  const origins = [...(others.length < relatedOrigins.length ? [issuer] : []), ...new Set(others)];
  return {
    show(ctx: Koa.Context) {
      ctx.set('Content-Type', 'application/json');
      ctx.set('Cache-Control', 'public, max-age=3600');
      ctx.body = JSON.stringify({ origins });
    },
  };
}
