/** The port for accounts: a lost race is answered with `false` and never overwrites an account. */
import type { Account } from '../account/account.ts';

/** One document for each person. What was written is durable when the promise resolves. */
export type Accounts = {
  findById(id: string): Promise<Account | undefined>;
  /** by user number or institution address, already lower-cased */
  findByLogin(login: string): Promise<Account | undefined>;
  /**
   * the account because of which nobody else can get this number or address: by a login, or by a number that it held
   * while it was activated (`formerNumbers`)
   */
  findHolder(login: string): Promise<Account | undefined>;
  /** by `Ticket.id` (SHA-256 hex of the link's token) */
  findByTicket(ticketId: string): Promise<Account | undefined>;
  /** by base64url credential id */
  findByPasskey(credentialId: string): Promise<Account | undefined>;
  findByFeedKey(source: string, key: string): Promise<Account | undefined>;
  /** by a unique key of ../feed/scim-entry.ts (`scimIdKey`, `scimUserNameKey`) */
  findByScimKey(key: string): Promise<Account | undefined>;
  /** the accounts that this source feeds, each once (several keys are one account after a merge), in no order; `next`: to be passed as `after`, absent at the end */
  fedBy(source: string, after: string | undefined, limit: number): Promise<{ accounts: Account[]; next?: string }>;
  /** whether any account has a passkey */
  anyPasskey(): Promise<boolean>;
  /**
   * Stores a new account at revision 1.
   * @throws Problem `login_taken` naming what is taken (numbers, addresses, feed key, passkey, id)
   */
  insert(account: Account): Promise<void>;
  /**
   * Atomic compare-and-set: replaces where the stored revision is `expectedRevision`; false = lost the race.
   * @throws Problem `login_taken`
   */
  replace(account: Account, expectedRevision: number): Promise<boolean>;
  /** accounts with effects that are not dispatched yet, by id */
  withEffects(limit: number): Promise<Account[]>;
  /**
   * accounts whose `endsAt` lies in [from, to), ordered by (endsAt, id), after the cursor: `<endsAt>:<id>` of the last
   * one seen
   */
  endingBetween(from: number, to: number, after: string | undefined, limit: number): Promise<Account[]>;
  /**
   * By start of a number, name (each part, given name first or family name first) or institution address, letter case and
   * accents aside. Ordered by what was found, then by id; after the cursor: `searchPlace` of the last one seen. Empty query:
   * all, by id. @param organisation only people who have or had an affiliation there
   */
  search(query: string, after: string | undefined, limit: number, organisation?: string): Promise<Account[]>;
  /**
   * the search terms in [from, to) in their order, each with the account that has it, without the first `skip`. For terms
   * that one account has alone (../feed/scim-entry.ts)
   */
  byTerm(from: string, to: string, limit: number, skip?: number): Promise<{ term: string; account: Account }[]>;
  /** how many search terms lie in [from, to) */
  countTerms(from: string, to: string): Promise<number>;
  /** accounts with requests of the service desk (`DeskRecord`), old ones too, by id; in one organisation, or wherever */
  withDeskRequests(organisation: string | undefined, limit: number): Promise<Account[]>;
};
