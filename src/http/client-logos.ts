/** Serves the logos of applications under URLs with a hash of the content, as assets.ts does: no page loads them elsewhere. */
import type Koa from 'koa';
import { LRUCache } from 'lru-cache';
import { pictureType } from '../domain/brand/picture.ts';
import { pictureHash } from '../domain/clients/client-logo.ts';
import type { ClientLogo, Clients } from '../domain/ports/clients.ts';
import { type Asset, answerWith, assetOf } from './assets.ts';

const KEPT_BYTES = 16 * 1024 * 1024;
const extensions = { 'image/svg+xml': 'svg', 'image/png': 'png' } as const satisfies Record<ClientLogo['type'], string>;
const PATH = /^\/assets\/client-([\w-]{2,270})\.([\w-]{16})\.(?:svg|png)$/;

/** The URL path of a logo. It names the client, because a picture is found by it. */
export function logoPath(clientId: string, { hash, type }: ClientLogo): string {
  return `/assets/client-${Buffer.from(clientId).toString('base64url')}.${hash}.${extensions[type]}`;
}

/** Answers those paths, on every node: pictures come from the storage, and from memory where they were just asked for. */
export function createClientLogos({ picture }: Pick<Clients, 'picture'>): Koa.Middleware {
  const kept = new LRUCache<string, Asset>({ maxSize: KEPT_BYTES, sizeCalculation: ({ body }) => body.length + 1 });

  return async (ctx, next) => {
    const [, id = '', hash] = PATH.exec(ctx.path) ?? [];
    if (hash === undefined) return next();
    let asset = kept.get(ctx.path);
    if (asset === undefined) {
      const stored = await picture(Buffer.from(id, 'base64url').toString());
      const bytes = Buffer.from(stored ?? '', 'base64');
      const type = pictureType(bytes);
      if (type === undefined || pictureHash(bytes) !== hash) return next();
      asset = assetOf(`${type}${type === 'image/svg+xml' ? '; charset=utf-8' : ''}`, bytes);
      kept.set(ctx.path, asset);
    }
    await answerWith(ctx, asset, { forEver: true });
  };
}
