/** What the audit log tells (rule 28): every action that is written, and its details. */

/** The action alone says it. */
type Nothing = Record<never, never>;
/** A second factor: its kind and id, not its name. */
type OfFactor = { kind: 'totp' | 'passkey'; factor: string };
/** Names of fields; old and new values are sealed beside them. */
type Fed = { source: string; fields: string };
/** Names of members, separated by spaces. */
type OfClient = { members: string };
/** Of a client: its id, and what operators call it ('': nothing). */
type OfSecret = { secret: string; name: string };
/** Times in ISO 8601. */
type OfKey = { kid: string; usedFrom?: string; usedUntil?: string; removedAt?: string };

/** Action -> its details: texts, never a secret. */
export type AuditDetails = {
  /**
   * what an application held of a person to whom it is no longer open; `because`: as it is refused (../sign-in/reason.ts), or
   * `taken-back` by the person
   */
  'access.withdrawn': { because: string };
  'account.activated': Nothing;
  /** the person said that somebody else did it: which act, and when (ISO 8601); `by`: `page` or `email` */
  'account.disowned': { what: string; at: string; by: string };
  /** days as `YYYY-MM-DD` */
  'account.end-announced': { lastDay: string; days: string };
  'account.ended': { lastDay: string };
  /** `day` (`YYYY-MM-DD`): at the earliest */
  'account.erasure-announced': { day: string };
  /** `rule`: organisation, role and how long it was kept after its end */
  'account.erased': { rule: string };
  /** nothing erases it; the reason is sealed */
  'account.held': Nothing;
  'account.hold-released': Nothing;
  /** `closes`: whether the account was open and is not any more */
  'account.recomputed': { closes: string };
  /** `kind`: `security` or `administrative`; `until`: a day (`YYYY-MM-DD`), or ''; the reason is sealed */
  'account.suspended': { kind: string; until: string };
  /** the reason is sealed; entries of earlier versions have none */
  'account.suspension-lifted': { kind: string };
  'activation-code.asked-when-active': Nothing;
  'activation-code.mailed': Nothing;
  /** a link was mailed to a new personal address, which is not used before it comes back */
  'address.change-asked': Nothing;
  'address.change-cancelled': Nothing;
  /** by the link that the earlier address got */
  'address.change-undone': Nothing;
  'address.changed': Nothing;
  /** one that a feed gave; `kind`: `personal` or `institution` */
  'address.confirmed': { kind: string };
  'address.declined': Nothing;
  /** the second step is not asked there for some days; or is again: of one, or of all */
  'browser.trusted': Nothing;
  'browser.forgotten': Nothing;
  'client.approved': Nothing;
  'client.created': OfClient;
  /** marked: it is removed for good after 30 days */
  'client.deleted': Nothing;
  'client.disabled': Nothing;
  'client.enabled': Nothing;
  'client.changed': OfClient;
  /** pending, and not wanted; or nobody approved it in time */
  'client.refused': { because: 'operator' | 'pending-too-long' };
  /** by itself, with the initial access token of this id */
  'client.registered': { token: string; organisation: string; state: string };
  'client.removed': OfClient;
  /** somebody signed in to it to see what arrives, or had its sign-ins followed */
  'client.tried': Nothing;
  'client.watched': Nothing;
  /** the secret by its id and name; `expires`: a time in ISO 8601, or '' */
  'client.secret-added': OfSecret & { expires: string };
  /** `before`: its name until then */
  'client.secret-renamed': OfSecret & { before: string };
  'client.secret-retired': OfSecret;
  /** to what it was at that revision */
  'client.restored': OfClient & { revision: string };
  /** `because`: why the person was asked (../sign-in/reason.ts); absent in entries of earlier versions */
  'consent.given': { because?: string };
  /**
   * acts of the service desk about a person; `act`: `pass`, `resend` or `correct-address`. What waited for a second agent and was
   * agreed to is told as `desk.act-approved`, too where that carried it out. Reasons and addresses are sealed
   */
  'desk.act-asked': { act: string };
  'desk.act-approved': { act: string };
  'desk.act-declined': { act: string };
  'desk.activation-resent': Nothing;
  'desk.address-corrected': Nothing;
  /** `fact`: `birth-date` or `address`; `verdict`: `right`, `wrong` or `limited` */
  'desk.identity-checked': { fact: string; verdict: string };
  'desk.noted': Nothing;
  'desk.pass-given': Nothing;
  'desk.recovery-stopped': Nothing;
  'desk.sessions-ended': Nothing;
  /** `address`: `personal`, `institution` or `other` (no longer on file); `because`: `refused` or `given-up`; `reply`: its code */
  'email.not-delivered': { template: string; address: string; because: string; reply: string };
  /** all that is stored of the person, by that person */
  'data.downloaded': Nothing;
  'factor.added': OfFactor;
  'factor.removed': OfFactor;
  'factor.renamed': OfFactor;
  'factor-code.mailed': Nothing;
  /** what a source said was carried out: how many people of each outcome; the plan is kept under the id for 30 days */
  'import.applied': {
    source: string;
    import: string;
    new: string;
    changed: string;
    ends: string;
    reopens: string;
    refused: string;
    suspended: string;
  };
  /** a file was read and compared with what is stored, which changed nothing */
  'import.planned': { source: string; import: string; rows: string; refused: string };
  /** the token by its id; `hosts` and `kinds` separated by spaces */
  'initial-access-token.made': { token: string; organisation: string; hosts: string; kinds: string; uses: string };
  'initial-access-token.revoked': { token: string };
  /** an id of the outbox */
  'outbox.tried-again': { entry: string };
  /** who exported what of this log: the search, as a query */
  'audit.exported': { search: string };
  /** how many entries were given up, all of before a time (ISO 8601) */
  'audit.pruned': { entries: string; before: string };
  /** somebody with a role asked for what that role does not allow; `where`: method and path */
  'authority.refused': { where: string };
  /** `last`: the counter of its last use; `now`: that of this one. At most one entry a day for each passkey */
  'passkey.counter-went-back': { factor: string; last: string; now: string };
  'password.changed': Nothing;
  'password.reset': Nothing;
  /** an import brought hashes that were not taken: how many rows; the report of the import names them and says why */
  'password-hash.refused': { source: string; rows: string };
  'person.created': Fed;
  'person.changed': Fed;
  /** the account became part of another one, by its id; and of that one: which became part of it */
  'person.merged': { into: string };
  'person.merged-in': { from: string };
  /** of both accounts: with which it was merged */
  'person.merge-undone': { with: string };
  /** entries of feeds (`source:key`, separated by spaces) became an account of their own; reasons of all these are sealed */
  'person.split': { into: string; entries: string };
  /** a slow recovery of the second step: the code for it was mailed, it began (`until`: ISO 8601), its wait was over, it was stopped */
  'recovery.code-mailed': Nothing;
  'recovery.started': { until: string };
  'recovery.opened': Nothing;
  'recovery.stopped': { because: string };
  'recovery-codes.renewed': Nothing;
  'reset.factor-proven': { with: string };
  'reset.mailed': Nothing;
  /** `organisations`: `association`, or ids separated by spaces; absent in entries of earlier versions, as is `grant`, its id */
  'role.granted': { role: string; organisations?: string; grant?: string };
  'role.revoked': { role: string; organisations?: string; grant?: string };
  /** all that somebody held, because the account ended or the client was removed; roles separated by spaces */
  'role.ended': { roles: string; because: 'account-ended' | 'client-removed' };
  /** an act that was refused for want of authority; `because`: `himself`, `higher-role`, `no-right`, `last-owner` */
  'role.refused': { act: 'grant' | 'revoke'; role: string; organisations: string; because: string };
  'second-factor-refused': Nothing;
  /** kind of record -> how many */
  'secret.resealed': Record<string, string>;
  /** One entry for each session. `count`: in entries of earlier versions, how many ended together. */
  'session.ended': { reason: string; count?: string };
  /**
   * `with`: what the second step was, where there was one; `because`: why each step was asked, in their order
   * (../sign-in/reason.ts); absent in entries of earlier versions. `browser`: its id (../account/browsers.ts); `agent`: its
   * names, separated by a slash; `seen`: `no` where it was new to the account
   */
  'sign-in': { amr: string; with?: string; because?: string; browser?: string; agent?: string; seen?: 'no' };
  /** the first of an account in a day and every tenth; `nth`: which one; `browser`: `known` to the account, or `other` */
  'sign-in.failed': { place: string; factor: string; outcome: string; browser: string; nth: string };
  /** a limit refused this person for the first time in its window */
  'sign-in.locked-out': { place: string; factor: string; browser: string; limit: string };
  /** the right password in a new browser, and no second step after it; `at`: when it was typed (ISO 8601); otherwise as `sign-in` */
  'sign-in.stopped-halfway': { browser: string; at: string; agent?: string };
  'signing-key.brought-forward': OfKey;
  'signing-key.deleted': OfKey;
  'signing-key.published': OfKey & { alg: string };
  'signing-key.retired': OfKey;
  'signing-key.scheduled': OfKey;
  'signing-key.withdrawn': OfKey;
  /** kind of record -> how many */
  'storage.unreadable-removed': Record<string, string>;
  /** so many more people of the source may lose access over SCIM within 24 hours */
  'source.released': { source: string; people: string; reason?: string };
  /** for SCIM; the token by its id */
  'source-token.made': { source: string; token: string };
  'source-token.revoked': { source: string; token: string };
  'storage.restored': { everything: string };
  'token.replayed': Nothing;
  /** a webhook by its id; `events`: patterns separated by spaces. That of an application names it as `client` */
  'webhook.added': { webhook: string; url: string; events: string };
  'webhook.changed': { webhook: string; members: string };
  'webhook.deleted': { webhook: string };
  /** `because`: an operator; nothing arrived for days; it answered 410 */
  'webhook.disabled': { webhook: string; because: 'operator' | 'gave-up' | 'gone' };
  'webhook.enabled': { webhook: string };
  'webhook.secret-rotated': { webhook: string };
  /** `answer`: its HTTP status, or why there is none */
  'webhook.tested': { webhook: string; answer: string };
};
export type AuditAction = keyof AuditDetails;

type AuditFrame = {
  /** epoch ms */
  at: number;
  actor: {
    kind: 'person' | 'client' | 'command' | 'system' | 'anonymous';
    id?: string;
    /** in which roles, each with the organisations it is held for: `owner`, `desk kuleuven vives` */
    roles?: string[];
    /** by which way it was asked for; the page or API request in the log */
    via?: 'console' | 'api';
    requestId?: string;
  };
  /** account id of whom it was done to */
  subject?: string;
  client?: string;
  network?: string;
  /** by which way it was asked for; absent: by none of these, or an earlier version wrote it */
  via?: 'console' | 'api' | 'command';
  /** of the request in the log of the node */
  requestId?: string;
  /** old and new values of a person, sealed (sealed-audit-values.ts) */
  sealedValues?: string;
};

/** An entry to write. `Action` is told where a function writes several. */
export type AuditInput<Action extends AuditAction = AuditAction> = AuditFrame &
  { [Each in Action]: { action: Each; details?: AuditDetails[Each] } }[Action];

/** An entry as it is read: another version may have written it. */
export type AuditEntry = AuditFrame & { id: string; action: string; details?: Record<string, string> };
