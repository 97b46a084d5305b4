/** When a sign-in offers a second factor to a person who need not have one, and "not now" is asked again. */
import { type Account, hasSecondFactor } from '../account/account.ts';
import { dayAt } from '../account/affiliation.ts';
import { homeOrganisation, type Organisation } from '../account/organisation.ts';
import { factorCodeAddress } from './first-factor.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Rule: it is offered where the home organisation offers it at sign-ins, so many days after the activation, which offered it
 * too, or after the last "not now"; and only to a person to whom the code can be mailed that a first factor needs (rule 7).
 * `now`: epoch ms.
 */
export function isFactorOffered(account: Account, organisations: Organisation[], now: number): boolean {
  const { offerFactorDays = 0 } = homeOrganisation(account, organisations, dayAt(now));
  if (offerFactorDays === 0 || hasSecondFactor(account)) return false;
  const lastAt = Math.max(account.activatedAt ?? now, account.factorDeclinedAt ?? 0);
  return now - lastAt >= offerFactorDays * DAY_MS && factorCodeAddress(account, now) !== undefined;
}
