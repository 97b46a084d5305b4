/** What a token lets its holder register, and what the client is held to later. */

/** What an application is, as far as a registration tells it (`kindOf`). */
export const clientKinds = ['web', 'spa', 'native', 'service'] as const;
export type ClientKind = (typeof clientKinds)[number];

/** What a token lets its holder register. The client keeps it: later changes are held to the same. */
export type RegistrationTerms = {
  /** id of the organisation for which it was made */
  organisation: string;
  /** where its addresses may lead: host names, or `*.` and a domain for every host below it */
  hosts: string[];
  kinds: ClientKind[];
  /** `none`: it works at once, where the configuration allows that */
  approval: 'required' | 'none';
  /** `optional`: an application that authenticates may go without (RFC 7636) */
  pkce: 'required' | 'optional';
};
