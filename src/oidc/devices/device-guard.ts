/** Lets only our own page send the form that confirms a device (rule 20): no link and no other site signs one in. */
import type Koa from 'koa';
import { sameOrigin } from '../../http/same-origin.ts';
import { devicePath } from './device-polling.ts';

/** Returns a function that says whether it has answered. @throws HttpError 403 where another site sent the form */
export function createDeviceGuard(issuer: string): (ctx: Koa.Context) => Promise<boolean> {
  const check = sameOrigin(issuer);
  return async (ctx) => {
    // the library takes its paths in any case of letters, and with a slash at the end
    const path = ctx.path.toLowerCase().replace(/\/$/, '');
    if (!path.startsWith(`${devicePath}/`) || path === `${devicePath}/auth`) return false;
    if (path === `${devicePath}/sign-in` && ctx.method !== 'POST') {
      ctx.status = 303;
      ctx.redirect(devicePath);
      return true;
    }
    await check(ctx, async () => {});
    return false;
  };
}
