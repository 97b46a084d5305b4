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
  const sent = beside<Partial<Record<keyof CookieNames, { value: string | undefined }>>>('sent cookies');

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
    jar,
    get(ctx, cookie) {
      let known = sent.get(ctx.req);
      if (known === undefined) {
        known = {};
        sent.set(ctx.req, known);
      }
      known[cookie] ??= { value: jar(ctx).get(names[cookie], { signed: true }) }; // once: its signature is an HMAC
      return known[cookie].value;
    },
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
