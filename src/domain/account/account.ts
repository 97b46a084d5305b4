/**
 * The account: everything stored about one person, as one document with one opaque `sub` for life; `update-account.ts`
 * changes it.
 */
import type { AuditAction, AuditInput } from '../audit/audit-entry.ts';
import type { DeskRecord } from '../desk/desk-record.ts';
import type { ScimEntry } from '../feed/scim-entry.ts';
import type { RoleName } from '../roles/role.ts';
import type { EndKind } from './access-terms.ts';
import type { Email } from './emails.ts';
import type { Language } from './languages.ts';

/** A role at one organisation. Days are calendar dates (`YYYY-MM-DD`) in Europe/Brussels, both inclusive. */
export type Affiliation = {
  organisation: string;
  role: string;
  from?: string;
  until?: string;
  /** official end reported by the source (studies stopped) */
  endedOn?: string;
  endReason?: string;
  /** how it ends, by which the rules of the organisation say when access ends; of `endedOn`, where there is one */
  end?: EndKind;
  /** epoch ms at which its source withdrew it (`end`), which closes it */
  withdrawnAt?: number;
  /** the source of the feed that gave it; no other source changes it */
  source: string;
};

/** A group or an entitlement, in the row of which affiliation a source gave it. */
export type FedValue = { value: string; organisation: string; role: string; source: string };

/** How far a source proofs identities, by the REFEDS Assurance Framework 2.0 (IAP). */
export type IdentityLevel = 'low' | 'medium' | 'high';

/** Something that is known of who the person is. `second-factor`: Pedel itself knows that the person holds one. */
export type AssuranceEvidence = {
  /** id of the feed's source, or `pedel` */
  source: string;
  level: IdentityLevel | 'second-factor';
  /** since which day (`YYYY-MM-DD`) it is known */
  day: string;
  /** HMAC of the identifier under which the source knows the person; Pedel itself has none */
  mac?: string;
};

/** What a source said last. A field changes only when the source's own value has changed since (rule 26). */
export type FeedMemory = {
  source: string;
  key: string;
  fields: Record<string, string>;
  /** how the source said it over SCIM; absent: it never did */
  scim?: ScimEntry;
};

export type Password = {
  /**
   * a PHC string (argon2id), a foreign hash inside argon2id (`wrapped$…`), or a foreign hash as it came ({SSHA}…,
   * $2b$…)
   */
  hash: string;
  setAt: number;
};

/** Of a seed that a source brought. Absent: SHA-1, 6 digits, steps of 30 seconds. */
export type TotpSettings = { algorithm?: 'sha256' | 'sha512'; digits?: 8; period?: 60 };

export type TotpFactor = TotpSettings & {
  id: string;
  name: string;
  /** the seed, sealed for owner `account.id`, field `totp` */
  sealedSeed: string;
  /** last time step accepted; a step only ever increases (rule 4) */
  lastStep: number;
  createdAt: number;
  lastUsedAt?: number;
};

export type PasskeyFactor = {
  id: string;
  name: string;
  /** base64url credential id; unique in the association */
  credentialId: string;
  /** COSE public key, base64url */
  publicKey: string;
  signCount: number;
  transports: string[];
  /** `swk`: may be synced between devices (backup eligible); `hwk`: bound to one */
  keyType: 'hwk' | 'swk';
  createdAt: number;
  lastUsedAt?: number;
  /**
   * The rest of a credential record (WebAuthn level 3, 4), which is absent of passkeys that were set up before version
   * 0.3. AAGUID: which model or password manager made it, a UUID; all zeros: it does not say.
   */
  aaguid?: string;
  /** the attestation statement format of the registration; `none` unless the authenticator gave one unasked */
  attestationFormat?: string;
  /** whether it may be synced (BE); never changes */
  backupEligible?: boolean;
  /** whether it was synced (BS) at its last use */
  backedUp?: boolean;
  /**
   * whether it has verified its user (UV) at the registration, or since in a sign-in with the password; false: its user
   * verification proves nothing yet
   */
  uvInitialized?: boolean;
};

/**
 * A browser in which the second step was taken and is not asked for some days (../sign-in/trusted-browser.ts). `hash`: of the
 * token in its cookie, SHA-256 in hex; `agent`: what it calls itself; times in epoch ms.
 */
export type TrustedBrowser = {
  id: string;
  hash: string;
  /** `credentialsEpoch` when it was trusted; a higher one ends that */
  epoch: number;
  since: number;
  usedAt?: number;
  agent?: string;
};

export type RecoveryCodes = { macs: string[]; createdAt: number };

export type TicketPurpose =
  | 'activation'
  | 'reset'
  | 'first-factor'
  | 'email-change'
  | 'email-undo'
  | 'desk-pass'
  | 'not-me'
  /** the code of a slow recovery, and the links that stop it */
  | 'recovery'
  | 'recovery-stop';

/**
 * What a person must have besides the password to add a factor (rule 7). For a first factor only: `activation`, the
 * ticket that the same write spends; `activation-session`, the session that the activation opened, while it is young;
 * `mailed-code`, a code sent to the address on file (`ticketId`). For further ones: `existing-factor`, a factor or
 * recovery code proven recently in this session. For either: `desk-pass` (rule 9) and `slow-recovery`, which replace what was lost
 * (`ticketId`).
 */
export type EnrolmentProof =
  | 'activation'
  | 'activation-session'
  | 'mailed-code'
  | 'existing-factor'
  | 'desk-pass'
  | 'slow-recovery';

/**
 * The state of an enrolment between two pages, as plain JSON. Each flow keeps it in its ticket, interaction or sealed
 * cookie.
 */
export type PendingEnrolment = {
  /** absent: a code must be mailed first (steps `send-code` and `verify`) */
  proof?: EnrolmentProof;
  /** the ticket of purpose `first-factor`, `desk-pass` or `recovery` whose code was typed; spent by the write that adds the factor */
  ticketId?: string;
  /** the masked address to which a code was mailed; absent: none was */
  codeSentTo?: string;
  kind?: 'totp' | 'passkey';
  /** id of the future factor, so that a form sent twice adds only one */
  factorId?: string;
  /** sealed for owner `account.id`, field `totp`; the factor keeps it as it is */
  sealedSeed?: string;
  /** the WebAuthn challenge sent to the browser, base64url */
  challenge?: string;
  /**
   * the ten recovery codes, sealed for owner `account.id`, field `recovery-codes`, until the person says they are kept
   */
  sealedCodes?: string;
  /** the person it belongs to: another person who signs in next in the same interaction must not use it */
  accountId: string;
  /** `credentialsEpoch` at the beginning; a higher one ends the enrolment */
  epoch: number;
  /** epoch ms when it began */
  since: number;
};

/** A single-use proof (rule 11). A GET never spends it; spending it removes it from the account. */
export type Ticket = {
  /** SHA-256 (hex) of the link's token; where there is no link, of a random token that is thrown away */
  id: string;
  purpose: TicketPurpose;
  /** HMAC of the short code (rule 4); absent: the ticket has none */
  codeMac?: string;
  createdAt: number;
  expiresAt: number;
  /** number of wrong codes; the tenth ends the code but not the link */
  tries: number;
  /** the address to which it was mailed; of an `email-change` the one that it confirms */
  sentTo?: string;
  /** `credentialsEpoch` when it was made, where a later one ends it */
  epoch?: number;
  /** the change of the personal address that it takes back; `from` absent: there was none before; `heldUntil`: epoch ms */
  undoes?: { from?: string; heldUntil?: number; to: string }; // `to`: '' where it was removed
  /** of purpose `not-me`: the id of the browser of whose sign-in the email tells */
  browser?: string;
  /** of purpose `not-me`: it tells of a sign-in that stopped halfway, this one */
  halfway?: HalfwaySignIn;
  /** of purpose `not-me`: of which act its email tells, and when it was done (epoch ms); absent: of a sign-in */
  tells?: { action: AuditAction; at: number };
  /** what waits until the factor is proven (rule 6) */
  pending?: {
    passwordHash?: string;
    sealedSeed?: string;
    factorProven?: boolean;
    enrolment?: PendingEnrolment;
    /** the key of the browser in which it was typed, to which it belongs */
    browser?: string;
    since: number;
  };
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

/**
 * The account is closed whatever its affiliations say, until it is lifted or until `until` (epoch ms). `reason`: what
 * whoever did it wrote, for the desk only (../lifecycle/suspension.ts).
 */
export type Suspension = { kind: SuspensionKind; reason: string; at: number; until?: number };
export const suspensionKinds = ['security', 'administrative'] as const;
export type SuspensionKind = (typeof suspensionKinds)[number];

/**
 * A slow recovery of the second step (../factors/slow-recovery.ts). Times in epoch ms. `until`: from when a new one can be set
 * up; `epoch`: `credentialsEpoch` when it began, a higher one ends it; `tellAt`: when something is to be told or cleared next;
 * `stoppedAt`: it is no more, and another begins a day later at the earliest.
 */
export type SlowRecovery = { since: number; until: number; epoch: number; tellAt: number; stoppedAt?: number };

/** Which warnings of an end were sent, and whether the end was carried out (../lifecycle/expiry-warnings.ts). */
export type Ending = {
  endsAt: number;
  /** the last warning sent, by its number of days before the last day */
  warnedDays?: number;
  /** epoch ms at which its sessions were ended */
  carriedOutAt?: number;
};

/**
 * A stretch of time, epoch ms, in which the account opens: from `from` on, before `until`; absent: no bound. `because`:
 * the affiliation that decides when it ends.
 */
export type AccessWindow = { from?: number; until?: number; because?: Omit<Affiliation, 'source'> };

/** A browser in which the person signed in (browsers.ts). Times in epoch ms. */
export type SeenBrowser = {
  /** known by its cookie; the same for all epochs */
  id: string;
  /** "Chrome", "Windows"; absent: it does not say */
  name?: string;
  system?: string;
  handheld?: true;
  /** the configured name of the network of its last sign-in, where it has one */
  network?: string;
  firstAt: number;
  lastAt: number;
  /** its owner said that it was somebody else's; it has not signed in since */
  disownedAt?: number;
};

/** The right password was typed in a browser that the account had not seen (../sign-in/halfway.ts). */
export type HalfwaySignIn = Pick<SeenBrowser, 'name' | 'system' | 'network'> & {
  /** its id, as `SeenBrowser.id` */
  browser: string;
  /** the address of its network */
  address: string;
  /** epoch ms of the first time */
  at: number;
};

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

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
