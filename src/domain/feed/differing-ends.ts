/** Tells where sources give one role at one organisation different ends (rule 26). */

import type { EndKind } from '../account/access-terms.ts';
import type { Account } from '../account/account.ts';
import { dayAt } from '../account/affiliation.ts';
import type { Organisation } from '../account/organisation.ts';
import { closesAt, endsOf, rulesOf } from '../lifecycle/access-rules.ts';
import type { Affiliation, FeedMemory } from './fed-records.ts';
import { affiliationsSaid, isSameEntry, namesOf } from './feed-entries.ts';

/** `closes`: epoch ms, or infinity. `day`, `kind`: absent where there is no end. */
type RoleEnd = { from?: string | undefined; closes: number; day?: string; kind?: EndKind };

/**
 * A note for each role that an entry gives at an organisation, and for each other entry that gives it another end, as long
 * as either grants access. What the entry said of the end before is no news.
 * @param said what the entry says of that organisation now, and said before
 * @param account with what it says now
 */
export function differingEnds(
  entry: Pick<FeedMemory, 'source' | 'key'>,
  said: { before: Affiliation[]; now: Affiliation[] },
  account: Account,
  { organisations, now }: { organisations: readonly Organisation[]; now: number },
): string[] {
  const others = account.feeds.filter((feed) => !isSameEntry(feed, entry));
  const roles = [...new Map(said.now.map((each) => [each.role, each])).values()];
  return roles.flatMap(({ organisation, role }) => {
    const rules = rulesOf({ organisation, role }, organisations);
    const endIn = (affiliations: Affiliation[]): RoleEnd | undefined =>
      affiliations
        .filter((each) => each.organisation === organisation && each.role === role)
        .map((each) => ({
          from: each.from,
          closes: closesAt(each, rules) ?? Number.POSITIVE_INFINITY,
          ...firstEnd(each),
        }))
        .reduce<RoleEnd | undefined>((last, each) => (last && last.closes >= each.closes ? last : each), undefined);
    const own = endIn(said.now);
    const before = endIn(said.before);
    if (own === undefined || (before !== undefined && isSame(own, before))) return [];
    return others.flatMap((other) => {
      const theirs = endIn(affiliationsSaid(other, account));
      if (theirs === undefined || !contradict(own, theirs, now)) return [];
      return `the end of ${role} at ${organisation} differs: ${inWords(own)} in source ${namesOf([entry])}, ${inWords(theirs)} in source ${namesOf([other])}; the longer access counts`;
    });
  });
}

function firstEnd(affiliation: Affiliation): Pick<RoleEnd, 'day' | 'kind'> {
  const { withdrawnAt } = affiliation;
  const [first] = endsOf(affiliation);
  const withdrawn = withdrawnAt === undefined ? undefined : dayAt(withdrawnAt);
  if (withdrawn !== undefined && (first === undefined || withdrawn <= first.day))
    return { day: withdrawn, kind: 'withdrawn' };
  return first === undefined ? {} : { day: first.day, kind: first.kind };
}

function contradict(one: RoleEnd, other: RoleEnd, now: number): boolean {
  if (isSame(one, other) || Math.max(one.closes, other.closes) <= now) return false;
  const [first, later] = one.closes < other.closes ? [one, other] : [other, one];
  const over = [first.day ?? '', first.from ?? ''].sort().at(-1) ?? '';
  // what began only after the other had ended says nothing of it
  return later.from === undefined || later.from <= over;
}

/** Two systems do not withdraw in the same second. */
const isSame = (one: RoleEnd, other: RoleEnd): boolean =>
  one.kind === other.kind && (one.day === other.day || one.kind === 'withdrawn');

const inWords = ({ day, kind }: RoleEnd): string => (day === undefined ? 'none' : `${day} (${kind})`);
