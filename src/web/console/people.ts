/** `/admin/people`: finding people of one's organisations; an auditor sees the first signs of their names. */
import type Koa from 'koa';
import { z } from 'zod';
import { reachOf } from '../../domain/roles/permissions.ts';
import { readQuery, trimmed } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { seesEverybody } from '../../use-cases/audit/masking.ts';
import { type FoundPerson, searchPeople } from '../../use-cases/people/search-people.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { PEOPLE, type PeopleWords, personPath } from './people-words.ts';

const PAGE = 50;
const query = z.object({ q: trimmed(200), after: trimmed(400), of: trimmed(100), state: trimmed(20) });
type Query = z.output<typeof query>;

/** The address of this list with another choice; a page further is left. */
function address({ q, of, state }: Query, change: Partial<Query>): string {
  const named = Object.entries({ q, of, state, ...change }).filter(([, value]) => value !== '');
  return `${PEOPLE}?${new URLSearchParams(named)}`.replace(/\?$/, '');
}

export function createPeople(web: Web, frame: ConsoleFrame, words: PeopleWords) {
  const { ports, pages, now } = web;

  const rowOf = (ctx: Koa.Context, { id, name, number, email, affiliations, state }: FoundPerson) => ({
    href: personPath(id),
    name: name || id,
    known: number ?? email ?? '',
    affiliations: affiliations.map((each) => words.affiliation(ctx, each)).join(', '),
    state: words.stateOf(ctx, state),
  });

  /** Organisations only where there is more than one to choose from. */
  function chipsOf(ctx: Koa.Context, { actor }: Administrator, asked: Query) {
    const t = pages.t(ctx);
    const reach = reachOf(actor, 'people:read-masked');
    const seen = web.organisations.filter(({ id }) => reach === 'association' || reach.includes(id));
    const chip = (change: Partial<Query>, label: string, current: boolean) => ({
      ...{ href: address(asked, change), label, current },
    });
    return {
      states: [
        chip({ state: '' }, t('console.applications_any'), asked.state === ''),
        ...words.states.map((kind) => chip({ state: kind }, words.stateOf(ctx, { kind }).label, asked.state === kind)),
      ],
      organisations:
        seen.length < 2
          ? []
          : [
              chip({ of: '' }, t('console.applications_anywhere'), asked.of === ''),
              ...seen.map(({ id }) => chip({ of: id }, words.organisation(ctx, id), asked.of === id)),
            ],
    };
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const given = readQuery(ctx, query);
    const state = words.states.find((each) => each === given.state);
    const asked = { ...given, state: state ?? '' };
    const { q, after, of } = asked;
    const t = pages.t(ctx);
    const input = { query: q, limit: PAGE, state, ...(of && { organisation: of }), ...(after && { after }) };
    const found = await searchPeople(administrator.actor, input, { accounts: ports.accounts, now });
    if (found.kind === 'not-found') throw new HttpError(404, 'missing');
    await pages.render(
      ctx,
      'console/people',
      {
        rows: found.people.map((person) => rowOf(ctx, person)),
        words: q,
        masked: !seesEverybody(administrator.actor),
        all: PEOPLE,
        first: address(asked, {}),
        further: after !== '',
        filtered: asked.state !== '' || of !== '',
        kept: Object.fromEntries(Object.entries({ of, state: asked.state }).filter(([, value]) => value !== '')),
        next: found.next === undefined ? undefined : address(asked, { after: found.next }),
        ...chipsOf(ctx, administrator, asked),
      },
      frame.page(ctx, administrator, {
        room: 'people',
        title: t('consolePeople.title'),
        lead: t('consolePeople.lead'),
      }),
    );
  };

  return { show };
}
