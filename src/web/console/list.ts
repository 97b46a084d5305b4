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
import type { ClientSummary } from '../../use-cases/clients/client-summaries.ts';
import { listClients } from '../../use-cases/clients/list-clients.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import { catalogueShown } from './catalogue.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';

const PAGE = 50;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Refusals that are looked at; more of them would not change what is to be done. */
const MOST_REFUSALS = 200;

/** `of` where it is the association's own, which no organisation is called. */
const ASSOCIATION = '-';
/** `warnings`: what somebody has to look at; `off`: switched off or deleted. */
const states = ['all', 'warnings', 'off'] as const;
const stateLabels = {
  all: 'console.applications_any',
  warnings: 'console.applications_warnings',
  off: 'console.applications_off',
} as const;
const query = z.object({
  q: trimmed(200),
  after: trimmed(200),
  state: z.enum(states).catch('all'),
  of: trimmed(100),
});
type Query = z.output<typeof query>;

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

  /** The address of this list with another choice; a page further is left. */
  function address({ q, state, of }: Query, change: Partial<Pick<Query, 'state' | 'of' | 'after'>>): string {
    const all = { q, of, state, ...change };
    const named = Object.entries(all).filter(([, value]) => value !== '' && value !== 'all');
    return `/admin/applications?${new URLSearchParams(named)}`.replace(/\?$/, '');
  }

  /** Organisations only where there is more than one to choose from. */
  function chipsOf(ctx: Koa.Context, { actor }: Administrator, asked: Query) {
    const t = pages.t(ctx);
    const reach = reachOf(actor, 'clients:read');
    const seen = web.organisations.filter(({ id }) => reach === 'association' || reach.includes(id));
    const owners = [
      ...(reach === 'association' ? [{ id: ASSOCIATION, label: t('console.association') }] : []),
      ...seen.map(({ id, name }) => ({ id, label: name[languageOf(ctx)] })),
    ];
    return {
      states: states.map((state) => ({
        ...{
          href: address(asked, { state }),
          label: t(stateLabels[state]),
          current: state === asked.state,
        },
      })),
      organisations:
        owners.length < 2
          ? []
          : [
              {
                href: address(asked, { of: '' }),
                label: t('console.applications_anywhere'),
                current: asked.of === '',
              },
              ...owners.map(({ id, label }) => ({ href: address(asked, { of: id }), label, current: id === asked.of })),
            ],
    };
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const asked = readQuery(ctx, query);
    const { q, after, state, of } = asked;
    const t = pages.t(ctx);
    const refused =
      state === 'warnings'
        ? refusedOf(await ports.refusals.page('all', undefined, MOST_REFUSALS), now() - DAY_MS)
        : new Map<string, number>();
    const only = {
      all: undefined,
      warnings: (record: ClientSummary) =>
        warningsOf(record, { now: now(), refused: refused.get(record.id) ?? 0 }).length > 0,
      off: ({ disabled }: ClientSummary) => disabled !== undefined,
    }[state];
    const owner = of === '' ? undefined : of === ASSOCIATION ? '' : of;
    const input = { words: q, after: after === '' ? undefined : after, limit: PAGE, of: owner, only };
    const listed = await listClients(administrator.actor, input, ports);
    if (listed.kind === 'not-found') throw new HttpError(404, 'missing');
    const mayAdd = reachOf(administrator.actor, 'clients:write').length > 0;
    const next = listed.next === undefined ? undefined : address(asked, { after: listed.next });
    await pages.render(
      ctx,
      'console/applications',
      {
        rows: await rowsOf(ctx, listed.clients),
        words: q,
        next,
        first: address(asked, {}),
        kept: Object.fromEntries(Object.entries({ of, state }).filter(([, value]) => value !== '' && value !== 'all')),
        further: after !== '',
        filtered: state !== 'all' || of !== '',
        ...chipsOf(ctx, administrator, asked),
        catalogue:
          mayAdd && listed.clients.length === 0 && state === 'all' && of === ''
            ? catalogueShown(ctx, web, '')
            : undefined,
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
