/** What is told of a password, code or passkey that somebody gave: the outcome, and when the audit log has it (rule 31). */
import type { AuditInput } from '../audit/audit-entry.ts';
import type { Attempts } from '../ports/attempts.ts';
import type { Limit } from '../rate-limits/limits.ts';

/** The page on which it was given; `enrolment`: the code that is mailed before a first factor is set up. */
export type ProofPlace = 'sign-in' | 'account' | 'reset' | 'activation' | 'enrolment';

export type ProofFactor = 'password' | 'totp' | 'recovery-code' | 'passkey' | 'mailed-code' | 'desk-pass';

export type ProofOutcome =
  | 'right'
  | 'wrong'
  /** no account has this login, or no account has this passkey */
  | 'unknown'
  /** the account was never activated */
  | 'not-active'
  /** an activation code, typed for an account that is active already */
  | 'already-active'
  /** right, and spent before */
  | 'used'
  /** a passkey whose counter did not go up: it, or what was used before, may be a copy */
  | 'counter-went-back'
  /** no code is under way, or the question that a passkey answers is not */
  | 'expired'
  /** the code was tried too often */
  | 'exhausted'
  /** the passkey did not verify its user, and no password was given */
  | 'unverified'
  /** it did for the first time, so it counts beside a password only */
  | 'newly-verified'
  /** a limit refused it before it was judged */
  | 'limited'
  /** right, and the account has ended or is not open yet */
  | 'ended'
  /** right, and the application is not open to this person, who is not made to set up a factor for it */
  | 'not-open-to-person'
  /** right, and the credentials changed since what was proven before */
  | 'changed'
  /** right, and the application asked for somebody else */
  | 'other-account';

export type Proof = {
  place: ProofPlace;
  factor: ProofFactor;
  outcome: ProofOutcome;
  /** as typed, normalized; absent: none was typed */
  login?: string;
  /** the id of the account that it was given for; absent: there is none */
  account?: string;
  /** it came from a browser in which the person signed in before: probably the owner, not a stranger */
  knownBrowser?: boolean;
  /** the `client_id` of the application that asked */
  client?: string;
  /** limits that this try was the first to reach in their window */
  limitsHit?: readonly Limit[];
};

/** What a code of the second factor is, by its looks: six digits come from an authenticator. */
export function factorOfCode(typed: string): 'totp' | 'recovery-code' {
  return /^\d{6}$/.test(typed.normalize('NFKC').replace(/[\s-]/g, '')) ? 'totp' : 'recovery-code';
}

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const EACH_TENTH_UNTIL = 1000;

/** Whether the audit log has the failure that is the nth of its account in a day. */
export function isAudited(nth: number): boolean {
  return nth === 1 || nth % (nth <= EACH_TENTH_UNTIL ? 10 : EACH_TENTH_UNTIL) === 0;
}

/** Limits that refuse one person, not a whole network or browser. */
const ofOneAccount: readonly Limit[] = [
  'passwordPerLoginAndNetwork',
  'passwordPerLoginFromStrangers',
  'passwordPerAccountAndNetwork',
  'passwordPerAccountFromStrangers',
  'passwordInKnownBrowser',
  'factorPerAccount',
  'factorInKnownBrowser',
  'factorInKnownBrowserPerDay',
  'factorInAllKnownBrowsers',
];

/**
 * Counts a failure, and gives what the audit log is to tell: the first of an account in a day, every tenth, and every
 * limit that was reached. What a limit refused is not counted, so that nobody can fill the log. The work is the same
 * without an account (rule 1). `now`: epoch ms; `network`: the full address.
 */
export async function failureEntries(
  attempts: Pick<Attempts, 'take'>,
  proof: Proof,
  network: string,
  now: number,
): Promise<AuditInput[]> {
  const { place, factor, outcome, login, account, client, knownBrowser = false, limitsHit = [] } = proof;
  const browser = knownBrowser ? 'known' : 'other';
  if (account === undefined && login === undefined) return []; // a passkey of nobody: there is no work to be like
  // what is counted for a made-up login is only the same work, and soon forgotten
  const [whose, windowMs] = account === undefined ? [`login ${login}`, HOUR_MS] : [account, DAY_MS];
  const nth = outcome === 'limited' ? 0 : await attempts.take(`failures ${whose}`, now + windowMs, now);
  if (account === undefined) return [];
  const frame = {
    at: now,
    actor: { kind: 'anonymous' },
    subject: account,
    ...(client === undefined ? {} : { client }),
    network,
  } as const;
  const failed: AuditInput = {
    ...frame,
    action: 'sign-in.failed',
    details: { place, factor, outcome, browser, nth: String(nth) },
  };
  return [
    ...(nth > 0 && isAudited(nth) ? [failed] : []),
    ...limitsHit
      .filter((limit) => ofOneAccount.includes(limit))
      .map(
        (limit): AuditInput => ({ ...frame, action: 'sign-in.locked-out', details: { place, factor, browser, limit } }),
      ),
  ];
}
