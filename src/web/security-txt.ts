/** Answers `/.well-known/security.txt` (RFC 9116): tells people who find a weakness whom to contact. */
import type Koa from 'koa';
import type { Web } from './web.ts';

const DAY_MS = 86_400_000;
/** RFC 9116, 2.5.5, recommends less than a year. Every request gets a fresh answer, so half a year is enough. */
const VALID_DAYS = 180;

/** Used only if `securityContact` has an entry. Otherwise the URL is a 404 page. */
export function createSecurityTxt({
  issuer,
  now,
  securityContact,
  securityPolicy,
}: Pick<Web, 'issuer' | 'now' | 'securityContact' | 'securityPolicy'>) {
  return {
    show(ctx: Koa.Context) {
      // Counted from midnight UTC, so that all nodes give the same answer for a day.
      const expires = Math.floor(now() / DAY_MS) * DAY_MS + VALID_DAYS * DAY_MS;
      const fields = [
        ...securityContact.map((uri) => `Contact: ${uri}`),
        `Expires: ${new Date(expires).toISOString()}`,
        'Preferred-Languages: nl, en',
        // A web URL in this file must be https (2.5.2). Only a Pedel on localhost has an http issuer.
        ...(issuer.startsWith('https:') ? [`Canonical: ${issuer}/.well-known/security.txt`] : []),
        ...(securityPolicy === undefined ? [] : [`Policy: ${securityPolicy}`]),
      ];
      ctx.set('Content-Type', 'text/plain; charset=utf-8');
      ctx.set('Cache-Control', 'public, max-age=3600');
      ctx.body = `${fields.join('\n')}\n`;
    },
  };
}
