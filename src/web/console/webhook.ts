/** One webhook: what it hears and how it stands, a test call, its next secret, changes to it, and its end. */
import type Koa from 'koa';
import { z } from 'zod';
import type { Webhook } from '../../domain/ports/webhooks.ts';
import { signingSecrets } from '../../domain/webhooks/webhook.ts';
import { readForm, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { webhookFor } from '../../use-cases/webhooks/authority.ts';
import type { Sent } from '../../use-cases/webhooks/send.ts';
import { testWebhook } from '../../use-cases/webhooks/test-webhook.ts';
import { changeWebhook, deleteWebhook, rotateWebhookSecret, switchWebhook } from '../../use-cases/webhooks/webhooks.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { eventsTyped, type Fault, WEBHOOKS, type WebhookWords, webhookPath } from './webhook-words.ts';

const acts = ['change', 'rotate', 'test', 'enable', 'disable'] as const;
const revision = z.coerce.number().int().min(1).max(1e9);
const actForm = z.object({
  action: z.enum(acts),
  revision,
  url: trimmed(2000),
  events: trimmed(4000),
  contact: trimmed(320),
  note: trimmed(400),
});
type Asked = z.output<typeof actForm>;
const endForm = z.object({ revision });

/** What the page says beside what it always says. */
type Shown = {
  fresh?: string;
  wasShown?: boolean;
  answer?: Sent;
  typed?: Pick<Asked, 'url' | 'events' | 'contact' | 'note'>;
  fault?: Fault;
};

export type WebhookPage = ReturnType<typeof createWebhook>;

export function createWebhook(web: Web, frame: ConsoleFrame, words: WebhookWords) {
  const { ports, pages, now, randomBytes, sealer, callWebhook } = web;
  const deps = { ...ports, sealer, now, randomBytes, fetch: callWebhook };

  async function load(ctx: Koa.Context, { actor }: Administrator, what: 'read' | 'write') {
    const found = await webhookFor(actor, String(ctx.params.id).slice(0, 200), what, ports);
    if (found.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    if (found.kind === 'not-found') throw new HttpError(404, 'missing');
    return found;
  }

  function answerOf(ctx: Koa.Context, sent: Sent) {
    const t = pages.t(ctx);
    if (sent.kind === 'accepted')
      return { good: true, words: t('consoleWebhooks.answer_good', { status: sent.status }) };
    if (sent.kind === 'gone') return { good: false, words: t('consoleWebhooks.answer_gone') };
    const { status, error } = sent;
    return status === undefined
      ? { good: false, words: t('consoleWebhooks.answer_none'), error }
      : { good: false, words: t('consoleWebhooks.answer_bad', { status }) };
  }

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    webhook: Webhook,
    { fresh, wasShown = false, answer, typed, fault }: Shown = {},
    status?: 409,
  ): Promise<void> {
    const t = pages.t(ctx);
    const found = await webhookFor(administrator.actor, webhook.id, 'read', ports);
    const [secret, older] = signingSecrets(webhook, now());
    const { id, url, contact, note, events, client, createdAt } = webhook;
    await pages.render(
      ctx,
      'console/webhook',
      {
        path: webhookPath(id),
        revision: webhook.revision,
        mayChange: found.kind === 'found' && found.mayChange,
        url,
        whose: await words.whose(ctx, webhook),
        events,
        contact,
        note,
        made: createdAt,
        secretMade: secret?.createdAt ?? createdAt,
        olderEnds: older?.endsAt,
        state: words.stateOf(ctx, webhook),
        disabled: webhook.disabled?.at,
        why: words.whyDisabled(ctx, webhook),
        fresh,
        wasShown,
        answer: answer && answerOf(ctx, answer),
        typed: typed ?? { url, contact, note: note ?? '', events: events.join('\n') },
        kinds: words.kinds(ctx, client !== undefined),
        done: frame.done(ctx, {
          change: 'consoleWebhooks.done_change',
          enable: 'consoleWebhooks.done_enable',
          disable: 'consoleWebhooks.done_disable',
        }),
        ...fault,
      },
      {
        ...frame.page(ctx, administrator, {
          room: 'webhooks',
          title: new URL(url).host,
          crumbs: [{ href: WEBHOOKS, label: t('operation.room_webhooks') }],
        }),
        ...(status === undefined ? {} : { status }),
      },
    );
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const { webhook } = await load(ctx, administrator, 'read');
    await render(ctx, administrator, webhook);
  };

  /** ⚑, but for the test call, which changes nothing. */
  const act: ConsoleHandler = async (ctx, administrator) => {
    const { webhook } = await load(ctx, administrator, 'write');
    const t = pages.t(ctx);
    const asked = await readForm(ctx, actForm);
    const { action } = asked;
    if (action === 'test') {
      const tested = await testWebhook(administrator.actor, { id: webhook.id }, deps);
      if (tested.kind !== 'tested') throw new HttpError(404, 'missing');
      return render(ctx, administrator, webhook, { answer: tested.sent });
    }
    const fields = Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, String(value)]));
    if (!(await frame.recent(ctx, administrator, t(`consoleWebhooks.act_${action}`), fields))) return;
    const done = await carryOut(administrator, webhook, asked);
    switch (done.kind) {
      case 'rotated':
        return render(ctx, administrator, done.webhook, { fresh: done.secret });
      case 'faulty':
        return render(ctx, administrator, webhook, { typed: asked, fault: words.faultsOf(ctx, done.faults) });
      case 'stale':
        return render(ctx, administrator, done.webhook, { fault: { error: t('consoleWebhooks.stale') } }, 409);
      case 'not-allowed':
        throw new HttpError(403, 'not-allowed');
      case 'not-found':
        throw new HttpError(404, 'missing');
      default:
        return goTo(ctx, `${webhookPath(webhook.id)}?done=${action}`);
    }
  };

  function carryOut({ actor }: Administrator, { id }: Webhook, { action, revision, ...typed }: Asked) {
    if (action === 'rotate') return rotateWebhookSecret(actor, { id, revision }, deps);
    if (action === 'change') {
      const change = { url: typed.url, contact: typed.contact, note: typed.note, events: eventsTyped(typed.events) };
      return changeWebhook(actor, { id, revision, change }, deps);
    }
    return switchWebhook(actor, { id, revision, to: action === 'enable' ? 'enabled' : 'disabled' }, deps);
  }

  const showEnd: ConsoleHandler = async (ctx, administrator) => {
    const { webhook } = await load(ctx, administrator, 'write');
    await renderEnd(ctx, administrator, webhook);
  };

  async function renderEnd(ctx: Koa.Context, administrator: Administrator, webhook: Webhook, fault?: Fault) {
    const t = pages.t(ctx);
    const { host } = new URL(webhook.url);
    await pages.render(
      ctx,
      'console/webhook-end',
      {
        path: webhookPath(webhook.id, '/end'),
        back: webhookPath(webhook.id),
        host,
        revision: webhook.revision,
        whose: (await words.whose(ctx, webhook)).name,
        ...fault,
      },
      frame.page(ctx, administrator, {
        room: 'webhooks',
        title: t('consoleWebhooks.end_title', { host }),
        crumbs: [
          { href: WEBHOOKS, label: t('operation.room_webhooks') },
          { href: webhookPath(webhook.id), label: host },
        ],
      }),
    );
  }

  /** ⚑ */
  const end: ConsoleHandler = async (ctx, administrator) => {
    const { webhook } = await load(ctx, administrator, 'write');
    const t = pages.t(ctx);
    if (!(await frame.recent(ctx, administrator, { dangerous: t('consoleWebhooks.end') }))) return;
    const { revision } = await readForm(ctx, endForm);
    const ended = await deleteWebhook(administrator.actor, { id: webhook.id, revision }, deps);
    if (ended.kind === 'stale')
      return renderEnd(ctx, administrator, ended.webhook, { error: t('consoleWebhooks.stale') });
    if (ended.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    goTo(ctx, `${WEBHOOKS}?done=deleted`);
  };

  return { render, show, act, showEnd, end };
}
