/** The products that an application can be, to choose from, and the six kinds for everything else. */
import type Koa from 'koa';
import { z } from 'zod';
import { presetName, searchPresets } from '../../domain/clients/presets/preset.ts';
import { reachOf } from '../../domain/roles/permissions.ts';
import { readQuery, trimmed } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import type { CatalogueShown } from '../../http/views.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { evidenceLine } from './preset-words.ts';

const query = z.object({ q: trimmed(100) });

/** What the partial `console/catalogue` shows: those in which the words are found, and the kinds always. */
export function catalogueShown(
  ctx: Koa.Context,
  { catalogue, pages }: Pick<Web, 'catalogue' | 'pages'>,
  words: string,
): CatalogueShown {
  const how = { t: pages.t(ctx), language: languageOf(ctx) };
  const shown = (some: ReturnType<Web['catalogue']>) =>
    some.map((preset) => ({
      id: preset.id,
      name: presetName(preset, how.language),
      line: evidenceLine(preset, how),
    }));
  const presets = catalogue();
  const products = presets.filter(({ generic }) => generic === undefined);
  return {
    products: shown(words === '' ? products : searchPresets(products, words)),
    kinds: shown(presets.filter(({ generic }) => generic !== undefined)),
  };
}

/** @throws HttpError 403 for who only reads applications, 404 for who does not even that */
export function mustRegister({ actor }: Administrator): void {
  if (reachOf(actor, 'clients:write').length > 0) return;
  throw reachOf(actor, 'clients:read').length > 0 ? new HttpError(403, 'not-allowed') : new HttpError(404, 'missing');
}

export function createCataloguePage(web: Web, frame: ConsoleFrame) {
  const show: ConsoleHandler = async (ctx, administrator) => {
    mustRegister(administrator);
    const { q } = readQuery(ctx, query);
    const t = web.pages.t(ctx);
    await web.pages.render(
      ctx,
      'console/new',
      { ...catalogueShown(ctx, web, q), words: q },
      frame.page(ctx, administrator, {
        room: 'applications',
        title: t('console.new_application'),
        crumbs: [{ href: '/admin/applications', label: t('console.room_applications') }],
        lead: t('console.new_lead'),
      }),
    );
  };
  return { show };
}
