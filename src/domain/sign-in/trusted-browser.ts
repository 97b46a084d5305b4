/**
 * Trusted browsers: one in which the second step was taken takes its place for some days, beside the password (rule 10).
 * It makes no session stronger: its `amr` is `pwd`, and whoever demands two factors still gets them.
 */
import type { Account, Decision, EffectInput } from '../account/account.ts';
import type { TrustedBrowser } from '../account/browser-records.ts';
import type { Organisation } from '../account/organisation.ts';
import { type ActingPerson, personAudit } from '../factors/factor.ts';
import { isMultiFactor } from './acr.ts';
import type { FactorDemand, PasswordReason } from './reason.ts';

/** More push out the one that was used longest ago. */
const MOST_TRUSTED = 10;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A browser of which a request says that it is trusted. `days`: for how long browsers are, as configured. */
export type TrustClaim = { id: string; days: number };

/**
 * The browsers that are trusted at `now` (epoch ms): of this epoch, and not for longer than `days` (0: none are). None for
 * somebody with a role, whenever it was granted.
 */
export function trustedBrowsersOf(account: Account, days: number, now: number): TrustedBrowser[] {
  if (account.roles.length > 0) return [];
  return (account.trustedBrowsers ?? []).filter(
    ({ epoch, since }) => epoch === account.credentialsEpoch && now < since + days * DAY_MS,
  );
}

/**
 * Whether a trusted browser stands in for the second step: beside a password, where neither application nor request
 * asks for two factors, and no reset of the password is due.
 */
export function standsIn(
  account: Account,
  amr: readonly string[],
  { trustedBrowser: claim, factor, now }: { trustedBrowser?: TrustClaim; factor?: FactorDemand; now: number },
): boolean {
  if (claim === undefined || factor !== undefined || !amr.includes('pwd')) return false;
  if (account.passwordExpiredAt !== undefined) return false;
  if (account.wholeSignIn === true) return false;
  return trustedBrowsersOf(account, claim.days, now).some(({ id }) => id === claim.id);
}

/** Whether the application wants the person to prove anew who it is, which no trust answers. */
export function wantsProofAnew(because: PasswordReason): boolean {
  return because === 'prompt-login' || because === 'max-age';
}

/** Whether this person may have a browser trusted: the installation allows it, and the person has no role. */
export function mayTrust({ roles }: Account, days: number): boolean {
  return days > 0 && roles.length === 0;
}

/** The account with one more trusted browser. What is trusted no more goes. */
export function withTrustedBrowser(account: Account, browser: TrustedBrowser, days: number, now: number): Account {
  const lastUsed = ({ usedAt, since }: TrustedBrowser) => usedAt ?? since;
  const others = trustedBrowsersOf(account, days, now).sort((a, b) => lastUsed(b) - lastUsed(a));
  return { ...account, trustedBrowsers: [browser, ...others.slice(0, MOST_TRUSTED - 1)] };
}

/**
 * The account after an accepted sign-in: the use of a trusted browser is noted (`stoodIn`), or one is trusted from now on,
 * which only a second step allows that was taken just now (`tookStep`: by an app or a passkey, not by a recovery code).
 */
export function trustAfter(
  account: Account,
  tookStep: boolean,
  context: {
    amr: readonly string[];
    trust?: { browser: TrustedBrowser; days: number };
    trustedBrowser?: TrustClaim;
    factor?: FactorDemand;
    organisations: Organisation[];
    network: string;
    now: number;
  },
): { account: Account; stoodIn: boolean; effects: EffectInput[] } {
  const { amr, trust, trustedBrowser, now } = context;
  if (trust !== undefined && tookStep && isMultiFactor(amr) && mayTrust(account, trust.days)) {
    return {
      account: withTrustedBrowser(account, trust.browser, trust.days, now),
      stoodIn: false,
      effects: [personAudit(account, 'browser.trusted', {}, context)],
    };
  }
  const stoodIn = trustedBrowser !== undefined && !isMultiFactor(amr) && standsIn(account, amr, context);
  if (!stoodIn) return { account, stoodIn, effects: [] };
  const trustedBrowsers = (account.trustedBrowsers ?? []).map((each) =>
    each.id === trustedBrowser.id ? { ...each, usedAt: now } : each,
  );
  return { account: { ...account, trustedBrowsers }, stoodIn, effects: [] };
}

/** Rule: the person trusts one browser no more, or all of them (`id` absent). `gone`: there was none. */
export function forgetTrusted(
  account: Account,
  id: string | undefined,
  context: ActingPerson,
): Decision<{ kind: 'forgotten' | 'gone' }> {
  const { trustedBrowsers = [], ...rest } = account;
  const kept = id === undefined ? [] : trustedBrowsers.filter((each) => each.id !== id);
  if (kept.length === trustedBrowsers.length) return { outcome: { kind: 'gone' } };
  return {
    outcome: { kind: 'forgotten' },
    account: kept.length === 0 ? rest : { ...rest, trustedBrowsers: kept },
    effects: [personAudit(account, 'browser.forgotten', {}, context)],
  };
}
