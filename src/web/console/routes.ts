/** Every URL of the console, a line for each; all pass the gate. */
import { Router } from '@koa/router';
import type { Web } from '../web.ts';
import { createAccess } from './access.ts';
import { createApplicationFrame } from './application.ts';
import { createAttention } from './attention.ts';
import { createAudit } from './audit.ts';
import { createCataloguePage } from './catalogue.ts';
import { createConfirm } from './confirm.ts';
import { createConnect } from './connect.ts';
import { createDeliveries } from './deliveries.ts';
import { createEditForm } from './edit-form.ts';
import { createEnd } from './end.ts';
import { createConsoleFrame } from './frame.ts';
import { createHealthPage } from './health.ts';
import { createHistory } from './history.ts';
import { createKeys } from './keys.ts';
import { createList } from './list.ts';
import { createNew } from './new.ts';
import { createOrganisations } from './organisations.ts';
import { createOverview } from './overview.ts';
import { createProblems } from './problems.ts';
import { createRegistration } from './registration.ts';
import { createRelease } from './release.ts';
import { createRoles } from './roles.ts';
import { createSecrets } from './secrets.ts';
import { createSettings } from './settings.ts';
import { createTry } from './try.ts';
import { createWatch } from './watch.ts';

export function createConsole(web: Web): Router {
  const frame = createConsoleFrame(web);
  const { gated } = frame;
  const application = createApplicationFrame(web, frame);
  const attention = createAttention(web, frame);
  const confirm = createConfirm(web, frame);
  const list = createList(web, frame, application);
  const connect = createConnect(web, application);
  const secrets = createSecrets(web, frame, application);
  const roles = createRoles(web, frame);
  const catalogue = createCataloguePage(web, frame);
  const fresh = createNew(web, frame, connect);

  const audit = createAudit(web, frame);
  const deliveries = createDeliveries(web, frame);
  const keys = createKeys(web, frame);
  const editing = createEditForm(web);
  const overview = createOverview(web, application);
  const settings = createSettings(web, frame, application, editing, connect);
  const release = createRelease(web, frame, application, editing);
  const access = createAccess(web, frame, application, editing);
  const history = createHistory(web, frame, application, editing, connect);
  const end = createEnd(web, frame, application, editing);

  const problems = createProblems(web, frame, application);
  const watch = createWatch(web, application);
  const registration = createRegistration(web, frame);
  const trial = createTry(web, frame, application);

  const router = new Router();
  router.get('/admin', gated(attention.show));
  router.get('/admin/applications', gated(list.show));
  router.get('/admin/applications/new', gated(catalogue.show));
  router.get('/admin/applications/new/:preset', gated(fresh.show));
  router.post('/admin/applications/new/:preset', gated(fresh.register));
  router.get('/admin/applications/:id/connect', gated(connect.show));
  router.get('/admin/applications/:id/secrets', gated(secrets.show));
  router.post('/admin/applications/:id/secrets', gated(secrets.add));
  router.get('/admin/applications/:id/secrets/:secret', gated(secrets.showOne));
  router.post('/admin/applications/:id/secrets/:secret', gated(secrets.rename));
  router.get('/admin/applications/:id/secrets/:secret/retire', gated(secrets.showOne));
  router.post('/admin/applications/:id/secrets/:secret/retire', gated(secrets.retire));
  router.get('/admin/applications/:id/settings', gated(settings.show));
  router.post('/admin/applications/:id/settings', gated(settings.save));
  router.get('/admin/applications/:id/release', gated(release.show));
  router.post('/admin/applications/:id/release', gated(release.save));
  router.post('/admin/applications/:id/release/preview', gated(release.preview));
  router.get('/admin/applications/:id/access', gated(access.show));
  router.post('/admin/applications/:id/access', gated(access.save));
  router.get('/admin/applications/:id/history', gated(history.show));
  router.post('/admin/applications/:id/history', gated(history.restore));
  router.get('/admin/applications/:id/end', gated(end.show));
  router.post('/admin/applications/:id/end', gated(end.end));

  // after what has an address of its own, such as `new`
  router.get('/admin/applications/:id', gated(overview.show));
  router.get('/admin/applications/:id/problems', gated(problems.show));
  router.post('/admin/applications/:id/problems', gated(problems.add));
  router.get('/admin/applications/:id/watch', gated(watch.show));
  router.post('/admin/applications/:id/watch', gated(watch.start));
  router.get('/admin/applications/:id/try', gated(trial.show));
  router.post('/admin/applications/:id/try', gated(trial.start));
  router.get('/admin/trial', trial.finish);
  router.get('/admin/problems', gated(problems.showUnknown));
  router.get('/admin/registration', gated(registration.show));
  router.post('/admin/registration', gated(registration.addToken));
  router.post('/admin/registration/tokens/:id', gated(registration.revoke));
  router.get('/admin/registration/:id/:act', gated(registration.back));
  router.post('/admin/registration/:id/approve', gated(registration.approve));
  router.post('/admin/registration/:id/refuse', gated(registration.refuse));

  router.get('/admin/audit', gated(audit.show));
  router.get('/admin/audit/export', gated(audit.exported));
  router.get('/admin/deliveries', gated(deliveries.show));
  router.post('/admin/deliveries', gated(deliveries.retry));
  router.get('/admin/keys', gated(keys.show));
  router.post('/admin/keys', gated(keys.rotate));
  router.get('/admin/health', gated(createHealthPage(web, frame).show));
  router.get('/admin/organisations', gated(createOrganisations(web, frame).show));
  router.get('/admin/roles', gated(roles.show));
  router.get('/admin/roles/new', gated(roles.showNew));
  router.post('/admin/roles/new', gated(roles.grant));
  router.get('/admin/roles/:id', gated(roles.showRevoke));
  router.post('/admin/roles/:id', gated(roles.revoke));

  router.get('/admin/confirm', gated(confirm.show));
  router.post('/admin/confirm', gated(confirm.again));
  return router;
}
