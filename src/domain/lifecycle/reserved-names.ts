/**
 * Rule 27: the numbers and addresses of an erased account go to nobody else, ever, because applications may still know the
 * person by them. Only an HMAC of each stays, with the tombstone; the eduPersonPrincipalName is a number at a domain.
 */
import type { Account } from '../account/account.ts';
import { feedKey } from '../account/account-keys.ts';
import type { Accounts } from '../ports/accounts.ts';
import { Problem } from '../problem.ts';
import type { Sealer } from '../sealing/sealer.ts';

/** The key under which a tombstone holds a name. No login looks like it. */
export function reservedKey(name: string, sealer: Pick<Sealer, 'mac'>): string {
  return `#${sealer.mac('reserved-name', name)}`;
}

const namesOf = ({ userNumbers, emails, formerNumbers = [] }: Account): string[] => [
  ...userNumbers,
  ...emails,
  ...formerNumbers,
];

/** The keys of all names that this account has, in order. */
export function reservedKeysOf(account: Account, sealer: Pick<Sealer, 'mac'>): string[] {
  return [...new Set(namesOf(account).map((name) => reservedKey(name, sealer)))].sort();
}

/**
 * The keys that hold back everything by which an account is found, its entries of feeds too, while it moves from one account
 * to another: between two writes neither has it.
 */
export function movingKeysOf(account: Account, sealer: Pick<Sealer, 'mac'>): string[] {
  return [...new Set(movingNamesOf(account).map((name) => reservedKey(name, sealer)))].sort();
}

const movingNamesOf = (account: Account): string[] => [
  ...namesOf(account),
  ...account.feeds.map(({ source, key }) => feedKey(source, key)),
];

type Guarded = Pick<Accounts, 'findHolder' | 'insert' | 'replace'>;

/**
 * The same accounts, for whoever writes what a source says: a write with a name of an erased account is refused, and one with
 * what is moving between two accounts. The names are reserved 30 days before the erasure, so no write under way gets between.
 * @throws Problem `name_reserved` naming them, from `insert` and `replace`
 */
export function withReservedNames<Some extends Guarded>(accounts: Some, sealer: Pick<Sealer, 'mac'>): Some {
  async function check(account: Account): Promise<void> {
    const names = movingNamesOf(account);
    const holders = await Promise.all(names.map((name) => accounts.findHolder(reservedKey(name, sealer))));
    const taken = names.filter((_, index) => holders[index] !== undefined && holders[index]?.id !== account.id);
    if (taken.length === 0) return;
    const moving = holders.find(
      (holder) => holder !== undefined && holder.id !== account.id && holder.erased === undefined,
    );
    if (moving?.erasure === undefined && moving !== undefined)
      throw new Problem('name_reserved', 'this account is being merged or split: try again');
    throw new Problem(
      'name_reserved',
      `${taken.join(', ')} belonged to an account that was erased, and never goes to anybody again: give a new one`,
    );
  }
  return {
    ...accounts,
    async insert(account) {
      await check(account);
      await accounts.insert(account);
    },
    async replace(account, expectedRevision) {
      await check(account);
      return accounts.replace(account, expectedRevision);
    },
  };
}
