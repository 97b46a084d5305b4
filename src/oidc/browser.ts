/** Reads and writes our cookies the same way inside and outside of the library. */
import type Koa from 'koa';
import Provider from 'oidc-provider';
import { recordKeyOf } from '../domain/ports/record-key.ts';
import { type CookieNames, cookieFlags } from '../http/cookies.ts';

export type Cookies = {
  get(ctx: Koa.Context, cookie: keyof CookieNames): string | undefined;
  /** `undefined` clears the cookie. Without `expires` it lasts until the browser closes. */
  set(ctx: Koa.Context, cookie: 'session' | 'waiting' | 'browser', value: string | undefined, expires?: Date): void;
};

/** All cookies are signed and `Lax` (rule 19). */
export function createCookies(names: CookieNames, secure: boolean, provider: () => Provider): Cookies {
  const jars = new WeakMap<object, Koa.Context['cookies']>();

  function jar(ctx: Koa.Context): Koa.Context['cookies'] {
    let cookies = jars.get(ctx.req);
    if (cookies === undefined) {
      cookies = provider().createContext(ctx.req, ctx.res).cookies;
      cookies.secure = secure;
      jars.set(ctx.req, cookies);
    }
    return cookies;
  }

  return {
    get: (ctx, cookie) => jar(ctx).get(names[cookie], { signed: true }),
    set(ctx, cookie, value, expires) {
      jar(ctx).set(names[cookie], value ?? null, {
        ...cookieFlags,
        signed: true,
        secure,
        overwrite: true,
        ...(expires === undefined ? {} : { expires }),
      });
    },
  };
}

/** The key of the browser of the current protocol request. Undefined if it has no cookie yet. */
export function browserOfRequest(cookies: Pick<Cookies, 'get'>): string | undefined {
  const ctx = Provider.ctx as Koa.Context | undefined;
  const identifier = ctx && cookies.get(ctx, 'browser');
  return identifier === undefined ? undefined : recordKeyOf(identifier);
}
