/** Shows a form again that waited for its sender to sign in once more, with the one button that sends it. */
import type { Web } from '../web.ts';
import type { ConsoleFrame, ConsoleHandler } from './frame.ts';

export function createConfirm(web: Web, frame: ConsoleFrame) {
  const { pages } = web;

  const show: ConsoleHandler = async (ctx, administrator) => {
    const t = pages.t(ctx);
    const waiting = await frame.kept.read(ctx, administrator.account.id);
    if (waiting === undefined) return ctx.redirect('/admin');
    const { path, act, dangerous: danger, fields } = waiting;
    const recent = frame.isRecent(administrator);
    const page = { room: 'attention', title: act } as const;
    await pages.render(
      ctx,
      'console/confirm',
      { path, act, danger, fields, recent, page: pageOf(path) },
      frame.page(ctx, administrator, { ...page, title: recent ? act : t('console.confirm_not_title') }),
    );
  };

  /** Asks for the sign-in once more, after one that was cancelled. */
  const again: ConsoleHandler = async (ctx) => frame.confirmAgain(ctx);

  return { show, again };
}

/** The page that the form stands on: forms are sent to their own page. */
const pageOf = (path: string) => path;
