/**
 * Looks up a typed user number, rate-limited per network, so that the page does not list who has an account (rule 1).
 */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { normalizeLogin } from '../../domain/account/login.ts';
import { REMEMBERED_MS, stateOfNumber } from '../../domain/activation/activation.ts';
import { mayLookUp, noteCodeAsked, wasCodeAsked } from '../../domain/rate-limits/number-lookups.ts';
import type { Web } from '../web.ts';

export type Found = { number: string; account: Account | undefined; state: 'active' | 'code' | 'email' | 'unknown' };

export function createNumberLookup(
  web: Pick<Web, 'accounts' | 'attempts' | 'hideUnknownNumbers' | 'network' | 'now' | 'onLimitHit'>,
) {
  const { accounts, attempts, hideUnknownNumbers } = web;

  /** Undefined: this network has reached the limit. */
  async function find(ctx: Koa.Context, typed: string): Promise<Found | undefined> {
    const number = normalizeLogin(typed);
    if (!(await mayLookUp(web, number, web.network(ctx), web.now()))) return undefined;
    const login = await accounts.findByLogin(number);
    // An institution's address is a login too, but not a user number. This page must not tell who owns an address.
    const account = login?.userNumbers.includes(number) ? login : undefined;
    const state = hideUnknownNumbers ? await hiddenState(number) : account && stateOfNumber(account, web.now());
    return { number, account, state: state ?? 'unknown' };
  }

  /** The state if unknown numbers are hidden. It depends only on earlier requests, the same way for every number. */
  const hiddenState = async (number: string) => ((await wasCodeAsked(attempts, number, web.now())) ? 'code' : 'email');

  /** From now on the page of this number says that a code was sent, whatever address was typed. */
  async function noteAsked(number: string): Promise<void> {
    if (hideUnknownNumbers) await noteCodeAsked(attempts, number, REMEMBERED_MS, web.now());
  }

  return { find, noteAsked };
}
