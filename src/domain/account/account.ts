/** The account: one human being, one document, one opaque `sub` for life (`update-account.ts` is the one way to change it). */

export type Language = 'nl' | 'en';
export type Role = 'owner' | 'admin' | 'helpdesk';

/** A role at one organisation. Days are calendar dates (`YYYY-MM-DD`) in Europe/Brussels, both inclusive. */
export type Affiliation = {
  organisation: string;
  role: string;
  from?: string;
  until?: string;
  /** official end reported by the source (studies stopped); access ends 7 days later */
  endedOn?: string;
  endReason?: string;
  /** the feed that gave it: only that source changes it */
  source: string;
};

/** What a feed said last, so that a field changes only when the source's own value changed (rule 26). */
export type FeedMemory = { source: string; key: string; fields: Record<string, string> };

export type Password = {
  /** PHC string (argon2id), or a foreign hash wrapped as `wrapped$…`, or a foreign hash as it came ({SSHA}…, $2b$…) */
  hash: string;
  setAt: number;
};

export type TotpFactor = {
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
};

export type RecoveryCodes = { macs: string[]; createdAt: number };

export type TicketPurpose = 'activation' | 'reset' | 'first-factor' | 'email-change' | 'desk-pass';

/**
 * What entitles a person to add a factor, besides the password:
 * `activation`: the ticket that this very write spends; `activation-session`: the young session that an activation
 * opened; `mailed-code`: a code sent to the address on file (`ticketId`); these three only for a first factor.
 * `existing-factor`: a factor or recovery code proven recently in this session.
 */
export type EnrolmentProof = 'activation' | 'activation-session' | 'mailed-code' | 'existing-factor';

/** What must survive between two pages. The embedding flow keeps it (in its ticket, interaction or sealed cookie): plain JSON. */
export type PendingEnrolment = {
  /** absent = a code has to be mailed first (`send-code`, `verify`) */
  proof?: EnrolmentProof;
  /** the ticket of purpose `first-factor` whose code was typed; the write that adds the factor spends it */
  ticketId?: string;
  /** where a code was mailed to, masked, once one was */
  codeSentTo?: string;
  kind?: 'totp' | 'passkey';
  /** id of the factor to be, so that the same form sent twice adds one */
  factorId?: string;
  /** sealed for owner `account.id`, field `totp`, as the factor will keep it */
  sealedSeed?: string;
  /** WebAuthn challenge that was asked, base64url */
  challenge?: string;
  /** the ten codes, sealed for owner `account.id`, field `recovery-codes`, until the person says they are kept */
  sealedCodes?: string;
  /** whose it is: what entitles one person must not entitle whoever signs in next in the same interaction */
  accountId: string;
  /** `credentialsEpoch` when it began: a raised one ends it */
  epoch: number;
  /** epoch ms when it began */
  since: number;
};

/** A single-use proof. A GET never spends it; spending removes it from the account. */
export type Ticket = {
  /** SHA-256 (hex) of the link's token; for tickets without a link, of a random token that nobody was told */
  id: string;
  purpose: TicketPurpose;
  /** HMAC of the short code, where there is one (rule 4) */
  codeMac?: string;
  createdAt: number;
  expiresAt: number;
  /** wrong codes tried; ten end the code (not the link) */
  tries: number;
  /** the address it was mailed to */
  sentTo?: string;
  /** rule 6: what waits for the factor to be proven */
  pending?: {
    passwordHash?: string;
    sealedSeed?: string;
    factorProven?: boolean;
    enrolment?: PendingEnrolment;
    since: number;
  };
};

/** Something that must happen because the account changed; stored by the same write, then moved on and removed. */
export type Effect = { id: string } & EffectInput;
export type EffectInput =
  | { kind: 'letter'; letter: Letter }
  /** `olderThanEpoch`: sessions of that epoch or a later one stay (the person signed in again before this was handed on) */
  | { kind: 'end-sessions'; reason: string; exceptSessionUid?: string; olderThanEpoch?: number }
  | { kind: 'audit'; entry: AuditInput };

export type LetterTemplate =
  | 'invitation' // data: number, organisation; secret: link
  | 'activation-code' // data: number; secret: code, link
  | 'already-active' // somebody asked to activate an account that is active
  | 'reset' // data: number; secret: link
  | 'factor-code' // data: number; secret: code
  | 'password-changed'
  | 'factor-added' // data: factor (its name)
  | 'factor-removed' // data: factor
  | 'recovery-code-used' // data: left
  | 'recovery-codes-renewed'
  | 'password-known' // rule 3: the password is known to somebody
  | 'address-changed' // data: oldAddress, newAddress
  | 'address-confirm' // secret: link
  | 'account-ends'; // data: lastDay, and where an affiliation decides it: organisation, endedOn (days as YYYY-MM-DD)

export type Letter = {
  template: LetterTemplate;
  to: string;
  language: Language;
  /** the organisation whose name and contacts it carries */
  organisation: string;
  givenName: string;
  data: Record<string, string>;
  /** JSON `{ link?, code? }`, sealed for owner `account.id`, field `letter` (rule 25) */
  sealedSecret?: string;
  /** epoch milliseconds until when what it holds is of use; the letter is not sent afterwards */
  expiresAt?: number;
};

export type AuditInput = {
  at: number;
  action: string;
  actor: { kind: 'person' | 'client' | 'command' | 'system' | 'anonymous'; id?: string };
  /** account id of whom it was done to */
  subject?: string;
  client?: string;
  network?: string;
  /** never a secret; personal old and new values go into `sealedValues` (domain/audit.ts) */
  details?: Record<string, string>;
  sealedValues?: string;
};

/** What the person was told of an end, and whether it was carried out (domain/ending.ts). */
export type Ending = {
  endsAt: number;
  /** the last warning that was sent: so many days before the last day */
  warnedDays?: number;
  /** epoch ms at which its sessions were ended */
  carriedOutAt?: number;
};

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export type Account = {
  /** opaque, random, for life; the public `sub` */
  id: string;
  /** raised by one with every write; 1 when first stored */
  revision: number;
  createdAt: number;
  /** what the audit log tells of this person is sealed under it; erased with the account (domain/audit.ts) */
  auditKey: string;
  /** set once, by the first activation; absent = never active */
  activatedAt?: number;
  givenName: string;
  familyName: string;
  /** lower-cased, the first is the one to show; logins */
  userNumbers: string[];
  /** lower-cased institution addresses; logins */
  emails: string[];
  /** never a login */
  personalEmail?: string;
  phone?: string;
  language: Language;
  /** further standard claims (`birthdate`, `address` as an object …) */
  claims: Record<string, JsonValue>;
  affiliations: Affiliation[];
  feeds: FeedMemory[];
  password?: Password;
  totps: TotpFactor[];
  passkeys: PasskeyFactor[];
  recoveryCodes?: RecoveryCodes;
  tickets: Ticket[];
  /** epoch ms of the last mailed code or link, newest last, for resending limits (those of the last 48 h) */
  mailedAt: number[];
  /** until when `/activate` says "a code may be under way", whatever address was typed (rule 1) */
  codeMayBeUnderWayUntil?: number;
  /** epoch ms from which nothing opens any more; absent = no end known */
  endsAt?: number;
  /** what became of each end that this account had or has, by its `endsAt`; absent = nothing yet */
  endings?: Ending[];
  credentialsEpoch: number;
  roles: Role[];
  /** effects not yet handed on */
  effects: Effect[];
};

/** What a rule returns: a named outcome and, where something changes, the next account and its effects. */
export type Decision<Outcome> = { outcome: Outcome; account?: Account; effects?: EffectInput[] };

/** The account with these effects added under their deterministic ids; also used for a first insert (revision 1). */
export function withEffects(account: Account, effects: EffectInput[]): Account {
  return {
    ...account,
    effects: [
      ...account.effects,
      ...effects.map((effect, index) => ({ id: `${account.id}:${account.revision}:${index}`, ...effect })),
    ],
  };
}

/** Whether there is any second factor to ask for; those still being set up are elsewhere (tickets, interactions). */
export function hasSecondFactor(account: Account): boolean {
  return account.totps.length > 0 || account.passkeys.length > 0;
}

/** Whether this account opens anything at `now` (epoch ms): activated, and not ended. */
export function isOpen(account: Account, now: number): boolean {
  return account.activatedAt !== undefined && !hasEnded(account, now);
}

export function hasEnded(account: Account, now: number): boolean {
  return account.endsAt !== undefined && account.endsAt <= now;
}
