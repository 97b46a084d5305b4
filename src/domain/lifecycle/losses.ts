/** At which organisations an account loses access by changed rules of access. */
import type { Account } from '../account/account.ts';
import type { AccessWindow } from './lifecycle-records.ts';

/**
 * The organisations whose affiliations decided an end that has gone (`now`: epoch ms). Where that end stays, as of a window
 * that opens later or has a gap, or was decided by none, any may be why: all organisations of the account.
 */
export function organisationsOfLoss(before: Account, after: Account, now: number): string[] {
  const { windows: kept = [] } = after;
  const gone = (before.windows ?? []).filter(
    (each) => isAhead(each, now) && !kept.some((other) => isSame(each, other)),
  );
  const deciding = gone.flatMap(({ until, because }) =>
    because === undefined || kept.some((each) => each.until === until) ? [] : [because.organisation],
  );
  const isKnown = gone.length > 0 && deciding.length === gone.length;
  return [...new Set(isKnown ? deciding : after.affiliations.map(({ organisation }) => organisation))];
}

const isAhead = ({ until }: AccessWindow, now: number) => until === undefined || now < until;
const isSame = (one: AccessWindow, other: AccessWindow) => one.from === other.from && one.until === other.until;
