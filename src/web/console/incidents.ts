/** `/admin/incidents`: what happened under an incident number, for who oversees the installation. */
import { z } from 'zod';
import { readQuery, trimmed } from '../../http/form.ts';
import { masked, seesPerson } from '../../use-cases/audit/masking.ts';
import { incidentForOverseer } from '../../use-cases/incidents/find-incident.ts';
import { createIncidentWords } from '../incident-words.ts';
import type { Web } from '../web.ts';
import type { ConsoleFrame, ConsoleHandler } from './frame.ts';

const query = z.object({ number: trimmed(100) });

export function createIncidentSearch(web: Web, frame: ConsoleFrame) {
  const { pages, ports, now } = web;
  const inWords = createIncidentWords(web);

  const show: ConsoleHandler = async (ctx, administrator) => {
    frame.requireAnywhere(administrator, 'audit:read');
    const { number } = readQuery(ctx, query);
    const t = pages.t(ctx);
    const { actor } = administrator;
    const deps = { ...ports, limiter: web, writeIncidents: web.incidentNotes.write, now };
    const answer = number === '' ? undefined : await incidentForOverseer(actor, number, deps);
    const person = answer?.kind === 'found' ? answer.person : undefined;
    const { givenName = '', familyName = '' } = person ?? {};
    const name =
      person !== undefined && seesPerson(actor, person)
        ? `${givenName} ${familyName}`.trim()
        : masked(`${givenName.slice(0, 1)}. ${familyName.slice(0, 1)}.`);
    const shown = person && { name, href: `/admin/people/${encodeURIComponent(person.id)}` };
    await pages.render(
      ctx,
      'console/incidents',
      {
        typed: number,
        found: answer?.kind === 'found' ? await inWords(ctx, answer, shown) : undefined,
        limited: answer?.kind === 'limited',
      },
      frame.page(ctx, administrator, {
        room: 'audit',
        title: t('incidents.search_title'),
        lead: t('incidents.search_lead'),
        crumbs: [{ href: '/admin/audit', label: t('operation.audit_title') }],
        ...(answer?.kind === 'limited' ? { status: 429 } : {}),
      }),
    );
  };

  return { show };
}
