/** Until when a client is valid, who registered it, and who is to be told before it expires. */
import { Temporal } from 'temporal-polyfill';
import { timeZone } from '../account/affiliation.ts';
import type { ClientOrigin, ClientRecord } from '../ports/clients.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long before its end a client is named to the operator. */
const WARNING_DAYS = 30;
/** Years that `pedel_valid_until` may name. */
const [FIRST_YEAR, LAST_YEAR] = [2000, 2199];

/**
 * Epoch ms of a `pedel_valid_until`: a moment (RFC 3339, with an offset), or a day, which counts as a whole in Brussels.
 * Undefined: it is neither, or out of bounds.
 */
export function readValidUntil(text: string): number | undefined {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  if (!day && !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const year = Number(text.slice(0, 4));
  if (year < FIRST_YEAR || year > LAST_YEAR) return undefined;
  try {
    return day
      ? Temporal.PlainDate.from(text).add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds
      : Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return undefined; // no such day or hour
  }
}

/** The day that ends then in Brussels, as it was typed. Undefined: it is within a day. */
export function wholeLastDay(validUntil: number): string | undefined {
  const end = Temporal.Instant.fromEpochMilliseconds(validUntil).toZonedDateTimeISO(timeZone);
  return end.equals(end.startOfDay()) ? end.toPlainDate().subtract({ days: 1 }).toString() : undefined;
}

type Valid = Pick<ClientRecord, 'validUntil'>;

/** Whether nothing is issued to it or accepted from it any more at `now` (epoch ms): from the very moment on. */
export function isExpired({ validUntil }: Valid, now: number): boolean {
  return validUntil !== undefined && now >= validUntil;
}

/** Whether it registered itself and no operator has approved it yet: nobody signs in to it. */
export function isPending({
  registration,
}: {
  registration?: Pick<NonNullable<ClientRecord['registration']>, 'state'>;
}): boolean {
  return registration?.state === 'pending';
}

/** Whether an operator switched it off, or deleted it and it is not removed yet. */
export function isDisabled({ disabled }: Pick<ClientRecord, 'disabled'>): boolean {
  return disabled !== undefined;
}

export type Unusable = 'application-disabled' | 'application-pending' | 'application-expired';

/** Why nothing is issued to it or accepted from it at `now` (epoch ms). Undefined: it may be used. */
export function whyUnusable(client: ClientRecord, now: number): Unusable | undefined {
  if (isPending(client)) return 'application-pending'; // first, because nothing of a stranger's text is shown then
  if (isDisabled(client)) return 'application-disabled';
  return isExpired(client, now) ? 'application-expired' : undefined;
}

/** Of these clients the ids that have expired at `now` (epoch ms), and those that will within 30 days and are not off. */
export function expiring<Client extends Pick<ClientRecord, 'id' | 'validUntil' | 'disabled'>>(
  clients: readonly Client[],
  now: number,
) {
  const expired = clients.filter((client) => isExpired(client, now));
  const soon = clients.filter(
    (client) => !isDisabled(client) && !isExpired(client, now) && isExpired(client, now + WARNING_DAYS * DAY_MS),
  );
  return { expired, soon };
}

/** Who made it. A record of a version that did not keep it was made by `pedel clients apply`, the only way then. */
export function originOf({ origin, createdAt }: Pick<ClientRecord, 'origin' | 'createdAt'>): ClientOrigin {
  return origin ?? { kind: 'apply', at: createdAt };
}

/** What is wrong with a stored client, for `storage check`; usually nothing. */
export function storedValidityFaults({
  validUntil,
  origin,
  disabled,
}: Pick<ClientRecord, 'validUntil' | 'origin' | 'disabled'>): string[] {
  const faults: string[] = [];
  if (disabled !== undefined && ![disabled?.at, disabled?.removeAt ?? 0].every(Number.isSafeInteger))
    faults.push('disabled does not say since when; it is off all the same: see pedel clients enable');
  if (validUntil !== undefined && !Number.isSafeInteger(validUntil))
    faults.push('validUntil is no moment; register the application again');
  if (origin !== undefined && (typeof origin.kind !== 'string' || !Number.isSafeInteger(origin.at)))
    faults.push('origin does not say how and when it was registered');
  return faults;
}
