/** The port for registered clients (relying parties), written by compare-and-set. */
import type { PictureType } from '../brand/picture.ts';
import type { JsonValue } from '../json-value.ts';
import type { RegistrationTerms } from '../registration/terms.ts';
import type { ChangeEntry } from './audit-log.ts';

/** The logo of an application, as it was fetched when the application was registered. */
export type ClientLogo = {
  /** the `logo_uri` from which it was fetched */
  uri: string;
  /** `pictureHash` of the picture */
  hash: string;
  type: PictureType;
};

/** How a client came to be registered, when (epoch ms), and by whom. Each further way is a kind of its own. */
export type ClientOrigin =
  /** `pedel clients apply`; `by`: the user of the operating system, where that is known */
  | { kind: 'apply'; at: number; by?: string }
  /**
   * one at a time, by an operator; `by`: the account or service client, or the user of the operating system. `preset`,
   * `answers`: with which preset of the catalogue, filled with what (`connectionOf`); absent: without one. `form`: the
   * form that was sent, by which one that is sent again is known
   */
  | {
      kind: 'added';
      at: number;
      via: 'console' | 'api' | 'command';
      by?: string;
      preset?: string;
      answers?: Record<string, string>;
      form?: string;
    }
  /** by itself (RFC 7591); `token`: the id of its initial access token */
  | { kind: 'registration'; at: number; token: string; organisation: string };

/** Of a client that registered itself and that no operator has taken over. */
export type SelfRegistered = {
  /** `pending`: nobody signs in until an operator approves */
  state: 'pending' | 'approved';
  /** `bearerHash` of its registration access token (RFC 7592), which changes with each update */
  accessToken: string;
  /** what its changes are held to */
  terms: RegistrationTerms;
};

/** One of up to five (`client-secrets.ts`), stored only as a hash. Times in epoch ms. */
export type ClientSecret = {
  id: string;
  hash: string;
  createdAt: number;
  /** from which on it is refused; absent: never */
  expiresAt?: number;
  /** what operators call it; absent: it was made without a name, by a file, a registration or an earlier version */
  name?: string;
  /** who made it; absent as `name` */
  by?: { kind: 'person' | 'client' | 'command' | 'system'; id?: string };
};

/** RFC 7591 metadata and Pedel's own `pedel_…` members, secrets only as hashes. */
export type ClientRecord = {
  id: string;
  revision: number;
  metadata: Record<string, JsonValue>;
  /** newest first; several while a rotation overlaps */
  secrets: ClientSecret[];
  /** the one picture that is stored beside the record; see `logoOf` */
  logo?: ClientLogo;
  /** epoch ms from which nothing is issued to it or accepted from it; absent: never. Given as `pedel_valid_until` */
  validUntil?: number;
  /**
   * Absent: it is on. Else nothing is issued to it or accepted from it since `at` (epoch ms). `removeAt`: it is deleted, and
   * removed for good from then on
   */
  disabled?: { at: number; removeAt?: number };
  registration?: SelfRegistered;
  /** absent in records of earlier versions: see `originOf` */
  origin?: ClientOrigin;
  createdAt: number;
  updatedAt: number;
};
/** A picture is kept beside its record, because records are read in lists. In base64. */
export type PictureOfClient = Pick<ClientRecord, 'logo'> & { picture?: string };
/** `before` absent: it was not there; `after` absent: it went. Neither: it changed, and its values are kept nowhere. */
export type MemberChange = { member: string; before?: JsonValue; after?: JsonValue };
export type ClientRevision = {
  /** that of the record which came of it */
  revision: number;
  /** epoch ms */
  at: number;
  /** of the audit entry that was written in the same act; absent: there was none */
  entry?: { id: string; action: string; actor: ChangeEntry['actor'] };
  /** by member; empty for the first of a client */
  changes: MemberChange[];
  /** the values were too large to be kept, so that nothing before them can be restored */
  withoutValues?: true;
};
/** Its revisions, oldest first, are kept beside it as well (../clients/client-history.ts). Absent: none is known. */
export type HistoryOfClient = { history?: ClientRevision[] };
export type Clients = {
  find(id: string): Promise<ClientRecord | undefined>;
  /** whose API has this identifier or audience (`resourceKeysOf`) */
  findByResource(key: string): Promise<ClientRecord | undefined>;
  /** those of these ids that there are, by id */
  findAll(ids: readonly string[]): Promise<ClientRecord[]>;
  /** by id, after the id `after` */
  list(after: string | undefined, limit: number): Promise<ClientRecord[]>;
  /**
   * compare-and-set: false where the stored revision is not `expectedRevision` (0: must not exist yet). Stores the
   * record's own `revision`. `entry` goes into the audit log and the history in the same act, and `picture` (base64) replaces the stored
   * one; without it, that one stays where the record has a `logo`, and goes where it has none.
   * @throws Problem `resource_taken` where another client has one of its `resourceKeysOf`; nothing was stored
   */
  put(record: ClientRecord, expectedRevision: number, entry?: ChangeEntry, picture?: string): Promise<boolean>;
  /** its revisions, oldest first; empty: none is known, or there is no such client */
  history(id: string): Promise<ClientRevision[]>;
  /** the picture of its logo, in base64 */
  picture(id: string): Promise<string | undefined>;
  /**
   * False: there was none. `entry` as in `put`. Ends as well what people allowed the client and what was issued to it:
   * consents, and grants with their codes and tokens (as `revokeByGrant` does), and forgets its `ClientUses`; also what a
   * removal that broke off left.
   * `revision`: only the one of that revision; where it is another, nothing ends.
   */
  remove(id: string, entry?: ChangeEntry, revision?: number): Promise<boolean>;
  /**
   * Ends what people allowed the client and what was issued to it, and leaves the client: for one that is to be removed, so
   * that a removal which breaks off leaves no more than the client, to be removed again.
   */
  clear(id: string): Promise<void>;
  /** a number that changes with any change to any client; cheap, because each node's cache asks once a second */
  version(): Promise<number>;
};
