/** `/desk`: finds people of the agent's organisations. */
import { z } from 'zod';
import { incidentNumberIn } from '../../domain/incidents/incident.ts';
import { readQuery, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import { findAtDesk } from '../../use-cases/desk/desk-people.ts';
import type { ConsoleHandler } from '../console/frame.ts';
import type { Web } from '../web.ts';
import type { DeskFrame } from './frame.ts';
import { createIncidentLookup } from './incident.ts';
import { stateBadge } from './words.ts';

const PAGE = 25;
const query = z.object({ q: trimmed(200), after: trimmed(600) });

export function createFind(web: Web, frame: DeskFrame) {
  const { pages, ports, now } = web;
  const lookUp = createIncidentLookup(web);

  const show: ConsoleHandler = async (ctx, agent) => {
    const { q, after } = readQuery(ctx, query);
    // a number of ten such signs may be one of a person: only one that was found leads on
    if (incidentNumberIn(q) !== undefined && (await lookUp(agent, q)).kind === 'found')
      return goTo(ctx, `/desk/incidents/${incidentNumberIn(q)}`);
    const t = pages.t(ctx);
    const input = { query: q, after: after === '' ? undefined : after, limit: PAGE };
    const found =
      q === '' ? { kind: 'found' as const, people: [] } : await findAtDesk(agent.actor, input, { ...ports, now });
    if (found.kind === 'not-found') throw new HttpError(404, 'missing');
    const named = new Map(web.organisations.map(({ id, name }) => [id, name[languageOf(ctx)]]));
    const next = 'next' in found ? found.next : undefined;
    await pages.render(
      ctx,
      'desk/find',
      {
        q,
        rows: found.people.map(({ id, name, number, email, affiliations, state }) => ({
          href: `/desk/people/${encodeURIComponent(id)}`,
          name,
          line: [number, email].filter((each) => each !== undefined).join(' · '),
          at: [...new Set(affiliations.map(({ organisation }) => named.get(organisation) ?? organisation))].join(', '),
          state: stateBadge(t, state),
        })),
        next: next === undefined ? undefined : `/desk?${new URLSearchParams({ q, after: next })}`,
        first: after === '' ? undefined : `/desk?${new URLSearchParams({ q })}`,
      },
      await frame.page(ctx, agent, { room: 'find', title: t('desk.find_title'), lead: t('desk.find_lead') }),
    );
  };

  return { show };
}
