/** The page for the code that a device shows. A code that cannot be used gets one answer, whatever the reason. */
import type Koa from 'koa';
import { durationIn } from '../../http/duration.ts';
import { languageOf } from '../../http/language.ts';
import { faultAt, type Pages } from '../../http/page.ts';

export async function showDeviceCode(
  pages: Pages,
  ctx: Koa.Context,
  {
    typed = '',
    fault,
    waitSeconds,
  }: { typed?: string; fault?: 'code_missing' | 'code_refused'; waitSeconds?: number } = {},
): Promise<void> {
  const t = pages.t(ctx);
  const beside = t(fault === 'code_missing' ? 'pages.field_empty' : 'device.code_refused_field');
  const title = t('device.code_title');
  if (waitSeconds !== undefined) {
    ctx.set('Retry-After', String(waitSeconds));
    const error = t('device.too_many', { time: durationIn(languageOf(ctx), waitSeconds) });
    return pages.render(ctx, 'device/code', { typed, error }, { title, at: '/device', status: 429 });
  }
  const data = { typed, ...(fault === undefined ? {} : faultAt('user_code', t(`device.${fault}`), beside)) };
  await pages.render(ctx, 'device/code', data, { title, at: '/device' });
}
