/** What all pages of the service desk share: the gate of the console, a navigation of their own, and who may be seen. */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { reachOf } from '../../domain/roles/permissions.ts';
import type { ConsoleHeading } from '../../http/console-heading.ts';
import { HttpError } from '../../http/http-error.ts';
import type { PageOptions } from '../../http/page.ts';
import { personAtDesk } from '../../use-cases/desk/desk-people.ts';
import { waitingAtDesk } from '../../use-cases/desk/waiting-requests.ts';
import { type Administrator, type ConsoleHandler, createConsoleFrame } from '../console/frame.ts';
import type { Web } from '../web.ts';

export type DeskRoom = 'find' | 'approvals' | 'own';
export type DeskPage = ConsoleHeading & { room: DeskRoom; title: string; status?: number };
export type DeskFrame = ReturnType<typeof createDeskFrame>;

export function createDeskFrame(web: Web) {
  const { pages, ports, now } = web;
  const frame = createConsoleFrame(web);

  return {
    /** A handler that only an agent of the desk reaches. @throws HttpError 404 for others with a role */
    gated: (handler: ConsoleHandler): Koa.Middleware =>
      frame.gated(async (ctx, agent) => {
        if (reachOf(agent.actor, 'people:desk').length === 0) throw new HttpError(404, 'missing');
        await handler(ctx, agent);
      }),

    /** The person of the address. @throws HttpError 404 where this agent sees no such person */
    async person(ctx: Koa.Context, { actor }: Administrator): Promise<Account> {
      const account = await personAtDesk(actor, String(ctx.params.id), ports);
      if (account === undefined) throw new HttpError(404, 'missing');
      return account;
    },

    async page(
      ctx: Koa.Context,
      agent: Administrator,
      { room, title, status, ...heading }: DeskPage,
    ): Promise<PageOptions> {
      const t = pages.t(ctx);
      const waiting = await waitingAtDesk(agent.actor, { ...ports, now });
      const { id } = agent.account;
      const count = waiting.filter(({ request }) => request.by !== id && request.approvedBy === undefined).length;
      const words = t('desk.waiting', { count });
      const item = (name: DeskRoom, href: string, icon: 'search' | 'registration' | 'log') =>
        ({ href, icon, label: t(`desk.room_${name}`), current: name === room }) as const;
      return {
        title,
        layout: 'wide',
        console: { ...heading, place: { href: '/desk', label: t('desk.name') } },
        navigation: [
          item('find', '/desk', 'search'),
          {
            ...item('approvals', '/desk/approvals', 'registration'),
            ...(count > 0 ? { count: { number: count, words } } : {}),
          },
          item('own', `/admin/audit?${new URLSearchParams({ actor: id })}`, 'log'),
        ],
        person: { id, name: agent.actor.name },
        ...(status === undefined ? {} : { status }),
      };
    },

    done: frame.done,
  };
}
