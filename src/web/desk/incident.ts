/** `/desk/incidents/:incident`: what happened to a caller who reads an incident number from a page. */
import { HttpError } from '../../http/http-error.ts';
import { type IncidentAnswer, incidentAtDesk } from '../../use-cases/incidents/find-incident.ts';
import type { Administrator, ConsoleHandler } from '../console/frame.ts';
import { createIncidentWords } from '../incident-words.ts';
import type { Web } from '../web.ts';
import type { DeskFrame } from './frame.ts';

/** Looks a number up as the agent may. */
export function createIncidentLookup(web: Web) {
  const ports = { ...web.ports, limiter: web, writeIncidents: web.incidentNotes.write, now: web.now };
  return ({ actor }: Administrator, typed: string): Promise<IncidentAnswer> => incidentAtDesk(actor, typed, ports);
}

export function createIncident(web: Web, frame: DeskFrame) {
  const { pages } = web;
  const lookUp = createIncidentLookup(web);
  const inWords = createIncidentWords(web);

  const show: ConsoleHandler = async (ctx, agent) => {
    const found = await lookUp(agent, String(ctx.params.incident));
    if (found.kind === 'limited') throw new HttpError(429, 'too-many');
    if (found.kind === 'not-found') throw new HttpError(404, 'missing');
    const t = pages.t(ctx);
    const { person } = found;
    const name = person === undefined ? '' : `${person.givenName} ${person.familyName}`.trim();
    const shown = person && { name, href: `/desk/people/${encodeURIComponent(person.id)}` };
    await pages.render(
      ctx,
      'desk/incident',
      await inWords(ctx, found, shown),
      await frame.page(ctx, agent, {
        room: 'find',
        title: t('incidents.title', { number: found.incident.id }),
        crumbs: [{ href: '/desk', label: t('desk.room_find') }],
      }),
    );
  };

  return { show };
}
