/**
 * Erasure: an account whose last window is over goes for good when the longest time that an organisation keeps it has
 * passed. When is worked out anew each time, never stored as a decision, so that a new enrolment stops it by itself.
 */
import { Temporal } from 'temporal-polyfill';
import type { Account, Decision } from '../account/account.ts';
import { dayAt, timeZone } from '../account/affiliation.ts';
import { emptyAccount } from '../account/empty-account.ts';
import { addressesOf, emailTo } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import type { AuditInput } from '../audit/audit-entry.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { rulesOf } from './access-rules.ts';
import { reservedKeysOf } from './reserved-names.ts';

type Context = { organisations: Organisation[]; sealer: Pick<Sealer, 'mac'>; now: number };

/** so long before it is announced, and its names are reserved */
const NOTICE_MS = 30 * 24 * 60 * 60 * 1000;

/** What is left of an account: `day` (`YYYY-MM-DD`), the rule by which it went, and how much there was of what. */
export type Tombstone = { day: string; rule: string; counts: Record<string, number> };

/**
 * When the account is due (epoch ms), and by which rule. Undefined: never, as things are; it has an open or coming window
 * or none at all, or one of its affiliations is kept forever (`retain` says nothing of it).
 */
export function erasureDue(
  { affiliations, windows }: Pick<Account, 'affiliations' | 'windows'>,
  organisations: Organisation[],
): { at: number; rule: string } | undefined {
  const end = windows?.at(-1)?.until;
  if (end === undefined || affiliations.length === 0) return undefined;
  const ended = Temporal.Instant.fromEpochMilliseconds(end).toZonedDateTimeISO(timeZone);
  let due: { at: number; rule: string } | undefined;
  for (const affiliation of affiliations) {
    const { organisation, role } = affiliation;
    const kept = rulesOf(affiliation, organisations).retain ?? 'forever';
    if (kept === 'forever') return undefined;
    const at = ended.add(kept).epochMilliseconds;
    if (due === undefined || at > due.at) due = { at, rule: `${organisation} ${role} ${kept}` };
  }
  return due;
}

/** Epoch ms: no account that ends at this moment or later has to do with erasure at `now`. Undefined: none ever has. */
export function erasureLookedFor(organisations: Organisation[], now: number): number | undefined {
  const kept = organisations
    .flatMap(({ access = {} }) => Object.values(access).map(({ retain }) => retain ?? 'forever'))
    .filter((each) => each !== 'forever');
  const today = Temporal.Instant.fromEpochMilliseconds(now + NOTICE_MS).toZonedDateTimeISO(timeZone);
  const ends = kept.map((each) => today.subtract(each).add({ days: 3 }).epochMilliseconds); // months differ in length
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** What keeps an account from being erased although it is due. Undefined: nothing. */
function keptBecause({ legalHold, roles }: Account): 'legal-hold' | 'role' | undefined {
  if (legalHold !== undefined) return 'legal-hold';
  return roles.length > 0 ? 'role' : undefined;
}

export type ErasureStep =
  | { kind: 'none' }
  | { kind: 'announced'; day: string }
  | { kind: 'erased'; tombstone: Tombstone };

/**
 * Rule: 30 days before it is due the erasure is announced, by letter where the account was active, and its names are
 * reserved; then, at the earliest 30 days after that, only a tombstone with these names is left. An announcement is for
 * the due day of its time: where that has moved, it is made anew.
 * @param counts how much of each kind is stored beside the account
 */
export function erasureStep(account: Account, counts: Record<string, number>, context: Context): Decision<ErasureStep> {
  const { organisations, sealer, now } = context;
  const due = erasureDue(account, organisations);
  if (due === undefined || now < due.at - NOTICE_MS || keptBecause(account) !== undefined)
    return { outcome: { kind: 'none' } };
  const reserved = reservedKeysOf(account, sealer);
  const { erasure } = account;
  const isAnnounced = erasure?.due === due.at && reserved.every((key) => account.reserved?.includes(key));
  if (!isAnnounced) {
    const at = Math.max(due.at, now + NOTICE_MS);
    const day = dayAt(at);
    const [to] = addressesOf(account);
    const tells = to !== undefined && account.activatedAt !== undefined;
    return {
      outcome: { kind: 'announced', day },
      account: { ...account, reserved, erasure: { due: due.at, at } },
      effects: [
        ...(tells
          ? [{ kind: 'letter' as const, letter: emailTo(account, to, 'account-erased-soon', { day }, context) }]
          : []),
        { kind: 'audit', entry: audit(account, { action: 'account.erasure-announced', details: { day } }, now) },
      ],
    };
  }
  if (erasure === undefined || now < erasure.at) return { outcome: { kind: 'none' } };
  return erased(account, { rule: due.rule, counts }, context);
}

/** Rule: erases the account now, for a restored backup from before it was erased. */
export function erased(
  account: Account,
  { rule, counts }: Omit<Tombstone, 'day'>,
  { sealer, now }: Pick<Context, 'sealer' | 'now'>,
): Decision<{ kind: 'erased'; tombstone: Tombstone }> {
  const tombstone = {
    day: dayAt(now),
    rule,
    counts: {
      ...counts,
      names: reservedKeysOf(account, sealer).length,
      factors: account.totps.length + account.passkeys.length,
      affiliations: account.affiliations.length,
      sources: account.feeds.length,
    },
  };
  return {
    outcome: { kind: 'erased', tombstone },
    account: tombstoneOf(account, tombstone, [
      ...new Set([...(account.reserved ?? []), ...reservedKeysOf(account, sealer)]),
    ]),
    effects: [
      { kind: 'end-sessions', reason: 'account erased' },
      { kind: 'forget' },
      { kind: 'audit', entry: audit(account, { action: 'account.erased', details: { rule } }, now) },
    ],
  };
}

/** Without the audit key, what the audit log holds sealed about the person can be opened by nobody (rule 28). */
function tombstoneOf(
  { id, revision, language, credentialsEpoch, mergedFrom }: Account,
  tombstone: Tombstone,
  reserved: string[],
): Account {
  return {
    ...emptyAccount({
      id,
      revision,
      createdAt: 0,
      auditKey: '',
      language,
      credentialsEpoch: credentialsEpoch + 1,
    }),
    reserved,
    erased: tombstone,
    // what was kept of those for undoing goes with it
    ...(mergedFrom === undefined ? {} : { mergedFrom }),
  };
}

type Told =
  | { action: 'account.erasure-announced'; details: { day: string } }
  | { action: 'account.erased'; details: { rule: string } };

function audit({ id }: Account, told: Told, now: number): AuditInput {
  return { at: now, actor: { kind: 'system' }, subject: id, ...told };
}
