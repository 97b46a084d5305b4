/** The port for what people allowed clients to know; a grant of each session is made from it (rule 16). */
import type { ChangeEntry } from './audit-log.ts';

/** What one person allowed one client to know. `givenAt`: epoch ms of the last consent. */
export type Consent = {
  accountId: string;
  clientId: string;
  scopes: string[];
  claims: string[];
  /**
   * the personal claims that the page named, of these scopes and by name; no other is told. Absent: a consent of before
   * this was kept, which covers all of its scopes
   */
  shown?: string[];
  /** by resource indicator (RFC 8707) */
  resourceScopes: Record<string, string[]>;
  givenAt: number;
};
export type Consents = {
  find(accountId: string, clientId: string): Promise<Consent | undefined>;
  /** adds to what is stored (union), atomically; `entry` goes into the audit log in the same act */
  add(consent: Consent, entry?: ChangeEntry): Promise<void>;
  /**
   * False: there was none. Ends this person's grants to the client as well (as `revokeByGrant` does). `entry` goes into the audit
   * log in the same act, of the one caller that removed it.
   */
  remove(accountId: string, clientId: string, entry?: ChangeEntry): Promise<boolean>;
  byAccount(accountId: string): Promise<Consent[]>;
};
