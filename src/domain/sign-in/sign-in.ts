/** The rules of a sign-in: which step comes next and why, which `amr` was reached, and the one write that accepts it. */
import { type Account, type Decision, hasSecondFactor } from '../account/account.ts';
import { accessOf, isClosed, isOpen } from '../account/account-access.ts';
import { dayAt } from '../account/affiliation.ts';
import type { TrustedBrowser } from '../account/browser-records.ts';
import { isNewBrowser, liveTickets, type SigningBrowser, withBrowser } from '../account/browsers.ts';
import { addressesOf, emailTo, notices } from '../account/notifications.ts';
import { type Organisation, secondFactorRequired } from '../account/organisation.ts';
import { secretEmail } from '../activation/activation.ts';
import { type AccessRule, whyNotAllowed } from '../clients/access-rule.ts';
import { type PasskeyUse, withPasskeyUse } from '../factors/passkey.ts';
import { withoutRecoveryCode } from '../factors/recovery-code.ts';
import { stopByFactor } from '../factors/slow-recovery.ts';
import { withTotpStep } from '../factors/totp.ts';
import { asksWholeSignIn, wholeSignInDone } from '../lifecycle/reopening.ts';
import type { PreparedTicket } from '../tickets/prepared-ticket.ts';
import { isMultiFactor } from './acr.ts';
import { withoutHalfway } from './halfway.ts';
import type { EnrolReason, FactorDemand, FactorReason, NextStep, PasswordReason } from './reason.ts';
import { standsIn, type TrustClaim, trustAfter } from './trusted-browser.ts';

/** What was verified and must be spent in the accepting write; `none`: the password was proven last. */
export type Evidence =
  | { kind: 'none' }
  | { kind: 'totp'; factorId: string; step: number }
  | { kind: 'recovery-code'; mac: string }
  | ({ kind: 'passkey'; keyType: 'hwk' | 'swk' } & PasskeyUse);

/**
 * What the request needs. `factor`: what it asks of the second factor, whatever the organisation says; absent: nothing.
 * `openTo`: who may use its application; absent: everybody. `trustedBrowser`: what the browser's cookie, or the session,
 * says of it; absent: nothing. `now`: epoch ms.
 */
export type Demand = {
  factor?: FactorDemand;
  openTo?: AccessRule;
  trustedBrowser?: TrustClaim;
  organisations: Organisation[];
  now: number;
};

/**
 * The `amr` (RFC 8176) after this evidence, added to what was proven before. `mfa`: two different factors, which are a
 * password and something held, or a passkey alone that verified its user. A recovery code counts as `otp`.
 */
export function amrWith(before: string[], evidence: Evidence): string[] {
  const amr = new Set(before.filter((value) => value !== 'mfa'));
  if (evidence.kind === 'totp' || evidence.kind === 'recovery-code') amr.add('otp');
  if (evidence.kind === 'passkey') {
    amr.add(evidence.keyType);
    if (evidence.userVerified) amr.add('user');
  }
  const held = amr.has('otp') || amr.has('hwk') || amr.has('swk');
  const knownOrVerified = amr.has('pwd') || amr.has('user');
  if (held && knownOrVerified) amr.add('mfa');
  return [...amr];
}

/** Why nothing opens without a second factor. Undefined: it does. The organisation comes first, because it asks everywhere. */
function whyFactorRequired(account: Account, { factor, organisations, now }: Demand): EnrolReason | undefined {
  if (secondFactorRequired(account, organisations, dayAt(now))) return 'organisation-requires';
  return factor === 'application-prefers' ? undefined : factor;
}

/** Nobody is made to set up a factor for an application that stays closed to him or her. */
function isClosedTo(account: Account, { openTo = 'everybody', now }: Demand): boolean {
  return !hasSecondFactor(account) && whyNotAllowed(openTo, account, now) !== undefined;
}

/**
 * Why a session must be stepped up before the request may pass. Undefined: it need not. One that a password alone opened
 * goes on where a factor is only the person's own, or only preferred and was asked a moment ago.
 */
export function whyStepUp(
  account: Account,
  amr: readonly string[],
  demand: Demand,
  justSignedIn: boolean,
): FactorReason | undefined {
  if (isMultiFactor(amr) || isClosedTo(account, demand)) return undefined;
  if (standsIn(account, amr, demand)) return undefined;
  const required = whyFactorRequired(account, demand);
  if (required !== undefined) return required;
  return demand.factor !== undefined && hasSecondFactor(account) && !justSignedIn ? demand.factor : undefined;
}

/**
 * The next step for a person who has proven `amr` so far. Until something is proven it is always `password`, which
 * tells nothing (rule 1). `asked`: why the sign-in is asked.
 */
export function nextStep(
  account: Account | undefined,
  amr: string[],
  demand: Demand,
  asked: PasswordReason = 'no-session',
): NextStep {
  if (account === undefined || amr.length === 0) return { step: 'password', because: asked };
  const access = accessOf(account, demand.now);
  if (access.kind === 'suspended') return { step: 'ended', because: 'account-suspended' };
  if (access.kind === 'ended') return { step: 'ended', because: 'account-ended' };
  if (access.kind === 'later') return { step: 'ended', because: 'account-not-open-yet' };
  if (account.activatedAt === undefined) return { step: 'password', because: asked };
  if (asksWholeSignIn(account, amr)) return { step: 'password', because: 'closed-long' };
  const proven: NextStep =
    account.passwordExpiredAt === undefined
      ? { step: 'complete' }
      : { step: 'new-password', because: 'password-expired' };
  if (isMultiFactor(amr) || standsIn(account, amr, demand)) return proven;
  const required = whyFactorRequired(account, demand);
  if (hasSecondFactor(account)) return { step: 'second-factor', because: required ?? demand.factor ?? 'own-factor' };
  if (required === undefined || proven.step === 'new-password') return proven;
  return isClosedTo(account, demand)
    ? { step: 'refused', because: 'not-open-to-person' }
    : { step: 'enrol', because: required };
}

/**
 * Rule: accepts a sign-in. Checks that what was verified is still true, spends the evidence and records the sign-in, in
 * one write, so that of parallel uses of one code one wins. `changed`: credentials changed since they were proven;
 * `used`: the evidence was spent or is gone; `owed`: something is still to be proven.
 */
export function acceptSignIn(
  account: Account,
  context: {
    expectedEpoch: number;
    amr: string[];
    evidence: Evidence;
    client: string;
    network: string;
    /** and the link of the email that tells of it, prepared where it seems new to the account */
    browser?: { signing: SigningBrowser; prepared?: PreparedTicket };
    /** the person said "not now" to a second factor */
    declined?: boolean;
    /** why its steps were asked, in their order */
    asked: readonly (PasswordReason | FactorReason)[];
    /** the browser is to be trusted from now on, for so many days; only after a second step */
    trust?: { browser: TrustedBrowser; days: number };
  } & Demand,
): Decision<'accepted' | 'ended' | 'changed' | 'used' | 'owed'> {
  const { evidence, now } = context;
  if (isClosed(account, now)) return { outcome: 'ended' };
  if (!isOpen(account, now) || account.credentialsEpoch !== context.expectedEpoch) return { outcome: 'changed' };
  if (nextStep(account, context.amr, context).step !== 'complete') return { outcome: 'owed' };
  const spent = spend(account, evidence, { now, password: context.amr.includes('pwd') });
  if (spent === undefined) return { outcome: 'used' };
  const left = spent.recoveryCodes?.macs.length ?? 0;
  const stopped = evidence.kind === 'none' ? undefined : stopByFactor(spent, context);
  const { next, letters, details } = noted(stopped?.account ?? spent, context);
  const tookStep = evidence.kind === 'totp' || evidence.kind === 'passkey';
  const trusted = trustAfter(next, tookStep, context);
  const proof = evidence.kind !== 'none' ? evidence.kind : trusted.stoodIn ? 'trusted-browser' : undefined;
  return {
    outcome: 'accepted',
    account: wholeSignInDone(
      context.declined === true ? { ...trusted.account, factorDeclinedAt: now } : trusted.account,
    ),
    effects: [
      {
        kind: 'audit',
        entry: {
          at: now,
          action: 'sign-in',
          actor: { kind: 'person', id: account.id },
          subject: account.id,
          client: context.client,
          network: context.network,
          details: {
            amr: context.amr.join(' '),
            ...(proof === undefined ? {} : { with: proof }),
            because: context.asked.join(' '),
            ...details,
          },
        },
      },
      ...letters,
      ...(stopped?.effects ?? []),
      ...trusted.effects,
      ...(evidence.kind === 'recovery-code'
        ? notices(spent, 'recovery-code-used', { left: String(left) }, context)
        : []),
    ],
  };
}

/**
 * Rule: the account keeps the browser that signs in. Of one that it has not seen both addresses are told, once, by an email
 * whose link leads to "this was not me".
 */
function noted(account: Account, { browser, organisations, now }: Parameters<typeof acceptSignIn>[1]) {
  if (browser === undefined) return { next: account, letters: [], details: {} };
  const { signing, prepared } = browser;
  const { id, name = '', system = '', network = '' } = signing;
  const isNew = isNewBrowser(account, signing);
  const kept = withoutHalfway(withBrowser(account, signing, now), id);
  const agent = [name, system].filter((each) => each !== '').join('/');
  const details = { browser: id, ...(agent === '' ? {} : { agent }), ...(isNew ? { seen: 'no' as const } : {}) };
  if (!isNew || prepared === undefined) return { next: kept, letters: [], details };
  const data = { name, system, network };
  return {
    next: { ...kept, tickets: [...liveTickets(kept, now), { ...prepared.ticket, browser: id }] },
    letters: addressesOf(account).map((to) =>
      secretEmail(emailTo(account, to, 'new-browser', data, { organisations, now }), prepared),
    ),
    details,
  };
}

/**
 * The account with the evidence spent. Undefined: it was spent before, or its factor is gone.
 * @param context `now`: epoch ms; `password`: whether the password is proven as well
 */
export function spend(
  account: Account,
  evidence: Evidence,
  context: { now: number; password: boolean },
): Account | undefined {
  switch (evidence.kind) {
    case 'none':
      return account;
    case 'totp':
      return withTotpStep(account, evidence.factorId, evidence.step, context.now);
    case 'passkey':
      return withPasskeyUse(account, evidence, context);
    case 'recovery-code':
      return account.recoveryCodes?.macs.includes(evidence.mac) === true
        ? withoutRecoveryCode(account, evidence.mac)
        : undefined;
  }
}

/**
 * Rule: strangers typed so many wrong passwords that the right one opens nothing in an unknown browser for a while; the
 * owner is told, because the page does not say it (rule 1). The audit log has it as `sign-in.locked-out`.
 */
export function tellPasswordGuessed(
  account: Account,
  context: { organisations: Organisation[]; now: number },
): Decision<'told'> {
  return { outcome: 'told', effects: notices(account, 'password-guessed', {}, context) };
}

/** Rule: too many wrong codes came after the right password, so somebody else knows it; the owner is told (rule 3). */
export function tellPasswordKnown(
  account: Account,
  context: { organisations: Organisation[]; network: string; now: number },
): Decision<'told'> {
  return {
    outcome: 'told',
    account: withoutHalfway(account),
    effects: [
      ...notices(account, 'password-known', {}, context),
      {
        kind: 'audit',
        entry: {
          at: context.now,
          action: 'second-factor-refused',
          actor: { kind: 'anonymous' },
          subject: account.id,
          network: context.network,
        },
      },
    ],
  };
}

/**
 * Rule: replaces a hash of older parameters after the right password was given. `changed`: the stored hash is another
 * one now.
 */
export function rehashed(account: Account, verifiedHash: string, newHash: string): Decision<'rehashed' | 'changed'> {
  if (account.password?.hash !== verifiedHash) return { outcome: 'changed' };
  return { outcome: 'rehashed', account: { ...account, password: { ...account.password, hash: newHash } } };
}
