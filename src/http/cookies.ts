/** The table of all cookies: name (rule 21), path, flags (rule 19) and lifetime. */
import type Koa from 'koa';

const HOUR_SECONDS = 60 * 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** Without `path`, the protocol binds it to the path of each sign-in. Without `seconds`, src/oidc decides. */
type Kind = { path?: string; seconds?: number };

const kinds = {
  session: { path: '/' },
  waiting: { path: '/' },
  browser: { path: '/' },
  interaction: {},
  resume: {},
  language: { path: '/', seconds: 365 * DAY_SECONDS },
  /** Browsers keep no cookie longer. */
  device: { path: '/', seconds: 400 * DAY_SECONDS },
  /** Whose pages were shown last, and in which language: for the pages that end a journey, and for errors. */
  journey: { path: '/', seconds: HOUR_SECONDS },
  activate: { path: '/activate', seconds: HOUR_SECONDS },
  reset: { path: '/reset', seconds: HOUR_SECONDS },
  enrolment: { path: '/account', seconds: HOUR_SECONDS },
  /** An address that was typed, while its owner proves again who he or she is. */
  email: { path: '/account/email', seconds: 10 * 60 },
  /** A form of the console that waits until its sender has proven again who he or she is. */
  confirm: { path: '/admin', seconds: 10 * 60 },
  /** The tokens of a trusted browser; the account says for how long they count. */
  trusted: { path: '/interaction', seconds: 90 * DAY_SECONDS },
  /** The login of a sign-in that was turned away because it is busy. */
  typed: { path: '/interaction', seconds: 10 * 60 },
} satisfies Record<string, Kind>;

type KindName = keyof typeof kinds;
export type CookieNames = Record<KindName, string>;
/** The cookies that pages set. The protocol sets the others. */
export type PageCookie = {
  [Name in KindName]: (typeof kinds)[Name] extends { seconds: number } ? Name : never;
}[KindName];

/** Scripts cannot read it, and POSTs from other sites do not carry it. The protocol also signs its cookies. */
export const cookieFlags = { httpOnly: true, sameSite: 'lax' } as const;

/**
 * Prefixes names with `__Host-` if the cookie is for the whole origin and `__Secure-` if it is bound to a path. On
 * loopback http there is no prefix (rule 21).
 */
export function cookieNames(issuer: string): CookieNames {
  const https = issuer.startsWith('https:');
  const prefixOf = ({ path }: Kind) => (!https ? '' : path === '/' ? '__Host-' : '__Secure-');
  const names = Object.entries(kinds).map(([name, kind]) => [name, `${prefixOf(kind)}pedel_${name}`]);
  return Object.fromEntries(names) as CookieNames;
}

/** The lifetime of a page's cookie, in seconds. */
export function cookieSeconds(cookie: PageCookie): number {
  return kinds[cookie].seconds;
}

export type Cookie = {
  /** The value as the browser sent it. The caller must check it. */
  read(ctx: Koa.Context): string | undefined;
  /**
   * Every value of that name. A neighbouring host can add one for the whole domain to one that is bound to a path, and
   * decides which of them comes first.
   */
  readAll(ctx: Koa.Context): string[];
  write(ctx: Koa.Context, value: string): void;
  clear(ctx: Koa.Context): void;
};

/** Reads, writes and clears one cookie of our pages. */
export function createCookie(issuer: string, cookie: PageCookie): Cookie {
  const name = cookieNames(issuer)[cookie];
  const { path, seconds } = kinds[cookie];
  const secure = issuer.startsWith('https:');

  function set(ctx: Koa.Context, value: string | null): void {
    // Behind a proxy the socket is plain, and koa would refuse a secure cookie. The issuer says which scheme browsers
    // use.
    ctx.cookies.secure = secure;
    const maxAge = seconds * 1000;
    ctx.cookies.set(name, value, { ...cookieFlags, path, maxAge, secure, signed: false, overwrite: true });
  }

  return {
    read: (ctx) => ctx.cookies.get(name, { signed: false }),
    readAll: (ctx) =>
      ctx
        .get('Cookie')
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${name}=`))
        .map((pair) => pair.slice(name.length + 1)),
    write: set,
    clear: (ctx) => set(ctx, null),
  };
}
