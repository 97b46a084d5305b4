/** What a source said of a person over SCIM, kept as it was said in the memory of its feed, and the keys that find it. */

/** The schema (URN) of what SCIM's own schema of a person has no attribute for. */
export const PEDEL_USER = 'urn:ietf:params:scim:schemas:extension:pedel:2.0:User';

/** One of several values (RFC 7643, 2.4). */
export type ScimValue = { value?: string; display?: string; type?: string; primary?: boolean };
export type ScimAddress = {
  formatted?: string;
  streetAddress?: string;
  locality?: string;
  region?: string;
  postalCode?: string;
  country?: string;
  type?: string;
  primary?: boolean;
};
/** Days as `YYYY-MM-DD`. */
export type ScimAffiliation = {
  organisation?: string;
  role?: string;
  from?: string;
  until?: string;
  endedOn?: string;
  end?: string;
};

/** A person as a source says it, without what the server adds (RFC 7643, 4.1). */
export type ScimUser = {
  userName?: string;
  externalId?: string;
  name?: {
    formatted?: string;
    familyName?: string;
    givenName?: string;
    middleName?: string;
    honorificPrefix?: string;
    honorificSuffix?: string;
  };
  displayName?: string;
  nickName?: string;
  profileUrl?: string;
  userType?: string;
  preferredLanguage?: string;
  locale?: string;
  timezone?: string;
  active?: boolean;
  emails?: ScimValue[];
  phoneNumbers?: ScimValue[];
  addresses?: ScimAddress[];
  [PEDEL_USER]?: { numbers?: string[]; affiliations?: ScimAffiliation[] };
};

/** What a source says now; `ignored`: names of what it said beside, which is not known here. */
export type ScimSaid = { user: ScimUser; ignored: string[] };

/** A resource of SCIM: that of a deleted one keeps its id only, so that it is never another's. Times in epoch ms. */
export type ScimEntry = {
  /** random; found by it for as long as the account lives, whatever accounts are merged */
  id: string;
  createdAt: number;
  modifiedAt: number;
  /** absent: it was deleted */
  user?: ScimUser;
  /** what was not taken as it was said, and why */
  notes?: string[];
};

/** How a name or address is compared: letter case aside (RFC 7643, 4.1.1). */
export const foldScim = (text: string): string => text.normalize('NFC').toLowerCase();

/** Unique keys beside `feedKey`, which is a list of two. */
export const scimIdKey = (source: string, id: string): string => JSON.stringify([source, 'id', id]);
export const scimUserNameKey = (source: string, userName: string): string =>
  JSON.stringify([source, 'userName', foldScim(userName)]);

type Memory = { source: string; scim?: ScimEntry };

export function scimKeysOf({ source, scim }: Memory): string[] {
  if (scim === undefined) return [];
  const { userName } = scim.user ?? {};
  return [scimIdKey(source, scim.id), ...(userName === undefined ? [] : [scimUserNameKey(source, userName)])];
}

/** The term by which resources of a source are listed: in the order of their last change, then of their ids. */
export const scimOrderTerm = (source: string, modifiedAt: number, id = ''): string =>
  `S ${source} ${String(modifiedAt).padStart(15, '0')} ${id}`;
export const scimEmailTerm = (source: string, email: string): string => `M ${source} ${foldScim(email)}`;

/** The terms of a resource that was not deleted. */
export function scimTermsOf({ source, scim }: Memory): string[] {
  if (scim?.user === undefined) return [];
  const emails = (scim.user.emails ?? []).flatMap(({ value }) => (value === undefined ? [] : [value]));
  return [scimOrderTerm(source, scim.modifiedAt, scim.id), ...emails.map((each) => scimEmailTerm(source, each))];
}
