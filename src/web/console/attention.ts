/** What needs somebody, and nothing else. */
import type { Web } from '../web.ts';
import type { ConsoleFrame, ConsoleHandler } from './frame.ts';

export function createAttention(web: Web, frame: ConsoleFrame) {
  const show: ConsoleHandler = async (ctx, administrator) => {
    const t = web.pages.t(ctx);
    const page = { room: 'attention', title: t('console.attention_title'), lead: t('console.attention_lead') } as const;
    await web.pages.render(ctx, 'console/attention', {}, frame.page(ctx, administrator, page));
  };
  return { show };
}
