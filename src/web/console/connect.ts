/** What the other side types: values under its own names, texts to copy, its faults, and whether it works. */
import type Koa from 'koa';
import { nameOfClient } from '../../domain/clients/client-owner.ts';
import { type Connection, connectionOf } from '../../domain/clients/presets/connection.ts';
import { addressesOf } from '../../domain/clients/presets/placeholders.ts';
import { textIn } from '../../domain/clients/presets/preset.ts';
import { isHint } from '../../domain/clients/refusals/refusal.ts';
import { refusalInWords } from '../../domain/clients/refusals/refusal-words.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { languageOf } from '../../http/language.ts';
import type { Views } from '../../http/views.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import { warningsIn } from './edit-form.ts';
import type { Administrator, ConsoleHandler } from './frame.ts';
import { keysShown, publishedAt } from './keys-shown.ts';
import { notesOf } from './preset-words.ts';

/** `made`: it was registered just now, and this is its secret; `shown`: that was so, and the form was sent again. */
export type Moment =
  | { kind: 'later' }
  | { kind: 'made'; secret: string | undefined; warnings?: readonly string[] | undefined }
  | { kind: 'shown' };

const steps = ['request', 'code', 'token'] as const;
type Step = (typeof steps)[number];
const DAY_MS = 24 * 60 * 60 * 1000;

export type Connect = ReturnType<typeof createConnect>;

export function createConnect(web: Web, application: ApplicationFrame) {
  const { pages, catalogue, provider, ports } = web;

  /** How far the application has come; a service that signs nobody in only gets tokens. */
  async function stepsOf({ id, metadata }: ClientRecord): Promise<{ step: Step; done: boolean }[]> {
    const reached = new Set((await ports.clientUses.of([id])).map((use) => use.of));
    const signsIn = !Array.isArray(metadata.response_types) || metadata.response_types.length > 0;
    return (signsIn ? steps : steps.slice(-1)).map((step) => ({ step, done: reached.has(step) }));
  }

  /** What was refused last, of today or yesterday, in one sentence. */
  async function lastRefusal(ctx: Koa.Context, { id }: ClientRecord): Promise<string | undefined> {
    const [last] = (await ports.refusals.page({ client: id }, undefined, 5)).filter(({ refusal }) => !isHint(refusal));
    if (last === undefined || last.lastAt < web.now() - DAY_MS) return undefined;
    return refusalInWords(last.refusal, pages.t(ctx)).sentence;
  }

  /** Its keys. Where it publishes them, the address is asked when it was registered: then somebody is there who can mend it. */
  async function keysOf(ctx: Koa.Context, record: ClientRecord, moment: Moment) {
    const shown = await keysShown(record, ports.clientUses);
    if (shown === undefined) return undefined;
    const { address } = shown;
    const asked = moment.kind === 'made' && address !== undefined;
    return { ...shown, published: asked ? await publishedAt(address, web.outgoing, languageOf(ctx)) : undefined };
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
    const connection: Connection = connectionOf(record, catalogue(), about, secret);
    const { preset, fields, snippets } = connection;
    const { discovery } = addressesOf(about.issuer);
    const data: Views['console/connect'] = {
      stage: moment.kind,
      warnings: moment.kind === 'made' ? warningsIn(language, moment.warnings) : [],
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
      notes: preset === undefined ? [] : notesOf(preset, { t: pages.t(ctx), language }),
      unverified: preset?.unverified === undefined ? undefined : textIn(preset.unverified, language),
      // once: where no field of the product has it
      discovery: fields.some(({ value }) => value === discovery) ? undefined : discovery,
      path: applicationPath(record.id, 'connect'),
      name: nameOfClient(record, language),
      steps: await stepsOf(record),
      refused: await lastRefusal(ctx, record),
      byKey: await keysOf(ctx, record, moment),
    };
    await pages.render(ctx, 'console/connect', data, {
      ...application.page(ctx, administrator, record, 'connect'),
      at: applicationPath(record.id, 'connect'),
    });
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    await render(ctx, administrator, await application.load(ctx, administrator), { kind: 'later' });
  };

  return { show, render };
}
