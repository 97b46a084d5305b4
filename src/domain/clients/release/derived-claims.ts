/**
 * Claims that a registration derives from affiliations and groups, and names under which it gets claims: pure functions of
 * the rules and of what is known of the person. They decide nothing about release, except that a renamed claim is told
 * only where its source is.
 */
import type { Account } from '../../account/account.ts';
import { isCurrent } from '../../account/affiliation.ts';
import { fedGroups } from '../../account/groups.ts';
import type { JsonValue } from '../../json-value.ts';

/** A client gets `value` in `claim` for people whom any of the terms in `when` fits (`fits`). */
export type DerivedRule = { claim: string; value: string; when: string[] };
/** New name to the claim whose value it gets; for `preferred_username` one of `usernameSources`. */
export type Renaming = Record<string, string>;

/** What rules look at, as it holds today. */
export type Facts = {
  affiliations: { role: string; organisation: string }[];
  groups: { value: string; organisation: string }[];
};

/** The facts of an account on `today` (`YYYY-MM-DD`). */
export function factsOf(account: Account, today: string): Facts {
  return {
    affiliations: account.affiliations.filter((each) => isCurrent(each, today)),
    groups: fedGroups(account, today),
  };
}

/** A term of `when`, taken apart; everything that is absent fits. */
export type Term =
  | { kind: 'affiliation'; role?: string; organisation?: string }
  | { kind: 'group'; name: string; organisation?: string };

/**
 * Reads `staff`, `staff@kuleuven`, `@kuleuven`, `group:ict-staff` or `group:ict-staff@kuleuven` (of what that organisation's
 * feeds give). Undefined: it is none of them.
 */
export function readTerm(term: string): Term | undefined {
  const [, group, what = '', organisation] = /^(group:)?([^@]*)(?:@([a-z][a-z0-9-]*))?$/u.exec(term) ?? [];
  const at = organisation === undefined ? {} : { organisation };
  if (group !== undefined) return what === '' ? undefined : { kind: 'group', name: what, ...at };
  if (what === '') return organisation === undefined ? undefined : { kind: 'affiliation', ...at };
  return /^[a-z]+$/.test(what) ? { kind: 'affiliation', role: what, ...at } : undefined;
}

/** Whether a term of `when` fits a person. What cannot be read fits nobody. */
export function fits(term: string, { affiliations, groups }: Facts): boolean {
  const read = readTerm(term);
  if (read === undefined) return false;
  const at = ({ organisation }: { organisation: string }) => organisation === (read.organisation ?? organisation);
  if (read.kind === 'group') return groups.some((each) => each.value === read.name && at(each));
  return affiliations.some((each) => each.role === (read.role ?? each.role) && at(each));
}

/** Claim to values, each once and in the order of the rules. Claims without a value are absent. */
export function derivedClaims(rules: readonly DerivedRule[], facts: Facts): Map<string, string[]> {
  const derived = new Map<string, string[]>();
  for (const { claim, value, when } of rules) {
    const values = derived.get(claim) ?? [];
    if (values.includes(value) || !when.some((term) => fits(term, facts))) continue;
    derived.set(claim, [...values, value]);
  }
  return derived;
}

/** The scope that gives a claim a rule may derive; the person consents to it, and the registration has it. */
export function scopeOfDerived(claim: string): string {
  return claim === 'eduperson_entitlement' ? claim : 'groups';
}

/** Names for `preferred_username` that no person can choose: whoever could would be somebody else in an application. */
export const usernameSources = ['user_number', 'eduperson_principal_name', 'email'] as const;

/** The claims that have to be told before `to` is: its source, and `preferred_username` itself where that gets another value. */
export function claimsBehind(to: string, from: string): string[] {
  if (to !== 'preferred_username') return [from];
  return from === 'user_number' ? [to] : [to, from];
}

/**
 * The value under the new name. Undefined: there is none, or a claim behind it is not told.
 * @param told the claims that are told without renaming
 */
export function renamedValue(
  to: string,
  from: string,
  told: ReadonlyMap<string, JsonValue>,
  { userNumbers, emails }: Pick<Account, 'userNumbers' | 'emails'>,
): JsonValue | undefined {
  if (!claimsBehind(to, from).every((claim) => told.has(claim))) return undefined;
  if (to !== 'preferred_username') return told.get(from);
  if (from === 'user_number') return userNumbers[0];
  if (from === 'email') return emails[0]; // never the personal one, which its owner chose
  return from === 'eduperson_principal_name' ? told.get(from) : undefined;
}
