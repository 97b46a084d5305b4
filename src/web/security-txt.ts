/** `/.well-known/security.txt` (RFC 9116): tells a person who finds a weakness in this installation whom to write to. */
import type Koa from 'koa';
import type { Web } from './web.ts';

const DAY_MS = 86_400_000;
/** RFC 9116, 2.5.5, recommends less than a year; the answer is made anew at each request, so half of one is plenty. */
const VALID_DAYS = 180;

/** Registered only where `securityContact` names somebody; elsewhere the address is a page that does not exist (404). */
export function createSecurityTxt({
  issuer,
  now,
  securityContact,
  securityPolicy,
}: Pick<Web, 'issuer' | 'now' | 'securityContact' | 'securityPolicy'>) {
  return {
    show(ctx: Koa.Context) {
      // from midnight (UTC), so that every node gives the same answer for a day
      const expires = Math.floor(now() / DAY_MS) * DAY_MS + VALID_DAYS * DAY_MS;
      const fields = [
        ...securityContact.map((uri) => `Contact: ${uri}`),
        `Expires: ${new Date(expires).toISOString()}`,
        'Preferred-Languages: nl, en',
        // a web address in this file must be https (2.5.2); only a Pedel on localhost has another
        ...(issuer.startsWith('https:') ? [`Canonical: ${issuer}/.well-known/security.txt`] : []),
        ...(securityPolicy === undefined ? [] : [`Policy: ${securityPolicy}`]),
      ];
      ctx.set('Content-Type', 'text/plain; charset=utf-8');
      ctx.set('Cache-Control', 'public, max-age=3600');
      ctx.body = `${fields.join('\n')}\n`;
    },
  };
}
