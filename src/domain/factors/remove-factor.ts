/** A person removes a second factor: what goes with it, what ends, and who is told. */
import { type Account, type Decision, hasSecondFactor } from '../account/account.ts';
import { dayAt } from '../account/affiliation.ts';
import { withFactorEvidence } from '../account/assurance.ts';
import { notices } from '../account/notifications.ts';
import { secondFactorRequired } from '../account/organisation.ts';
import { type ActingPerson, endOtherSessions, factorAudit, factorsOf } from './factor.ts';

/** `required`: it is the last one, and this person needs a second factor. `gone`: it was removed before. */
export type RemoveFactorOutcome = { kind: 'removed'; epoch: number } | { kind: 'gone' } | { kind: 'required' };

/**
 * Rule: a person removes a factor. The epoch rises, other sessions end, and both addresses are told (rules 7, 12). The
 * recovery codes go with the last factor, because they stand in for one.
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
    account: withFactorEvidence({ ...rest, ...(left && recoveryCodes !== undefined ? { recoveryCodes } : {}) }),
    effects: [
      endOtherSessions('a second factor was removed', rest.credentialsEpoch, context),
      ...notices(account, 'factor-removed', { factor: removed.name }, context),
      factorAudit(account, 'factor.removed', removed.kind, removed.id, context),
    ],
  };
}
