/**
 * The account: everything stored about one person, as one document with one opaque `sub` for life; `update-account.ts`
 * changes it. What is kept of one subject is described in that subject's folder.
 */
import type { AuditInput } from '../audit/audit-entry.ts';
import type { DeskRecord } from '../desk/desk-record.ts';
import type { PasskeyFactor, RecoveryCodes, SlowRecovery, TotpFactor } from '../factors/factor-records.ts';
import type { Affiliation, AssuranceEvidence, FedValue, FeedMemory } from '../feed/fed-records.ts';
import type { JsonValue } from '../json-value.ts';
import type { AccessWindow, Ending, Suspension } from '../lifecycle/lifecycle-records.ts';
import type { RoleName } from '../roles/role.ts';
import type { Ticket } from '../tickets/ticket-record.ts';
import type { HalfwaySignIn, SeenBrowser, TrustedBrowser } from './browser-records.ts';
import type { Email } from './emails.ts';
import type { Language } from './languages.ts';

export type Password = {
  /**
   * a PHC string (argon2id), a foreign hash inside argon2id (`wrapped$…`), or a foreign hash as it came ({SSHA}…,
   * $2b$…)
   */
  hash: string;
  setAt: number;
};

/**
 * Something that must happen because the account changed. The same write stores it; `jobs/effects.ts` dispatches and
 * removes it.
 */
export type Effect = { id: string } & EffectInput;
export type EffectInput =
  | { kind: 'letter'; letter: Email }
  /**
   * `olderThanEpoch`: sessions of that epoch or a later one stay, because the person signed in again before the
   * dispatch
   */
  | { kind: 'end-sessions'; reason: string; exceptSessionUid?: string; olderThanEpoch?: number }
  | { kind: 'audit'; entry: AuditInput }
  /** the account was erased: what is stored of the person elsewhere goes as well */
  | { kind: 'forget' }
  /** what the account was goes to the one into which it was merged; `entry`: what the audit log says of that one (../lifecycle/merge.ts) */
  | { kind: 'merge'; entry: AuditInput }
  /**
   * what was taken out of the account becomes this one (../lifecycle/part.ts); `mergedAt`: `Merged.at`, where a merge of then
   * is undone
   */
  | { kind: 'part'; account: Account; mergedAt?: number };

/**
 * The account became part of another one: nothing opens it, and its `id` goes to nobody. Times in epoch ms.
 * `before`: what it was, for as long as it can be taken apart again.
 */
export type Merged = { into: string; at: number; undoUntil: number; before?: Account };

export type Account = {
  /** opaque, random, for life; the public `sub` */
  id: string;
  /** 1 when first stored; each write raises it by one */
  revision: number;
  createdAt: number;
  /** seals what the audit log holds about this person; erased with the account (../audit/sealed-audit-values.ts) */
  auditKey: string;
  /** epoch ms of the first activation, never changed; absent: never active */
  activatedAt?: number;
  givenName: string;
  familyName: string;
  /** lower-cased logins; the first is shown */
  userNumbers: string[];
  /**
   * numbers that it held while it was activated and holds no more. They are no logins, and no other account gets them
   * (`keepFormerNumbers`); absent: none
   */
  formerNumbers?: string[];
  /** lower-cased institution addresses; logins */
  emails: string[];
  /** never a login */
  personalEmail?: string;
  /** those from which a mailed code or link came back (proven-addresses.ts); absent: none since this is noted */
  provenAddresses?: string[];
  /** addresses that came from a feed lately: until `until` (epoch ms) no link or code goes there (held-addresses.ts) */
  heldAddresses?: { address: string; until: number }[];
  /** a personal address that a feed gave to an active account; its owner is asked to confirm it */
  proposedAddress?: { address: string; source: string; at: number };
  phone?: string;
  language: Language;
  /** further standard claims (OpenID Connect Core 5.1): `birthdate`, `address` as an object … */
  claims: Record<string, JsonValue>;
  affiliations: Affiliation[];
  /** those of each source beside those of the others (groups.ts says which hold today); absent: none */
  groups?: FedValue[];
  /** URIs, kept as groups are; absent: none */
  entitlements?: FedValue[];
  /** `https://orcid.org/…`, as a source knows it */
  orcid?: string;
  feeds: FeedMemory[];
  /** of whom the person is, and by whom that is known (assurance.ts); absent: none */
  evidence?: AssuranceEvidence[];
  password?: Password;
  totps: TotpFactor[];
  passkeys: PasskeyFactor[];
  recoveryCodes?: RecoveryCodes;
  /** absent: none */
  trustedBrowsers?: TrustedBrowser[];
  tickets: Ticket[];
  /** epoch ms of each code or link mailed in the last 48 hours, newest last; limits resending */
  mailedAt: number[];
  /** an invitation is due as soon as the account opens */
  invitationWaits?: true;
  /** epoch ms until which `/activate` says "a code may be under way", whatever address was typed (rule 1) */
  codeMayBeUnderWayUntil?: number;
  /**
   * when the account opens: apart, in order, written with the affiliations that grant them
   * (../lifecycle/access.ts). Absent: until `endsAt`
   */
  windows?: AccessWindow[];
  /** names the rules of access by which `windows` were made (../lifecycle/access-rules.ts) */
  rulesVersion?: string;
  /** epoch ms of the end that comes next, or came last, by which jobs find it; absent: no end is known */
  endsAt?: number;
  /** one record for each end that this account has or had, by its `endsAt`; absent: none yet */
  endings?: Ending[];
  /** absent: none, though one whose `until` has passed may still stand here */
  suspension?: Suspension;
  /** while it stands, nothing erases the account; it closes nothing */
  legalHold?: { reason: string; at: number };
  /**
   * keys of names that go to no other account (../lifecycle/reserved-names.ts): of an erased one, and for 30 days before;
   * absent: none
   */
  reserved?: string[];
  /** its erasure was announced for `at`, when it was due at `due` (epoch ms) */
  erasure?: { due: number; at: number };
  /** what is left of an erased account; nothing of the person is (../lifecycle/erasure.ts) */
  erased?: { day: string; rule: string; counts: Record<string, number> };
  /** absent: it is an account of its own */
  merged?: Merged;
  /** ids of accounts that became part of this one, of theirs too; absent: none */
  mergedFrom?: string[];
  /** epoch ms since when the password opens nothing until a reset has replaced it; absent: it opens the account */
  passwordExpiredAt?: number;
  /** it opened after a long time closed: the next sign-in is not shortened (../lifecycle/reopening.ts) */
  wholeSignIn?: true;
  credentialsEpoch: number;
  /** absent: none was begun */
  slowRecovery?: SlowRecovery;
  /** epoch ms at which the person last said "not now" to a second factor; absent: never */
  factorDeclinedAt?: number;
  /** those of the last sign-ins, in the order of their last one; absent: none since this is noted */
  browsers?: SeenBrowser[];
  /** cookies of browsers from an earlier `credentialsEpoch` prove nothing to isNewBrowser, since something was disowned */
  browsersDisownedBefore?: number;
  /** sign-ins that wait for their second step, the oldest first; absent: none */
  halfway?: HalfwaySignIn[];
  /** what the service desk did lately, what waits there, and its notes; absent: nothing */
  desk?: DeskRecord;
  /**
   * the roles in Pedel that are granted to the person, each once: a copy, kept here so that the very write of a feed is
   * refused (rule 26). What somebody may do is asked of the grants themselves (../roles)
   */
  roles: RoleName[];
  /** effects not yet dispatched */
  effects: Effect[];
};

/** What a rule returns: an outcome and, if something changes, the next account and its effects. */
export type Decision<Outcome> = {
  outcome: Outcome;
  account?: Account;
  effects?: EffectInput[];
  /** numbers that somebody who may decides to give to another account, though this one was activated */
  handsOver?: string[];
};

/**
 * The account with these effects added, under the ids `<account>:<revision>:<index>`; for a first insert at revision 1
 * as well.
 */
export function withEffects(account: Account, effects: EffectInput[]): Account {
  return {
    ...account,
    effects: [
      ...account.effects,
      ...effects.map((effect, index) => ({ id: `${account.id}:${account.revision}:${index}`, ...effect })),
    ],
  };
}

/**
 * Rule 26: a number that an activated account ever held goes to no other, because applications know people by it
 * (`eppn-unique-no-reassign`). Returns `after` with the numbers of `before` that it gives up kept as former ones, but for
 * those that are `handed` over, and of an account that is no more.
 */
export function keepFormerNumbers(before: Account, after: Account, handed: readonly string[] = []): Account {
  if (before.activatedAt === undefined || after.erased !== undefined || after.merged !== undefined) return after;
  const held = [...(before.formerNumbers ?? []), ...before.userNumbers, ...(after.formerNumbers ?? [])];
  const former = [...new Set(held)].filter((number) => !after.userNumbers.includes(number) && !handed.includes(number));
  const { formerNumbers: _, ...rest } = after;
  return former.length === 0 ? rest : { ...rest, formerNumbers: former };
}

/** Whether the account has a second factor; one that is still being set up does not count. */
export function hasSecondFactor(account: Account): boolean {
  return account.totps.length > 0 || account.passkeys.length > 0;
}
