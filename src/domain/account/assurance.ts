/** What is known of who a person is, and by whom: the evidence behind `eduperson_assurance`. */
import type { AssuranceEvidence, IdentityLevel } from '../feed/fed-records.ts';
import { type Account, hasSecondFactor } from './account.ts';
import { dayAt } from './affiliation.ts';

/** Each level includes those before it. */
export const identityLevels: readonly IdentityLevel[] = ['low', 'medium', 'high'];

/** The source of what Pedel itself knows; no feed is called so with a level of identity. */
const OWN = 'pedel';

/**
 * The account with what a source says of the person's identity. The same again changes nothing, the day included.
 * @param said `level` undefined: the source proofs nothing, and what it said before goes. `others`: under which `mac`s the
 *   source knows the person as well, since accounts were merged; what it said of those stays
 */
export function withSourceEvidence(
  account: Account,
  said: { source: string; level: IdentityLevel | undefined; mac: string; day: string; others?: string[] },
): Account {
  const { source, level, mac, day, others: elsewhere = [] } = said;
  const before = account.evidence?.find(
    (each) => each.source === source && each.level !== 'second-factor' && !elsewhere.includes(each.mac ?? ''),
  );
  if (before?.level === level && (level === undefined || before?.mac === mac)) return account;
  const others = (account.evidence ?? []).filter((each) => each !== before);
  return withEvidence(account, level === undefined ? others : [...others, { source, level, day, mac }]);
}

/** The account with the evidence that it has a second factor, or without it, as its factors say. */
export function withFactorEvidence(account: Account): Account {
  const before = account.evidence?.find(({ level }) => level === 'second-factor');
  if ((before !== undefined) === hasSecondFactor(account)) return account;
  const others = (account.evidence ?? []).filter((each) => each !== before);
  if (before !== undefined) return withEvidence(account, others);
  const since = Math.min(...[...account.totps, ...account.passkeys].map(({ createdAt }) => createdAt));
  return withEvidence(account, [...others, { source: OWN, level: 'second-factor', day: dayAt(since) }]);
}

function withEvidence(account: Account, evidence: AssuranceEvidence[]): Account {
  const { evidence: _, ...rest } = account;
  return evidence.length === 0 ? rest : { ...rest, evidence };
}

/** The highest level to which a source has proofed the person's identity, with those that it includes. */
export function identityProofed({ evidence = [] }: Account): IdentityLevel[] {
  const highest = Math.max(-1, ...evidence.map(({ level }) => identityLevels.indexOf(level as IdentityLevel)));
  return identityLevels.slice(0, highest + 1);
}
