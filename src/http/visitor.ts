/** Who is at the browser of a request, as far as a page found out: for what is noted beside the answer, never for the answer. */
import type Koa from 'koa';
import { beside } from '../domain/beside.ts';

const visitors = beside<string>('visitor');

/** @param accountId of a session that holds, or of somebody who typed the right password */
export function noteVisitor({ req }: Koa.Context, accountId: string): void {
  visitors.set(req, accountId);
}

/** The account's id; undefined: nobody, or nobody asked. */
export function visitorOf({ req }: Koa.Context): string | undefined {
  return visitors.get(req);
}
