/**
 * A sign-in page of which nothing is left to do here: it was finished, has expired, or was bookmarked or forwarded. Who
 * is signed in is sent on to the application; others get its name and one button.
 */
import type Koa from 'koa';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import type { Web } from '../web.ts';

/** The handler throws HttpError 400 `no-cookies` where the browser was seen to keep none. */
export function createLost(web: Web) {
  return async function showLost(ctx: Koa.Context): Promise<void> {
    if (ctx.get('Cookie') === '') return testCookies(ctx);
    const [, , uid = '', clientId] = ctx.path.split('/');
    const { client, waiting: found } = await web.interactions.lost(ctx, { uid, clientId });
    const waiting = found === ctx.path ? undefined : found;
    const start = waiting ?? client?.start;
    // Nobody is sent to an application of others without having said so: its registration names where that is.
    const onward = waiting ?? (client?.firstParty === true ? client.start : undefined);
    if (onward !== undefined && ctx.method === 'GET' && (await web.sessions.current(ctx)) !== undefined) {
      return goTo(ctx, onward);
    }
    const application = client?.name[languageOf(ctx)];
    const data = { application, start, account: web.sessions.signInUrl('/account') };
    await web.pages.render(ctx, 'sign-in/over', data, { title: web.pages.t(ctx)('signIn.over_title'), status: 400 });
  };

  /** A browser that sends no cookie may be new here. It keeps none if it does not send back the one that it gets now. */
  function testCookies(ctx: Koa.Context): void {
    if (ctx.query.cookies !== undefined) throw new HttpError(400, 'no-cookies');
    web.browsers.greet(ctx);
    const query = new URLSearchParams(ctx.querystring);
    query.set('cookies', 'tested');
    goTo(ctx, `${ctx.path}?${query}`);
  }
}
