/** The keys by which an account is found; every backend stores the same ones. */
import type { Account } from './account.ts';

export type AccountKeys = {
  /** user numbers, former ones too, and institution addresses: one name space, unique in the association */
  logins: string[];
  tickets: string[];
  /** credential ids */
  passkeys: string[];
  /** see `feedKey` */
  feedKeys: string[];
  /** folded; a search finds the accounts that have a term which starts with the folded query */
  searchTerms: string[];
};

/** One string for the pair of source and key by which a feed knows a person. */
export function feedKey(source: string, key: string): string {
  return JSON.stringify([source, key]);
}

/**
 * Text as a search compares it: lower case, no accents, single spaces. Terms are stored folded, so a change here needs
 * an upgrade in every backend that computes them again.
 */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** Whether this login signs in to the account. Of its `logins` the former numbers do not: they are only taken. */
export function isLoginOf(account: Account, login: string): boolean {
  return account.userNumbers.includes(login) || account.emails.includes(login);
}

/** Every key of an account, each once. */
export function keysOf(account: Account): AccountKeys {
  const name = fold(`${account.givenName} ${account.familyName}`);
  const words = name.split(' ');
  return {
    logins: unique([...account.userNumbers, ...account.emails, ...(account.formerNumbers ?? [])]),
    tickets: unique(account.tickets.map(({ id }) => id)),
    passkeys: unique(account.passkeys.map(({ credentialId }) => credentialId)),
    feedKeys: unique(account.feeds.map(({ source, key }) => feedKey(source, key))),
    searchTerms: unique([
      ...[...account.userNumbers, ...account.emails, account.personalEmail ?? ''].map(fold),
      // "jan van den broeck", "van den broeck", "den broeck", "broeck", then as lists have it: "van den broeck jan"
      ...words.map((_, index) => words.slice(index).join(' ')),
      fold(`${account.familyName} ${account.givenName}`),
    ]).filter((term) => term !== ''),
  };
}

function unique(values: string[]): string[] {
  return [...new Set(values)];
}
