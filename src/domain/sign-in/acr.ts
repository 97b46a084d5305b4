/** Decides from the factors (`amr`) of a sign-in which authentication context class (`acr`) it satisfies. */
import type { FactorDemand } from './reason.ts';

/** REFEDS Multi-Factor Authentication profile 1.x, https://refeds.org/profile/mfa */
export const MFA = 'https://refeds.org/profile/mfa';
/** REFEDS Single-Factor Authentication profile 1.x, https://refeds.org/profile/sfa */
export const SFA = 'https://refeds.org/profile/sfa';

/** All `acr` values that can be satisfied, the strongest first. */
export const acrValues: readonly string[] = [MFA, SFA];

/**
 * Whether there were two different factors, or one passkey that verified its user; `amrWith` adds `mfa` then (RFC
 * 8176).
 */
export function isMultiFactor(amr: readonly string[]): boolean {
  return amr.includes('mfa');
}

/** Whether `amr` satisfies `acr`. More than asked is enough; an unknown value is never satisfied. */
function satisfies(amr: readonly string[], acr: string): boolean {
  return (acr === MFA && isMultiFactor(amr)) || (acr === SFA && amr.length > 0);
}

/**
 * The `acr` of a sign-in: the first requested value that its factors satisfy, or else the strongest that they do.
 * Undefined: there is no factor.
 */
export function acrOf(amr: readonly string[], requested: readonly string[] = []): string | undefined {
  return [...requested, ...acrValues].find((acr) => satisfies(amr, acr));
}

/** What a request asks of a sign-in's strength. */
export type AcrDemand = {
  /** requested values in order of preference; empty: none */
  requested: string[];
  /** what it asks of the second factor, and who asks; absent: nothing */
  secondFactor?: FactorDemand;
  /** an essential value that no factor can satisfy */
  unobtainable: boolean;
};

/**
 * Reads a request (OpenID Connect Core 3.1.2.1 `acr_values`, 5.5.1.1 `claims`) and what was registered.
 * @param params the authorization request; `claims` as JSON text
 * @param registered the client's own `pedel_acr`, and whether it is our own pages, whose `acr_values` count as essential
 */
export function acrDemandOf(
  params: { acr_values?: unknown; claims?: unknown },
  registered: { acr?: string | undefined; ownPage?: boolean } = {},
): AcrDemand {
  const claim = acrClaim(params.claims);
  const listed = typeof params.acr_values === 'string' ? params.acr_values.split(' ').filter(Boolean) : [];
  const requested = claim.essential && claim.values.length > 0 ? claim.values : [...listed, ...claim.values];
  const essential = requested.length > 0 && (claim.essential || registered.ownPage === true);
  // a request that also accepts a single factor does not need two
  const needsSecond = requested.includes(MFA) && !requested.includes(SFA);
  const secondFactor = registered.acr === MFA ? 'application-requires' : needsSecond ? ofRequest() : undefined;
  return {
    requested,
    ...(secondFactor === undefined ? {} : { secondFactor }),
    unobtainable: essential && !requested.some((acr) => acrValues.includes(acr)),
  };

  function ofRequest(): FactorDemand {
    if (!essential) return 'application-prefers';
    return registered.ownPage === true ? 'own-page-requires' : 'request-requires';
  }
}

function acrClaim(claims: unknown): { values: string[]; essential: boolean } {
  const parsed: unknown = typeof claims === 'string' ? parseJson(claims) : claims;
  const acr = member(member(parsed, 'id_token'), 'acr');
  const value = member(acr, 'value');
  const values = member(acr, 'values');
  return {
    values: [value, ...(Array.isArray(values) ? values : [])].filter((each) => typeof each === 'string'),
    essential: member(acr, 'essential') === true,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the protocol refuses it elsewhere
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
