/** `/desk/approvals`: what waits for a second agent. */
import { waitingAtDesk } from '../../use-cases/desk/waiting-requests.ts';
import type { ConsoleHandler } from '../console/frame.ts';
import type { Web } from '../web.ts';
import type { DeskFrame } from './frame.ts';
import { createRequestsShown } from './requests.ts';

export function createApprovals(web: Web, frame: DeskFrame) {
  const { pages, ports, now } = web;
  const requestsShown = createRequestsShown(web);

  const show: ConsoleHandler = async (ctx, agent) => {
    const t = pages.t(ctx);
    const waiting = await waitingAtDesk(agent.actor, { ...ports, now });
    const rows = [];
    for (const { account, request } of waiting)
      for (const shown of await requestsShown(ctx, account, [request], agent.account.id))
        rows.push({
          ...shown,
          person: `${account.givenName} ${account.familyName}`.trim(),
          href: `/desk/people/${encodeURIComponent(account.id)}`,
        });
    await pages.render(
      ctx,
      'desk/approvals',
      { rows },
      await frame.page(ctx, agent, {
        room: 'approvals',
        title: t('desk.approvals_title'),
        lead: t('desk.approvals_lead'),
      }),
    );
  };

  return { show };
}
