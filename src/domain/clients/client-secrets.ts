/** The rules of an application's secrets: up to five, each with a name and an end, and which of them end soon. */
import { Temporal } from 'temporal-polyfill';
import { timeZone } from '../account/affiliation.ts';
import type { ClientRecord, ClientSecret } from '../ports/clients.ts';
import { isLiving } from './client-secret.ts';

export const MOST_SECRETS = 5;
/** How long a secret may live. */
export const secretLives = ['none', '90-days', '1-year', '2-years'] as const;
export type SecretLife = (typeof secretLives)[number];
/** What is offered first. */
export const USUAL_LIFE: SecretLife = '1-year';
/** Days before its end on which the contacts of the application are told. */
export const SECRET_WARNING_DAYS = [30, 7, 1] as const;

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Characters of a name. */
const LONGEST_NAME = 60;

const spans: Record<SecretLife, Temporal.DurationLike | undefined> = {
  none: undefined,
  '90-days': { days: 90 },
  '1-year': { years: 1 },
  '2-years': { years: 2 },
};

/** Until when a secret made at `now` lives (epoch ms), by the calendar of Brussels. Undefined: without an end. */
export function endOfSecret(life: SecretLife, now: number): number | undefined {
  const span = spans[life];
  if (span === undefined) return undefined;
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).add(span).epochMilliseconds;
}

/** A name as it is stored; undefined: it is empty, too long, or has characters that turn or break a line. */
export function readSecretName(text: string): string | undefined {
  const name = text.trim();
  const bad = !name.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(name);
  return bad || name === '' || [...name].length > LONGEST_NAME ? undefined : name;
}

/** What takes part in signing in at `now` (epoch ms). */
export function livingSecrets(secrets: readonly ClientSecret[], now: number): ClientSecret[] {
  return secrets.filter((secret) => isLiving(secret, now));
}

/** Whether another living one has this name; names differ in more than capitals. */
export function isNameTaken(secrets: readonly ClientSecret[], name: string, now: number, except?: string): boolean {
  const same = (other: string | undefined) => other?.toLowerCase() === name.toLowerCase();
  return livingSecrets(secrets, now).some(({ id, name: other }) => id !== except && same(other));
}

/**
 * With one more, the newest first. Where there would be more than five, those that expired longest ago go; `full`: five of
 * them live.
 */
export function withSecret(
  secrets: readonly ClientSecret[],
  made: ClientSecret,
  now: number,
): { kind: 'added'; secrets: ClientSecret[] } | { kind: 'full' } {
  const living = livingSecrets(secrets, now);
  if (living.length >= MOST_SECRETS) return { kind: 'full' };
  const expired = secrets
    .filter((secret) => !isLiving(secret, now))
    .sort((one, other) => (other.expiresAt ?? 0) - (one.expiresAt ?? 0))
    .slice(0, MOST_SECRETS - 1 - living.length);
  const stay = new Set([...living, ...expired]);
  return { kind: 'added', secrets: [made, ...secrets.filter((secret) => stay.has(secret))] };
}

/** Whether a use in the hour that began at `hour` can lie within the 24 hours before `now` (all epoch ms). */
export function isUsedRecently(hour: number, now: number): boolean {
  return hour + HOUR_MS > now - DAY_MS;
}

/** What whoever retires a secret has to be told first. `only-one`: no other one lives. */
export type RetiringAsk = 'used-recently' | 'only-one';

/** `hour`: epoch ms at which the hour of its last use began. Nobody is asked about one that has expired. */
export function asksBeforeRetiring(
  secret: Pick<ClientSecret, 'id' | 'expiresAt'>,
  secrets: readonly Pick<ClientSecret, 'id' | 'expiresAt'>[],
  hour: number | undefined,
  now: number,
): RetiringAsk[] {
  if (!isLiving(secret, now)) return [];
  const others = secrets.some((other) => other.id !== secret.id && isLiving(other, now));
  return [
    ...(hour !== undefined && isUsedRecently(hour, now) ? ['used-recently' as const] : []),
    ...(others ? [] : ['only-one' as const]),
  ];
}

/** A living secret that ends within 30 days; `left`: whole days, 0 on the last. */
export type EndingSecret = { secret: ClientSecret & { expiresAt: number }; left: number };

/** Those of an application that end within 30 days after `now` (epoch ms), the first to end first. */
export function secretsEnding({ secrets }: Pick<ClientRecord, 'secrets'>, now: number): EndingSecret[] {
  return secrets
    .filter((secret): secret is EndingSecret['secret'] => secret.expiresAt !== undefined && now < secret.expiresAt)
    .filter(({ expiresAt }) => expiresAt - now <= SECRET_WARNING_DAYS[0] * DAY_MS)
    .map((secret) => ({ secret, left: Math.floor((secret.expiresAt - now) / DAY_MS) }))
    .sort((one, other) => one.secret.expiresAt - other.secret.expiresAt);
}

/** Of the days on which contacts are told, the one that is due now: the nearest to the end that has come. */
export function warningDue({ secret }: EndingSecret, now: number): (typeof SECRET_WARNING_DAYS)[number] {
  const due = SECRET_WARNING_DAYS.filter((days) => secret.expiresAt - now <= days * DAY_MS);
  return due.at(-1) ?? SECRET_WARNING_DAYS[0];
}
