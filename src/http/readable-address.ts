/** Refuses a request whose target is not a readable URL, before other code reads its path. */
import type Koa from 'koa';

/** Mount it first: for `GET http://[::1`, koa throws as soon as code reads the path. RFC 9112, 3.2 asks for 400. */
export const readableAddress: Koa.Middleware = async (ctx, next) => {
  try {
    void ctx.path;
  } catch {
    ctx.status = 400;
    ctx.body = 'the address of this request cannot be read\n';
    return;
  }
  await next();
};
