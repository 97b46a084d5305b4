/** The entries of an account: one for each person of a source. A source has several in an account that was merged. */
import type { Account } from '../account/account.ts';
import type { Affiliation, FeedMemory } from './fed-records.ts';

type Fed = Pick<Account, 'feeds'>;
type Named = Pick<FeedMemory, 'source' | 'key'>;

export const isSameEntry = (one: Named, other: Named): boolean => one.source === other.source && one.key === other.key;

export function entryOf({ feeds }: Fed, source: string, key: string): FeedMemory | undefined {
  return feeds.find((feed) => isSameEntry(feed, { source, key }));
}

/** The other entries of the same source: what they say, this one does not take away. */
export function siblingsOf({ feeds }: Fed, source: string, key: string): FeedMemory[] {
  return feeds.filter((feed) => feed.source === source && feed.key !== key);
}

/** As a report names them. A key that came over SCIM may hold what rewrites the line that shows it. */
export const namesOf = (entries: readonly Named[]): string =>
  entries.map(({ source, key }) => `"${source}" (person ${key.replaceAll(/\p{C}/gu, '\uFFFD')})`).join(', ');

const AFFILIATIONS = 'affiliations.';

/** What an entry says under a column that holds a list as JSON. */
export function listSaid<Value>({ fields }: Pick<FeedMemory, 'fields'>, column: string): Value[] {
  return JSON.parse(fields[column] ?? '[]') as Value[];
}

/** The affiliations that an entry gives, as the account has them: one that was withdrawn with the second of that. */
export function affiliationsSaid(memory: FeedMemory, { affiliations }: Pick<Account, 'affiliations'>): Affiliation[] {
  return Object.keys(memory.fields)
    .filter((column) => column.startsWith(AFFILIATIONS))
    .flatMap((column) => listSaid<Omit<Affiliation, 'source' | 'withdrawnAt'>>(memory, column))
    .map((each) => withWithdrawal({ ...each, source: memory.source }, affiliations));
}

/** The affiliation with the second at which it was withdrawn, as `before` has it. */
export function withWithdrawal(said: Affiliation, before: readonly Affiliation[]): Affiliation {
  if (said.end !== 'withdrawn') return said;
  const same = before.find(
    ({ organisation, role, from, source, end, withdrawnAt }) =>
      end === said.end &&
      withdrawnAt !== undefined &&
      organisation === said.organisation &&
      role === said.role &&
      from === said.from &&
      source === said.source,
  );
  return same?.withdrawnAt === undefined ? said : { ...said, withdrawnAt: same.withdrawnAt };
}
