/** Loads a part of the pages at the first request for it, so that a node that never shows it starts without it. */
import type Koa from 'koa';

/** A load that fails answers its request with the fault; the next request tries again. */
export function whenAsked(load: () => Promise<Koa.Middleware>): Koa.Middleware {
  const part = loadedOnce(load);
  return async (ctx, next) => (await part())(ctx, next);
}

/** What `load` gave, asked once unless it failed. */
export function loadedOnce<Part>(load: () => Promise<Part>): () => Promise<Part> {
  let loading: Promise<Part> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
