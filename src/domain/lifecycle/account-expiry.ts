/** Explains to a person when the account ends and which affiliation decides it. */
import type { Account, Affiliation } from '../account/account.ts';
import { endsAtOf } from '../account/affiliation.ts';
import type { Organisation } from '../account/organisation.ts';

const WARNED_MS = 30 * 24 * 60 * 60 * 1000;

export type AccountEnd = {
  /** epoch ms of the last moment at which the account works */
  lastAt: number;
  /** the affiliation that lasts longest; absent: none set the end */
  because?: Affiliation;
  /** within 30 days: the page says so at the top */
  soon: boolean;
};

/** The end of the account. Undefined: none is known. `now`: epoch ms. */
export function endOf(account: Account, organisations: Organisation[], now: number): AccountEnd | undefined {
  const { endsAt, affiliations } = account;
  if (endsAt === undefined) return undefined;
  const graceDays = (id: string) => organisations.find((organisation) => organisation.id === id)?.graceDays ?? 0;
  const because = affiliations.find((affiliation) => endsAtOf([affiliation], graceDays) === endsAt);
  return { lastAt: endsAt - 1, soon: endsAt - now < WARNED_MS, ...(because === undefined ? {} : { because }) };
}
