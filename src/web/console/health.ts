/** `/admin/health`: whether anything is wrong, in words, and the figures behind it. */
import { type MessageKey, messagesOf } from '../../../locales/index.ts';
import { noticeIn } from '../../../locales/notices.ts';
import { languageOf } from '../../http/language.ts';
import { measureHealth } from '../../use-cases/operation/health.ts';
import type { Web } from '../web.ts';
import { keptIn } from './audit.ts';
import type { ConsoleFrame, ConsoleHandler } from './frame.ts';

/** Slower than this, people notice at each sign-in. */
const SLOW_MS = 250;
/** A job is late once it missed this many of its turns. */
const TURNS_MISSED = 5;
const BEHIND_MS = 15 * 60_000;
/** The start of the notice that the queue's own sentence makes double. */
const SET_ASIDE = 'emails or logouts are set aside';

export function createHealthPage(web: Web, frame: ConsoleFrame) {
  const { ports, pages, now, operation } = web;

  const show: ConsoleHandler = async (ctx, administrator) => {
    frame.require(administrator, 'health:read', undefined);
    const t = pages.t(ctx);
    const health = await measureHealth(ports, now(), () => performance.now());
    const notices = (await web.notices?.().catch(() => undefined)) ?? [];
    const { queue, readMs, writeMs } = health;
    const known = messagesOf(languageOf(ctx));
    const jobs = operation.jobs().map((run) => {
      const key = `operation.job_${run.name.replaceAll('-', '_')}`;
      const words = Object.hasOwn(known, key) ? t(key as MessageKey) : run.name;
      return { ...run, words, late: isLate(run, now(), operation.startedAt) };
    });
    const behind = queue?.oldestDueAt !== undefined && now() - queue.oldestDueAt > BEHIND_MS;
    const wrong = [
      ...(readMs === undefined || writeMs === undefined ? [t('operation.wrong_database')] : []),
      ...((writeMs ?? 0) > SLOW_MS ? [t('operation.wrong_slow', { ms: String(writeMs) })] : []),
      ...(behind ? [t('operation.wrong_behind')] : []),
      ...(queue !== undefined && queue.setAside > 0 ? [t('operation.wrong_set_aside', { count: queue.setAside })] : []),
      ...jobs.filter(({ late }) => late).map(({ words, name }) => t('operation.wrong_job', { words, name })),
      ...notices.filter((each) => !each.startsWith(SET_ASIDE)).map((each) => noticeIn(languageOf(ctx), each)),
    ];
    const oldest = readMs === undefined ? undefined : await ports.auditLog.oldest();
    await pages.render(
      ctx,
      'console/health',
      {
        ...{ wrong, readMs, writeMs, queue, jobs, oldest, kept: keptIn(languageOf(ctx), operation.auditRetain) },
        ...{ clockAheadMs: operation.clockAheadMs(), versions: operation.versions },
      },
      frame.page(ctx, administrator, {
        room: 'health',
        title: t('operation.health_title'),
        lead: t('operation.health_lead'),
      }),
    );
  };

  return { show };
}

/** Whether it failed last, or should have run several times since it did. */
function isLate(
  { everyMs, succeededAt, failedAt }: { everyMs: number; succeededAt?: number; failedAt?: number },
  now: number,
  startedAt: number,
): boolean {
  if (failedAt !== undefined && failedAt > (succeededAt ?? 0)) return true;
  return now - (succeededAt ?? startedAt) > TURNS_MISSED * everyMs + BEHIND_MS;
}
