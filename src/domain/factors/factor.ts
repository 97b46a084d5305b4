/** The second factors of an account: how many, under which names, what a loss means, and that the last one may have to stay. */
import {
  type Account,
  type Decision,
  type EffectInput,
  hasSecondFactor,
  type PasskeyFactor,
  type RecoveryCodes,
  type TotpFactor,
} from '../account/account.ts';
import { dayAt } from '../account/affiliation.ts';
import { notices } from '../account/notifications.ts';
import { type Organisation, secondFactorRequired } from '../account/organisation.ts';

export const MAX_FACTORS = 10;
export const MAX_NAME_LENGTH = 60;

export type NewFactor = { kind: 'totp'; factor: TotpFactor } | { kind: 'passkey'; factor: PasskeyFactor };
export type Factor = (TotpFactor & { kind: 'totp' }) | (PasskeyFactor & { kind: 'passkey' });

/** What a rule needs to know besides the account; `network` and `sessionUid` are those of the person who acts. */
export type ActingPerson = { organisations: Organisation[]; now: number; network?: string; sessionUid?: string };

/** All factors, oldest first. */
export function factorsOf(account: Account): Factor[] {
  return [
    ...account.totps.map((factor): Factor => ({ kind: 'totp', ...factor })),
    ...account.passkeys.map((factor): Factor => ({ kind: 'passkey', ...factor })),
  ].sort((a, b) => a.createdAt - b.createdAt);
}

/** A name as stored: one line, no spaces around it, at most 60 characters; undefined where nothing is left. */
export function factorName(typed: string): string | undefined {
  const name = [
    ...typed
      .normalize('NFC')
      .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
      .trim(),
  ];
  return name.length === 0 ? undefined : name.slice(0, MAX_NAME_LENGTH).join('').trim();
}

/** The account with this factor; undefined where it has ten, or holds this one (by id, or by passkey credential) already. */
export function withFactor(account: Account, added: NewFactor): Account | undefined {
  const factors = factorsOf(account);
  if (factors.length >= MAX_FACTORS || factors.some(({ id }) => id === added.factor.id)) return undefined;
  if (added.kind === 'totp') return { ...account, totps: [...account.totps, added.factor] };
  if (account.passkeys.some(({ credentialId }) => credentialId === added.factor.credentialId)) return undefined;
  return { ...account, passkeys: [...account.passkeys, added.factor] };
}

/** The account with these recovery codes instead of those it had. */
export function withRecoveryCodes(account: Account, recoveryCodes: RecoveryCodes): Account {
  return { ...account, recoveryCodes };
}

/** The letters to both addresses and the audit entry that go with a new factor, whoever's rule adds it. */
export function factorAddedEffects(account: Account, added: NewFactor, context: ActingPerson): EffectInput[] {
  return [
    ...notices(account, 'factor-added', { factor: added.factor.name }, context),
    factorAudit(account, 'factor.added', added.kind, added.factor.id, context),
  ];
}

/** `required`: it is the last one and a second factor is asked of this person. `gone`: removed already. */
export type RemoveFactorOutcome = { kind: 'removed'; epoch: number } | { kind: 'gone' } | { kind: 'required' };

/**
 * Rule: a person removes a factor. A loss: the epoch rises, other sessions end, both addresses are told (rules 7, 12).
 * With the last factor the recovery codes go too, for there is nothing left that they stand in for.
 */
export function removeFactor(account: Account, factorId: string, context: ActingPerson): Decision<RemoveFactorOutcome> {
  const removed = factorsOf(account).find(({ id }) => id === factorId);
  if (removed === undefined) return { outcome: { kind: 'gone' } };
  const { recoveryCodes, ...rest } = {
    ...account,
    totps: account.totps.filter(({ id }) => id !== factorId),
    passkeys: account.passkeys.filter(({ id }) => id !== factorId),
    credentialsEpoch: account.credentialsEpoch + 1,
  };
  const left = hasSecondFactor(rest);
  if (!left && secondFactorRequired(account, context.organisations, dayAt(context.now))) {
    return { outcome: { kind: 'required' } };
  }
  return {
    outcome: { kind: 'removed', epoch: rest.credentialsEpoch },
    account: { ...rest, ...(left && recoveryCodes !== undefined ? { recoveryCodes } : {}) },
    effects: [
      endOtherSessions('a second factor was removed', rest.credentialsEpoch, context),
      ...notices(account, 'factor-removed', { factor: removed.name }, context),
      factorAudit(account, 'factor.removed', removed.kind, removed.id, context),
    ],
  };
}

/** Rule: a person gives a factor another name. */
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

/** Rule: a person has new recovery codes made; the old ones stop working. Only where there is a factor to stand in for. */
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

/** The effect that ends every session but the one in which the person acts, and those of `epoch`, which begins with this. */
export function endOtherSessions(reason: string, epoch: number, context: ActingPerson): EffectInput {
  return {
    kind: 'end-sessions',
    reason,
    olderThanEpoch: epoch,
    ...(context.sessionUid === undefined ? {} : { exceptSessionUid: context.sessionUid }),
  };
}

/** An audit entry for what a person did to his or her own account. */
export function personAudit(
  account: Account,
  action: string,
  details: Record<string, string>,
  context: ActingPerson,
): EffectInput {
  return {
    kind: 'audit',
    entry: {
      at: context.now,
      action,
      actor: { kind: 'person', id: account.id },
      subject: account.id,
      ...(context.network === undefined ? {} : { network: context.network }),
      details,
    },
  };
}

function factorAudit(
  account: Account,
  action: string,
  kind: string,
  factor: string,
  context: ActingPerson,
): EffectInput {
  return personAudit(account, action, { kind, factor }, context);
}
