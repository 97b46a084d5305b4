/** What a typed user number stands for, for a network that has not tried too many: the page is not a phone book (rule 1). */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { normalizeLogin } from '../../domain/account/login.ts';
import { REMEMBERED_MS, stateOfNumber } from '../../domain/activation/activation.ts';
import { limits, takeTry } from '../../domain/rate-limits/rate-limits.ts';
import type { Web } from '../web.ts';

export type Found = { number: string; account: Account | undefined; state: 'active' | 'code' | 'email' | 'unknown' };

export function createNumberLookup(web: Pick<Web, 'accounts' | 'attempts' | 'hideUnknownNumbers' | 'network' | 'now'>) {
  const { accounts, attempts, hideUnknownNumbers } = web;

  /** undefined: this network has tried too many numbers. */
  async function find(ctx: Koa.Context, typed: string): Promise<Found | undefined> {
    const number = normalizeLogin(typed);
    if (!(await mayAskAbout(ctx, number))) return undefined;
    const login = await accounts.findByLogin(number);
    // an institution's address is a login too, but no user number: this page does not tell who has which address
    const account = login?.userNumbers.includes(number) ? login : undefined;
    const state = hideUnknownNumbers ? await hiddenState(number) : account && stateOfNumber(account, web.now());
    return { number, account, state: state ?? 'unknown' };
  }

  /** Numbers are counted per network, each once, so that a reload costs nothing. */
  async function mayAskAbout(ctx: Koa.Context, number: string): Promise<boolean> {
    const now = web.now();
    const { group } = web.network(ctx);
    const { tries, windowSeconds } = limits.numbersPerNetwork;
    const [before = 0] = await attempts.peek([`numbersPerNetwork ${group}`], now);
    if (before > tries) return false; // and nothing more is written, whatever is tried
    const count = await attempts.take(`number ${group} ${number}`, now + windowSeconds * 1000, now);
    if (count === 1) return (await takeTry(attempts, 'numbersPerNetwork', group, now)).allowed;
    const [asked = 0] = await attempts.peek([`numbersPerNetwork ${group}`], now);
    return asked <= tries;
  }

  /** Where unknown numbers are not told apart, no number is: what was asked is remembered of each in the same way. */
  async function hiddenState(number: string): Promise<'code' | 'email'> {
    const [asked = 0] = await attempts.peek([`code-under-way ${number}`], web.now());
    return asked > 0 ? 'code' : 'email';
  }

  /** A code is said to be under way from now on, whatever address was typed. */
  async function noteAsked(number: string): Promise<void> {
    const now = web.now();
    if (hideUnknownNumbers) await attempts.take(`code-under-way ${number}`, now + REMEMBERED_MS, now);
  }

  return { find, noteAsked };
}
