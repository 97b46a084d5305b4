/** What the other side types: values under its own names, texts to copy, its faults, and whether it works. */
import type Koa from 'koa';
import { type Connection, connectionOf } from '../../domain/clients/presets/connection.ts';
import { addressesOf } from '../../domain/clients/presets/placeholders.ts';
import { type Preset, textIn } from '../../domain/clients/presets/preset.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { languageOf } from '../../http/language.ts';
import type { Views } from '../../http/views.ts';
import type { Web } from '../web.ts';
import type { ApplicationFrame } from './application.ts';
import type { Administrator, ConsoleHandler } from './frame.ts';

/** `made`: it was registered just now, and this is its secret; `shown`: that was so, and the form was sent again. */
export type Moment =
  | { kind: 'later' }
  | { kind: 'made'; secret: string | undefined; warning?: string }
  | { kind: 'shown' };

export type Connect = ReturnType<typeof createConnect>;

export function createConnect(web: Web, application: ApplicationFrame) {
  const { pages, catalogue, provider } = web;

  function notesOf(ctx: Koa.Context, { faults, notes }: Preset): string[] {
    const t = pages.t(ctx);
    return [
      ...faults.map((fault) => t(`catalogue.fault_${fault}`)),
      ...notes.map((note) => textIn(note, languageOf(ctx))),
    ];
  }

  /** The page, at any moment. Its answer is in no cache. */
  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    record: ClientRecord,
    moment: Moment,
  ): Promise<void> {
    const language = languageOf(ctx);
    const about = provider(language);
    const secret = moment.kind === 'made' ? moment.secret : undefined;
    const connection: Connection = connectionOf(record, catalogue, about, secret);
    const { preset, fields, snippets } = connection;
    const data: Views['console/connect'] = {
      moment: moment.kind,
      warning: moment.kind === 'made' ? moment.warning : undefined,
      product: preset?.name,
      form: preset?.form,
      hasSecret: record.secrets.length > 0,
      secretKnown: secret !== undefined,
      fields,
      snippets: snippets.map(({ file, when, text }) => ({
        file,
        when: when === undefined ? undefined : textIn(when, language),
        text: text.trimEnd(),
      })),
      notes: preset === undefined ? [] : notesOf(ctx, preset),
      unverified: preset?.unverified === undefined ? undefined : textIn(preset.unverified, language),
      discovery: addressesOf(about.issuer).discovery,
    };
    await pages.render(ctx, 'console/connect', data, application.page(ctx, administrator, record, 'connect'));
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    await render(ctx, administrator, await application.load(ctx, administrator), { kind: 'later' });
  };

  return { show, render };
}
