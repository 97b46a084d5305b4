/** `/admin/people/:id`: who somebody is here, how the account stands, by which steps he or she signs in, and what was sent. */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { lastDayOf } from '../../domain/account/affiliation.ts';
import { recoveryShown } from '../../domain/factors/slow-recovery.ts';
import { suspensionOf } from '../../domain/lifecycle/suspension.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import type { Views } from '../../http/views.ts';
import { may } from '../../use-cases/actor.ts';
import { masked } from '../../use-cases/audit/masking.ts';
import { isOfDesk } from '../../use-cases/desk/desk-people.ts';
import { refusalOn } from '../../use-cases/people/identity-act.ts';
import { deliveriesOfPerson, type ViewedPerson, viewPerson } from '../../use-cases/people/view-person.ts';
import { dayElement } from '../account/affiliations-in-words.ts';
import { applicationNames } from '../account/application-names.ts';
import { browserInWords } from '../account/browser-in-words.ts';
import { ownerReads } from '../end-for-others.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { PEOPLE, type PeopleWords, personPath } from './people-words.ts';

type Shown = Views['console/person'];
/** What was sent longer ago is in the list of deliveries. */
const DELIVERIES = 20;
const SESSIONS = 30;

export function createPerson(web: Web, frame: ConsoleFrame, words: PeopleWords) {
  const { ports, pages, now } = web;

  function stateIn(ctx: Koa.Context, account: Account, { state }: ViewedPerson): Shown['state'] {
    const t = pages.t(ctx);
    const suspension = suspensionOf(account, now());
    if (suspension !== undefined)
      return {
        badge: words.stateOf(ctx, { kind: 'suspended' }),
        line: t(`consolePeople.suspended_${suspension.kind}`),
        ...(suspension.until === undefined ? {} : { until: suspension.until }),
      };
    const badge = words.stateOf(ctx, state);
    switch (state.kind) {
      case 'active':
      case 'ended':
      case 'not-yet':
        return { badge, line: ownerReads(web, ctx, account) };
      case 'invited':
        return {
          badge,
          line: t('consolePeople.invited_line'),
          ...(state.last === undefined ? {} : { since: state.last }),
        };
      default:
        return { badge, line: t('consolePeople.not_invited_line') };
    }
  }

  const affiliationsOf = (ctx: Koa.Context, { affiliations }: ViewedPerson): Shown['affiliations'] =>
    affiliations.map((each) => {
      const last = lastDayOf(each);
      return {
        role: words.role(ctx, each.role),
        organisation: words.organisation(ctx, each.organisation),
        source: each.source,
        from: each.from === undefined ? undefined : dayElement(each.from, ctx),
        until: last === undefined ? undefined : dayElement(last, ctx),
      };
    });

  async function sessionsOf(ctx: Koa.Context, { id, masked: isMasked }: ViewedPerson): Promise<Shown['sessions']> {
    const open = (await web.openSessions.list(id)).slice(0, SESSIONS);
    const names = await applicationNames(
      ports.clients,
      new Set(open.flatMap(({ clients }) => clients)),
      languageOf(ctx),
    );
    return Promise.all(
      open.map(async ({ place, since, clients }) => ({
        browser: (await browserInWords(place.agent, pages.t(ctx))).browser,
        network: place.network === undefined || !isMasked ? place.network : masked(place.network),
        since,
        applications: clients.flatMap((client) => names.get(client) ?? []).join(', '),
      })),
    );
  }

  /** Where the account is merged and split, and which merges can be undone. */
  async function movesOf(
    { actor }: Administrator,
    account: Account,
    { merged }: ViewedPerson,
  ): Promise<Shown['moves']> {
    if (account.roles.length > 0 || (await refusalOn(actor, [account], ports)) !== undefined) return undefined;
    const path = personPath(account.id);
    const from = merged.map(({ id, name, at }) => {
      return { number: name, at, undo: `${path}/unmerge/${encodeURIComponent(id)}` };
    });
    return { merge: `${path}/merge`, split: `${path}/split`, from };
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const { actor } = administrator;
    const id = String(ctx.params.id).slice(0, 200);
    const into = (await ports.accounts.findById(id))?.merged?.into;
    if (into !== undefined && (await viewPerson(actor, into, { ...ports, now })).kind === 'found')
      return goTo(ctx, personPath(into));
    const viewed = await viewPerson(actor, id, { ...ports, now });
    if (viewed.kind === 'not-found') throw new HttpError(404, 'missing');
    const { person, account } = viewed;
    const sent = await deliveriesOfPerson(actor, id, { limit: DELIVERIES }, { ...ports, now });
    const t = pages.t(ctx);
    const { numbers, emails, personalEmail, factors, createdAt, activatedAt, passwordSetAt } = person;
    const title = person.name || person.number || person.id;
    await pages.render(
      ctx,
      'console/person',
      {
        moves: await movesOf(administrator, account, person),
        done: frame.done(ctx, {
          merged: 'consolePeople.done_merged',
          unmerged: 'consolePeople.done_unmerged',
          split: 'consolePeople.done_split',
        }),
        id: person.id,
        numbers,
        emails,
        personalEmail,
        state: stateIn(ctx, account, person),
        recovery: recoveryShown(account, { organisations: web.organisations, now: now() }),
        created: createdAt,
        activated: activatedAt,
        passwordSet: passwordSetAt,
        factors,
        affiliations: affiliationsOf(ctx, person),
        sessions: await sessionsOf(ctx, person),
        deliveries:
          sent.kind === 'listed'
            ? sent.rows.map(({ what, kind, state, createdAt: at, lastError }) => ({
                what: what ?? t(kind === 'letter' ? 'operation.kind_mail' : 'operation.kind_logout'),
                state: t(`consolePeople.delivery_${state.replace('-', '_') as 'done'}`),
                failed: state === 'failed' || state === 'set-aside',
                at,
                why: state === 'done' ? undefined : lastError,
              }))
            : [],
        audit:
          may(actor, 'audit:own-acts', undefined) === 'yes'
            ? `/admin/audit?${new URLSearchParams({ person: person.id })}`
            : undefined,
        desk: isOfDesk(actor, account, (await ports.roleGrants.read()).grants)
          ? `/desk/people/${encodeURIComponent(person.id)}`
          : undefined,
      },
      frame.page(ctx, administrator, {
        room: 'people',
        title,
        crumbs: [{ href: PEOPLE, label: t('consolePeople.title') }],
      }),
    );
  };

  return { show };
}
