/** Redirects the browser with 303, so that it follows with a GET and reloading does not send the form again. */
import type Koa from 'koa';

/** `url`: absolute, or a path of ours. */
export function goTo(ctx: Koa.Context, url: string): void {
  ctx.status = 303;
  ctx.redirect(url);
}
