/**
 * What there is to say of an account's end: which day, why, and how many days are left. locales/end-in-words.ts makes
 * sentences of it, for pages, letters and commands alike. Days of grace and the source's reason are never among it.
 */
import type { Account } from '../account/account.ts';
import { dayAt } from '../account/affiliation.ts';
import type { Organisation } from '../account/organisation.ts';
import { lastEnd, opensAt } from './access.ts';
import { endsOf } from './access-rules.ts';
import { endOf } from './account-expiry.ts';
import type { AccessWindow } from './lifecycle-records.ts';
import { suspensionOf } from './suspension.ts';

/**
 * `run`: until the day, as planned; `stop`: before that; `complete`: because the purpose is reached. The same once the day
 * has passed: `ran`, `stopped`, `completed`. `withdrawn`: in the course of that day, and with it the account.
 */
export const waysToEnd = ['run', 'ran', 'stop', 'stopped', 'complete', 'completed', 'withdrawn'] as const;
/** Why. Days as `YYYY-MM-DD`. */
export type Because = { organisation: string; role: string; how: (typeof waysToEnd)[number]; day: string };

export type Explanation =
  /** open, and no end is known */
  | { kind: 'no-end' }
  /** `daysLeft`: calendar days; absent: not counted, because nobody knows when it is read */
  | { kind: 'ends'; lastDay: string; daysLeft?: number; because?: Because }
  /** `opens`: the day on which it opens again */
  | { kind: 'ended'; lastDay: string; opens?: string; because?: Because }
  | { kind: 'opens'; day: string }
  /** `lastDay`: of the suspension */
  | { kind: 'suspended'; lastDay?: string }
  | { kind: 'closed' };

/** `now`: epoch ms */
export function explain(account: Account, organisations: Organisation[], now: number): Explanation {
  const suspension = suspensionOf(account, now);
  if (suspension !== undefined) {
    const { until } = suspension;
    return { kind: 'suspended', ...(until === undefined ? {} : { lastDay: dayAt(until - 1) }) };
  }
  const end = endOf(account, organisations, now);
  if (end !== undefined) {
    const because = becauseOf(end.because, now);
    return { kind: 'ends', lastDay: dayAt(end.lastAt), daysLeft: end.daysLeft, ...(because && { because }) };
  }
  const opens = opensAt(account, now);
  const ended = lastEnd(account, now);
  if (ended !== undefined && (opens !== undefined || isOver(account, now))) {
    const because = becauseOf(account.windows?.find(({ until }) => until === ended)?.because, now, ended);
    return {
      kind: 'ended',
      lastDay: dayAt(ended - 1),
      ...(opens === undefined ? {} : { opens: dayAt(opens) }),
      ...(because && { because }),
    };
  }
  if (opens !== undefined) return { kind: 'opens', day: dayAt(opens) };
  return isOver(account, now) ? { kind: 'closed' } : { kind: 'no-end' };
}

const isOver = ({ windows, endsAt }: Account, now: number) =>
  (windows ?? [{ until: endsAt }]).every(({ until = Number.POSITIVE_INFINITY }) => until <= now);

/**
 * Of several ends that which comes first is told. Undefined: nothing decides it, or no day is known.
 * @param closedAt when the affiliation closed the account (epoch ms); absent: it has only now been told how it ends
 */
export function becauseOf(
  affiliation: AccessWindow['because'],
  now: number,
  closedAt = Number.POSITIVE_INFINITY,
): Because | undefined {
  if (affiliation === undefined) return undefined;
  const { organisation, role, withdrawnAt } = affiliation;
  if (withdrawnAt !== undefined && withdrawnAt <= closedAt)
    return { organisation, role, day: dayAt(withdrawnAt), how: 'withdrawn' };
  const [first] = endsOf(affiliation);
  if (first === undefined) return undefined;
  const { day, kind, official } = first;
  const [ahead, past] =
    kind === 'completed'
      ? (['complete', 'completed'] as const)
      : official
        ? (['stop', 'stopped'] as const)
        : (['run', 'ran'] as const);
  return { organisation, role, day, how: day < dayAt(now) ? past : ahead };
}
