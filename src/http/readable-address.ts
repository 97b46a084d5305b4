/** A request whose target cannot be read as an address is refused before anything looks at its path. */
import type Koa from 'koa';

/** Mounted before everything else: for `GET http://[::1` even asking for the path throws (RFC 9112, 3.2: 400). */
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
