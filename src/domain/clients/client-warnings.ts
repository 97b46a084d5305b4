/** What of an application needs somebody to look at it. */
import type { ClientRecord } from '../ports/clients.ts';
import { isExpired, isPending } from './client-validity.ts';
import { isHint, type RefusalRecord } from './refusals/refusal.ts';

/** `at`: epoch ms of the end; `times`: how often in the last 24 hours. */
export type ClientWarning =
  | { kind: 'pending' }
  | { kind: 'expired' | 'expires' | 'secret-expired' | 'secret-expires'; at: number }
  | { kind: 'refused'; times: number };

/** The most urgent first. */
export const warningKinds = [
  'pending',
  'expired',
  'secret-expired',
  'refused',
  'secret-expires',
  'expires',
] as const satisfies ClientWarning['kind'][];

/** What of a registration warnings come from. */
type Warned = Pick<ClientRecord, 'validUntil'> & {
  registration?: Pick<NonNullable<ClientRecord['registration']>, 'state'>;
  secrets: readonly Pick<ClientRecord['secrets'][number], 'expiresAt'>[];
};

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long before its end something is named. */
const WARNED_MS = 30 * DAY_MS;

/** The most urgent first. `refused`: how often requests of this application were refused lately (`refusedOf`). */
export function warningsOf(record: Warned, { now, refused }: { now: number; refused: number }): ClientWarning[] {
  if (isPending(record)) return [{ kind: 'pending' }];
  return [
    ...(isExpired(record, now) ? [{ kind: 'expired' as const, at: record.validUntil ?? now }] : []),
    ...secretWarnings(record, now),
    ...(refused > 0 ? [{ kind: 'refused' as const, times: refused }] : []),
    ...(isExpired(record, now + WARNED_MS) && !isExpired(record, now)
      ? [{ kind: 'expires' as const, at: record.validUntil ?? now }]
      : []),
  ];
}

/** Only the secret that lives longest counts: while another one lives, an old one is meant to end. */
function secretWarnings({ secrets }: Pick<Warned, 'secrets'>, now: number): ClientWarning[] {
  if (secrets.length === 0) return [];
  const last = Math.max(...secrets.map(({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY));
  if (last <= now) return [{ kind: 'secret-expired', at: last }];
  return last <= now + WARNED_MS ? [{ kind: 'secret-expires', at: last }] : [];
}

/** Client id -> how many requests were refused since `since` (epoch ms). What only got less than it asked for is none. */
export function refusedOf(records: readonly RefusalRecord[], since: number): Map<string, number> {
  const times = new Map<string, number>();
  for (const { party, refusal, count, lastAt } of records)
    if ('client' in party && lastAt >= since && !isHint(refusal))
      times.set(party.client, (times.get(party.client) ?? 0) + count);
  return times;
}
