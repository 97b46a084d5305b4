/** The port for what people allowed clients to know. */

/** What a person allowed a client to know; from it a grant per session is made (rule 16). */
export type Consent = {
  accountId: string;
  clientId: string;
  scopes: string[];
  claims: string[];
  /** per resource indicator */
  resourceScopes: Record<string, string[]>;
  givenAt: number;
};
export type Consents = {
  find(accountId: string, clientId: string): Promise<Consent | undefined>;
  /** adds to what is stored (union) in one call */
  add(consent: Consent): Promise<void>;
  remove(accountId: string, clientId: string): Promise<boolean>;
  byAccount(accountId: string): Promise<Consent[]>;
};
