/** One person as somebody who looks after people, or an auditor, may see him or her: never a password, a seed or a key. */
import type { Account } from '../../domain/account/account.ts';
import { maskedAddress } from '../../domain/factors/first-factor.ts';
import type { Affiliation } from '../../domain/feed/fed-records.ts';
import { nameOf } from '../../domain/lifecycle/merge.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { Outbox } from '../../domain/ports/outbox.ts';
import type { Actor } from '../actor.ts';
import { masked, seesPerson } from '../audit/masking.ts';
import { type DeliveryRow, deliveryRowOf } from '../operation/deliveries.ts';
import { mayOnPerson } from './act-on-person.ts';
import { type FoundPerson, shown } from './search-people.ts';

/** Times in epoch ms. `numbers`, `emails`: the first ones are shown to applications. `personalEmail`: always masked. */
export type ViewedPerson = Omit<FoundPerson, 'affiliations'> & {
  numbers: string[];
  emails: string[];
  personalEmail?: string;
  createdAt: number;
  activatedAt?: number;
  passwordSetAt?: number;
  affiliations: Affiliation[];
  /** by which sources know the person */
  entries: { source: string; key: string }[];
  /** accounts that were made part of this one, as long as that can be undone */
  merged: { id: string; name: string; at: number; undoUntil: number }[];
  /** the account of which this one is part: all that it had is there */
  mergedInto?: string;
  factors: { totps: number; passkeys: number; recoveryCodes: number };
};
export type Viewed = { kind: 'found'; person: ViewedPerson; account: Account } | { kind: 'not-found' };
type Ports = { accounts: Pick<Accounts, 'findById'>; now: () => number };

/** More than merges follow each other; two that are merged into each other at one moment are so until one is undone. */
const MOST_MERGES = 10;

/** @param id of the account; what belongs to another organisation is not there */
export async function viewPerson(actor: Actor, id: string, { accounts, now }: Ports): Promise<Viewed> {
  const account = await accounts.findById(id);
  if (account === undefined || !(await mayView(actor, account, accounts))) return { kind: 'not-found' };
  const isMasked = !seesPerson(actor, account);
  const cut = (texts: string[]) => (isMasked ? texts.map((each) => masked(each)) : texts);
  const { userNumbers, emails, personalEmail, createdAt, activatedAt, password, totps, passkeys, recoveryCodes } =
    account;
  const person: ViewedPerson = {
    ...shown(account, isMasked, now()),
    numbers: cut(userNumbers),
    emails: cut(emails),
    ...(personalEmail === undefined ? {} : { personalEmail: maskedAddress(personalEmail) }),
    createdAt,
    ...(activatedAt === undefined ? {} : { activatedAt }),
    ...(password === undefined ? {} : { passwordSetAt: password.setAt }),
    affiliations: account.affiliations,
    entries: account.feeds.map(({ source, key }) => ({ source, key: isMasked ? masked(key) : key })),
    merged: (await mergedInto(account, { accounts, now })).map((each) =>
      isMasked ? { ...each, name: masked(each.name) } : each,
    ),
    ...(account.merged === undefined ? {} : { mergedInto: account.merged.into }),
    factors: { totps: totps.length, passkeys: passkeys.length, recoveryCodes: recoveryCodes?.macs.length ?? 0 },
  };
  return { kind: 'found', person, account };
}

/** An account that is part of another has no organisation of its own: those who see the other one see where it went. */
async function mayView(actor: Actor, account: Account, accounts: Ports['accounts']): Promise<boolean> {
  let seen: Account | undefined = account;
  for (let merges = 0; seen !== undefined && merges <= MOST_MERGES; merges += 1) {
    if (mayOnPerson(actor, 'people:read-masked', seen) === 'yes') return true;
    seen = seen.merged && (await accounts.findById(seen.merged.into));
  }
  return false;
}

async function mergedInto(account: Account, { accounts, now }: Ports): Promise<ViewedPerson['merged']> {
  const gone = await Promise.all((account.mergedFrom ?? []).map((id) => accounts.findById(id)));
  return gone.flatMap((each) => {
    const { before, at, undoUntil = 0, into } = each?.merged ?? {};
    if (each === undefined || before === undefined || at === undefined || into !== account.id) return [];
    return now() < undoUntil ? [{ id: each.id, name: nameOf(before), at, undoUntil }] : [];
  });
}

/** Letters and sign-outs of the last 90 days, newest first, without what they say. */
export async function deliveriesOfPerson(
  actor: Actor,
  id: string,
  { limit }: { limit: number },
  { outbox, ...ports }: Ports & { outbox: Pick<Outbox, 'byAccount'> },
): Promise<{ kind: 'listed'; rows: DeliveryRow[] } | { kind: 'not-found' }> {
  const viewed = await viewPerson(actor, id, ports);
  if (viewed.kind === 'not-found') return viewed;
  const rows = (await outbox.byAccount(id, limit)).map(deliveryRowOf);
  // what a mail server answered may name the address
  return { kind: 'listed', rows: viewed.person.masked ? rows.map(({ lastError: _, ...row }) => row) : rows };
}
