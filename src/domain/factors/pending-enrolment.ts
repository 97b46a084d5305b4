/** What is kept of a second factor that is being set up, until it is added. */

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
