/** What a browser proved, kept in the browser itself: sealed, for one flow's path, for an hour; every node can go on with it. */
import type Koa from 'koa';
import type { z } from 'zod';
import { Problem } from '../domain/problem.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';

const SECONDS = 60 * 60;

export type SealedCookie<Schema extends z.ZodType> = {
  /** undefined where there is none, it is an hour old, or it is not of our making */
  read(ctx: Koa.Context): z.output<Schema> | undefined;
  write(ctx: Koa.Context, proof: z.output<Schema>): void;
};

/** `name` of the flow is also its path: `activate` -> /activate. What does not fit `shape` (another version's) counts as absent. */
export function createSealedCookie<Schema extends z.ZodType>(
  options: { issuer: string; sealer: Sealer; now: () => number },
  name: string,
  shape: Schema,
): SealedCookie<Schema> {
  const { sealer, now } = options;
  const secure = options.issuer.startsWith('https:');
  const cookie = `${secure ? '__Secure-' : ''}pedel_${name}`;
  const field = `cookie-${name}`;
  const flags = `Path=/${name}; Max-Age=${SECONDS}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

  return {
    read(ctx) {
      const sealed = ctx.cookies.get(cookie);
      if (sealed === undefined || sealed === '') return undefined;
      try {
        const { exp, proof } = JSON.parse(sealer.open(sealed, 'browser', field)) as { exp: number; proof: unknown };
        return exp > now() ? shape.safeParse(proof).data : undefined;
      } catch (error) {
        if (error instanceof Problem) return undefined; // tampered with, or sealed under a secret of long ago
        throw error;
      }
    },
    write(ctx, proof) {
      const sealed = sealer.seal(JSON.stringify({ exp: now() + SECONDS * 1000, proof }), 'browser', field);
      ctx.append('Set-Cookie', `${cookie}=${sealed}; ${flags}`);
    },
  };
}
