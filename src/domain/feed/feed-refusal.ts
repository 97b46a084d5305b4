/** Why what a source states of a person is refused: another's account, number or organisation (rule 26). */
import type { Account } from '../account/account.ts';
import type { Organisation } from '../account/organisation.ts';
import { entryOf, namesOf, siblingsOf } from './feed-entries.ts';
import { numbersSaid } from './feed-fields.ts';
import { ownerOfDomain } from './feed-row.ts';
import type { Statement } from './feed-statement.ts';

/** `column`: of the feed, where it concerns one. */
export type FeedRefusal = { kind: 'refused'; column?: string; reason: string };

/** Whose it is, as a report says it: by the keys of its sources, so that both sides can be asked. */
export const ownerIn = ({ feeds }: Pick<Account, 'feeds'>): string =>
  feeds.length === 0 ? 'an account that no source names' : `the account of source ${namesOf(feeds)}`;

/**
 * Why this source may not join an account that another source gave (rule 26). Undefined: it may, because both confirm a
 * number.
 */
export function joinRefusal(account: Account, statement: Statement, source: string): FeedRefusal | undefined {
  const isKnown = entryOf(account, source, statement.key) !== undefined;
  const [other] = siblingsOf(account, source, statement.key);
  const former = formerNumberRefusal(account, statement);
  if (former !== undefined) return former;
  const shared = statement.numbers.filter((number) => account.userNumbers.includes(number));
  if (!isKnown && other !== undefined) {
    const column = shared.length > 0 ? 'number' : 'email';
    return { kind: 'refused', column, reason: `belongs to person ${other.key} of this source: correct one of them` };
  }
  if (shared.length === 0) {
    return {
      kind: 'refused',
      column: 'email',
      reason: `belongs to ${ownerIn(account)}, and no number is shared: an administrator may join them`,
    };
  }
  if (!shared.some((number) => account.feeds.some((feed) => numbersSaid(feed).includes(number)))) {
    return {
      kind: 'refused',
      column: 'number',
      reason: `${shared.join(', ')} belongs to ${ownerIn(account)}, and no source confirms that number: an administrator may join them`,
    };
  }
  const birthdate = statement.values.birthdate;
  if (birthdate && typeof account.claims.birthdate === 'string' && account.claims.birthdate !== birthdate) {
    return {
      kind: 'refused',
      column: 'birthdate',
      reason: `${shared.join(', ')} belongs to ${ownerIn(account)}, with another date of birth: an administrator may join them`,
    };
  }
  if (account.roles.length > 0) {
    return {
      kind: 'refused',
      column: 'number',
      reason: `${shared.join(', ')} belongs to an account with a role, which no feed changes`,
    };
  }
  return undefined;
}

/**
 * Why a person may not have a number that another one, whose account this is, held when it was active. Undefined: no
 * such number is stated.
 */
export function formerNumberRefusal(account: Account, { numbers }: Statement): FeedRefusal | undefined {
  const former = numbers.filter((number) => account.formerNumbers?.includes(number));
  if (former.length === 0) return undefined;
  return {
    kind: 'refused',
    column: 'number',
    reason: `${former.join(', ')} was a number of ${ownerIn(account)}, which was active, and never goes to anybody else: give a new number`,
  };
}

/** Refuses an institution address of an organisation where the person has no role. */
export function foreignAddress(
  account: Account,
  { emails = [], affiliations }: Statement,
  organisations: Organisation[],
): FeedRefusal | undefined {
  const own = new Set([...account.affiliations, ...affiliations].map(({ organisation }) => organisation));
  const foreign = emails.find(
    (email) => !account.emails.includes(email) && !own.has(ownerOfDomain(email, organisations)?.id ?? ''),
  );
  if (foreign === undefined) return undefined;
  return {
    kind: 'refused',
    column: 'email',
    reason: `${foreign} is of an organisation at which this person has no role: give its role as well, or leave the address out`,
  };
}
