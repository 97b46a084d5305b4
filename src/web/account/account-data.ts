/** `/account/data`: a person who has just signed in downloads everything that is stored of him or her. */
import { Readable } from 'node:stream';
import type Koa from 'koa';
import { z } from 'zod';
import { noteDownload } from '../../domain/account/own-data.ts';
import { limits } from '../../domain/rate-limits/limits.ts';
import { counterOf, takeAll } from '../../domain/rate-limits/rate-limits.ts';
import { readForm, trimmed } from '../../http/form.ts';
import { ownData } from '../../use-cases/account/own-data.ts';
import type { Web } from '../web.ts';
import type { AccountFrame, Visitor } from './account-frame.ts';

const PAGE = '/account/data';

/** Handlers of `/account/data`. */
export function createAccountData(web: Web, frame: AccountFrame) {
  const { pages, now } = web;

  async function show(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor !== undefined && frame.steppedUp(ctx, visitor)) await render(ctx, visitor);
  }

  async function render(ctx: Koa.Context, visitor: Visitor, refused?: { error: string; status: number }) {
    const page = frame.page(ctx, visitor, 'data', pages.t(ctx)('personal.data_title'));
    const { error, status } = refused ?? {};
    await pages.render(ctx, 'account/data', { error }, { ...page, ...(status === undefined ? {} : { status }) });
  }

  /** Tells both addresses before the first byte leaves. */
  async function download(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { action } = await readForm(ctx, z.object({ action: trimmed(40) }));
    if (action !== 'download') return frame.goTo(ctx, PAGE);
    if (!frame.steppedUp(ctx, visitor, PAGE)) return;
    const { id } = visitor.account;
    const taken = await takeAll(web, [counterOf('dataPerAccount', id)], web.network(ctx), now());
    if (!taken.allowed) {
      ctx.set('Retry-After', String(limits.dataPerAccount.windowSeconds));
      return render(ctx, visitor, { error: pages.t(ctx)('personal.data_too_many'), status: 429 });
    }
    const { account } = await web.update(id, (read) => noteDownload(read, visitor.acting));
    const pieces = ownData(account, web.ports, {
      organisations: web.organisations,
      domain: web.passkeyDomain,
      sealer: web.sealer,
      now: now(),
      about: about(ctx),
    });
    ctx.set('Cache-Control', 'no-store');
    ctx.attachment(`${account.userNumbers[0] ?? 'account'}.json`);
    ctx.type = 'application/json';
    ctx.body = Readable.from(pieces); // one that breaks off cuts the connection, so that no half looks whole
  }

  /** The head of the file, in the reader's language. */
  function about(ctx: Koa.Context) {
    const t = pages.t(ctx);
    return {
      what: t('personal.data_what', { issuer: web.issuer }),
      made: now(),
      leftOut: t('personal.data_left_out'),
      kept: [
        t('personal.data_kept_account'),
        t('personal.data_kept_sessions'),
        t('personal.data_kept_consents'),
        t('personal.data_kept_emails'),
        t('personal.data_kept_links'),
        t('personal.data_kept_tries'),
        t('personal.data_kept_log'),
      ],
    };
  }

  return { show, download };
}
