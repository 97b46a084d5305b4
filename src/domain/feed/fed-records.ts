/** What an account keeps of what sources said of the person, each value with the source that gave it. */
import type { EndKind } from '../account/access-terms.ts';
import type { ScimEntry } from './scim-entry.ts';

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
