/** Acts that wait for a second agent, as pages show them, and the buttons that an agent has for each. */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import type { DeskRequest } from '../../domain/desk/desk-record.ts';
import { peopleNames } from '../console/people-names.ts';
import type { Web } from '../web.ts';

const titles = { pass: 'desk.act_pass', resend: 'desk.act_resend', 'correct-address': 'desk.act_address' } as const;

export function createRequestsShown({ pages, accounts }: Pick<Web, 'pages' | 'accounts'>) {
  /** @param agent id of the account that looks */
  return async function requestsShown(ctx: Koa.Context, account: Account, requests: DeskRequest[], agent: string) {
    const t = pages.t(ctx);
    const names = await peopleNames(
      { accounts },
      requests.map(({ by }) => ({ kind: 'person' as const, id: by })),
    );
    return requests.map((request) => {
      const { id, by, reason, at, kind, approvedBy } = request;
      const own = by === agent;
      const approved = approvedBy !== undefined;
      return {
        id,
        path: `/desk/people/${encodeURIComponent(account.id)}/requests/${encodeURIComponent(id)}`,
        title: t(titles[kind]),
        line: t('desk.asked_line', { who: names.get(by) ?? by, reason }),
        address: request.kind === 'correct-address' ? t('desk.new_address', { address: request.address }) : undefined,
        at,
        approved,
        own,
        can: [
          ...(own && approved ? (['show-pass'] as const) : []),
          ...(own || approved ? [] : (['approve'] as const)),
          own ? ('take-back' as const) : ('decline' as const),
        ],
      };
    });
  };
}
