/**
 * Decides for each request whether it may pass or the person must do something first. It depends only on stored state
 * and the request.
 */
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { type Account, hasSecondFactor, isOpen } from '../domain/account/account.ts';
import { dayAt } from '../domain/account/affiliation.ts';
import { type Organisation, secondFactorRequired } from '../domain/account/organisation.ts';
import { ownClientId } from '../domain/clients/client-members.ts';
import { type AcrDemand, acrDemandOf, isMultiFactor } from '../domain/sign-in/acr.ts';
import { accountIn } from './account.ts';
import { extraMember, isFirstParty } from './client-metadata.ts';

/**
 * The members of a record that decide whether it is valid. `epoch` is that of the account's credentials at sign-in;
 * `loginTs` is in seconds.
 */
export type BoundRecord = { accountId?: string; epoch?: number; loginTs?: number };

/**
 * Whether a session, grant, code or token is valid at `now` (ms): its account is open, its epoch is current and, for a
 * session, the sign-in is within the maximum age (rules 12, 13).
 */
export function stillHolds(
  record: BoundRecord,
  account: Account | undefined,
  now: number,
  sessionMaxSeconds: number,
): boolean {
  if (account === undefined || !isOpen(account, now)) return false;
  if (record.epoch !== account.credentialsEpoch) return false;
  return record.loginTs === undefined || now < (record.loginTs + sessionMaxSeconds) * 1000;
}

/** The acr that the request and its client demand. */
export function demandOf(client: object, params: object): AcrDemand {
  const { clientId } = client as { clientId?: string };
  return acrDemandOf(params, { acr: extraMember(client, 'pedel_acr'), always: clientId === ownClientId });
}

/** Whether this session must be stepped up before the request may pass. */
function owesSecondFactor(
  account: Account,
  amr: readonly string[],
  demand: AcrDemand,
  options: { organisations: Organisation[]; today: string; justSignedIn: boolean },
): boolean {
  if (isMultiFactor(amr)) return false;
  if (secondFactorRequired(account, options.organisations, options.today)) return true;
  if (demand.secondFactor === 'demanded') return true;
  // Only preferred: ask people who have a factor, and only once.
  return demand.secondFactor === 'preferred' && hasSecondFactor(account) && !options.justSignedIn;
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
export function createPolicy(options: { organisations: Organisation[]; now: () => number }) {
  const { Check, base } = interactionPolicy;
  const policy = base();
  const login = policy.get('login');
  const consent = policy.get('consent');
  if (login === undefined || consent === undefined)
    throw new TypeError('the library no longer has the prompts login and consent');

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
      const { client, session, result } = ctx.oidc;
      const demand = demandOf(client ?? {}, ctx.oidc.params ?? {});
      if (demand.unobtainable) {
        throw new errors.UnmetAuthenticationRequirements('none of the requested acr values can be obtained');
      }
      const account = accountIn(ctx);
      if (account === undefined) return false; // the sign-in itself is missing; this is checked again after it
      return owesSecondFactor(account, session?.amr ?? [], demand, {
        organisations: options.organisations,
        today: dayAt(options.now()),
        justSignedIn: result?.login !== undefined,
      });
    }),
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

/** The requested `acr` values of the current request, for `acr` in codes and ID tokens. */
export function requestedAcrs(ctx: KoaContextWithOIDC): string[] {
  return demandOf(ctx.oidc.client ?? {}, ctx.oidc.params ?? {}).requested;
}
