/** Every URL of the service desk, a line for each; all pass the gate. */
import { Router } from '@koa/router';
import type Koa from 'koa';
import compose from 'koa-compose';
import type { Web } from '../web.ts';
import { createActs } from './acts.ts';
import { createApprovals } from './approvals.ts';
import { createFind } from './find.ts';
import { createDeskFrame } from './frame.ts';
import { createIncident } from './incident.ts';
import { createPerson } from './person.ts';

/** A request that no page of it answers goes to `next`. */
export function createDesk(web: Web): Koa.Middleware {
  const frame = createDeskFrame(web);
  const { gated } = frame;
  const person = createPerson(web, frame);
  const acts = createActs(web, frame, person);

  const router = new Router();
  router.get('/desk', gated(createFind(web, frame).show));
  router.get('/desk/approvals', gated(createApprovals(web, frame).show));
  router.get('/desk/incidents/:incident', gated(createIncident(web, frame).show));
  router.get('/desk/people/:id', gated(person.show));
  router.post('/desk/people/:id', gated(person.check));
  router.get('/desk/people/:id/note', gated(person.show)); // where the language is switched after a fault
  router.post('/desk/people/:id/note', gated(acts.note));
  router.get('/desk/people/:id/requests/:request', gated(person.show)); // the same
  router.post('/desk/people/:id/requests/:request', gated(acts.decide));
  router.get('/desk/people/:id/:act', gated(acts.show));
  router.post('/desk/people/:id/:act', gated(acts.submit));
  return compose([router.routes() as Koa.Middleware, router.allowedMethods() as Koa.Middleware, frame.unanswered]);
}
