/** `/admin/webhooks`: where other systems hear what happens, and the form that adds one. */
import type Koa from 'koa';
import { z } from 'zod';
import { randomId } from '../../domain/random.ts';
import { MOST_OF_CLIENT, MOST_WEBHOOKS } from '../../domain/webhooks/webhook.ts';
import { readForm, readQuery, trimmed } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { faultAt } from '../../http/page.ts';
import { may, reachOf } from '../../use-cases/actor.ts';
import { addWebhook, listWebhooks } from '../../use-cases/webhooks/webhooks.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import type { WebhookPage } from './webhook.ts';
import { eventsTyped, type Fault, WEBHOOKS, type WebhookWords, webhookPath } from './webhook-words.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const form = z.object({
  client: trimmed(200),
  url: trimmed(2000),
  events: trimmed(4000),
  contact: trimmed(320),
  note: trimmed(400),
  once: z.string().regex(UUID),
});
type Typed = Omit<z.output<typeof form>, 'once'>;
const query = z.object({ client: trimmed(200), done: trimmed(20) });

export function createWebhooks(web: Web, frame: ConsoleFrame, words: WebhookWords, one: WebhookPage) {
  const { ports, pages, now, randomBytes, sealer } = web;

  /** Whoever may see no webhook anywhere has no such page. */
  function requireReader({ actor }: Administrator): void {
    if (reachOf(actor, 'clients:read').length === 0) throw new HttpError(404, 'missing');
  }
  const mayAdd = ({ actor }: Administrator) =>
    reachOf(actor, 'clients:write').length > 0 || may(actor, 'webhooks:write', undefined) === 'yes';

  const show: ConsoleHandler = async (ctx, administrator) => {
    requireReader(administrator);
    const t = pages.t(ctx);
    const { client } = readQuery(ctx, query);
    const of = client === '' ? {} : { of: client };
    const found = await listWebhooks(administrator.actor, of, ports);
    const adding = `${WEBHOOKS}/new${client === '' ? '' : `?${new URLSearchParams({ client })}`}`;
    await pages.render(
      ctx,
      'console/webhooks',
      {
        rows: await Promise.all(
          found.map(async ({ webhook }) => ({
            href: webhookPath(webhook.id),
            address: webhook.url.replace(/^https:\/\//, '').slice(0, 120),
            whose: (await words.whose(ctx, webhook)).name,
            events: webhook.events.join(', '),
            note: webhook.note,
            state: words.stateOf(ctx, webhook),
          })),
        ),
        only: client === '' ? undefined : (await words.whose(ctx, { client })).name,
        all: WEBHOOKS,
        done: frame.done(ctx, { deleted: 'consoleWebhooks.done_deleted' }),
      },
      frame.page(ctx, administrator, {
        room: 'webhooks',
        title: t('operation.room_webhooks'),
        lead: t('consoleWebhooks.lead'),
        ...(mayAdd(administrator) ? { action: { href: adding, label: t('consoleWebhooks.add'), icon: 'plus' } } : {}),
      }),
    );
  };

  async function renderForm(
    ctx: Koa.Context,
    administrator: Administrator,
    typed: Typed,
    fault?: Fault,
  ): Promise<void> {
    const t = pages.t(ctx);
    await pages.render(
      ctx,
      'console/webhook-new',
      {
        path: `${WEBHOOKS}/new`,
        typed,
        mayBeOfAssociation: may(administrator.actor, 'webhooks:write', undefined) === 'yes',
        kinds: words.kinds(ctx, typed.client !== ''),
        once: randomId(randomBytes),
        ...fault,
      },
      frame.page(ctx, administrator, {
        room: 'webhooks',
        title: t('consoleWebhooks.add'),
        crumbs: [{ href: WEBHOOKS, label: t('operation.room_webhooks') }],
      }),
    );
  }

  const showNew: ConsoleHandler = async (ctx, administrator) => {
    requireReader(administrator);
    if (!mayAdd(administrator)) throw new HttpError(403, 'not-allowed');
    const { client } = readQuery(ctx, query);
    const ofAssociation = client === '' && may(administrator.actor, 'webhooks:write', undefined) === 'yes';
    const { emails, personalEmail = '' } = administrator.account;
    const contact = emails[0] ?? personalEmail;
    const events = ofAssociation ? '*' : 'client.*';
    await renderForm(ctx, administrator, { client, url: '', events, contact, note: '' });
  };

  /** ⚑ Answers with the secret itself, which no other answer has. */
  const add: ConsoleHandler = async (ctx, administrator) => {
    requireReader(administrator);
    if (!mayAdd(administrator)) throw new HttpError(403, 'not-allowed');
    const t = pages.t(ctx);
    if (!(await frame.recent(ctx, administrator, t('consoleWebhooks.add')))) return;
    const { once, ...typed } = await readForm(ctx, form);
    const { client, url, contact, note } = typed;
    const asked = { url, contact, events: eventsTyped(typed.events), ...(note === '' ? {} : { note }) };
    const added = await addWebhook(
      administrator.actor,
      { ...asked, ...(client === '' ? {} : { client }), once },
      { ...ports, sealer, now, randomBytes },
    );
    switch (added.kind) {
      case 'added':
        return one.render(ctx, administrator, added.webhook, { fresh: added.secret });
      case 'was-added':
        return one.render(ctx, administrator, added.webhook, { wasShown: true });
      case 'faulty':
        return renderForm(ctx, administrator, typed, words.faultsOf(ctx, added.faults));
      case 'too-many': {
        const most = { most: MOST_WEBHOOKS, each: MOST_OF_CLIENT };
        return renderForm(ctx, administrator, typed, { error: t('consoleWebhooks.too_many', most) });
      }
      case 'not-found':
      case 'not-allowed': {
        const key = client === '' ? 'consoleWebhooks.fault_needs_client' : 'consoleWebhooks.fault_no_client';
        return renderForm(ctx, administrator, typed, faultAt('client', t(key), t('console.not_possible')));
      }
    }
  };

  return { show, showNew, add };
}
