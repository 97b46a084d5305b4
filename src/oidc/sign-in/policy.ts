/**
 * Decides for each request whether it may pass or the person must do something first. It depends only on stored state
 * and the request.
 */
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Account } from '../../domain/account/account.ts';
import { isOpen } from '../../domain/account/account-access.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { accessRuleOf } from '../../domain/clients/access-rule.ts';
import { ownClientId } from '../../domain/clients/own-client.ts';
import { type AcrDemand, acrDemandOf } from '../../domain/sign-in/acr.ts';
import {
  type Asked,
  type FactorReason,
  inProtocol,
  type Lapse,
  whyConsent,
  whySignIn,
} from '../../domain/sign-in/reason.ts';
import { whyStepUp } from '../../domain/sign-in/sign-in.ts';
import { extraMember, isFirstParty } from '../clients/client-metadata.ts';
import { memoryOfRequest, noteRefusal } from '../request.ts';
import type { Releasing } from '../tokens/releasing.ts';
import { mayUse } from './access.ts';
import { accountIn } from './account.ts';

/**
 * The members of a record that decide whether it is valid. `epoch` is that of the account's credentials at sign-in;
 * `loginTs` is in seconds.
 */
export type BoundRecord = { accountId?: string; epoch?: number; loginTs?: number };

/**
 * Why a session, grant, code or token is not valid at `now` (ms). Undefined: it is, because its account is open, its epoch
 * is current and, for a session, the sign-in is within the maximum age (rules 12, 13).
 */
export function whyLapsed(
  record: BoundRecord,
  account: Account | undefined,
  now: number,
  sessionMaxSeconds: number,
): Lapse | undefined {
  if (account === undefined || !isOpen(account, now)) return 'account-closed';
  if (record.epoch !== account.credentialsEpoch) return 'credentials-changed';
  const tooOld = record.loginTs !== undefined && now >= (record.loginTs + sessionMaxSeconds) * 1000;
  return tooOld ? 'session-too-old' : undefined;
}

/** The acr that the request and its client demand. */
export function demandOf(client: object, params: object): AcrDemand {
  const { clientId } = client as { clientId?: string };
  return acrDemandOf(params, { acr: extraMember(client, 'pedel_acr'), ownPage: clientId === ownClientId });
}

/** Reasons of the `login` prompt that require the whole sign-in again, even with a session. */
export const reauthenticationReasons = new Set([
  'login_prompt',
  'max_age',
  'id_token_hint',
  'claims_id_token_sub_value',
  'account_closed',
]);

/**
 * The library's prompts with our checks. Every check is a function of stored state and the request.
 * @throws TypeError if the library no longer has these prompts
 */
export function createPolicy(options: {
  organisations: Organisation[];
  releasing: Pick<Releasing, 'unshown'>;
  /** for how long a browser is trusted; 0 or absent: none is */
  trustedBrowserDays?: number | undefined;
  now: () => number;
}) {
  const { Check, Prompt, base } = interactionPolicy;
  const policy = base();
  const login = policy.get('login');
  const consent = policy.get('consent');
  if (login === undefined || consent === undefined)
    throw new TypeError('the library no longer has the prompts login and consent');

  function whySecondFactor(ctx: KoaContextWithOIDC, { secondFactor }: AcrDemand): FactorReason | undefined {
    const account = accountIn(ctx);
    if (account === undefined) return undefined; // the sign-in itself is missing; this is checked again after it
    const { session, result } = ctx.oidc;
    const openTo = accessRuleOf(ctx.oidc.client ?? {});
    // the account, which is at hand, says whether the browser is still trusted in which the session was opened
    const { trustedBrowser: id } = (session ?? {}) as { trustedBrowser?: string };
    const days = options.trustedBrowserDays ?? 0;
    const demand = {
      organisations: options.organisations,
      openTo,
      now: options.now(),
      ...(id === undefined || days === 0 ? {} : { trustedBrowser: { id, days } }),
      ...(secondFactor === undefined ? {} : { factor: secondFactor }),
    };
    return whyStepUp(account, session?.amr ?? [], demand, result?.login !== undefined);
  }

  function unshownIn(ctx: KoaContextWithOIDC): string[] {
    const account = accountIn(ctx);
    return account === undefined || isFirstParty(ctx.oidc.client) ? [] : options.releasing.unshown(ctx, account);
  }

  // What the library does not keep, and the reason needs (askedOf).
  addDetails(login, (ctx) => {
    const lapsed = memoryOfRequest()?.lapsed;
    const secondFactor = whySecondFactor(ctx, demandOf(ctx.oidc.client ?? {}, ctx.oidc.params ?? {}));
    return { ...(lapsed === undefined ? {} : { lapsed }), ...(secondFactor === undefined ? {} : { secondFactor }) };
  });
  addDetails(consent, ({ oidc }) => ({
    consentedBefore: (oidc.grant?.getOIDCScopeEncountered() ?? '').trim() !== '',
    ...requestedOfResources(oidc),
  }));

  // acr levels are ordered and derived from amr (domain/sign-in/acr.ts). The library would compare them for equality.
  login.checks.remove('essential_acrs');
  login.checks.remove('essential_acr');
  login.checks.add(
    new Check('account_closed', 'the account of this session is closed', 'login_required', ({ oidc }) => {
      return oidc.session?.accountId !== undefined && oidc.account === undefined;
    }),
  );
  login.checks.add(
    new Check('second_factor', 'a second factor is required', 'login_required', (ctx) => {
      const demand = demandOf(ctx.oidc.client ?? {}, ctx.oidc.params ?? {});
      if (demand.unobtainable) {
        noteRefusal('acr-unobtainable');
        throw new errors.UnmetAuthenticationRequirements(inProtocol('acr-unobtainable').description);
      }
      return whySecondFactor(ctx, demand) !== undefined;
    }),
  );

  // After the sign-in with all that it asks, so that a stranger learns nothing; before consent, which would be of no use.
  policy.add(
    new Prompt(
      { name: 'access', requestable: false },
      new Check('not_open', inProtocol('not-open-to-person').description, 'access_denied', (ctx) => {
        const account = accountIn(ctx);
        return account !== undefined && !mayUse(ctx.oidc.client ?? {}, account, options.now());
      }),
    ),
    1,
  );

  consent.checks.add(
    new Check(
      'shown_claims_missing',
      'claims were not named when the person consented',
      'consent_required',
      (ctx) => unshownIn(ctx).length > 0,
      (ctx) => ({ unshownClaims: unshownIn(ctx) }),
    ),
  );
  consent.checks.remove('consent_prompt');
  consent.checks.remove('native_client_prompt');
  consent.checks.add(
    new Check('consent_prompt', 'consent prompt was not resolved', 'consent_required', ({ oidc }) => {
      return oidc.prompts.has('consent') && oidc.promptPending('consent') && !isFirstParty(oidc.client);
    }),
    0,
  );
  consent.checks.add(
    // RFC 8252, 8.6: the identity of a native client without credentials is not assured, so a request never passes
    // without the person.
    new Check('native_client_prompt', 'native clients require interaction', 'interaction_required', ({ oidc }) => {
      const { applicationType, clientAuthMethod } = oidc.client ?? {};
      const unassured = applicationType === 'native' && clientAuthMethod === 'none' && !isFirstParty(oidc.client);
      return unassured && oidc.params?.response_type !== 'none' && oidc.result?.consent === undefined;
    }),
  );
  return policy;
}

/** Scopes that a request asks of APIs, all of them; empty: it names none. */
function requestedOfResources({ resourceServers = {}, requestParamScopes }: KoaContextWithOIDC['oidc']): {
  resources?: Record<string, string[]>;
} {
  const asked = Object.entries(resourceServers).map(([resource, { scopes }]) => [
    resource,
    [...requestParamScopes].filter((scope) => scopes.has(scope)),
  ]);
  return asked.length === 0 ? {} : { resources: Object.fromEntries(asked) };
}

type Prompt = NonNullable<ReturnType<ReturnType<typeof interactionPolicy.base>['get']>>;

function addDetails(prompt: Prompt, more: (ctx: KoaContextWithOIDC) => Record<string, unknown>): void {
  const { details } = prompt;
  prompt.details = async (ctx) => ({ ...(await details(ctx)), ...more(ctx) });
}

/** Checks of the library and of ours that failed, by name, and what the policy noted beside them. */
export type InterruptedBy = { name: string; reasons: readonly string[]; details: object };

/** Why a request is interrupted. */
export function askedOf({ name, reasons, details }: InterruptedBy): Asked {
  const noted = details as { lapsed?: Lapse; secondFactor?: FactorReason; consentedBefore?: boolean };
  const failed = (...checks: string[]) => checks.some((check) => reasons.includes(check));
  if (name === 'access') return { step: 'refused', because: 'not-open-to-person' };
  if (name === 'consent') {
    const missing = failed('op_scopes_missing', 'op_claims_missing', 'rs_scopes_missing', 'shown_claims_missing');
    const because = whyConsent({
      missing,
      consentedBefore: noted.consentedBefore === true,
      prompted: failed('consent_prompt'),
    });
    return { step: 'consent', because };
  }
  if (reasons.every((reason) => reason === 'second_factor'))
    return { step: 'second-factor', because: noted.secondFactor ?? 'own-factor' };
  const none = failed('no_session') ? (noted.lapsed ?? 'none') : 'valid';
  const because = whySignIn({
    session: failed('account_closed') ? (noted.lapsed ?? 'account-closed') : none,
    otherAccount: failed('id_token_hint', 'claims_id_token_sub_value'),
    promptLogin: failed('login_prompt'),
    maxAge: failed('max_age'),
  });
  return { step: 'password', because };
}

/** The requested `acr` values of the current request, for `acr` in codes and ID tokens. */
export function requestedAcrs(ctx: KoaContextWithOIDC): string[] {
  return demandOf(ctx.oidc.client ?? {}, ctx.oidc.params ?? {}).requested;
}
