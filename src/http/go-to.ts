/** Sends the browser on with a GET (303), so that reloading the page it comes to sends no form again. */
import type Koa from 'koa';

export function goTo(ctx: Koa.Context, url: string): void {
  ctx.status = 303;
  ctx.redirect(url);
}
