/** What needs somebody, and nothing else. */
import type Koa from 'koa';
import { nameOfClient } from '../../domain/clients/client-owner.ts';
import { refusalInWords } from '../../domain/clients/refusals/refusal-words.ts';
import { languageOf } from '../../http/language.ts';
import type { AttentionRow } from '../../http/views.ts';
import { type AttentionItem, needsAttention } from '../../use-cases/attention.ts';
import type { Web } from '../web.ts';
import { applicationPath, placeOfWarning } from './application.ts';
import type { ConsoleFrame, ConsoleHandler } from './frame.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export function createAttention(web: Web, frame: ConsoleFrame) {
  const { ports, pages, now } = web;

  function rowOf(ctx: Koa.Context, item: AttentionItem): AttentionRow {
    const t = pages.t(ctx);
    if (item.kind === 'deliveries') {
      const title = t('console.attention_deliveries', { count: item.failed + item.setAside });
      const href = `/admin/deliveries?state=${item.failed > 0 ? 'failed' : 'set-aside'}`;
      return { tone: 'danger', icon: 'alert', title, line: t('console.attention_deliveries_what'), href };
    }
    if (item.kind === 'refused') return refusedRow(ctx, item);
    const name = nameOfClient(item.client, languageOf(ctx));
    const { warning } = item;
    const href =
      warning.kind === 'pending'
        ? '/admin/registration'
        : applicationPath(item.client.id, placeOfWarning[warning.kind]);
    if (warning.kind === 'pending')
      return {
        tone: 'note',
        icon: 'info',
        title: t('console.attention_pending', { name }),
        line: t('console.attention_pending_what'),
        href,
      };
    const days = Math.max(0, Math.ceil((warning.at - now()) / DAY_MS));
    const key = warning.kind.replaceAll('-', '_') as 'expires' | 'secret_expires' | 'expired' | 'secret_expired';
    return {
      tone: days === 0 ? 'danger' : 'warn',
      icon: days === 0 ? 'alert' : 'clock',
      title: t(`console.attention_${key}`, { name, count: days }),
      line: t(`console.attention_${key}_what`),
      href,
    };
  }

  function refusedRow(ctx: Koa.Context, { client, record, times }: AttentionItem & { kind: 'refused' }): AttentionRow {
    const t = pages.t(ctx);
    const { sentence, remedy } = refusalInWords(record.refusal, t);
    const got = 'got' in record.refusal && record.refusal.got !== '' ? `: ${record.refusal.got}` : '';
    const named = 'named' in record.party ? (record.party.named ?? '') : '';
    return {
      tone: 'danger',
      icon: 'alert',
      title:
        client === undefined
          ? t('console.attention_unknown', { count: times, name: named })
          : t('console.attention_refused', { count: times, name: nameOfClient(client, languageOf(ctx)) }),
      line: client === undefined ? remedy : `${sentence.replace(/\.$/, '')}${got}`,
      href: client === undefined ? '/admin/problems' : applicationPath(client.id, placeOfWarning.refused),
    };
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const t = pages.t(ctx);
    const found = await needsAttention(administrator.actor, ports, now());
    const rows = (items: AttentionItem[]) => items.map((item) => rowOf(ctx, item));
    const page = { room: 'attention', title: t('console.attention_title'), lead: t('console.attention_lead') } as const;
    await pages.render(
      ctx,
      'console/attention',
      { cards: { now: rows(found.now), soon: rows(found.soon) } },
      frame.page(ctx, administrator, page),
    );
  };
  return { show };
}
