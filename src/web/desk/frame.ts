/** What all pages of the service desk share: the gate of the console, a navigation of their own, and who may be seen. */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { reachOf } from '../../domain/roles/permissions.ts';
import { type Around, noteAround } from '../../http/around.ts';
import type { ConsoleHeading, NavigationItem } from '../../http/console-heading.ts';
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

  const isAgent = ({ actor }: Administrator) => reachOf(actor, 'people:desk').length > 0;

  function navigationFor(ctx: Koa.Context, { account }: Administrator, room?: DeskRoom, count = 0): NavigationItem[] {
    const t = pages.t(ctx);
    const item = (name: DeskRoom, href: string, icon: 'search' | 'registration' | 'log') =>
      ({ href, icon, label: t(`desk.room_${name}`), current: name === room }) as const;
    const waiting = count > 0 ? { count: { number: count, words: t('desk.waiting', { count }) } } : {};
    return [
      item('find', '/desk', 'search'),
      { ...item('approvals', '/desk/approvals', 'registration'), ...waiting },
      item('own', `/admin/audit?${new URLSearchParams({ actor: account.id })}`, 'log'),
    ];
  }

  const place = (ctx: Koa.Context) => ({ href: '/desk', label: pages.t(ctx)('desk.name') });

  /** An error says nothing of what waits: it needs no database. */
  function keepBar(ctx: Koa.Context, agent: Administrator): void {
    const person = { id: agent.account.id, name: agent.actor.name };
    noteAround(
      ctx,
      (): Around => ({
        layout: 'wide',
        console: { place: place(ctx) },
        navigation: navigationFor(ctx, agent),
        person,
      }),
    );
  }

  return {
    /** A handler that only an agent of the desk reaches. @throws HttpError 404 for others with a role */
    gated: (handler: ConsoleHandler): Koa.Middleware =>
      frame.gated(async (ctx, agent) => {
        if (!isAgent(agent)) throw new HttpError(404, 'missing');
        keepBar(ctx, agent);
        await handler(ctx, agent);
      }),

    /** For an address that no page of the desk has. */
    unanswered: frame.unanswered((ctx, visitor) => {
      if (isAgent(visitor)) keepBar(ctx, visitor);
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
      const waiting = await waitingAtDesk(agent.actor, { ...ports, now });
      const { id } = agent.account;
      const count = waiting.filter(({ request }) => request.by !== id && request.approvedBy === undefined).length;
      return {
        title,
        layout: 'wide',
        console: { ...heading, place: place(ctx) },
        navigation: navigationFor(ctx, agent, room, count),
        person: { id, name: agent.actor.name },
        ...(status === undefined ? {} : { status }),
      };
    },

    done: frame.done,
  };
}
