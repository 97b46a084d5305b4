/**
 * Why a sign-in goes as it does: why a step is next, why something is refused, why a further question is asked. The page,
 * the audit log and the log make their sentence of the same reason; a reason without one does not compile.
 */

/** Why the whole sign-in is asked. */
export const passwordReasons = [
  /** nobody is signed in in this browser */
  'no-session',
  /** the session reached its longest life */
  'session-too-old',
  /** the epoch rose since the sign-in or since this step was proven (rule 12) */
  'credentials-changed',
  /** the account of the session has ended, or is not open yet */
  'account-closed',
  /** a passkey alone does not suffice, because the account was closed for 180 days */
  'closed-long',
  /** the application names another account (`id_token_hint`, `claims`) */
  'other-account',
  /** the application asks for a new sign-in (`prompt=login`) */
  'prompt-login',
  /** the sign-in is older than the application allows (`max_age`) */
  'max-age',
  /** the person is not the one of the session */
  'started-over',
  /** the second step came too long after the first */
  'proof-expired',
  /** what was missing is no longer, and only a new sign-in tells what is */
  'requirements-changed',
] as const;
export type PasswordReason = (typeof passwordReasons)[number];

/** What a request asks of the second factor; none of these: it asks for none. */
export const factorDemands = [
  /** `pedel_acr` of the registration */
  'application-requires',
  /** an essential `acr` of the request */
  'request-requires',
  /** a page of ours where the account is changed */
  'own-page-requires',
  /** `acr_values` of the request: asked of people who have a factor, and only once */
  'application-prefers',
] as const;
export type FactorDemand = (typeof factorDemands)[number];

/** Why nothing opens without a second factor, so that one must be set up where there is none. */
export type EnrolReason = Exclude<FactorDemand, 'application-prefers'> | 'organisation-requires';

/** Why a second factor is asked. */
export const factorReasons = [...factorDemands, 'organisation-requires', 'own-factor'] as const;
export type FactorReason = (typeof factorReasons)[number];

/** Why a sign-in ends after the right proof. */
export const closedReasons = ['account-ended', 'account-not-open-yet', 'account-suspended'] as const;
export type ClosedReason = (typeof closedReasons)[number];

/** Why a person is asked for consent. */
export const consentReasons = [
  'first-time',
  /** the application asks for more than was allowed before */
  'more-than-before',
  /** the application wants to have it asked again (`prompt=consent`) */
  'prompt-consent',
  /** a native application without credentials: anybody may pretend to be it (RFC 8252, 8.6) */
  'unassured-application',
] as const;
export type ConsentReason = (typeof consentReasons)[number];

/** Why a person goes back to the application without a sign-in. */
export const declineReasons = [
  'broken-off',
  'second-factor-declined',
  'consent-declined',
  /** `pedel_access` of the registration does not name this person */
  'not-open-to-person',
] as const;
export type DeclineReason = (typeof declineReasons)[number];

/** Why a session, grant, code or token is good for nothing any more (rules 12, 13). */
export type Lapse = 'account-closed' | 'credentials-changed' | 'session-too-old';

/** Why a request of an application is refused because of what was decided here. */
export const refusalReasons = [
  'account-closed',
  'credentials-changed',
  'session-too-old',
  ...declineReasons,
  /** an operator switched it off, or deleted it */
  'application-disabled',
  /** its registration was valid until a day that has passed */
  'application-expired',
  /** it registered itself, and no operator has approved it yet */
  'application-pending',
  /** there is none, or it was taken back */
  'consent-missing',
  /** granted to an application of that id that was removed since */
  'application-removed',
  'offline-access-taken-away',
  /** the registration demands two factors since */
  'second-factor-demanded-since',
  /** no factor satisfies the essential `acr` of the request */
  'acr-unobtainable',
  /** the `resource` is of no registered API, or its client has expired */
  'resource-unknown',
  /** the API is registered, and the application is not registered for it */
  'resource-not-allowed',
  /** a service that may ask several APIs names none */
  'resource-missing',
  /** a scope of an API that the application is not registered for */
  'scope-not-allowed',
  /** token exchange: the token that a service brings is none of ours, not for it, or no longer good */
  'subject-token-refused',
  /** token exchange: the service is not registered for tokens of that application, or not for that API */
  'exchange-not-allowed',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/**
 * The next step of a sign-in. `codes-due`: the factor is set up, and its recovery codes are still to be kept; `offered`: the
 * person may say "not now".
 */
export type NextStep =
  | { step: 'password'; because: PasswordReason }
  | { step: 'second-factor'; because: FactorReason }
  | { step: 'enrol'; because: EnrolReason | 'codes-due' | 'offered' }
  | { step: 'ended'; because: ClosedReason }
  /** all is proven, and a reset must replace the password first: somebody else may know it */
  | { step: 'new-password'; because: 'password-expired' }
  | { step: 'refused'; because: 'not-open-to-person' }
  | { step: 'complete' };

/** For what a request is interrupted. */
export type Asked =
  | { step: 'password'; because: PasswordReason }
  | { step: 'second-factor'; because: FactorReason }
  | { step: 'consent'; because: ConsentReason }
  | { step: 'refused'; because: 'not-open-to-person' };

/** What is known of a request that a person who is not, or no longer, signed in enough makes. */
export type SignInFacts = {
  /** nobody is signed in; a `Lapse`: somebody was */
  session: 'valid' | 'none' | Lapse;
  /** the session belongs to another account than the one that is asked for */
  otherAccount: boolean;
  promptLogin: boolean;
  maxAge: boolean;
};

/** Why this request needs the whole sign-in. A request that may ask anew has nothing to say to who is signed in nowhere. */
export function whySignIn({ session, otherAccount, promptLogin, maxAge }: SignInFacts): PasswordReason {
  if (session === 'none') return 'no-session';
  if (session !== 'valid') return session;
  if (otherAccount) return 'other-account';
  if (promptLogin) return 'prompt-login';
  return maxAge ? 'max-age' : 'requirements-changed';
}

/** Why this request needs consent. */
export function whyConsent(facts: { missing: boolean; consentedBefore: boolean; prompted: boolean }): ConsentReason {
  if (facts.missing) return facts.consentedBefore ? 'more-than-before' : 'first-time';
  return facts.prompted ? 'prompt-consent' : 'unassured-application';
}

/** A refusal in the words of the protocol (RFC 6749, OpenID Connect): its error code and what developers read. */
export function inProtocol(because: RefusalReason): { error: string; description: string } {
  switch (because) {
    case 'account-closed':
      return { error: 'invalid_grant', description: 'the account has ended or is not open' };
    case 'credentials-changed':
      return { error: 'invalid_grant', description: 'the credentials of the account changed since' };
    case 'session-too-old':
      return { error: 'invalid_grant', description: 'the session reached its longest life' };
    case 'broken-off':
      return { error: 'access_denied', description: 'the sign-in was broken off' };
    case 'second-factor-declined':
      return { error: 'unmet_authentication_requirements', description: 'the second factor was declined' };
    case 'consent-declined':
      return { error: 'access_denied', description: 'the person declined' };
    case 'not-open-to-person':
      return { error: 'access_denied', description: 'the application is not open to this person' };
    case 'application-disabled':
      return { error: 'invalid_client', description: 'the client was switched off' };
    case 'application-expired':
      return { error: 'invalid_client', description: 'the registration of the client has expired' };
    case 'application-pending':
      return { error: 'invalid_client', description: 'the registration of the client is not approved yet' };
    case 'consent-missing':
      return { error: 'invalid_grant', description: 'the person does not consent, or no longer' };
    case 'application-removed':
      return { error: 'invalid_grant', description: 'it was granted to an application that is no longer registered' };
    case 'offline-access-taken-away':
      return { error: 'invalid_grant', description: 'offline_access is no longer allowed' };
    case 'second-factor-demanded-since':
      return { error: 'invalid_grant', description: 'a second factor is demanded since' };
    case 'acr-unobtainable':
      return {
        error: 'unmet_authentication_requirements',
        description: 'none of the requested acr values can be obtained',
      };
    case 'resource-unknown':
      return { error: 'invalid_target', description: 'no resource server is registered with this identifier' };
    case 'resource-not-allowed':
      return { error: 'invalid_target', description: 'the client is not registered for this resource' };
    case 'resource-missing':
      return { error: 'invalid_target', description: 'name one of the registered resources in the parameter resource' };
    case 'subject-token-refused':
      return {
        error: 'invalid_request',
        description: 'the subject token is not valid, or not one that this client may exchange',
      };
    case 'exchange-not-allowed':
      return {
        error: 'invalid_target',
        description: 'the client is not registered to exchange tokens of that client for this resource',
      };
    case 'scope-not-allowed':
      return { error: 'invalid_scope', description: 'the client is not registered for this scope of the resource' };
  }
}
