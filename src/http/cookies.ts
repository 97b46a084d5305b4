/** Every cookie of Pedel in one table: its name (rule 21), the path it is bound to, its flags (rule 19), how long it lasts. */
import type Koa from 'koa';

const HOUR_SECONDS = 60 * 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** `path` absent: the protocol binds it to the path of each sign-in. `seconds` absent: the protocol decides (src/oidc). */
type Kind = { path?: string; seconds?: number };

const kinds = {
  session: { path: '/' },
  waiting: { path: '/' },
  browser: { path: '/' },
  interaction: {},
  resume: {},
  language: { path: '/', seconds: 365 * DAY_SECONDS },
  /** as long as browsers keep any cookie */
  device: { path: '/', seconds: 400 * DAY_SECONDS },
  activate: { path: '/activate', seconds: HOUR_SECONDS },
  reset: { path: '/reset', seconds: HOUR_SECONDS },
  enrolment: { path: '/account', seconds: HOUR_SECONDS },
} satisfies Record<string, Kind>;

type KindName = keyof typeof kinds;
export type CookieNames = Record<KindName, string>;
/** Those that pages set; the others are the protocol's. */
export type PageCookie = {
  [Name in KindName]: (typeof kinds)[Name] extends { seconds: number } ? Name : never;
}[KindName];

/** Never for scripts, never with another site's POST. The protocol adds its signature. */
export const cookieFlags = { httpOnly: true, sameSite: 'lax' } as const;

/** `__Host-` where the cookie is for the whole origin, `__Secure-` where it is bound to a path; plain on loopback http (rule 21). */
export function cookieNames(issuer: string): CookieNames {
  const https = issuer.startsWith('https:');
  const prefixOf = ({ path }: Kind) => (!https ? '' : path === '/' ? '__Host-' : '__Secure-');
  const names = Object.entries(kinds).map(([name, kind]) => [name, `${prefixOf(kind)}pedel_${name}`]);
  return Object.fromEntries(names) as CookieNames;
}

/** How long a cookie of a page lasts, in seconds. */
export function cookieSeconds(cookie: PageCookie): number {
  return kinds[cookie].seconds;
}

export type Cookie = {
  /** as the browser sent it: whoever reads it checks it */
  read(ctx: Koa.Context): string | undefined;
  write(ctx: Koa.Context, value: string): void;
  clear(ctx: Koa.Context): void;
};

/** One cookie of our pages. */
export function createCookie(issuer: string, cookie: PageCookie): Cookie {
  const name = cookieNames(issuer)[cookie];
  const { path, seconds } = kinds[cookie];
  const secure = issuer.startsWith('https:');

  function set(ctx: Koa.Context, value: string | null): void {
    // koa would look at the socket, which is plain behind a proxy, and refuse; how browsers come here, the issuer says
    ctx.cookies.secure = secure;
    const maxAge = seconds * 1000;
    ctx.cookies.set(name, value, { ...cookieFlags, path, maxAge, secure, signed: false, overwrite: true });
  }

  return {
    read: (ctx) => ctx.cookies.get(name, { signed: false }),
    write: set,
    clear: (ctx) => set(ctx, null),
  };
}
