/** Which acts an agent can do for a person now, as rows of the page that lead to a page each. */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { isClosed } from '../../domain/account/account-access.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { recoveryOf } from '../../domain/factors/slow-recovery.ts';
import { suspensionOf } from '../../domain/lifecycle/suspension.ts';
import type { IconName } from '../../http/icons.ts';
import type { Web } from '../web.ts';

export const deskActs = ['resend', 'pass', 'recovery', 'sessions', 'address', 'suspend', 'lift'] as const;
export type DeskAct = (typeof deskActs)[number];

const icons: Record<DeskAct, IconName> = {
  resend: 'send',
  pass: 'key',
  recovery: 'alert',
  sessions: 'sign-out',
  address: 'details',
  suspend: 'alert',
  lift: 'again',
};

/** @param organisations as configured: a wait that they no longer allow is over */
export function actsFor(account: Account, organisations: Organisation[], now: number): DeskAct[] {
  if (suspensionOf(account, now) !== undefined) return ['lift'];
  const open = !isClosed(account, now);
  if (account.activatedAt === undefined) return open ? ['resend', 'address', 'suspend'] : ['suspend'];
  const recovers = recoveryOf(account, { organisations, now }) !== undefined;
  return open ? ['pass', ...(recovers ? (['recovery'] as const) : []), 'sessions', 'suspend'] : ['suspend'];
}

export function createPersonActs({ pages, organisations, now }: Pick<Web, 'pages' | 'organisations' | 'now'>) {
  return (ctx: Koa.Context, account: Account, path: string) => {
    const t = pages.t(ctx);
    return actsFor(account, organisations, now()).map((act) => ({
      href: `${path}/${act}`,
      icon: icons[act],
      title: t(`desk.act_${act}`),
      line: t(`desk.act_${act}_line`),
    }));
  };
}
