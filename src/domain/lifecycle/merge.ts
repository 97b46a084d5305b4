/**
 * Merging two accounts of one person: one freezes, in one write, and what it was is given to the other in a second one. Its
 * credentials open nothing any more, and its `sub` is nobody's for ever. For 30 days it can be undone (part.ts).
 */
import { isDeepStrictEqual } from 'node:util';
import type { Account, Decision, EffectInput } from '../account/account.ts';
import { accessOf } from '../account/account-access.ts';
import { dayAt } from '../account/affiliation.ts';
import { emptyAccount } from '../account/empty-account.ts';
import { withHeldAddresses } from '../account/held-addresses.ts';
import { notices } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import type { AuditInput } from '../audit/audit-entry.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { withWindows } from './access.ts';
import { movingKeysOf } from './reserved-names.ts';

export const UNDO_DAYS = 30;
const UNDO_MS = UNDO_DAYS * 24 * 60 * 60 * 1000;

type Context = { organisations: Organisation[]; sealer: Pick<Sealer, 'mac'>; now: number };

/**
 * Why two accounts are not merged. `same`: they are one; `gone`: one was erased, or is part of another already; `role`: one has
 * a role; `suspended`, `held`: the one that would go is suspended, or kept from being erased; `keep-not-active`: only the one
 * that would go is in use, so it should be the other way round.
 */
export type MergeRefusal = 'same' | 'gone' | 'role' | 'suspended' | 'held' | 'keep-not-active';

/** Undefined: they may be merged. */
export function mergeRefusal(keep: Account, gone: Account, now: number): MergeRefusal | undefined {
  if (keep.id === gone.id) return 'same';
  if ([keep, gone].some(({ erased, merged }) => erased !== undefined || merged !== undefined)) return 'gone';
  if ([keep, gone].some(({ roles }) => roles.length > 0)) return 'role';
  if (accessOf(gone, now).kind === 'suspended') return 'suspended';
  if (gone.legalHold !== undefined) return 'held';
  return keep.activatedAt === undefined && gone.activatedAt !== undefined ? 'keep-not-active' : undefined;
}

/**
 * Rule: the account becomes part of `keep`. It closes with its sessions, grants and tickets (rule 12), and holds back its names
 * until the other one has them. Both addresses are told.
 * @param entry what the audit log will say of `keep`
 */
export function freeze(
  gone: Account,
  keep: Account,
  entry: AuditInput,
  context: Context,
): Decision<{ kind: 'frozen' } | { kind: 'refused'; because: MergeRefusal }> {
  const { sealer, now } = context;
  const because = mergeRefusal(keep, gone, now);
  if (because !== undefined) return { outcome: { kind: 'refused', because } };
  const epoch = gone.credentialsEpoch + 1;
  const { mergedFrom } = gone;
  return {
    outcome: { kind: 'frozen' },
    account: {
      ...blank(gone),
      credentialsEpoch: epoch,
      reserved: movingKeysOf(gone, sealer),
      ...(mergedFrom === undefined ? {} : { mergedFrom }),
      merged: { into: keep.id, at: now, undoUntil: now + UNDO_MS, before: keptFor(gone) },
    },
    effects: [
      { kind: 'end-sessions', reason: 'accounts merged', olderThanEpoch: epoch },
      ...told(gone, keep, gone, context),
      { kind: 'merge', entry },
    ],
  };
}

/**
 * Rule: takes what an account that was merged into this one was. Again, or after it was undone, changes nothing. `impossible`:
 * this account is no longer one to which that can be given.
 */
export function receive(
  keep: Account,
  gone: Account,
  entry: AuditInput,
  context: Context,
): Decision<{ kind: 'received' | 'nothing' | 'impossible' }> {
  const before = gone.merged?.before;
  if (before === undefined || gone.merged?.into !== keep.id || keep.mergedFrom?.includes(gone.id) === true)
    return { outcome: { kind: 'nothing' } };
  if (keep.erased !== undefined || keep.merged !== undefined || keep.roles.length > 0)
    return { outcome: { kind: 'impossible' } };
  return {
    outcome: { kind: 'received' },
    account: {
      ...received(keep, before, context),
      mergedFrom: [...(keep.mergedFrom ?? []), gone.id, ...(gone.mergedFrom ?? [])],
    },
    effects: [...told(keep, keep, before, context), { kind: 'audit', entry }],
  };
}

/** Rule: the account is one of its own again, as `back` says it; absent: as it was. Its credentials open it again. */
export function thaw(
  gone: Account,
  back: Account | undefined = gone.merged?.before,
): Decision<{ kind: 'thawed' | 'nothing' }> {
  if (gone.merged === undefined || back === undefined) return { outcome: { kind: 'nothing' } };
  const { id, revision, auditKey, effects, credentialsEpoch, mergedFrom } = gone;
  const own = { id, revision, auditKey, effects, ...(mergedFrom === undefined ? {} : { mergedFrom }) };
  return {
    outcome: { kind: 'thawed' },
    account: { ...back, ...own, credentialsEpoch: Math.max(credentialsEpoch, back.credentialsEpoch) },
    effects: back.effects.map(({ id: _, ...effect }) => effect),
  };
}

/** Rule: the account of which this one became part was erased, so nothing of the person stays here either (rule 28). */
export function forgetMerged(gone: Account): Decision<undefined> {
  const { merged } = gone;
  if (merged === undefined || gone.auditKey === '') return { outcome: undefined };
  const { before: _, ...kept } = merged;
  return { outcome: undefined, account: { ...gone, auditKey: '', merged: kept } };
}

/** The account with all that the other one is: what it has itself stays, and comes first. */
export function received(keep: Account, other: Account, { organisations, now }: Omit<Context, 'sealer'>): Account {
  const lists = <Member extends 'affiliations' | 'groups' | 'entitlements' | 'evidence'>(member: Member) => {
    const own: unknown[] = keep[member] ?? [];
    const added = (other[member] ?? []).filter((each) => !own.some((mine) => isDeepStrictEqual(mine, each)));
    return own.length + added.length === 0 && member !== 'affiliations' ? {} : { [member]: [...own, ...added] };
  };
  const fills = <Member extends 'phone' | 'orcid' | 'personalEmail'>(member: Member) =>
    keep[member] === undefined && other[member] !== undefined ? { [member]: other[member] } : {};
  const userNumbers = unique([...keep.userNumbers, ...other.userNumbers]);
  const emails = unique([...keep.emails, ...other.emails]);
  const former = unique([...(keep.formerNumbers ?? []), ...(other.formerNumbers ?? [])]).filter(
    (number) => !userNumbers.includes(number),
  );
  const isNeverActive = keep.activatedAt === undefined;
  const next: Account = {
    ...keep,
    userNumbers,
    emails,
    ...(former.length === 0 ? {} : { formerNumbers: former }),
    claims: { ...claimsOf(other, keep), ...keep.claims, updated_at: Math.floor(now / 1000) },
    feeds: [...keep.feeds, ...other.feeds],
    ...lists('affiliations'),
    ...lists('groups'),
    ...lists('entitlements'),
    ...fills('phone'),
    ...fills('orcid'),
    // where an invitation goes; the owner of an account in use adds one himself
    ...(isNeverActive ? fills('personalEmail') : {}),
  };
  const evidence = [
    ...(keep.evidence ?? []),
    ...(other.evidence ?? []).filter(({ level }) => level !== 'second-factor'),
  ];
  if (evidence.length > 0) next.evidence = evidence;
  const added = emails.filter((email) => !keep.emails.includes(email));
  const held = isNeverActive ? next : withHeldAddresses(next, added, now);
  return withWindows(held, organisations, now);
}

/** The claims that may fill gaps: whether a telephone number was verified is said of that number alone. */
function claimsOf(other: Account, keep: Account): Account['claims'] {
  const { phone_number_verified: verified, ...claims } = other.claims;
  return keep.phone !== undefined || verified === undefined ? claims : { ...claims, phone_number_verified: verified };
}

/** Rule: what is held back is free, because the other account has it. */
export function letGo(account: Account, keys?: readonly string[]): Decision<undefined> {
  const { reserved, ...rest } = account;
  const left = keys === undefined ? [] : (reserved ?? []).filter((key) => !keys.includes(key));
  if (reserved === undefined || left.length === reserved.length) return { outcome: undefined };
  return { outcome: undefined, account: left.length === 0 ? rest : { ...rest, reserved: left } };
}

/** Rule: what was kept for undoing a merge goes once its time has passed; the id stays, so that it leads to the other account. */
export function forgetBefore(account: Account, now: number): Decision<{ kind: 'forgotten' | 'nothing' }> {
  const { merged } = account;
  if (merged?.before === undefined || now < merged.undoUntil) return { outcome: { kind: 'nothing' } };
  const { before: _, ...kept } = merged;
  return { outcome: { kind: 'forgotten' }, account: { ...account, merged: kept } };
}

/** How a person reads of an account: by its number or address, or else the name. */
export function nameOf({ id, userNumbers, emails, givenName, familyName }: Account): string {
  return userNumbers[0] ?? emails[0] ?? (`${givenName} ${familyName}`.trim() || id);
}

/** The letter to one of two accounts that are merged: which number stays, and which is part of it now. */
function told(to: Account, keep: Account, gone: Account, context: Omit<Context, 'sealer'>): EffectInput[] {
  const data = { number: nameOf(keep), gone: nameOf(gone), undoUntil: dayAt(context.now + UNDO_MS) };
  return notices(to, 'accounts-merged', data, context);
}

/** What of an account can come back: not its links and codes, nor what was still to be done. */
function keptFor(account: Account): Account {
  const { reserved: _, erasure: __, trustedBrowsers: ___, mergedFrom: ____, halfway: _____, ...rest } = account;
  return { ...rest, auditKey: '', tickets: [], effects: [] };
}

/** An account of which nothing is left but that it was there. The audit key stays: entries about it are still read. */
function blank({ id, revision, createdAt, auditKey, language, effects }: Account): Account {
  const empty = emptyAccount({ id, revision, createdAt, auditKey, language, credentialsEpoch: 0 });
  return { ...empty, windows: [], effects };
}

const unique = <Value>(values: Value[]): Value[] => [...new Set(values)];
