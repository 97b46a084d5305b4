/** `/admin/people`: finding people of one's organisations; an auditor sees the first signs of their names. */
import type Koa from 'koa';
import { z } from 'zod';
import { readQuery, trimmed } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { seesEverybody } from '../../use-cases/audit/masking.ts';
import { type FoundPerson, searchPeople } from '../../use-cases/people/search-people.ts';
import type { Web } from '../web.ts';
import type { ConsoleFrame, ConsoleHandler } from './frame.ts';
import { PEOPLE, type PeopleWords, personPath } from './people-words.ts';

const PAGE = 50;
const query = z.object({ q: trimmed(200), after: trimmed(400) });

export function createPeople(web: Web, frame: ConsoleFrame, words: PeopleWords) {
  const { ports, pages, now } = web;

  const rowOf = (ctx: Koa.Context, { id, name, number, email, affiliations, state }: FoundPerson) => ({
    href: personPath(id),
    name: name || id,
    known: number ?? email ?? '',
    affiliations: affiliations.map((each) => words.affiliation(ctx, each)).join(', '),
    state: words.stateOf(ctx, state),
  });

  const show: ConsoleHandler = async (ctx, administrator) => {
    const { q, after } = readQuery(ctx, query);
    const t = pages.t(ctx);
    const asked = { query: q, limit: PAGE, ...(after === '' ? {} : { after }) };
    const found = await searchPeople(administrator.actor, asked, { accounts: ports.accounts, now });
    if (found.kind === 'not-found') throw new HttpError(404, 'missing');
    const address = (more: Record<string, string>) => {
      const search = new URLSearchParams({ ...(q === '' ? {} : { q }), ...more });
      return search.size === 0 ? PEOPLE : `${PEOPLE}?${search}`;
    };
    await pages.render(
      ctx,
      'console/people',
      {
        rows: found.people.map((person) => rowOf(ctx, person)),
        words: q,
        masked: !seesEverybody(administrator.actor),
        all: PEOPLE,
        first: address({}),
        further: after !== '',
        next: found.next === undefined ? undefined : address({ after: found.next }),
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
