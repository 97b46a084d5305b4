/** `/admin/deliveries`: emails, logouts and webhooks that wait, failed or are set aside, and why. */
import { z } from 'zod';
import type { OutboxKind } from '../../domain/ports/outbox.ts';
import { may } from '../../domain/roles/permissions.ts';
import { readForm, readQuery, text, trimmed } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import {
  canBeRetried,
  type DeliveryState,
  listDeliveries,
  retryDelivery,
} from '../../use-cases/operation/deliveries.ts';
import type { Web } from '../web.ts';
import type { ConsoleFrame, ConsoleHandler } from './frame.ts';
import { letterName } from './letter-names.ts';

const PAGE = 50;
const kinds = { mail: 'letter', logout: 'backchannel-logout', webhook: 'webhook' } as const satisfies Record<
  string,
  OutboxKind
>;
type Kind = keyof typeof kinds;
const states = ['waiting', 'failed', 'set-aside'] as const satisfies DeliveryState[];

const query = z.object({ kind: trimmed(20), state: trimmed(20), after: trimmed(300), done: trimmed(20) });
const form = z.object({ id: text(300) });

export function createDeliveries(web: Web, frame: ConsoleFrame) {
  const { ports, pages } = web;

  const show: ConsoleHandler = async (ctx, administrator) => {
    const asked = readQuery(ctx, query);
    const kind: Kind = asked.kind in kinds ? (asked.kind as Kind) : 'mail';
    const state = states.find((each) => each === asked.state) ?? 'waiting';
    const listed = await listDeliveries(
      administrator.actor,
      { kind: kinds[kind], state, after: asked.after === '' ? undefined : asked.after, limit: PAGE },
      ports,
    );
    if (listed.kind !== 'listed') throw new HttpError(404, 'missing');
    const t = pages.t(ctx);
    const words = { t, language: languageOf(ctx) };
    const address = (change: Record<string, string>) =>
      `/admin/deliveries?${new URLSearchParams({ kind, state, ...change })}`;
    const kindNames = { mail: 'kind_mail', logout: 'kind_logout', webhook: 'kind_webhook' } as const;
    await pages.render(
      ctx,
      'console/deliveries',
      {
        kinds: (Object.keys(kinds) as Kind[]).map((each) => ({
          label: t(`operation.${kindNames[each]}`),
          href: address({ kind: each }),
          current: each === kind,
        })),
        states: states.map((each) => ({
          label: t(`operation.state_${each.replace('-', '_') as 'waiting' | 'failed' | 'set_aside'}`),
          href: address({ state: each }),
          current: each === state,
        })),
        rows: listed.rows.map(({ id, to, what, attempts, createdAt, nextAttemptAt, lastError, accountId }) => ({
          id,
          what:
            what === undefined ? t(`operation.${kindNames[kind]}`) : kind === 'mail' ? letterName(what, words) : what,
          to: to ?? accountId ?? '',
          attempts,
          createdAt,
          next: state === 'waiting' ? nextAttemptAt : undefined,
          why: lastError,
        })),
        state,
        mayRetry:
          canBeRetried({ kind: kinds[kind], state }) &&
          may(administrator.actor, 'deliveries:retry', undefined) === 'yes',
        next: listed.next === undefined ? undefined : address({ after: listed.next }),
        further: asked.after !== '',
        first: address({}),
        done: frame.done(ctx, { due: 'operation.delivery_due', gone: 'operation.delivery_gone' }),
        here: address({}),
      },
      frame.page(ctx, administrator, {
        room: 'deliveries',
        title: t('operation.deliveries_title'),
        lead: t('operation.deliveries_lead'),
      }),
    );
  };

  const retry: ConsoleHandler = async (ctx, administrator) => {
    const { kind, state } = readQuery(ctx, query);
    const { id } = await readForm(ctx, form);
    const { ports: all, now, randomBytes } = web;
    const result = await retryDelivery(administrator.actor, id, { ...all, now, randomBytes });
    if (result.kind === 'not-found') throw new HttpError(404, 'missing');
    if (result.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    const done = result.kind === 'due' ? 'due' : 'gone';
    ctx.redirect(`/admin/deliveries?${new URLSearchParams({ kind, state, done })}`);
    ctx.status = 303;
  };

  return { show, retry };
}
