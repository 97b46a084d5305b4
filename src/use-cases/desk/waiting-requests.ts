/** The acts that wait for a second agent, among the people whom an agent sees. */
import type { Account } from '../../domain/account/account.ts';
import { type DeskRequest, deskRecordOf } from '../../domain/desk/desk-record.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { RoleGrants } from '../../domain/ports/role-grants.ts';
import { type Actor, reachOf } from '../actor.ts';
import { isOfDesk } from './desk-people.ts';

export type WaitingRequest = { account: Account; request: DeskRequest };

/** More than any desk leaves to wait. */
const MOST = 100;

/** Oldest first. */
export async function waitingAtDesk(
  actor: Actor,
  {
    accounts,
    roleGrants,
    now,
  }: { accounts: Pick<Accounts, 'withDeskRequests'>; roleGrants: Pick<RoleGrants, 'read'>; now: () => number },
): Promise<WaitingRequest[]> {
  const reach = reachOf(actor, 'people:desk');
  const places = reach === 'association' ? [undefined] : reach;
  const pages = await Promise.all(places.map((each) => accounts.withDeskRequests(each, MOST)));
  const found = new Map(pages.flat().map((account) => [account.id, account]));
  if (found.size === 0) return [];
  const { grants } = await roleGrants.read();
  return [...found.values()]
    .filter((account) => isOfDesk(actor, account, grants))
    .flatMap((account) => deskRecordOf(account, now()).requests.map((request) => ({ account, request })))
    .sort((one, other) => one.request.at - other.request.at);
}
