/** Every URL of the console, a line for each; all pass the gate. */
import { Router } from '@koa/router';
import type { Web } from '../web.ts';
import { createApplicationFrame } from './application.ts';
import { createAttention } from './attention.ts';
import { createConfirm } from './confirm.ts';
import { createConnect } from './connect.ts';
import { createConsoleFrame } from './frame.ts';
import { createList } from './list.ts';
import { createSecrets } from './secrets.ts';

export function createConsole(web: Web): Router {
  const frame = createConsoleFrame(web);
  const { gated } = frame;
  const application = createApplicationFrame(web, frame);
  const attention = createAttention(web, frame);
  const confirm = createConfirm(web, frame);
  const list = createList(web, frame, application);
  const connect = createConnect(web, application);
  const secrets = createSecrets(web, frame, application);

  const router = new Router();
  router.get('/admin', gated(attention.show));
  router.get('/admin/applications', gated(list.show));
  router.get('/admin/applications/:id/connect', gated(connect.show));
  router.get('/admin/applications/:id/secrets', gated(secrets.show));
  router.post('/admin/applications/:id/secrets', gated(secrets.add));
  router.get('/admin/applications/:id/secrets/:secret', gated(secrets.showOne));
  router.post('/admin/applications/:id/secrets/:secret', gated(secrets.rename));
  router.get('/admin/applications/:id/secrets/:secret/retire', gated(secrets.showOne));
  router.post('/admin/applications/:id/secrets/:secret/retire', gated(secrets.retire));

  router.get('/admin/confirm', gated(confirm.show));
  router.post('/admin/confirm', gated(confirm.again));
  return router;
}
