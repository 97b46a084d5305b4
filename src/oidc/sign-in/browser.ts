/** Reads and writes our cookies the same way inside and outside of the library, and knows a browser by one of them. */
import { randomBytes } from 'node:crypto';
import type Koa from 'koa';
import Provider from 'oidc-provider';
import { beside } from '../../domain/beside.ts';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import { type CookieNames, cookieFlags } from '../../http/cookies.ts';

export type Cookies = {
  /** The one jar of a request and its answer. */
  jar(ctx: Koa.Context): Koa.Context['cookies'];
  get(ctx: Koa.Context, cookie: keyof CookieNames): string | undefined;
  /** `undefined` clears the cookie. Without `expires` it lasts until the browser closes. */
  set(ctx: Koa.Context, cookie: 'session' | 'waiting' | 'browser', value: string | undefined, expires?: Date): void;
};

/** All cookies are signed and `Lax` (rule 19). */
export function createCookies(names: CookieNames, secure: boolean, provider: () => Provider): Cookies {
  const jars = beside<Koa.Context['cookies']>('cookies');

  function jar(ctx: Koa.Context): Koa.Context['cookies'] {
    let cookies = jars.get(ctx.req);
    if (cookies === undefined) {
      cookies = sparing(provider().createContext(ctx.req, ctx.res).cookies, names.session);
      cookies.secure = secure;
      jars.set(ctx.req, cookies);
    }
    return cookies;
  }

  return {
    jar,
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

/**
 * Proves each cookie once in a request, because its signature is an HMAC. The library sets the session's with every answer. If
 * two answers cross, the later one would restore an identifier that the other has just replaced: one that the browser has is
 * not sent again.
 */
function sparing(cookies: Koa.Context['cookies'], session: string): Koa.Context['cookies'] {
  const { get, set } = cookies;
  const proven = new Map<string, string | undefined>();
  cookies.get = (name, options) => {
    if (options?.signed !== true) return get.call(cookies, name, options);
    if (!proven.has(name)) proven.set(name, get.call(cookies, name, options));
    return proven.get(name);
  };
  cookies.set = (name, value, options) =>
    name === session && value && value === proven.get(session) ? cookies : set.call(cookies, name, value, options);
  return cookies;
}

/** The key of the browser of the current protocol request. Undefined if it has no cookie yet. */
export function browserOfRequest(cookies: Pick<Cookies, 'get'>): string | undefined {
  const ctx = Provider.ctx as Koa.Context | undefined;
  const identifier = ctx && cookies.get(ctx, 'browser');
  return identifier === undefined ? undefined : recordKeyOf(identifier);
}

/**
 * Knows a browser again. Its cookie is for the whole origin (`__Host-`), so no neighbouring host can plant it, and what
 * is bound to its key is worth nothing in another browser.
 */
export type Browsers = {
  /** The key of the browser that sent this request. Undefined if it has no cookie yet. */
  known(ctx: Koa.Context): string | undefined;
  /** The same; a browser without a cookie gets one with this answer. */
  greet(ctx: Koa.Context): string;
};

export function createBrowsers(cookies: Pick<Cookies, 'get' | 'set'>): Browsers {
  const greeted = beside<string>('browser');

  function known(ctx: Koa.Context): string | undefined {
    const identifier = cookies.get(ctx, 'browser');
    return identifier === undefined ? undefined : recordKeyOf(identifier);
  }

  return {
    known,
    greet(ctx) {
      const key = known(ctx) ?? greeted.get(ctx.req);
      if (key !== undefined) return key;
      const identifier = randomBytes(16).toString('base64url');
      cookies.set(ctx, 'browser', identifier);
      const made = recordKeyOf(identifier);
      greeted.set(ctx.req, made);
      return made;
    },
  };
}
