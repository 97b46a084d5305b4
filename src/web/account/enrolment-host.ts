/** Places the pages of an enrolment in the account: their URLs and their frame. */
import type Koa from 'koa';
import type { PendingEnrolment } from '../../domain/factors/pending-enrolment.ts';
import type { EnrolmentHost } from '../enrolment/enrolment-page.ts';
import type { AccountFrame, Visitor } from './account-frame.ts';

export const LIST = '/account/factors';
export const ADD = '/account/factors/add';
export const CODES = '/account/recovery-codes';

/** The host for an enrolment on a page of the account. */
export function hostIn(
  frame: AccountFrame,
  ctx: Koa.Context,
  visitor: Visitor,
  pending: PendingEnrolment,
  path: string,
): EnrolmentHost {
  const { account, organisation, session } = visitor;
  // Enrolment has its own heading.
  const { title: _, ...page } = frame.page(ctx, visitor, 'factors', '');
  return { account, pending, path, organisation, later: false, page, sessionUid: session.uid };
}
