/** The applications that somebody may see, with what is wrong with each. */
import type Koa from 'koa';
import { z } from 'zod';
import type { MessageKey } from '../../../locales/index.ts';
import { dayAt, timeZone } from '../../domain/account/affiliation.ts';
import { tagOf } from '../../domain/account/languages.ts';
import { logoOf } from '../../domain/clients/client-logo.ts';
import { nameOfClient } from '../../domain/clients/client-owner.ts';
import { type ClientWarning, refusedOf, warningKinds, warningsOf } from '../../domain/clients/client-warnings.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { reachOf } from '../../domain/roles/permissions.ts';
import { readQuery, trimmed } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import type { ClientSummary } from '../../use-cases/clients/client-summaries.ts';
import { listClients, warningKindsSeen } from '../../use-cases/clients/list-clients.ts';
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
/** `warnings`: what somebody has to look at, and each kind of it; `off`: switched off or deleted. */
const states = ['all', 'warnings', ...warningKinds, 'off'] as const;
const stateLabels = {
  all: 'console.applications_any',
  warnings: 'console.applications_warnings',
  pending: 'console.state_pending',
  expired: 'console.state_expired',
  'secret-expired': 'console.warn_secret_expired',
  refused: 'console.applications_refused',
  'secret-expires': 'console.applications_secret_expires',
  expires: 'console.applications_expires',
  off: 'console.applications_off',
} as const satisfies Record<(typeof states)[number], MessageKey>;
type State = (typeof states)[number];
const isAlways = (state: State): state is Exclude<State, ClientWarning['kind']> =>
  !(warningKinds as readonly State[]).includes(state);
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

  async function rowsOf(ctx: Koa.Context, clients: ClientRecord[], refused: ReadonlyMap<string, number>) {
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

  /** Kinds of warnings only where there are any, and organisations where there is more than one to choose from. */
  function chipsOf(
    ctx: Koa.Context,
    { actor }: Administrator,
    asked: Query,
    kinds: ReadonlySet<ClientWarning['kind']>,
  ) {
    const t = pages.t(ctx);
    const reach = reachOf(actor, 'clients:read');
    const seen = web.organisations.filter(({ id }) => reach === 'association' || reach.includes(id));
    const owners = [
      ...(reach === 'association' ? [{ id: ASSOCIATION, label: t('console.association') }] : []),
      ...seen.map(({ id, name }) => ({ id, label: name[languageOf(ctx)] })),
    ];
    return {
      states: states
        .filter((state) => state === asked.state || isAlways(state) || kinds.has(state))
        .map((state) => ({
          href: address(asked, { state }),
          label: t(stateLabels[state]),
          current: state === asked.state,
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
    const refused = refusedOf(await ports.refusals.page('all', undefined, MOST_REFUSALS), now() - DAY_MS);
    const kinds = await warningKindsSeen(administrator.actor, { now: now(), refused }, ports);
    const has = (summary: ClientSummary) =>
      warningsOf(summary, { now: now(), refused: refused.get(summary.id) ?? 0 }).map(({ kind }) => kind);
    const only =
      state === 'all'
        ? undefined
        : state === 'off'
          ? ({ disabled }: ClientSummary) => disabled !== undefined
          : (summary: ClientSummary) => (state === 'warnings' ? has(summary).length > 0 : has(summary).includes(state));
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
        rows: await rowsOf(ctx, listed.clients, refused),
        words: q,
        next,
        first: address(asked, {}),
        kept: Object.fromEntries(Object.entries({ of, state }).filter(([, value]) => value !== '' && value !== 'all')),
        further: after !== '',
        filtered: state !== 'all' || of !== '',
        ...chipsOf(ctx, administrator, asked, kinds),
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
