/**
 * Keeps a form of the console in its sender's own browser, sealed, while he or she proves again who it is: nothing typed is
 * lost, and nothing is done before it is sent again.
 */
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type Koa from 'koa';
import { z } from 'zod';
import { readForm } from '../../http/form.ts';
import { createSealedCookie } from '../../http/sealed-cookie.ts';
import type { Web } from '../web.ts';

/** What is about to happen, as its button says it ("Rotate the signing key"); `dangerous`: what ends or takes away something. */
export type Act = string | { dangerous: string };

/** `fields` absent: it was too large for a cookie. */
export type KeptForm = { path: string; act: string; dangerous: boolean; fields?: Record<string, string> };

/** Browsers keep cookies up to 4,096 bytes; sealing and its base64 add to these. */
const MOST_PACKED_BYTES = 1_900;
/** What a form can be at most; a cookie can be made to inflate to more. */
const MOST_BYTES = 64 * 1024;

const shape = z.object({
  accountId: z.string(),
  path: z.string(),
  act: z.string(),
  dangerous: z.boolean().default(false),
  packed: z.string().optional(),
});
const anyFields = z.record(z.string(), z.string());

export function createKeptForm(web: Pick<Web, 'issuer' | 'sealer' | 'browsers' | 'now'>) {
  const cookie = createSealedCookie(web, 'confirm', shape);
  return {
    /** Keeps the form of this request for ten minutes. `given`: its fields; absent: they are read. @throws as `readForm` does */
    async keep(ctx: Koa.Context, accountId: string, act: Act, given?: Record<string, string>): Promise<void> {
      const fields = JSON.stringify(given ?? (await readForm(ctx, anyFields)));
      const bytes = await promisify(deflateRaw)(fields);
      const packed = bytes.length > MOST_PACKED_BYTES ? {} : { packed: bytes.toString('base64') };
      const said = typeof act === 'string' ? { act, dangerous: false } : { act: act.dangerous, dangerous: true };
      cookie.write(ctx, { accountId, path: `${ctx.path}${ctx.search}`, ...said, ...packed });
    },

    /** The form that waits for this person in this browser. */
    async read(ctx: Koa.Context, accountId: string): Promise<KeptForm | undefined> {
      const kept = cookie.read(ctx);
      if (kept === undefined || kept.accountId !== accountId) return undefined;
      const { path, act, dangerous, packed } = kept;
      if (packed === undefined) return { path, act, dangerous };
      const text = await promisify(inflateRaw)(Buffer.from(packed, 'base64'), { maxOutputLength: MOST_BYTES });
      return { path, act, dangerous, fields: anyFields.parse(JSON.parse(text.toString())) };
    },

    /** Forgets what waits for this address, which is being carried out; other forms go on waiting. */
    clear(ctx: Koa.Context, path: string): void {
      if (cookie.read(ctx)?.path === path) cookie.clear(ctx);
    },
  };
}
