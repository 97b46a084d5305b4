/**
 * An account that opens again wakes with its `sub`, password and factors. After half a year nobody knows any more who sits
 * at which browser, so the next sign-in asks for all of it.
 */
import type { Account } from '../account/account.ts';
import { accessByAffiliations, isClosed, isOpen } from '../account/account-access.ts';
import { lastEnd, opensAt } from './access.ts';

const LONG_MS = 180 * 24 * 60 * 60 * 1000;

/**
 * Rule: where a change opens an account, or it will open by itself, after 180 days closed, the next sign-in asks for the
 * password and the factor, whatever would shorten it. Returns `after`, or that with a note of it.
 * @param before as it was until `now` (epoch ms)
 */
export function withWholeSignIn(before: Account, after: Account, now: number): Account {
  if (after.activatedAt === undefined || isOpen(before, now)) return after;
  const since = closedSince(before, now);
  const opens = isClosed(after, now) ? opensAt(after, now) : now;
  if (since === undefined || opens === undefined || opens - since < LONG_MS) return after;
  return { ...after, wholeSignIn: true };
}

/** Epoch ms. Undefined: it was never open. */
function closedSince(account: Account, now: number): number | undefined {
  const suspendedAt = account.suspension?.at;
  if (accessByAffiliations(account, now).kind === 'open') return suspendedAt;
  const times = [lastEnd(account, now), suspendedAt].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Whether the password is still asked: a passkey alone, or a browser that is trusted, does not suffice. */
export function asksWholeSignIn({ wholeSignIn, password }: Account, amr: readonly string[]): boolean {
  return wholeSignIn === true && password !== undefined && !amr.includes('pwd');
}

/** The account after a sign-in that asked for everything. */
export function wholeSignInDone(account: Account): Account {
  const { wholeSignIn: _, ...rest } = account;
  return rest;
}
