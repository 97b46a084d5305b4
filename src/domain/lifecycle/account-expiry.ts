/** When an account ends, and which affiliation decides it, for the person whose account it is. */
import type { Account, Affiliation } from '../account/account.ts';
import { endsAtOf } from '../account/affiliation.ts';
import type { Organisation } from '../account/organisation.ts';

const WARNED_MS = 30 * 24 * 60 * 60 * 1000;

export type AccountEnd = {
  /** epoch ms of the last moment at which it works */
  lastAt: number;
  /** the one that lasts longest; absent where the end was not set by any */
  because?: Affiliation;
  /** close enough to say so on top of the page */
  soon: boolean;
};

/** undefined = no end is known. */
export function endOf(account: Account, organisations: Organisation[], now: number): AccountEnd | undefined {
  const { endsAt, affiliations } = account;
  if (endsAt === undefined) return undefined;
  const graceDays = (id: string) => organisations.find((organisation) => organisation.id === id)?.graceDays ?? 0;
  const because = affiliations.find((affiliation) => endsAtOf([affiliation], graceDays) === endsAt);
  return { lastAt: endsAt - 1, soon: endsAt - now < WARNED_MS, ...(because === undefined ? {} : { because }) };
}
