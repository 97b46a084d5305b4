/** The second factors of an account: how many there may be, how they are named, and what adding or renaming one causes. */
import { type Account, type Decision, type EffectInput, hasSecondFactor } from '../account/account.ts';
import { withFactorEvidence } from '../account/assurance.ts';
import { notices } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import type { AuditAction, AuditDetails, AuditInput } from '../audit/audit-entry.ts';
import type { PasskeyFactor, RecoveryCodes, TotpFactor } from './factor-records.ts';

export const MAX_FACTORS = 10;
export const MAX_NAME_LENGTH = 60;

export type NewFactor = { kind: 'totp'; factor: TotpFactor } | { kind: 'passkey'; factor: PasskeyFactor };
export type Factor = (TotpFactor & { kind: 'totp' }) | (PasskeyFactor & { kind: 'passkey' });

/**
 * Who acts, as a rule needs to know it: `now` in epoch ms; `network` (full address), `sessionUid` and `browser` (its
 * key) of the person who acts.
 */
export type ActingPerson = {
  organisations: Organisation[];
  now: number;
  network?: string;
  sessionUid?: string;
  browser?: string;
};

/** All factors, oldest first. */
export function factorsOf(account: Account): Factor[] {
  return [
    ...account.totps.map((factor): Factor => ({ kind: 'totp', ...factor })),
    ...account.passkeys.map((factor): Factor => ({ kind: 'passkey', ...factor })),
  ].sort((a, b) => a.createdAt - b.createdAt);
}

/** A name as it is stored: one line, trimmed, at most 60 characters. Undefined: nothing is left. */
export function factorName(typed: string): string | undefined {
  const name = [
    ...typed
      .normalize('NFC')
      .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
      .trim(),
  ];
  return name.length === 0 ? undefined : name.slice(0, MAX_NAME_LENGTH).join('').trim();
}

/**
 * The account with this factor added. Undefined: it has ten, or has this one already (same id or same passkey
 * credential).
 */
export function withFactor(account: Account, added: NewFactor): Account | undefined {
  const factors = factorsOf(account);
  if (factors.length >= MAX_FACTORS || factors.some(({ id }) => id === added.factor.id)) return undefined;
  if (added.kind === 'totp') return withFactorEvidence({ ...account, totps: [...account.totps, added.factor] });
  if (account.passkeys.some(({ credentialId }) => credentialId === added.factor.credentialId)) return undefined;
  return withFactorEvidence({ ...account, passkeys: [...account.passkeys, added.factor] });
}

/** The account with these recovery codes in place of the earlier ones. */
export function withRecoveryCodes(account: Account, recoveryCodes: RecoveryCodes): Account {
  return { ...account, recoveryCodes };
}

/** The effects of a new factor: an email to both addresses and an audit entry. */
export function factorAddedEffects(account: Account, added: NewFactor, context: ActingPerson): EffectInput[] {
  return [
    ...notices(account, 'factor-added', { factor: added.factor.name }, context),
    factorAudit(account, 'factor.added', added.kind, added.factor.id, context),
  ];
}

/** Rule: a person renames a factor. `gone`: it was removed; `unnamed`: the name is empty. */
export function renameFactor(
  account: Account,
  factorId: string,
  typed: string,
  context: ActingPerson,
): Decision<{ kind: 'renamed' } | { kind: 'gone' } | { kind: 'unnamed' }> {
  const name = factorName(typed);
  if (name === undefined) return { outcome: { kind: 'unnamed' } };
  const factor = factorsOf(account).find(({ id }) => id === factorId);
  if (factor === undefined) return { outcome: { kind: 'gone' } };
  if (factor.name === name) return { outcome: { kind: 'renamed' } };
  const renamed = <Each extends { id: string; name: string }>(each: Each) =>
    each.id === factorId ? { ...each, name } : each;
  return {
    outcome: { kind: 'renamed' },
    account: { ...account, totps: account.totps.map(renamed), passkeys: account.passkeys.map(renamed) },
    effects: [factorAudit(account, 'factor.renamed', factor.kind, factor.id, context)],
  };
}

/** Rule: new recovery codes replace the old ones. `no-factor`: there is no factor that they could stand in for. */
export function renewRecoveryCodes(
  account: Account,
  recoveryCodes: RecoveryCodes,
  context: ActingPerson,
): Decision<{ kind: 'renewed' } | { kind: 'no-factor' }> {
  if (!hasSecondFactor(account)) return { outcome: { kind: 'no-factor' } };
  return {
    outcome: { kind: 'renewed' },
    account: withRecoveryCodes(account, recoveryCodes),
    effects: [
      ...notices(account, 'recovery-codes-renewed', {}, context),
      personAudit(account, 'recovery-codes.renewed', {}, context),
    ],
  };
}

/** The effect that ends every session of an earlier epoch than `epoch`, except the one in which the person acts. */
export function endOtherSessions(reason: string, epoch: number, context: ActingPerson): EffectInput {
  return {
    kind: 'end-sessions',
    reason,
    olderThanEpoch: epoch,
    ...(context.sessionUid === undefined ? {} : { exceptSessionUid: context.sessionUid }),
  };
}

/** An audit entry for something that a person did to their own account. */
export function personAudit<Action extends AuditAction>(
  account: Account,
  action: Action,
  details: AuditDetails[Action],
  context: ActingPerson,
): EffectInput {
  const entry = {
    at: context.now,
    action,
    actor: { kind: 'person', id: account.id },
    subject: account.id,
    ...(context.network === undefined ? {} : { network: context.network }),
    details,
  };
  return { kind: 'audit', entry: entry as AuditInput };
}

export function factorAudit(
  account: Account,
  action: 'factor.added' | 'factor.removed' | 'factor.renamed',
  kind: Factor['kind'],
  factor: string,
  context: ActingPerson,
): EffectInput {
  return personAudit(account, action, { kind, factor }, context);
}
