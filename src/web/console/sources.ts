/** `/admin/sources`: what feeds Pedel with people, the tokens of each source for SCIM, and the release of one that is held. */
import type Koa from 'koa';
import { z } from 'zod';
import { readForm, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import { releaseSource } from '../../use-cases/scim/safeguard.ts';
import { listSources, type ViewedSource, viewSource } from '../../use-cases/scim/sources.ts';
import { addSourceToken, revokeSourceToken, type SourceDenied } from '../../use-cases/scim/tokens.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { type ImportWords, uploadPath } from './import-words.ts';

const LIST = '/admin/sources';
const sourcePath = (id: string) => `${LIST}/${encodeURIComponent(id)}`;
const ONE_LINE = /^[^\p{Cc}\u2028\u2029]{1,500}$/u;

/** `have`: ids of the tokens that the page showed. */
const form = z.object({
  action: z.string().regex(/^(?:make|release|revoke-[0-9a-f]{8})$/),
  have: trimmed(40),
  people: trimmed(20),
  reason: trimmed(600),
});
type Form = z.output<typeof form>;
type Said = { fault?: { error: string } | PageFault; made?: string; typed?: { people: string; reason: string } };

const denied = ({ kind }: SourceDenied) =>
  kind === 'not-found' ? new HttpError(404, 'missing') : new HttpError(403, 'not-allowed');

export function createSources(web: Web, frame: ConsoleFrame, words: ImportWords) {
  const { pages, ports, now, randomBytes, importing } = web;
  const { sources } = importing;
  const { accounts, attempts, values } = ports;
  const reading = { sources, accounts, attempts, values, imports: importing.imports, now };
  const writing = { sources, values, now, randomBytes };

  const badgeOf = (ctx: Koa.Context, { scim }: ViewedSource) =>
    scim.held
      ? ({ tone: 'danger', label: pages.t(ctx)('consoleSources.held') } as const)
      : ({ tone: 'good', label: pages.t(ctx)('consoleSources.not_held') } as const);

  const factsOf = (ctx: Koa.Context, { source, scim, latest }: ViewedSource) => ({
    id: source.id,
    organisations: words.of(ctx, source),
    full: source.full === true,
    latest: latest && {
      at: latest.at,
      people: Object.entries(latest.people).map(([id, count]) => ({ name: words.organisation(ctx, id), count })),
    },
    people: scim.people,
  });

  const show: ConsoleHandler = async (ctx, administrator) => {
    const listed = await listSources(administrator.actor, reading);
    if (listed.kind === 'not-found') throw new HttpError(404, 'missing');
    const t = pages.t(ctx);
    await pages.render(
      ctx,
      'console/sources',
      {
        rows: listed.sources.map((each) => ({
          ...factsOf(ctx, each),
          href: sourcePath(each.source.id),
          state: badgeOf(ctx, each),
          tokens: each.tokens.length,
        })),
      },
      frame.page(ctx, administrator, {
        room: 'sources',
        title: t('consoleSources.title'),
        lead: t('consoleSources.lead'),
      }),
    );
  };

  async function load(ctx: Koa.Context, { actor }: Administrator, what: 'sources:read' | 'sources:write') {
    const viewed = await viewSource(actor, String(ctx.params.source), what, reading);
    if (viewed.kind !== 'found') throw denied(viewed);
    return viewed.source;
  }

  async function render(ctx: Koa.Context, administrator: Administrator, said: Said = {}): Promise<void> {
    const t = pages.t(ctx);
    const viewed = await load(ctx, administrator, 'sources:read');
    const { source, scim, tokens, mayChange, full } = viewed;
    await pages.render(
      ctx,
      'console/source',
      {
        ...factsOf(ctx, viewed),
        path: sourcePath(source.id),
        upload: mayChange ? uploadPath(source.id) : undefined,
        state: badgeOf(ctx, viewed),
        held: scim.held,
        closed: scim.closed,
        most: scim.most,
        releasedUntil: scim.releasedUntil,
        tokens,
        have: tokens.map(({ id }) => id).join(' '),
        tokensFull: full,
        mayChange,
        made: said.made,
        typed: said.typed ?? { people: '', reason: '' },
        done: frame.done(ctx, { revoked: 'consoleSources.revoked', released: 'consoleSources.released' }),
        ...said.fault,
      },
      frame.page(ctx, administrator, {
        room: 'sources',
        title: source.id,
        crumbs: [{ href: LIST, label: t('consoleSources.title') }],
      }),
    );
  }

  async function make(ctx: Koa.Context, administrator: Administrator, id: string, { have }: Form): Promise<void> {
    const made = await addSourceToken(administrator.actor, id, writing, have.split(' ').filter(Boolean));
    if (made.kind === 'made') return render(ctx, administrator, { made: made.token });
    if (!('tokens' in made)) throw denied(made);
    await render(ctx, administrator, { fault: { error: pages.t(ctx)(`consoleSources.make_${made.kind}`) } });
  }

  async function release(ctx: Koa.Context, administrator: Administrator, id: string, typed: Form): Promise<void> {
    const released = await releaseSource(
      administrator.actor,
      id,
      { people: Number(typed.people), reason: typed.reason },
      writing,
    );
    if (released.kind === 'released') return goTo(ctx, `${sourcePath(id)}?done=released`);
    throw denied(released);
  }

  async function revoke(ctx: Koa.Context, administrator: Administrator, id: string, token: string): Promise<void> {
    const revoked = await revokeSourceToken(administrator.actor, id, token, writing);
    if (revoked.kind === 'not-found' || revoked.kind === 'not-allowed') throw denied({ kind: revoked.kind });
    // somebody took it back already: what was asked for is so
    goTo(ctx, `${sourcePath(id)}?done=revoked`);
  }

  function faultOf(ctx: Koa.Context, { action, people, reason }: Form): PageFault | undefined {
    const t = pages.t(ctx);
    if (action !== 'release') return undefined;
    if (!/^[1-9]\d{0,6}$/.test(people))
      return faultAt('people', t('consoleSources.people_missing'), t('console.not_possible'));
    if (!ONE_LINE.test(reason)) return faultAt('reason', t('consoleSources.reason_missing'), t('console.not_possible'));
    return undefined;
  }

  /** ⚑ */
  const change: ConsoleHandler = async (ctx, administrator) => {
    const { source } = await load(ctx, administrator, 'sources:write');
    const typed = await readForm(ctx, form);
    const fault = faultOf(ctx, typed);
    if (fault !== undefined) return render(ctx, administrator, { fault, typed });
    const [act = '', token = ''] = typed.action.split('-');
    const label = pages.t(ctx)(`consoleSources.${act as 'make' | 'release' | 'revoke'}`);
    if (!(await frame.recent(ctx, administrator, label, typed))) return;
    if (act === 'make') return make(ctx, administrator, source.id, typed);
    if (act === 'release') return release(ctx, administrator, source.id, typed);
    return revoke(ctx, administrator, source.id, token);
  };

  return { show, showOne: ((ctx, who) => render(ctx, who)) as ConsoleHandler, change };
}
