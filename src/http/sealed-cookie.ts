/** Keeps a flow's state for an hour in a sealed cookie, bound to the flow's path. Every node can read it. */
import type Koa from 'koa';
import type { z } from 'zod';
import { Problem } from '../domain/problem.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { cookieSeconds, createCookie, type PageCookie } from './cookies.ts';

export type SealedCookie<Schema extends z.ZodType> = {
  /** Undefined if there is none, it is too old, or the seal is not ours. */
  read(ctx: Koa.Context): z.output<Schema> | undefined;
  write(ctx: Koa.Context, proof: z.output<Schema>): void;
  clear(ctx: Koa.Context): void;
};

/** A value that does not match `shape`, because another version wrote it, counts as absent. */
export function createSealedCookie<Schema extends z.ZodType>(
  options: { issuer: string; sealer: Sealer; now: () => number },
  name: PageCookie,
  shape: Schema,
): SealedCookie<Schema> {
  const { sealer, now } = options;
  const cookie = createCookie(options.issuer, name);
  const field = `cookie-${name}`;

  return {
    read(ctx) {
      const sealed = cookie.read(ctx);
      if (sealed === undefined || sealed === '') return undefined;
      try {
        const { exp, proof } = JSON.parse(sealer.open(sealed, 'browser', field)) as { exp: number; proof: unknown };
        return exp > now() ? shape.safeParse(proof).data : undefined;
      } catch (error) {
        if (error instanceof Problem) return undefined; // tampered with, or sealed under a secret that is no longer configured
        throw error;
      }
    },
    write(ctx, proof) {
      const exp = now() + cookieSeconds(name) * 1000;
      cookie.write(ctx, sealer.seal(JSON.stringify({ exp, proof }), 'browser', field));
    },
    clear: cookie.clear,
  };
}
