/** The port for initial access tokens (RFC 7591): each registers a number of clients, and no more, whoever asks at once. */
import type { RegistrationTerms } from '../registration/terms.ts';
import type { ChangeEntry } from './audit-log.ts';
import type { ClientRecord } from './clients.ts';

/** Only `left` ever changes. Times in epoch ms. */
export type InitialAccessToken = {
  /** short; for people and the audit log */
  id: string;
  /** unique (`bearerHash`) */
  hash: string;
  terms: RegistrationTerms;
  /** how many clients it registers in all, and how many are left */
  uses: number;
  left: number;
  /** from then on it opens nothing */
  expiresAt: number;
  note?: string;
  /** who made it: the user of the operating system; absent: not known */
  by?: string;
  createdAt: number;
};

/** `entry` goes into the audit log in the same act, where something was changed. */
export type InitialAccessTokens = {
  /** false: its id or hash is there already */
  add(token: InitialAccessToken, entry?: ChangeEntry): Promise<boolean>;
  /** used up and expired ones as well */
  find(hash: string): Promise<InitialAccessToken | undefined>;
  /** by id, after the id `after` */
  list(after: string | undefined, limit: number): Promise<InitialAccessToken[]>;
  /** deletes it; what it registered stays. False: there was none */
  revoke(id: string, entry?: ChangeEntry): Promise<boolean>;
  /**
   * Takes one use and stores the client, as one act: a process that dies in between has taken none for good (MongoDB gives
   * it back to the first who asks a minute later). `spent`: revoked, expired at `now`, or used up, also by callers at once.
   * `picture`: that of its logo, in base64.
   */
  register(
    hash: string,
    client: ClientRecord,
    now: number,
    entry?: ChangeEntry,
    picture?: string,
  ): Promise<'registered' | 'spent' | 'id-taken'>;
};
