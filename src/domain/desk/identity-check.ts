/** Compares what a caller says with what is known of the person; the agent learns whether it is right, and nothing else. */
import type { Account } from '../account/account.ts';
import { fold } from '../account/account-keys.ts';

export const identityFacts = ['birth-date', 'address'] as const;
export type IdentityFact = (typeof identityFacts)[number];

/** `unknown`: nothing is known to compare with; `unreadable`: what was typed is no date. */
export type IdentityVerdict = 'right' | 'wrong' | 'unknown' | 'unreadable';

/** A date in any usual order: 2001-09-21, 21/9/2001, 21.09.2001. An address by its street, number and postal code, in any order. */
export function checkIdentity(account: Account, fact: IdentityFact, typed: string): IdentityVerdict {
  if (fact === 'birth-date') {
    const known = account.claims.birthdate;
    if (typeof known !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(known)) return 'unknown';
    const day = dayOf(typed);
    if (day === undefined) return 'unreadable';
    return day === known ? 'right' : 'wrong';
  }
  const { address } = account.claims;
  if (typeof address !== 'object' || address === null || Array.isArray(address)) return 'unknown';
  const { street_address: street, postal_code: code } = address;
  if (typeof street !== 'string' || typeof code !== 'string') return 'unknown';
  const said = wordsOf(typed);
  return [...wordsOf(street), ...wordsOf(code)].every((word) => said.includes(word)) ? 'right' : 'wrong';
}

/** What is known that a caller can be asked for. */
export function factsOf(account: Account): IdentityFact[] {
  return identityFacts.filter((fact) => checkIdentity(account, fact, '2000-01-01') !== 'unknown');
}

const wordsOf = (text: string) =>
  fold(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

function dayOf(typed: string): string | undefined {
  const [, year, month = '', day = ''] =
    /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(typed.trim()) ??
    reordered(/^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})$/.exec(typed.trim()));
  return year === undefined ? undefined : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

const reordered = (match: RegExpExecArray | null): (string | undefined)[] =>
  match === null ? [] : [match[0], match[3], match[2], match[1]];
