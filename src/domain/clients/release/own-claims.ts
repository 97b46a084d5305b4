/**
 * Adds to what was decided of a client's claims those that its registration derives and renames: it tells nothing of a
 * person whose consent, or whose scope, does not cover it.
 */
import type { Account } from '../../account/account.ts';
import type { JsonValue } from '../../json-value.ts';
import {
  claimsBehind,
  type DerivedRule,
  derivedClaims,
  type Facts,
  type Renaming,
  renamedValue,
} from './derived-claims.ts';

/** Why a claim has the value that it has. `values`: those that rules add; `from`: the claim whose value it is. */
export type OwnReason = { kind: 'derived'; values: string[] } | { kind: 'renamed'; from: string };
/** Of a registration; what is absent derives and renames nothing. */
export type OwnClaims = {
  pedel_derived_claims?: DerivedRule[] | undefined;
  pedel_rename?: Renaming | undefined;
};

type Kind = { kind: string };
type NotTold = { kind: 'not_asked' } | { kind: 'no_value' };
type Decision<Given, Withheld> =
  | { claim: string; value: JsonValue; reason: Given | OwnReason }
  | { claim: string; reason: Withheld | NotTold };

/**
 * @param decided one decision for each personal claim; `groups` has a value wherever it is told
 * @param person the account, and what rules look at
 */
export function withOwnClaims<Given extends Kind, Withheld extends Kind>(
  decided: Decision<Given, Withheld>[],
  { pedel_derived_claims: rules = [], pedel_rename: renaming = {} }: OwnClaims,
  person: { account: Account; facts: () => Facts },
): Decision<Given, Withheld>[] {
  const derived = rules.length === 0 ? decided : withDerived(decided, rules, person.facts());
  return withRenamed(derived, renaming, person.account);
}

function withDerived<Given extends Kind, Withheld extends Kind>(
  decided: Decision<Given, Withheld>[],
  rules: DerivedRule[],
  facts: Facts,
): Decision<Given, Withheld>[] {
  const values = derivedClaims(rules, facts);
  const groups = decided.find(({ claim }) => claim === 'groups');
  const known = new Set(decided.map(({ claim }) => claim));
  const added = [...new Set(rules.map(({ claim }) => claim))]
    .filter((claim) => !known.has(claim))
    .flatMap((claim) => (groups === undefined ? [] : [underGroups(claim, groups, values.get(claim) ?? [])]));
  return [
    ...decided.map((each) => {
      const more = values.get(each.claim);
      return more === undefined ? each : withValues(each, more);
    }),
    ...added,
  ];
}

/** A list with further values. Where nothing is told, nothing is added. */
function withValues<Given extends Kind, Withheld extends Kind>(
  decision: Decision<Given, Withheld>,
  values: string[],
): Decision<Given, Withheld> {
  // decided last of all: there is consent and a scope, and no value so far
  if (!('value' in decision) && decision.reason.kind !== 'no_value') return decision;
  const before = 'value' in decision && Array.isArray(decision.value) ? decision.value : [];
  return {
    claim: decision.claim,
    value: [...new Set([...before, ...values])],
    reason: { kind: 'derived', values },
  };
}

/** A claim that no scope lists is told where `groups` is told because of its scope. */
function underGroups<Given extends Kind, Withheld extends Kind>(
  claim: string,
  groups: Decision<Given, Withheld>,
  values: string[],
): Decision<Given, Withheld> {
  if (!('value' in groups)) return { claim, reason: groups.reason };
  if (groups.reason.kind === 'by_name') return { claim, reason: { kind: 'not_asked' } };
  return { claim, value: values, reason: { kind: 'derived', values } };
}

function withRenamed<Given extends Kind, Withheld extends Kind>(
  decided: Decision<Given, Withheld>[],
  renaming: Renaming,
  account: Account,
): Decision<Given, Withheld>[] {
  const names = Object.entries(renaming);
  if (names.length === 0) return decided;
  const told = new Map(decided.flatMap((each) => ('value' in each ? [[each.claim, each.value] as const] : [])));
  const renamed = names.flatMap(([to, from]): Decision<Given, Withheld>[] => {
    const value = renamedValue(to, from, told, account);
    if (value !== undefined) return [{ claim: to, value, reason: { kind: 'renamed', from } }];
    const behind = claimsBehind(to, from).map((name) => decided.find(({ claim }) => claim === name));
    const withheld = behind.find((each) => each !== undefined && !('value' in each));
    if (withheld === undefined || 'value' in withheld) return [{ claim: to, reason: { kind: 'no_value' } }];
    return [{ claim: to, reason: withheld.reason }];
  });
  return [...decided.filter(({ claim }) => !Object.hasOwn(renaming, claim)), ...renamed];
}
