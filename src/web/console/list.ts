/** The applications that somebody may see, with what is wrong with each. */
import type Koa from 'koa';
import { z } from 'zod';
import { dayAt, timeZone } from '../../domain/account/affiliation.ts';
import { tagOf } from '../../domain/account/languages.ts';
import { logoOf } from '../../domain/clients/client-logo.ts';
import { nameOfClient } from '../../domain/clients/client-owner.ts';
import { refusedOf, warningsOf } from '../../domain/clients/client-warnings.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { reachOf } from '../../domain/roles/permissions.ts';
import { readQuery, trimmed } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import { listClients } from '../../use-cases/clients/list-clients.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import { catalogueShown } from './catalogue.ts';
import type { ConsoleFrame, ConsoleHandler } from './frame.ts';

const PAGE = 50;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Refusals that are looked at; more of them would not change what is to be done. */
const MOST_REFUSALS = 200;

const query = z.object({ q: trimmed(200), after: trimmed(200) });

export function createList(web: Web, frame: ConsoleFrame, application: ApplicationFrame) {
  const { ports, pages, now } = web;

  /** To the day, because that is what decides whether anybody uses it. */
  function dayInWords(ctx: Koa.Context, at: number | undefined): string {
    const t = pages.t(ctx);
    if (at === undefined) return t('console.sign_in_never');
    const day = dayAt(at);
    if (day === dayAt(now())) return t('console.today');
    if (day === dayAt(now() - DAY_MS)) return t('console.yesterday');
    return new Intl.DateTimeFormat(tagOf(languageOf(ctx)), { dateStyle: 'medium', timeZone }).format(at);
  }

  async function rowsOf(ctx: Koa.Context, clients: ClientRecord[]) {
    const refusals = clients.length === 0 ? [] : await ports.refusals.page('all', undefined, MOST_REFUSALS);
    const refused = refusedOf(refusals, now() - DAY_MS);
    const used = clients.length === 0 ? [] : await ports.clientUses.of(clients.map(({ id }) => id));
    const signIns = new Map(
      used.flatMap(({ client, of, hour }) => (of === 'sign-in' ? [[client, hour] as const] : [])),
    );
    return clients.map((record) => ({
      id: record.id,
      name: nameOfClient(record, languageOf(ctx)),
      logo: logoOf(record),
      href: applicationPath(record.id),
      owner: application.ownerName(ctx, record),
      lastSignIn: dayInWords(ctx, signIns.get(record.id)),
      states: [
        ...(record.disabled === undefined ? [] : [application.stateOf(ctx, record)]),
        ...warningsOf(record, { now: now(), refused: refused.get(record.id) ?? 0 }).map((each) =>
          application.badgeOf(ctx, each),
        ),
      ],
    }));
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const { q, after } = readQuery(ctx, query);
    const t = pages.t(ctx);
    const input = { words: q, after: after === '' ? undefined : after, limit: PAGE };
    const listed = await listClients(administrator.actor, input, ports);
    if (listed.kind === 'not-found') throw new HttpError(404, 'missing');
    const mayAdd = reachOf(administrator.actor, 'clients:write').length > 0;
    const next =
      listed.next === undefined ? undefined : `?${new URLSearchParams({ ...(q && { q }), after: listed.next })}`;
    await pages.render(
      ctx,
      'console/applications',
      {
        rows: await rowsOf(ctx, listed.clients),
        words: q,
        next,
        further: after !== '',
        catalogue: mayAdd && listed.clients.length === 0 ? catalogueShown(ctx, web, '') : undefined,
      },
      frame.page(ctx, administrator, {
        room: 'applications',
        title: t('console.room_applications'),
        lead: t('console.applications_lead'),
        ...(mayAdd
          ? { action: { href: '/admin/applications/new', label: t('console.new_application'), icon: 'plus' } }
          : {}),
      }),
    );
  };

  return { show };
}
