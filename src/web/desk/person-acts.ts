/** Which acts an agent can do for a person now, as rows of the page that lead to a page each. */
import type Koa from 'koa';
import { type Account, isClosed } from '../../domain/account/account.ts';
import { suspensionOf } from '../../domain/lifecycle/suspension.ts';
import type { IconName } from '../../http/icons.ts';
import type { Web } from '../web.ts';

export const deskActs = ['resend', 'pass', 'sessions', 'address', 'suspend', 'lift'] as const;
export type DeskAct = (typeof deskActs)[number];

const icons: Record<DeskAct, IconName> = {
  resend: 'send',
  pass: 'key',
  sessions: 'sign-out',
  address: 'details',
  suspend: 'alert',
  lift: 'again',
};

export function actsFor(account: Account, now: number): DeskAct[] {
  if (suspensionOf(account, now) !== undefined) return ['lift'];
  const open = !isClosed(account, now);
  if (account.activatedAt === undefined) return open ? ['resend', 'address', 'suspend'] : ['suspend'];
  return open ? ['pass', 'sessions', 'suspend'] : ['suspend'];
}

export function createPersonActs({ pages, now }: Pick<Web, 'pages' | 'now'>) {
  return (ctx: Koa.Context, account: Account, path: string) => {
    const t = pages.t(ctx);
    return actsFor(account, now()).map((act) => ({
      href: `${path}/${act}`,
      icon: icons[act],
      title: t(`desk.act_${act}`),
      line: act === 'sessions' ? '' : t(`desk.act_${act}_line`),
    }));
  };
}
