/** Reads a posted form of at most 64 KB; anything else is refused. */
import { text } from 'co-body';
import type { Context } from 'koa';
import { fault } from './faults.ts';

export async function readForm(ctx: Context): Promise<URLSearchParams> {
  if (!ctx.is('application/x-www-form-urlencoded')) throw fault('refused');
  return new URLSearchParams(await text(ctx, { limit: '64kb' }));
}

/** Another site may not make the visitor's browser post here; browsers say where a request comes from. */
export function isFromThisSite(ctx: Context, origin: string): boolean {
  const site = ctx.get('Sec-Fetch-Site');
  return site ? site === 'same-origin' || site === 'none' : ctx.get('Origin') === origin;
}
