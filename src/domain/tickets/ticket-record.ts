/** What an account keeps of a link or a code that was made for its person. */
import type { HalfwaySignIn } from '../account/browser-records.ts';
import type { AuditAction } from '../audit/audit-entry.ts';
import type { PendingEnrolment } from '../factors/pending-enrolment.ts';

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
