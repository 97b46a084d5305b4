/** Decides who may use an application: everybody, or the people whom one of the lists of its `pedel_access` names. */
import type { Account } from '../account/account.ts';
import { dayAt, isCurrent, lastDayOf } from '../account/affiliation.ts';
import { fedGroups } from '../account/groups.ts';
import type { Affiliation } from '../feed/fed-records.ts';

/** Whom the lists of a rule name; being in one of them is enough. None of them is empty. */
export type AccessLists = {
  /** roles (`staff`), or roles at an organisation (`student@vives`), of affiliations that hold today */
  affiliations?: string[];
  /** ids of organisations where an affiliation holds today */
  organisations?: string[];
  /**
   * groups as `name@organisation`, of affiliations that hold today. Each organisation names its own groups, so a name alone
   * would let in whoever another organisation gives a group of that name
   */
  groups?: string[];
  /** user numbers, of now or given up, or public `sub`s */
  people?: string[];
};
export type AccessRule = 'everybody' | AccessLists;

/** What of an account decides. */
export type Person = Pick<Account, 'id' | 'mergedFrom' | 'userNumbers' | 'formerNumbers' | 'affiliations' | 'groups'>;

/**
 * Why a person may not use an application. `ended`, `not-begun`: of the affiliations that would suffice, the one that ended last
 * or begins first; `day` (`YYYY-MM-DD`) is its last or first.
 */
export type AccessRefusal =
  | { kind: 'not-among' }
  | { kind: 'ended' | 'not-begun'; affiliation: Pick<Affiliation, 'organisation' | 'role'>; day: string };

/** The rule of a registration, or of a client made from one. What nobody can read lets nobody in. */
export function accessRuleOf(metadata: object): AccessRule {
  const { pedel_access: rule } = metadata as { pedel_access?: unknown };
  if (rule === undefined || rule === 'everybody') return 'everybody';
  return typeof rule === 'object' && rule !== null ? (rule as AccessLists) : {};
}

/** Why the person may not use an application of this rule at `now` (epoch ms). Undefined: he or she may. */
export function whyNotAllowed(rule: AccessRule, person: Person, now: number): AccessRefusal | undefined {
  if (rule === 'everybody') return undefined;
  const today = dayAt(now);
  const sufficing = person.affiliations.filter((each) => suffices(rule, each));
  if (sufficing.some((each) => isCurrent(each, today)) || isNamed(rule, person, today)) return undefined;
  return fromAffiliations(sufficing, today);
}

function suffices(
  { affiliations = [], organisations = [] }: AccessLists,
  { role, organisation }: Affiliation,
): boolean {
  return (
    organisations.includes(organisation) ||
    affiliations.includes(role) ||
    affiliations.includes(`${role}@${organisation}`)
  );
}

function isNamed({ groups = [], people = [] }: AccessLists, person: Person, today: string): boolean {
  const { id, mergedFrom = [], userNumbers, formerNumbers = [] } = person;
  const own =
    groups.length === 0 ? [] : fedGroups(person, today).map(({ value, organisation }) => `${value}@${organisation}`);
  if (groups.some((group) => own.includes(group))) return true;
  return people.some((each) => {
    const number = each.toLowerCase();
    return each === id || mergedFrom.includes(each) || userNumbers.includes(number) || formerNumbers.includes(number);
  });
}

/** What to tell of affiliations that would suffice, none of which holds today. */
function fromAffiliations(affiliations: Affiliation[], today: string): AccessRefusal {
  const told = (kind: 'ended' | 'not-begun', day: string, { organisation, role }: Affiliation): Dated => ({
    kind,
    affiliation: { organisation, role },
    day,
  });
  const dated = affiliations
    .map((each) => {
      const { from = '' } = each;
      return from > today ? told('not-begun', from, each) : told('ended', lastDayOf(each) ?? '', each);
    })
    .sort((a, b) => a.day.localeCompare(b.day));
  return dated.find(({ kind }) => kind === 'not-begun') ?? dated.at(-1) ?? { kind: 'not-among' };
}

type Dated = Exclude<AccessRefusal, { kind: 'not-among' }>;

/** The ids of organisations that a rule names, each once. */
export function organisationsIn(rule: AccessRule): string[] {
  if (rule === 'everybody') return [];
  const { affiliations = [], organisations = [], groups = [] } = rule;
  const qualified = [...affiliations, ...groups].filter((each) => each.includes('@'));
  return [...new Set([...organisations, ...qualified.map((each) => each.slice(each.lastIndexOf('@') + 1))])];
}
