/**
 * The rules of access of an organisation, by role: how long before its first day an affiliation opens an account, how
 * long after which kind of end it closes it, and how long the account is kept then.
 */
import { createHash } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import { type EndKind, endKinds, type RoleRules } from '../account/access-terms.ts';
import { stopDayOf, timeZone } from '../account/affiliation.ts';
import type { Organisation } from '../account/organisation.ts';
import type { Affiliation } from '../feed/fed-records.ts';

type OfRole = Pick<Affiliation, 'organisation' | 'role'>;

export function rulesOf({ organisation, role }: OfRole, organisations: readonly Organisation[]): RoleRules {
  const { access = {} } = organisations.find(({ id }) => id === organisation) ?? {};
  return (Object.hasOwn(access, role) ? access[role] : access.default) ?? {};
}

/** The ends of an affiliation that have a day, the first of them first; of two on one day the official one. */
export function endsOf(affiliation: Pick<Affiliation, 'until' | 'endedOn' | 'end'>) {
  const { until, endedOn, end } = affiliation;
  const said = end === 'withdrawn' ? undefined : end;
  const ends: { day: string; kind: EndKind; official: boolean }[] = [];
  if (endedOn !== undefined) ends.push({ day: endedOn, kind: said ?? 'discontinued', official: true });
  if (until !== undefined)
    ends.push(
      endedOn === undefined
        ? { day: until, kind: said ?? 'expired', official: stopDayOf(affiliation) !== undefined }
        : { day: until, kind: 'expired', official: false },
    );
  return ends.sort((a, b) => (a.day === b.day ? 0 : a.day < b.day ? -1 : 1));
}

/**
 * When an affiliation closes: epoch ms of the first instant after its access. Of several ends the earliest closes it.
 * Undefined: it has no end.
 */
export function closesAt(affiliation: Omit<Affiliation, 'source'>, rules: RoleRules): number | undefined {
  const times = endsOf(affiliation).map(({ day, kind }) => endAfter(day, ruleFor(kind, rules)));
  if (affiliation.end === 'withdrawn') times.push(affiliation.withdrawnAt ?? 0);
  return times.length === 0 ? undefined : Math.min(...times);
}

function ruleFor(kind: EndKind, rules: RoleRules): string {
  return (kind === 'withdrawn' ? undefined : rules[kind]) ?? rules.expired ?? 'P0D';
}

/** Epoch ms of the midnight that ends the day to which `rule` prolongs `day` (`YYYY-MM-DD`). */
function endAfter(day: string, rule: string): number {
  const ended = Temporal.PlainDate.from(day);
  const last = rule.startsWith('P') ? ended.add(rule) : firstOn(rule, ended);
  return last.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
}

/** The first `MM-DD` on or after a day. */
function firstOn(monthDay: string, after: Temporal.PlainDate): Temporal.PlainDate {
  const [month = 1, day = 1] = monthDay.split('-').map(Number);
  const inYear = after.with({ month, day });
  return Temporal.PlainDate.compare(inYear, after) < 0 ? inYear.add({ years: 1 }) : inYear;
}

/** Epoch ms at which an affiliation opens. Undefined: it always did. */
export function opensFrom({ from }: Pick<Affiliation, 'from'>, { opens = 'P0D' }: RoleRules): number | undefined {
  return from === undefined
    ? undefined
    : Temporal.PlainDate.from(from).subtract(opens).toZonedDateTime(timeZone).epochMilliseconds;
}

/**
 * Names the rules that made the windows of these affiliations: the same as long as none of those rules changes. How long
 * an account is kept is not among them, because that is worked out anew each time.
 */
export function rulesVersionOf(affiliations: readonly OfRole[], organisations: readonly Organisation[]): string {
  const rules = affiliations.map((each) => written([each.organisation, each.role], rulesOf(each, organisations)));
  return digest([...new Set(rules)].sort());
}

/** Names all rules of an installation. */
export function allRulesVersion(organisations: readonly Organisation[]): string {
  return digest(
    organisations
      .flatMap(({ id, access = {} }) => Object.entries(access).map(([role, rules]) => written([id, role], rules)))
      .sort(),
  );
}

/** A kind that is not listed means the same as one that is listed as what it counts as. */
function written(of: string[], rules: RoleRules): string {
  return JSON.stringify([...of, rules.opens ?? 'P0D', ...endKinds.map((kind) => ruleFor(kind, rules))]);
}

const digest = (rules: string[]) => createHash('sha256').update(JSON.stringify(rules)).digest('base64url').slice(0, 12);
