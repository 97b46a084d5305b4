/** What a typed user number stands for, for a network that has not tried too many: the page is not a phone book (rule 1). */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { normalizeLogin } from '../../domain/account/login.ts';
import { REMEMBERED_MS, stateOfNumber } from '../../domain/activation/activation.ts';
import { mayLookUp, noteCodeAsked, wasCodeAsked } from '../../domain/rate-limits/number-lookups.ts';
import type { Web } from '../web.ts';

export type Found = { number: string; account: Account | undefined; state: 'active' | 'code' | 'email' | 'unknown' };

export function createNumberLookup(web: Pick<Web, 'accounts' | 'attempts' | 'hideUnknownNumbers' | 'network' | 'now'>) {
  const { accounts, attempts, hideUnknownNumbers } = web;

  /** undefined: this network has tried too many numbers. */
  async function find(ctx: Koa.Context, typed: string): Promise<Found | undefined> {
    const number = normalizeLogin(typed);
    if (!(await mayLookUp(attempts, number, web.network(ctx).group, web.now()))) return undefined;
    const login = await accounts.findByLogin(number);
    // an institution's address is a login too, but no user number: this page does not tell who has which address
    const account = login?.userNumbers.includes(number) ? login : undefined;
    const state = hideUnknownNumbers ? await hiddenState(number) : account && stateOfNumber(account, web.now());
    return { number, account, state: state ?? 'unknown' };
  }

  /** Where unknown numbers are not told apart, every number follows what was asked, and nothing else. */
  const hiddenState = async (number: string) => ((await wasCodeAsked(attempts, number, web.now())) ? 'code' : 'email');

  /** A code is said to be under way from now on, whatever address was typed. */
  async function noteAsked(number: string): Promise<void> {
    if (hideUnknownNumbers) await noteCodeAsked(attempts, number, REMEMBERED_MS, web.now());
  }

  return { find, noteAsked };
}
