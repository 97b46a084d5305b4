/**
 * Every URL of Pedel's own pages, on one page. The library's protocol endpoints come before them. Each flow is a
 * `createActivation(web: Web)` that returns handlers, with one line here per URL (see page.ts).
 */
import { Router } from '@koa/router';
import type Koa from 'koa';
import compose from 'koa-compose';
import { sameOrigin } from '../http/same-origin.ts';
import { whenAsked } from '../http/when-asked.ts';
import { createAccount } from './account/account.ts';
import { createNotMe } from './account/not-me.ts';
import { createActivation } from './activation/activate.ts';
import { createApiReference } from './api-reference.ts';
import { createDevice } from './device/device.ts';
import { createFirstOwner } from './first-owner.ts';
import { createHealth } from './health.ts';
import { createHome } from './home.ts';
import { createForgotten } from './recovery/forgotten.ts';
import { createReset } from './recovery/reset.ts';
import { createStopRecovery } from './recovery/stop-recovery.ts';
import { createRelatedOrigins } from './related-origins.ts';
import { createSecurityTxt } from './security-txt.ts';
import type { Door } from './sign-in/door.ts';
import { createInteraction } from './sign-in/interaction.ts';
import type { Web } from './web.ts';

/** A request that no page answers goes to `next`. */
export function createRoutes(web: Web, door: Door): Koa.Middleware {
  const home = createHome(web);
  const health = createHealth(web);
  const interaction = createInteraction(web, door);
  const account = createAccount(web);
  const activation = createActivation(web);
  const device = createDevice(web);
  const firstOwner = createFirstOwner(web);
  const forgotten = createForgotten(web);
  const reset = createReset(web);
  const notMe = createNotMe(web);
  const stopRecovery = createStopRecovery(web);

  const router = new Router();
  router.use(sameOrigin(web.issuer));

  router.get('/', home.page);
  router.get('/healthz', health.alive);
  router.get('/readyz', health.ready);
  router.get('/.well-known/change-password', (ctx) => ctx.redirect('/account/password'));
  if (web.securityContact.length > 0) router.get('/.well-known/security.txt', createSecurityTxt(web).show);
  if (web.relatedOrigins.length > 0) router.get('/.well-known/webauthn', createRelatedOrigins(web).show);

  router.get('/account', account.show);
  router.post('/account', account.act);
  router.get('/account/password', account.password.show);
  router.post('/account/password', account.password.change);
  router.post('/account/password/check', account.password.check);
  router.get('/account/factors', account.factors.show);
  router.post('/account/factors', account.factors.rename);
  router.get('/account/factors/add', account.enrolment.show);
  router.post('/account/factors/add', account.enrolment.submit);
  router.get('/account/factors/remove', account.factors.confirmRemoval);
  router.post('/account/factors/remove', account.factors.remove);
  router.get('/account/sessions', account.openSessions.show);
  router.post('/account/sessions', account.openSessions.end);
  router.get('/account/activity', account.activity.show);
  router.post('/account/activity', account.activity.act);
  router.get('/account/activity/not-me', account.activity.confirm);
  router.get('/account/data', account.data.show);
  router.post('/account/data', account.data.download);
  router.get('/account/email', account.email.show);
  router.post('/account/email', account.email.submit);
  router.get('/account/email/confirm', account.email.showConfirm);
  router.post('/account/email/confirm', account.email.confirm);
  router.get('/account/email/undo', account.emailUndo.show);
  router.post('/account/email/undo', account.emailUndo.undo);
  router.get('/account/applications', account.applications.show);
  router.get('/account/applications/withdraw', account.applications.confirm);
  router.post('/account/applications/withdraw', account.applications.withdraw);
  router.get('/account/recovery-codes', account.recoveryCodes.show);
  router.post('/account/recovery-codes', account.recoveryCodes.submit);

  router.get('/activate', activation.show);
  router.post('/activate', activation.submit);
  router.post('/activate/check', activation.check);
  for (const path of web.oldActivationPaths) router.get(new RegExp(`^${RegExp.escape(path)}$`), activation.old);
  router.get('/first-owner', firstOwner.show);
  router.post('/first-owner', firstOwner.submit);
  router.get('/forgotten', forgotten.show);
  router.post('/forgotten', forgotten.submit);
  router.get('/reset', reset.show);
  router.post('/reset', reset.submit);
  router.post('/reset/check', reset.check);
  router.get('/recovery/stop', stopRecovery.show);
  router.post('/recovery/stop', stopRecovery.submit);
  router.get('/not-me', notMe.show);
  router.post('/not-me', notMe.submit);

  const console = whenAsked(async () => {
    const { createConsole } = await import('./console/routes.ts');
    return createConsole(web);
  });
  router.all('/admin', console);
  router.all('/admin/*path', console);
  const desk = whenAsked(async () => {
    const { createDesk } = await import('./desk/routes.ts');
    return createDesk(web);
  });
  router.all('/desk', desk);
  router.all('/desk/*path', desk);
  if (web.apiReference !== undefined) {
    const api = createApiReference(web, web.apiReference);
    router.get('/api/v1', api.show);
    router.get('/api/v1/problems/:code', api.problem);
  }

  router.get('/device', device.show);
  router.post('/device', device.submit);

  // The client stands in the address for a visitor who comes back when all else is forgotten.
  for (const path of ['/interaction/:uid', '/interaction/:uid/:client']) {
    router.get(path, interaction.show);
    router.post(path, interaction.submit);
  }

  return compose([router.routes() as Koa.Middleware, router.allowedMethods() as Koa.Middleware]);
}
