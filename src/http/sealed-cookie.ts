/**
 * Keeps a flow's state for an hour in a sealed cookie, bound to the flow's path and to the browser that it was written
 * for. Every node can read it.
 */
import type Koa from 'koa';
import type { z } from 'zod';
import { Problem } from '../domain/problem.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { cookieSeconds, createCookie, type PageCookie } from './cookies.ts';

/** How to know a browser again (src/oidc/sign-in/browser.ts). */
export type Browsers = {
  known(ctx: Koa.Context): string | undefined;
  /** Gives a cookie to a browser that has none yet. */
  greet(ctx: Koa.Context): string;
};

export type SealedCookie<Schema extends z.ZodType> = {
  /**
   * Undefined if there is none, it is too old, the seal is not ours, or it was written for another browser: a
   * neighbouring host can plant cookies that are bound to a path.
   */
  read(ctx: Koa.Context): z.output<Schema> | undefined;
  write(ctx: Koa.Context, proof: z.output<Schema>): void;
  clear(ctx: Koa.Context): void;
};

/** A value that does not match `shape`, because another version wrote it, counts as absent. */
export function createSealedCookie<Schema extends z.ZodType>(
  options: { issuer: string; sealer: Sealer; browsers: Browsers; now: () => number },
  name: PageCookie,
  shape: Schema,
): SealedCookie<Schema> {
  const { sealer, browsers, now } = options;
  const cookie = createCookie(options.issuer, name);
  const field = `cookie-${name}`;
  const ownerOf = (browser: string) => `browser ${browser}`;

  function opened(sealed: string, browser: string): z.output<Schema> | undefined {
    try {
      const { exp, proof } = JSON.parse(sealer.open(sealed, ownerOf(browser), field)) as {
        exp: number;
        proof: unknown;
      };
      return exp > now() ? shape.safeParse(proof).data : undefined;
    } catch (error) {
      // Tampered with, of another browser, or sealed under a secret that is no longer configured.
      if (error instanceof Problem) return undefined;
      throw error;
    }
  }

  return {
    read(ctx) {
      const browser = browsers.known(ctx);
      if (browser === undefined) return undefined;
      for (const sealed of cookie.readAll(ctx)) {
        const proof = opened(sealed, browser);
        if (proof !== undefined) return proof;
      }
      return undefined;
    },
    write(ctx, proof) {
      const exp = now() + cookieSeconds(name) * 1000;
      cookie.write(ctx, sealer.seal(JSON.stringify({ exp, proof }), ownerOf(browsers.greet(ctx)), field));
    },
    clear: cookie.clear,
  };
}
