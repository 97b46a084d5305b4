/**
 * What an application was refused, or got less than it asked for: the codes, what came and what is expected, made safe to
 * store and to print. It never holds a secret, code or token.
 */
import { createHash } from 'node:crypto';
import { type ScopeDropReason, scopeDropReasons } from '../release/asked-scopes.ts';

/** Something came that is not what is registered or was said before: both are told. */
export const comparedCodes = [
  'redirect-uri-unregistered',
  'post-logout-redirect-uri-unregistered',
  /** the token request names another redirect URI than the authorization request (RFC 6749, 4.1.3) */
  'redirect-uri-differs',
  'scope-unregistered',
  'response-type-unregistered',
  'response-mode-unregistered',
  'grant-type-unregistered',
  /** the application proved who it is by another method than the registered one */
  'auth-method-differs',
  /** a page of an origin that is not registered called (CORS) */
  'origin-unregistered',
  /** hint: granted without this scope (`ScopeDropReason`, as the others below) */
  'scope-not-registered',
] as const;

/** Something came that is wrong in itself. */
export const toldCodes = [
  'client-unknown',
  /** a parameter is missing, twice, or of the wrong form */
  'request-invalid',
  /** `request` or `request_uri` */
  'request-object-invalid',
  'assertion-invalid',
  'dpop-invalid',
  /** told: when it ended, and its name where it has one; absent in what earlier versions kept */
  'secret-expired',
  'resource-unknown',
  'resource-not-allowed',
  /** of an API */
  'scope-not-allowed',
  /** hint: granted without this scope */
  'scope-unknown',
  'other',
] as const;

export const bareCodes = [
  'pkce-missing',
  'pkce-mismatch',
  'secret-wrong',
  'auth-missing',
  'code-used',
  /** made up, or older than its minute */
  'code-unknown',
  /** the code or token was issued to another application */
  'issued-to-another',
  'refresh-token-used',
  'id-token-hint-invalid',
  'userinfo-without-openid',
  'application-disabled',
  'application-expired',
  'application-pending',
  'application-removed',
  'consent-missing',
  'offline-access-taken-away',
  'second-factor-demanded-since',
  'acr-unobtainable',
  'resource-missing',
  /** token exchange: no pair of its registration */
  'exchange-not-allowed',
  /** token exchange: what it brings is no token that it may exchange, or no longer */
  'subject-token-refused',
  /** `pedel_access` does not name the person */
  'not-open-to-person',
  /** hints: granted without `offline_access` */
  'refresh-not-registered',
  'refresh-without-consent-prompt',
  'refresh-without-code',
] as const;

/** Stands for refusals that were different from those that are kept, and are only counted. */
const FURTHER = 'further';

export type ComparedCode = (typeof comparedCodes)[number];
export type ToldCode = (typeof toldCodes)[number];
export type BareCode = (typeof bareCodes)[number];
export type RefusalCode = ComparedCode | ToldCode | BareCode | typeof FURTHER;
export const refusalCodes: readonly RefusalCode[] = [...comparedCodes, ...toldCodes, ...bareCodes, FURTHER];

/** `expected`: what is registered, or was said before; of several addresses the likeliest. Made by `compared` and `told`. */
export type Refusal =
  | { code: ComparedCode; got: string; expected: string }
  | { code: ToldCode; got: string }
  | { code: BareCode | typeof FURTHER };

/** What was granted, but not as it was asked. */
export type Hint = Refusal & { code: ScopeDropReason };
export const isHint = ({ code }: Refusal): boolean => (scopeDropReasons as readonly string[]).includes(code);

/** Characters of what came, and of what is expected. */
const LONGEST = 300;
/**
 * Characters of an id that no application has: people paste a secret there, and of 32 characters, the shortest secret, 24
 * open nothing.
 */
const LONGEST_UNKNOWN_ID = 24;

export const compared = <Code extends ComparedCode>(code: Code, got: string, expected: string) => ({
  code,
  got: storable(got),
  expected: storable(expected),
});
export const told = <Code extends ToldCode>(code: Code, got: string) => ({
  code,
  got: storable(got, code === 'client-unknown' ? LONGEST_UNKNOWN_ID : LONGEST),
});

/**
 * A text from outside as it is stored: bounded, without characters that would act on a terminal or turn a line around,
 * and without halves of characters.
 */
export function storable(text: string, longest = LONGEST): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '\uFFFD').toWellFormed();
}

/** A word longer than all that stand in a registration, and one that looks as if it were drawn at random: a code or token. */
const isOpaque = (word: string) => word.length > 60 || (word.length >= 32 && !/[:/.]/.test(word));
/** A scope or type that came, cut where a code or token was put into the wrong member. */
export const asWord = (word: string): string => (isOpaque(word) ? `${word.slice(0, 20)}…` : word);

/** Whose refusal it is: of a registered application, or of a request that names none; `named`: the id that no one has. */
export type RefusedParty = { client: string } | { named?: string };

/** A refusal as a node notes it: how often (`count`) between two times (epoch ms). */
export type NotedRefusal = {
  party: RefusedParty;
  refusal: Refusal;
  /** the application had proven who it is, so that no stranger caused it */
  proven: boolean;
  firstAt: number;
  lastAt: number;
  count: number;
  /** the incident number of the last one, which its page and the log have */
  incident?: string;
};

/** As it is kept: equal ones are one. `slot`: which of those that one hour has room for; absent: it needs none. */
export type RefusalRecord = NotedRefusal & { id: string; slot?: number };

/** How long one is kept after it last happened. */
export const REFUSALS_KEPT_MS = 14 * 24 * 3_600_000;
/** Different ones that are kept of one application: beyond it, the ones that happened longest ago go. */
export const MOST_KEPT = 200;
/** Different ones of one application that begin in one hour: anybody may cause so many … */
export const MOST_OF_ANYBODY = 15;
/** … and an application itself, which has proven who it is, the rest. Further ones are counted. */
export const MOST_AN_HOUR = 20;

const HOUR_MS = 3_600_000;

/** First and last (exclusive) ms of the hour in which it began. */
export function hourOf({ firstAt }: Pick<NotedRefusal, 'firstAt'>): { from: number; before: number } {
  const from = Math.floor(firstAt / HOUR_MS) * HOUR_MS;
  return { from, before: from + HOUR_MS };
}

/** The slots that it may take. */
export function slotsFor({ proven }: Pick<NotedRefusal, 'proven'>): number[] {
  return Array.from({ length: proven ? MOST_AN_HOUR : MOST_OF_ANYBODY }, (_, slot) => slot);
}

/** Equal refusals of one application have one id: 22 characters. */
export function refusalId({ party, refusal }: Pick<NotedRefusal, 'party' | 'refusal'>): string {
  const { client, named } = { client: undefined, named: undefined, ...party };
  const { code, got } = { got: undefined, ...refusal };
  const text = JSON.stringify([client ?? null, code === FURTHER ? null : (named ?? null), code, got ?? null]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** The same one as no more than counted. */
export function asFurther({ party, firstAt, lastAt, count }: NotedRefusal): NotedRefusal {
  return {
    party: 'client' in party ? party : {},
    refusal: { code: FURTHER },
    proven: false,
    firstAt,
    lastAt,
    count,
  };
}

/** Both as one; they have one id. */
export function together(one: NotedRefusal, other: NotedRefusal): NotedRefusal {
  const last = one.lastAt > other.lastAt ? one : other;
  return {
    ...last,
    firstAt: Math.min(one.firstAt, other.firstAt),
    count: one.count + other.count,
  };
}

/** The application, or undefined for all requests that name none. */
export function clientOf({ party }: Pick<NotedRefusal, 'party'>): string | undefined {
  return 'client' in party ? party.client : undefined;
}
