/** Signs cookies, and decides which of the library's cookies reach the browser. */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** The interface of koa's cookies. Prepared keys for HMAC-SHA-256 save a fifth of a silent sign-on. */
export type CookieSigner = {
  sign(data: string): string;
  index(data: string, signature: string): number;
  verify(data: string, signature: string): boolean;
};

/** Signs with the first key and accepts all of them. */
export function createCookieSigner(keys: Buffer[]): CookieSigner {
  const prepared = keys.map((key) => createSecretKey(key));
  const mac = (key: KeyObject, data: string) => createHmac('sha256', key).update(data);
  const index = (data: string, signature: string) => {
    const given = Buffer.from(signature, 'base64url');
    return prepared.findIndex((key) => {
      const right = mac(key, data).digest();
      return right.length === given.length && timingSafeEqual(right, given);
    });
  };
  return {
    sign: (data) => mac(prepared[0] as KeyObject, data).digest('base64url'),
    index,
    verify: (data, signature) => index(data, signature) >= 0,
  };
}

/**
 * Filters the session cookies of an answer. The library sends one with every answer that brings a new identifier. So a cookie
 * is sent only if its session is stored. It lasts as long as a session can: the storage enforces the idle limit.
 */
export function settleSessionCookie(
  response: ServerResponse,
  options: { name: string; stored: boolean; expires: Date },
): void {
  const header = response.getHeader('set-cookie');
  if (header === undefined) return;
  const cookies = (Array.isArray(header) ? header : [String(header)]).map(String);
  const starts = [`${options.name}=`, `${options.name}.sig=`];
  const isOfSession = (cookie: string) => starts.some((start) => cookie.startsWith(start));
  const isClearing = (cookie: string) => cookie.includes('expires=Thu, 01 Jan 1970');
  const settled = cookies
    .filter((cookie) => !isOfSession(cookie) || isClearing(cookie) || options.stored)
    .map((cookie) =>
      isOfSession(cookie) && !isClearing(cookie)
        ? cookie.replace(/; expires=[^;]*/i, `; expires=${options.expires.toUTCString()}`)
        : cookie,
    );
  if (settled.length === 0) response.removeHeader('set-cookie');
  else response.setHeader('set-cookie', settled);
}
